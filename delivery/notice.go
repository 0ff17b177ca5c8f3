package delivery

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// NoticeKind says what a notice changes.
type NoticeKind string

// The kinds of notice.
const (
	NoticePlain     NoticeKind = "NOTICE"    // 通知
	NoticeClosure   NoticeKind = "CLOSURE"   // 封闭通告: sets the closure's level
	NoticeReopening NoticeKind = "REOPENING" // 解封通告: ends the closure
)

// NoticeKinds lists every kind of notice.
var NoticeKinds = []NoticeKind{NoticePlain, NoticeClosure, NoticeReopening}

// ClosureLevel is how strictly a community is closed.
type ClosureLevel string

// The levels of a closure.
const (
	ClosureSealed     ClosureLevel = "SEALED"     // 封控: residents stay at home
	ClosureControlled ClosureLevel = "CONTROLLED" // 管控: they collect goods at the building's door
	ClosurePrecaution ClosureLevel = "PRECAUTION" // 防范: they go out less
)

// ClosureLevels lists every level of a closure.
var ClosureLevels = []ClosureLevel{ClosureSealed, ClosureControlled, ClosurePrecaution}

const (
	// MaxNotice is the maximum number of characters in the text of a notice.
	MaxNotice = 2000
	// MaxNoticeAhead is how far ahead a notice can take effect.
	MaxNoticeAhead = 60 * 24 * time.Hour
)

// Notice is a message to households, squads or suppliers (通知). The text is the team's own and never changes.
type Notice struct {
	CommunityID     int32            `db:"community_id"`
	UUID            UUID             `db:"id"`
	Number          int64            `db:"number"` // the number that people read; counts up in the community
	Kind            NoticeKind       `db:"kind"`
	ClosureLevel    *ClosureLevel    `db:"level"` // of a closure
	Title           string           `db:"title"`
	Body            string           `db:"body"`
	Households      bool             `db:"households"`   // it addresses households
	BuildingUUIDs   BareWords[UUID]  `db:"building_ids"` // of these buildings; empty: of all
	SquadWords      BareWords[Squad] `db:"squads"`       // it addresses these squads
	Suppliers       bool             `db:"suppliers"`    // it addresses the suppliers
	EffectiveAt     time.Time        `db:"effective_at"`
	PublishedAt     time.Time        `db:"published_at"`
	PublishedByRole Role             `db:"published_by_role"`
	PublishedByUUID *UUID            `db:"published_by_id"`
	EndedAt         *time.Time       `db:"ended_at"` // when another notice replaces it, perhaps in the future
	Reach
}

// Reach is how many of the households that a notice addresses it has reached (触达).
type Reach struct {
	Audience int `db:"audience"`
	Seen     int `db:"seen"`
	Told     int `db:"told"` // and have not seen it
}

// Unreached is how many households have neither seen the notice nor been told.
func (r *Reach) Unreached() int { return r.Audience - r.Seen - r.Told }

// ID is the notice's opaque id.
func (n *Notice) ID() ID { return ID{KindNotice, n.CommunityID, n.UUID} }

// IsNode marks the type as a GraphQL Node.
func (*Notice) IsNode() {}

// Squads are the squads that the notice addresses.
func (n *Notice) Squads() []Squad { return append([]Squad{}, n.SquadWords...) }

// PublishedBy is the actor who published the notice.
func (n *Notice) PublishedBy() *Ref {
	return &Ref{Role: n.PublishedByRole, Community: n.CommunityID, UUID: orEmpty(n.PublishedByUUID)}
}

// NoticeReach is how one household was reached by a notice.
type NoticeReach struct {
	CommunityID   int32      `db:"community_id"`
	NoticeUUID    UUID       `db:"notice_id"`
	HouseholdUUID UUID       `db:"household_id"`
	BuildingUUID  UUID       `db:"building_id"` // the household's
	SeenAt        *time.Time `db:"seen_at"`
	ToldAt        *time.Time `db:"told_at"`
}

// NoticeID is the opaque id of the notice.
func (r *NoticeReach) NoticeID() ID { return ID{KindNotice, r.CommunityID, r.NoticeUUID} }

// HouseholdKeys decide who sees the household.
func (r *NoticeReach) HouseholdKeys() Keys {
	return Keys{Community: r.CommunityID, Building: r.BuildingUUID, Household: r.HouseholdUUID}
}

// SeesNotice reports whether the scope sees the notice: the team all of them, a household and a supplier those that address them. building is
// that of the scope's household. It must agree with the where clause of notices in db.
func (s Scope) SeesNotice(n *Notice, building UUID) bool {
	switch {
	case !s.SeesDirectory(n.CommunityID):
		return false
	case s.Class == SeesSupplier:
		return n.Suppliers
	case s.Class != SeesHousehold:
		return s.Sight().Team
	case !n.Households:
		return false
	}
	return len(n.BuildingUUIDs) == 0 || slices.ContainsFunc(n.BuildingUUIDs, func(b UUID) bool { return b == building || slices.Contains(s.Buildings, b) })
}

// NoticeScope is what an actor sees of notices, which are the same for all residents of a building and for all suppliers: they share one View, and
// with it one reading of what they watch.
func (a Actor) NoticeScope() Scope {
	s := a.Scope()
	switch s.Class {
	case SeesHousehold:
		s.UUID, s.Buildings = "", []UUID{a.Building}
	case SeesSupplier:
		s.UUID = ""
	}
	return s
}

// CanPublish refuses a notice that the actor may not publish. The commander and administrators publish all; a lead publishes plain notices to
// their own squad.
func (a Actor) CanPublish(n *Notice) *Error {
	own := a.Role == RoleLead && a.Community == n.CommunityID && n.Kind == NoticePlain && !n.Households && !n.Suppliers && slices.Equal(n.SquadWords, BareWords[Squad]{a.Squad})
	if !own && !a.CanSetUp(n.CommunityID) {
		return Refuse(ReasonNotYours)
	}
	return nil
}

// Publish sets who published a new notice and how many households it addresses, and returns the event. The caller has set the other fields.
func (n *Notice) Publish(a Actor, audience int, at time.Time) *Event {
	n.PublishedAt, n.PublishedByRole, n.PublishedByUUID = at, a.Role, uuidOrNil(a.UUID)
	n.Reach = Reach{Audience: audience}
	return n.event(NoticePublished, a, at, Keys{Community: n.CommunityID}, audience)
}

// TakesEffect returns when the notice changes the closure, never earlier than it is published.
func (n *Notice) TakesEffect(at time.Time) time.Time {
	if n.EffectiveAt.Before(at) {
		return at
	}
	return n.EffectiveAt
}

// Close changes the community as a notice of closure or reopening does, and reports whether anything changed. A closure that is published again ends
// the countdown to the purge, and what was purged stays purged. A reopening starts the countdown when it takes effect; it does not change a
// countdown that is set already.
func (c *Community) Close(n *Notice, at time.Time) bool {
	switch {
	case n.Kind == NoticeClosure && c.ClosureEndedAt != nil:
		c.ClosureEndedAt, c.PurgeBeganAt, c.PurgedAt = nil, nil, nil
	case n.Kind == NoticeReopening && c.ClosureEndedAt == nil:
		c.ClosureEndedAt = new(n.TakesEffect(at))
	default:
		return false
	}
	c.Version++
	return true
}

// WasSeen returns the event that a household has seen the notice.
func (n *Notice) WasSeen(a Actor, household Keys, at time.Time) *Event {
	return n.event(NoticeSeen, a, at, household, 1)
}

// WasTold returns the event that households were told, with their number.
func (n *Notice) WasTold(a Actor, households int, at time.Time) *Event {
	return n.event(NoticeTold, a, at, Keys{Community: n.CommunityID}, households)
}

// The kinds of event of a notice. NoticePublished changes what all viewers see; the other two change only what the team sees.
const (
	NoticePublished EventKind = "NOTICE_PUBLISHED"
	NoticeSeen      EventKind = "NOTICE_SEEN"
	NoticeTold      EventKind = "NOTICE_TOLD"
)

var (
	_ = noticeKind(NoticePublished)
	_ = noticeKind(NoticeSeen)
	_ = noticeKind(NoticeTold)
)

func noticeKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[NoticeBody](), board: noBoard, about: KindNotice, row: rowOf(noticeRow)})
}

// NoticeBody is the body of the events of a notice. It has no text.
type NoticeBody struct {
	Notice     UUID         `json:"notice,omitempty"`
	Kind       NoticeKind   `json:"noticeKind,omitempty"`
	Level      ClosureLevel `json:"closureLevel,omitempty"`
	Households int          `json:"households,omitempty"` // addressed, or reached by this event
}

func noticeRow(b *NoticeBody) (UUID, []ActivityNumber) {
	return b.Notice, []ActivityNumber{{"households", b.Households}}
}

func (n *Notice) event(kind EventKind, a Actor, at time.Time, k Keys, households int) *Event {
	body := &NoticeBody{Notice: n.UUID, Kind: n.Kind, Households: households}
	if n.ClosureLevel != nil {
		body.Level = *n.ClosureLevel
	}
	return NewEvent(kind, a, at, k, body)
}

// OfNotices reports whether the event may change the notices that viewers with the scope see. Events of unknown kinds without an order may.
func (e *Event) OfNotices(s *Scope) bool {
	if eventSpecs[e.Kind] == nil {
		return e.OrderUUID == nil
	}
	return BodyOf[NoticeBody](e) != nil && (e.Kind == NoticePublished || s.Sight().Team)
}

// BareWords is an array of bare words of the database: words of ours, or ids.
type BareWords[T ~string] []T

// Array is the PostgreSQL array literal.
func (w BareWords[T]) Array() string {
	out := make([]string, len(w))
	for i, word := range w {
		out[i] = string(word)
	}
	return "{" + strings.Join(out, ",") + "}"
}

// Scan reads a PostgreSQL array literal. The words are bare, so no quoting occurs.
func (w *BareWords[T]) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return fmt.Errorf("scan words from %T", src)
	}
	*w = BareWords[T]{}
	if text = strings.Trim(text, "{}"); text == "" {
		return nil
	}
	for word := range strings.SplitSeq(text, ",") {
		*w = append(*w, T(word))
	}
	return nil
}
