package delivery

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// AccessPurpose is the purpose of a code.
type AccessPurpose string

// The purposes of codes. All codes are one mechanism: a secret with a purpose, a lifetime and a number of uses.
const (
	AccessInvitation AccessPurpose = "INVITATION" // 邀请码: one member of the team, one supplier, an administrator
	AccessCard       AccessPurpose = "CARD"       // 住户卡: all members of one household
	AccessLink       AccessPurpose = "LINK"       // 跟踪链接: viewers of one order
)

// The lifetimes of codes and their numbers of uses. Every phone in the family uses the same card or link.
const (
	InvitationLife = 7 * 24 * time.Hour
	CardLife       = 180 * 24 * time.Hour
	LinkLife       = 30 * 24 * time.Hour // at most: it ends a day after the order has
	CardUses       = 50
	LinkUses       = 1000
)

// MaxLinks is how many links may lead to one order at once.
const MaxLinks = 20

// LinkAfter is how long after an order is final its links still show it (business time).
const LinkAfter = 24 * time.Hour

// AccessCode is a code to sign in with. Only a hash of its secret is stored.
type AccessCode struct {
	UUID        UUID          `db:"id"`
	CommunityID int32         `db:"community_id"` // 0 for an administrator's
	Purpose     AccessPurpose `db:"purpose"`
	Role        Role          `db:"role"` // an invitation has VOLUNTEER for every member of the team; the rank is in the member's row
	RowUUID     *UUID         `db:"row_id"`
	Selector    string        `db:"selector"`
	SecretHash  []byte        `db:"secret_hash"`
	UsesLeft    int           `db:"uses_left"`
	CreatedAt   time.Time     `db:"created_at"` // machine time, as ExpiresAt and EndedAt
	ExpiresAt   time.Time     `db:"expires_at"`
	CreatedRole Role          `db:"created_by_role"`
	CreatedUUID *UUID         `db:"created_by_id"`
	EndedAt     *time.Time    `db:"ended_at"`
}

// ID is the opaque id. It grants no access; the secret does.
func (c *AccessCode) ID() ID { return ID{Kind: KindCode, Community: c.CommunityID, UUID: c.UUID} }

// IsNode marks the type as a GraphQL Node.
func (c *AccessCode) IsNode() {}

// CreatedBy is the actor who issued the code.
func (c *AccessCode) CreatedBy() *Ref {
	r := &Ref{Role: c.CreatedRole, Community: c.CommunityID}
	if c.CreatedUUID != nil {
		r.UUID = *c.CreatedUUID
	}
	return r
}

// SubjectID is the volunteer, supplier, household or order that the code is for, nil for an administrator's.
func (c *AccessCode) SubjectID() *ID {
	if c.RowUUID == nil {
		return nil
	}
	return Ref{Role: c.Role, Community: c.CommunityID, UUID: *c.RowUUID}.ID()
}

// Redeemable reports whether the code can still be redeemed at an instant of machine time.
func (c *AccessCode) Redeemable(at time.Time) bool {
	return c.EndedAt == nil && c.UsesLeft > 0 && at.Before(c.ExpiresAt)
}

// The refusals of a code that was valid once.
var (
	ReasonCodeUsed = NewReason("CODE_USED", CodeConflict,
		"This code was already used; ask for a new one.",
		"该码已被使用，请重新索取。")
	ReasonCodeEnded = NewReason("CODE_ENDED", CodeConflict,
		"This code was withdrawn or replaced by a newer one; use that, or ask for a new one.",
		"该码已被撤销或被新码取代，请使用新码或重新索取。")
	ReasonCodeExpired = NewReason("CODE_EXPIRED", CodeConflict,
		"This code has expired; ask for a new one.",
		"该码已过期，请重新索取。")
)

// Unusable returns the refusal of a code that cannot be redeemed at an instant of machine time, or nil. Show it only to a caller
// who has the secret, since it tells why.
func (c *AccessCode) Unusable(at time.Time) *Error {
	switch {
	case c.Redeemable(at):
		return nil
	case c.EndedAt != nil:
		return Refuse(ReasonCodeEnded)
	case c.UsesLeft <= 0:
		return Refuse(ReasonCodeUsed)
	}
	return Refuse(ReasonCodeExpired)
}

// The form of a code: 20 characters in four groups, such as 7K2QM-0XH4D-R9TAE-5WBNC. The first six select the row
// and are no secret; the other fourteen, 70 bits, are, and withstand guessing offline without a slow hash.
const (
	codeLetters  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's: without I, L, O and U, which are misread
	codeLength   = 20
	selectorSize = 6
	codeGroup    = 5
)

// NewSecret draws the secret of a code, in the form people are given.
func NewSecret() string {
	var b [codeLength]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return secretOf(b)
}

// Secret derives the secret of a code from values that a retry repeats, under each of the ring's keys, newest first. So a
// retry gets the same code although none is stored.
func (k *Keyring) Secret(from ...string) []string {
	var out []string
	for _, sum := range k.derive("code", from) {
		out = append(out, secretOf([codeLength]byte(sum[:])))
	}
	return out
}

func secretOf(b [codeLength]byte) string {
	var out strings.Builder
	for i, v := range b {
		if i > 0 && i%codeGroup == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(codeLetters[v%32])
	}
	return out.String()
}

// maxTyped is the most bytes that are parsed as a code: a whole link with a long host.
const maxTyped = 2048

// SplitSecret parses a typed or pasted code. It ignores case, width, white space, invisible characters, quotes, punctuation
// and Chinese words beside the code (登录码：…). I, L and O count as the digits they resemble. Of a link only the code at its
// end counts. It returns the selector and the hash of the secret part, and false if the text is not a code.
func SplitSecret(given string) (selector string, hash [sha256.Size]byte, ok bool) {
	if len(given) > maxTyped {
		return "", hash, false
	}
	var plain [codeLength]byte
	n := 0
	for _, r := range codeOfLink(typed(given)) {
		switch {
		case r == ' ' || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Han, r):
			continue
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		}
		switch r {
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if n == codeLength || r > 'Z' || strings.IndexByte(codeLetters, byte(r)) < 0 {
			return "", hash, false
		}
		plain[n] = byte(r)
		n++
	}
	if n < codeLength {
		return "", hash, false
	}
	return string(plain[:selectorSize]), sha256.Sum256(plain[selectorSize:]), true
}

// codeOfLink returns the code in a link: the fragment, as in https://host/sign-in#CODE, or the last part of the path, as in
// https://host/track/CODE. It returns other text unchanged but for a label before it.
func codeOfLink(s string) string {
	if plain, err := url.PathUnescape(s); err == nil { // %23 for #, %2D for -
		s = typed(plain)
	}
	_, fragment, linked := strings.Cut(s, "#")
	if linked {
		s = fragment
	}
	s, _, _ = strings.Cut(s, "?") // messengers append ?from=… to a link
	if linked {
		return s
	}
	s = strings.TrimRight(s, "/ ")
	s = s[strings.LastIndexByte(s, '/')+1:]
	return s[strings.LastIndexByte(s, ':')+1:] // "Code: …"
}

// Matches reports whether the hash is that of the code's secret. For a nil code it takes the same time and returns false.
func (c *AccessCode) Matches(hash [sha256.Size]byte) bool {
	var kept [sha256.Size]byte
	if c != nil {
		copy(kept[:], c.SecretHash)
	}
	return subtle.ConstantTimeCompare(kept[:], hash[:]) == 1 && c != nil
}

// The kinds of event of codes.
const (
	CodesIssued EventKind = "CODES_ISSUED" // invitations, cards or links
	CodesEnded  EventKind = "CODES_ENDED"
)

var (
	_ = addKind(eventSpec{kind: CodesIssued, board: noBoard, hidden: true})
	_ = addKind(eventSpec{kind: CodesEnded, board: noBoard, hidden: true})
)
