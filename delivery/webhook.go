package delivery

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Webhook is an endpoint: an address that gets the events of a community as signed POSTs (推送地址), all of them or those that a supplier sees.
// Its position in the feed is Position: every event up to it was acknowledged, is parked, or is not for the endpoint. The times that the sender sets
// are machine time.
type Webhook struct {
	Row
	SupplierUUID *UUID           `db:"supplier_id"` // whose events it gets; nil: all events of the community
	Name         string          `db:"name"`
	URL          string          `db:"url"`
	Kinds        ActivityKindSet `db:"kinds"` // empty: all that it may see
	Off          *WebhookOff     `db:"off"`   // why nothing is sent; nil while it is on
	OffAt        *time.Time      `db:"off_at"`

	Position      int64 `db:"position"`
	CountedFrom   int64 `db:"counted_from"`   // the position at which it was created or its kinds were changed
	CountedBefore int64 `db:"counted_before"` // Acked and Parked then
	Acked         int64 `db:"acked"`          // events that the receiver took
	Parked        int64 `db:"parked"`         // events that it did not take within ParkAfter
	Resending     int64 `db:"resending"`      // of Parked, those that are to be sent again

	Attempts     int             `db:"attempts"` // that failed since the last success
	FailingSince *time.Time      `db:"failing_since"`
	NextAt       *time.Time      `db:"next_at"` // when it is tried again; nil while it does not fail
	LastAt       *time.Time      `db:"last_at"` // when the last attempt ended
	LastStatus   *int            `db:"last_status"`
	LastProblem  *WebhookProblem `db:"last_problem"` // nil if the last attempt succeeded

	CreatedByRole Role  `db:"created_by_role"`
	CreatedByUUID *UUID `db:"created_by_id"`
}

// WebhookOff is why nothing is sent to an endpoint.
type WebhookOff string

// The reasons.
const (
	OffByHand  WebhookOff = "BY_HAND"
	OffGone    WebhookOff = "GONE"    // the receiver answered 410
	OffFailing WebhookOff = "FAILING" // it took nothing for OffAfter
)

// WebhookOffs lists every reason.
var WebhookOffs = []WebhookOff{OffByHand, OffGone, OffFailing}

// WebhookProblem is how an attempt to deliver failed. It reveals nothing about the receiver that its owner cannot find out.
type WebhookProblem string

// The problems.
const (
	ProblemRefused    WebhookProblem = "REFUSED"         // an answer that is no 2xx
	ProblemRedirected WebhookProblem = "REDIRECTED"      // a 3xx, which is not followed
	ProblemTimedOut   WebhookProblem = "TIMED_OUT"       // no answer within the limit
	ProblemNotReached WebhookProblem = "NOT_REACHED"     // no connection, or one that ended before the answer
	ProblemNotTrusted WebhookProblem = "NOT_TRUSTED"     // its certificate
	ProblemPrivate    WebhookProblem = "PRIVATE_ADDRESS" // its name resolves to an address inside a private network
)

// WebhookProblems lists every problem.
var WebhookProblems = []WebhookProblem{ProblemRefused, ProblemRedirected, ProblemTimedOut, ProblemNotReached, ProblemNotTrusted, ProblemPrivate}

// The limits of endpoints.
const (
	MaxWebhooks       = 10  // of one supplier, or of the community itself, that are not archived
	MaxWebhooksInAll  = 100 // of one community, that are not archived
	MaxWebhookURL     = 500
	MaxWebhookKinds   = 200
	MaxWebhookWaiting = 10_000 // how many events of the feed are looked at to count those that wait
)

// ID is the endpoint's opaque id.
func (w *Webhook) ID() ID { return w.id(KindWebhook) }

// SupplierID is the opaque id of the supplier whose events it gets, nil if it gets all events of the community.
func (w *Webhook) SupplierID() *ID {
	if w.SupplierUUID == nil {
		return nil
	}
	return &ID{KindSupplier, w.CommunityID, *w.SupplierUUID}
}

// Keys decide who sees the endpoint's events and incidents: the team, and the supplier whose events it gets.
func (w *Webhook) Keys() Keys {
	return Keys{Community: w.CommunityID, Supplier: orEmpty(w.SupplierUUID)}
}

// Follower is the actor whose events the endpoint gets: its supplier, or the system, which sees the whole community.
func (w *Webhook) Follower() Actor {
	if w.SupplierUUID == nil {
		return System(w.CommunityID)
	}
	return Actor{Role: RoleSupplier, Community: w.CommunityID, UUID: *w.SupplierUUID}
}

// Filter selects the events that are for the endpoint, among those that its Follower sees.
func (w *Webhook) Filter() EventFilter { return EventFilter{Activities: true, Kinds: w.Kinds} }

// NextAttemptAt is when it is tried again, nil while it does not fail and while nothing is sent.
func (w *Webhook) NextAttemptAt() *time.Time {
	if w.Off != nil || w.Archived() {
		return nil
	}
	return w.NextAt
}

// KindsOrNil lists the kinds of events that it gets, nil if it gets all.
func (w *Webhook) KindsOrNil() []EventKind {
	if len(w.Kinds) == 0 {
		return nil
	}
	return w.Kinds
}

// CanSetWebhooks reports whether the actor may see and set the endpoints of a supplier, or those of the community if the supplier is empty: the
// commander and administrators all, a supplier its own.
func (a Actor) CanSetWebhooks(community int32, supplier UUID) bool {
	return a.CanSetUp(community) || supplier != "" && a.Role == RoleSupplier && a.Community == community && a.UUID == supplier
}

// WebhookSaved is the kind of event of an endpoint that was created, changed, switched on or off, or given a new secret. A supplier sees those of
// its own endpoints.
const WebhookSaved EventKind = "WEBHOOK_SAVED"

var _ = addKind(eventSpec{kind: WebhookSaved, body: reflect.TypeFor[NounBody](), board: noBoard, about: KindWebhook, row: rowOf(savedRow)})

// ActivityKindSet is kinds of activities, sorted, each once. They are never changed in place.
type ActivityKindSet []EventKind

// NewActivityKindSet returns the kinds sorted, each once.
func NewActivityKindSet(given []EventKind) ActivityKindSet {
	if len(given) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(given)))
}

// Array is the PostgreSQL text[] literal. Kinds are bare words.
func (s ActivityKindSet) Array() string {
	words := make([]string, len(s))
	for i, k := range s {
		words[i] = string(k)
	}
	return "{" + strings.Join(words, ",") + "}"
}

// Scan reads a PostgreSQL text[] literal.
func (s *ActivityKindSet) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("scan kinds of activities from %T", src)
	}
	*s = nil
	if text = strings.Trim(text, "{}"); text == "" {
		return nil
	}
	for word := range strings.SplitSeq(text, ",") {
		*s = append(*s, EventKind(word))
	}
	return nil
}

// HiddenKindsOf returns the kinds that no endpoint gets, and those that only endpoints of the whole community get.
func HiddenKindsOf() (all, suppliers []EventKind) {
	for _, k := range EventKinds() {
		switch {
		case eventSpecs[k].hidden:
			all = append(all, k)
		case sights[SeesSupplier].hides(k):
			suppliers = append(suppliers, k)
		}
	}
	return all, suppliers
}

// The refusals of endpoints.
var (
	ReasonBadWebhookURL = NewReason("BAD_WEBHOOK_URL", CodeBadUserInput,
		"Give an address such as https://hooks.example/baogong: https, a host, and no user name, password or fragment.",
		"地址须使用加密连接，含主机名，不含用户名、密码和片段。")
	ReasonPrivateTarget = NewReason("PRIVATE_TARGET", CodeBadUserInput,
		"This address is inside a private network; events are sent to public addresses only.",
		"该地址位于内部网络；动态只推送到公网地址。")
)

// CheckWebhookURL refuses an address to which nothing may be sent. If private is set, private addresses and http are allowed. The addresses of a
// name are checked later, when the sender connects.
func CheckWebhookURL(text string, private bool) *Error {
	if refusal := CheckText(text, MaxWebhookURL, true); refusal != nil {
		return refusal
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.Contains("."+u.Hostname(), "..") || !validPort(u.Port()) || u.Opaque != "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(text, " \t\n\\"):
		return Refuse(ReasonBadWebhookURL)
	case u.Scheme != "https" && (u.Scheme != "http" || !private):
		return Refuse(ReasonBadWebhookURL)
	case private:
		return nil
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		if !PublicAddress(addr) {
			return Refuse(ReasonPrivateTarget)
		}
		return nil
	}
	// A name without a dot, and these endings, are never public. Numbers without four parts are read as addresses by some resolvers.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if !strings.Contains(host, ".") || slices.Contains([]string{"localhost", "local", "internal", "lan", "home", "corp", "intranet"}, last) ||
		strings.HasSuffix(host, ".home.arpa") || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return Refuse(ReasonPrivateTarget)
	}
	return nil
}

// validPort reports whether an address can have the port: none, or 1 to 65535.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// privatePrefixes are the networks that are not reached over the public internet, in addition to those that net/netip knows.
var privatePrefixes = func() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}()

// globalUnicast is the part of IPv6 that is assigned to hosts on the public internet.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// PublicAddress reports whether an address is on the public internet. Addresses of this machine, of private, shared and link-local networks, of
// multicast groups and for documentation are not, nor are IPv6 addresses that translate to an IPv4 address.
func PublicAddress(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if !a.IsValid() || a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() {
		return false
	}
	if a.Is6() && !globalUnicast.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(privatePrefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// WebhookSecret is a secret that deliveries to an endpoint are signed with.
type WebhookSecret struct {
	CommunityID int32      `db:"community_id"`
	WebhookUUID UUID       `db:"webhook_id"`
	UUID        UUID       `db:"id"`
	Secret      []byte     `db:"secret"`
	CreatedAt   time.Time  `db:"created_at"`
	EndsAt      *time.Time `db:"ends_at"` // until when it signs after it was replaced; nil: the current one
}

// WebhookSecretSize is the number of bytes of a new secret.
const WebhookSecretSize = 32

// WebhookSecretOverlap is how long a secret that was replaced signs beside the new one.
const WebhookSecretOverlap = 24 * time.Hour

// MaxSigningSecrets is how many secrets sign a delivery at most: the current one, and those that it replaced last. More would make the header of signatures
// too long for receivers.
const MaxSigningSecrets = 5

// String is the secret as Standard Webhooks writes it.
func (s *WebhookSecret) String() string {
	return "whsec_" + base64.StdEncoding.EncodeToString(s.Secret)
}

// Signs reports whether deliveries are signed with the secret at an instant.
func (s *WebhookSecret) Signs(at time.Time) bool { return s.EndsAt == nil || s.EndsAt.After(at) }

// The times of deliveries that fail.
const (
	ParkAfter       = 24 * time.Hour     // how long an event is tried
	OffAfter        = 7 * 24 * time.Hour // how long an endpoint may fail before it is switched off
	WebhookBackoff  = time.Second        // after the first failure; doubled for each further one
	LongestBackoff  = time.Hour          // also of a Retry-After
	webhookDoubling = 12                 // 4,096 s is more than LongestBackoff
)

// DeliveryAttempt is how one attempt to deliver an event ended.
type DeliveryAttempt struct {
	At         time.Time
	Status     int            // 0 without an answer
	Problem    WebhookProblem // empty: the receiver took the event
	RetryAfter time.Duration  // what the receiver asked for
}

// Taken reports whether the receiver took the event.
func (a DeliveryAttempt) Taken() bool { return a.Problem == "" }

// Gone reports whether the receiver answered 410.
func (a DeliveryAttempt) Gone() bool { return a.Status == 410 }

// note records how the last attempt ended.
func (w *Webhook) note(a DeliveryAttempt) {
	w.LastAt, w.LastStatus, w.LastProblem = &a.At, valueOrNil(a.Status), valueOrNil(a.Problem)
}

// Succeed records that the receiver took an event.
func (w *Webhook) Succeed(a DeliveryAttempt) {
	w.note(a)
	w.Attempts, w.FailingSince, w.NextAt = 0, nil, nil
}

// Fail records that an attempt failed, and sets when the next is due: after 1 s the first time, twice as long after each further failure, at most an
// hour, less a random part of up to a half. It is not due before the receiver's Retry-After. chance is from 0 to 1.
func (w *Webhook) Fail(a DeliveryAttempt, chance float64) {
	w.note(a)
	w.Attempts++
	if w.FailingSince == nil {
		w.FailingSince = &a.At
	}
	w.NextAt = new(a.At.Add(a.Pause(w.Attempts, chance)))
}

// Pause returns how long to wait after a number of failed attempts.
func (a DeliveryAttempt) Pause(attempts int, chance float64) time.Duration {
	pause := min(WebhookBackoff<<min(max(attempts-1, 0), webhookDoubling), LongestBackoff)
	pause -= time.Duration(chance * float64(pause) / 2)
	return max(pause, min(a.RetryAfter, LongestBackoff))
}

// Parks reports whether an event that cannot be delivered is parked now: its endpoint has been failing for a day, and the event is a day old.
func (w *Webhook) Parks(now time.Time, age time.Duration) bool {
	return w.FailingSince != nil && now.Sub(*w.FailingSince) >= ParkAfter && age >= ParkAfter
}

// GivesUp reports whether an endpoint that fails is switched off now.
func (w *Webhook) GivesUp(now time.Time) bool {
	return w.FailingSince != nil && now.Sub(*w.FailingSince) >= OffAfter
}

// NewTrouble returns the incident about an endpoint that did not take an event in time or was switched off. Only the commander can help, and the
// supplier sees it.
func (w *Webhook) NewTrouble() *Incident {
	i := NewIncident(IncidentWebhook, w.ID(), w.Keys())
	i.Level = LevelCommand
	return i
}

// DeliveryID returns the webhook-id of an event for one endpoint. It is the same for every attempt, and different after a restore from backup, which
// uses numbers again.
func (w *Webhook) DeliveryID(epoch uint64, seq int64) string {
	return fmt.Sprintf("msg_%s_%x_%d", strings.ReplaceAll(string(w.UUID), "-", ""), epoch, seq)
}
