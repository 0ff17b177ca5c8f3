package delivery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the kind of a refusal, for programs. New codes may be added; the schema's ErrorCode mirrors them.
type Code string

// The codes.
const (
	CodeUnauthenticated Code = "UNAUTHENTICATED" // sign in first
	CodeForbidden       Code = "FORBIDDEN"       // the object is in sight, but the caller may not do this
	CodeNotFound        Code = "NOT_FOUND"       // the object does not exist, or the caller may not see it
	CodeBadUserInput    Code = "BAD_USER_INPUT"  // change the input
	CodeConflict        Code = "CONFLICT"        // another caller was faster; read again
	CodeHeld            Code = "HELD"            // wait until the hold ends
	CodeResyncRequired  Code = "RESYNC_REQUIRED" // read the list again, then subscribe after it
	CodeRateLimited     Code = "RATE_LIMITED"    // slow down
	CodeUnavailable     Code = "UNAVAILABLE"     // try again shortly
	CodeInternal        Code = "INTERNAL"        // our fault
)

// The codes that gqlgen uses for documents that it or we refuse. They are never data, so the schema's enum lacks them.
const (
	CodeInvalid   Code = "GRAPHQL_VALIDATION_FAILED"
	CodeTooCostly Code = "COMPLEXITY_LIMIT_EXCEEDED"
)

// Error is a refusal meant for people: a code, a stable reason and a full sentence in the reader's language.
// Every other error is internal: logged once at the edge and shown as "Something went wrong."
type Error struct {
	Reason  Reason   `json:"reason"`
	Field   []string `json:"field,omitempty"`   // path of the offending input, from the input object down
	Args    []any    `json:"args,omitempty"`    // the values in the sentence
	Details *Details `json:"details,omitempty"` // typed facts for programs
}

// Details are the facts behind a refusal. Empty fields do not apply.
type Details struct {
	Stage      Stage      `json:"stage,omitempty"`      // where the order is now
	Version    int64      `json:"version,omitempty"`    // its version now
	MovedBy    *Ref       `json:"movedBy,omitempty"`    // the actor of its last move
	MovedAt    *time.Time `json:"movedAt,omitempty"`    // the time of its last move (business time)
	HeldUntil  *time.Time `json:"heldUntil,omitempty"`  // when the hold ends by itself, if that is set
	HoldReason HoldReason `json:"holdReason,omitempty"` // why it is held
	HoldID     *ID        `json:"hold,omitempty"`       // the hold
	Limit      int64      `json:"limit,omitempty"`      // the limit that was exceeded
	Until      *time.Time `json:"until,omitempty"`      // when the limit ends
	Bags       int        `json:"bags,omitempty"`       // how many bags there are
	Left       *int       `json:"left,omitempty"`       // how many attempts are left

	AcceptedProofs []ProofKind `json:"acceptedProofs,omitempty"` // any one of which suffices

	Free       []time.Time `json:"free,omitempty"`     // the next free slots at the gate
	BagsIn     int         `json:"bagsIn,omitempty"`   // how many bags of the order were counted at the gate
	BuildingID *ID         `json:"building,omitempty"` // where the order goes
	BinID      *ID         `json:"bin,omitempty"`      // the bin that takes the order
	BinCode    string      `json:"binCode,omitempty"`  // what is printed on that bin

	OpensAt       *time.Time `json:"opensAt,omitempty"`       // when the window opens
	ClosesAt      *time.Time `json:"closesAt,omitempty"`      // when the window closed, or closes
	NextWindowID  *ID        `json:"nextWindow,omitempty"`    // the supplier's window that takes orders next, or does now
	QuantityLeft  *Quantity  `json:"quantityLeft,omitempty"`  // how much can still be ordered
	QuantityLimit *Quantity  `json:"quantityLimit,omitempty"` // how much a household may order

	InHandFen    *int64 `json:"inHandFen,omitempty"`    // what a purse holds
	OwesFen      *int64 `json:"owesFen,omitempty"`      // what the household owes
	VolunteerFen *int64 `json:"volunteerFen,omitempty"` // what the volunteer has advanced and not got back
	FundFen      *int64 `json:"fundFen,omitempty"`      // what the fund has borne beyond what was waived

	ConflictingID *ID `json:"conflicting,omitempty"` // the row that already exists
	IncidentID    *ID `json:"incident,omitempty"`    // the incident that is in the way
	EnquiryID     *ID `json:"enquiry,omitempty"`     // the enquiry that is in the way

	ReadBack *Bilingual `json:"readBack,omitempty"` // the sentence to read aloud first
}

// StageOrNil is Stage, nil if it does not apply.
func (d *Details) StageOrNil() *Stage { return valueOrNil(d.Stage) }

// VersionOrNil is Version, nil if it does not apply.
func (d *Details) VersionOrNil() *int64 { return valueOrNil(d.Version) }

// HoldReasonOrNil is HoldReason, nil if it does not apply.
func (d *Details) HoldReasonOrNil() *HoldReason { return valueOrNil(d.HoldReason) }

// BagsOrNil is Bags, nil if it does not apply.
func (d *Details) BagsOrNil() *int { return valueOrNil(d.Bags) }

// BagsInOrNil is BagsIn, nil if it does not apply.
func (d *Details) BagsInOrNil() *int { return valueOrNil(d.BagsIn) }

// BinCodeOrNil is BinCode, nil if it does not apply.
func (d *Details) BinCodeOrNil() *string { return valueOrNil(d.BinCode) }

// LimitOrNil is Limit, nil if it does not apply.
func (d *Details) LimitOrNil() *int64 { return valueOrNil(d.Limit) }

// The refusals that several packages raise and no single rule owns.
var (
	ReasonInternal = NewReason("INTERNAL", CodeInternal,
		"Something went wrong.",
		"系统出了点问题。")
	ReasonUnavailable = NewReason("UNAVAILABLE", CodeUnavailable,
		"This is not available right now; please try again shortly.",
		"暂时无法提供服务，请稍后再试。")
	ReasonTooFast = NewReason("TOO_FAST", CodeRateLimited,
		"Too many or too costly requests; please try again in %d s.",
		"请求过于频繁，请在 %d 秒后再试。")
	ReasonBadToken = NewReason("BAD_TOKEN", CodeUnauthenticated,
		"This token is not known or no longer valid; sign in again.",
		"登录凭证无效或已失效，请重新登录。")
	ReasonTokenExpired = NewReason("TOKEN_EXPIRED", CodeUnauthenticated,
		"This token has expired; sign in again.",
		"登录已过期，请重新登录。")
	ReasonNotYours = NewReason("NOT_YOURS", CodeForbidden,
		"You may not do this.",
		"您没有权限进行此操作。")
	ReasonNoSuch = NewWordedReason("NO_SUCH", CodeNotFound,
		"There is no such %s.",
		"找不到该%s。")
	ReasonBadValue = NewReason("BAD_VALUE", CodeBadUserInput,
		"This value does not have the required form.",
		"此处的值格式不正确。")
	ReasonSignIn = NewReason("SIGN_IN", CodeUnauthenticated,
		"Please sign in first.",
		"请先登录。")
	ReasonNoAccount = NewReason("NO_ACCOUNT", CodeUnauthenticated,
		"You are signed in but belong to no community yet; redeem the code of your invitation.",
		"您尚未加入任何小区，请先使用邀请码。")
	ReasonTooManyGuesses = NewReason("TOO_MANY_GUESSES", CodeRateLimited,
		"Too many wrong codes; please try again in %d minutes.",
		"错误次数过多，请 %d 分钟后再试。")
)

// Refuse makes an Error; args fill the reason's sentence.
func Refuse(reason Reason, args ...any) *Error { return &Error{Reason: reason, Args: args} }

// At returns the refusal with the path of the input that caused it.
func (e *Error) At(field ...string) *Error {
	out := *e
	out.Field = append(append([]string{}, field...), e.Field...)
	return &out
}

// With returns the refusal with details for programs.
func (e *Error) With(d Details) *Error {
	out := *e
	out.Details = &d
	return &out
}

// UnmarshalJSON reads a stored refusal. Whole numbers in Args stay whole, so that the sentence stays the same.
func (e *Error) UnmarshalJSON(b []byte) error {
	type stored Error
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode((*stored)(e)); err != nil {
		return err
	}
	for i, arg := range e.Args {
		if n, ok := arg.(json.Number); ok {
			whole, err := n.Int64()
			if err != nil {
				return fmt.Errorf("read the refusal %s: %w", e.Reason, err)
			}
			e.Args[i] = whole
		}
	}
	return nil
}

// Code is the kind of refusal the reason belongs to.
func (e *Error) Code() Code { return sentences[e.Reason].code }

// Error is the English sentence.
func (e *Error) Error() string { return e.Message(English) }

// Message is the sentence in the reader's language.
func (e *Error) Message(l Locale) string {
	s, ok := sentences[e.Reason]
	if !ok {
		s = sentences[ReasonInternal]
	}
	format, args := s.en, inEnglish(e.Reason, e.Args)
	if l == Chinese {
		format, args = s.zh, inChinese(e.Reason, e.Args)
	}
	if len(args) == 0 {
		return strings.NewReplacer(": %s.", ".", "：%s。", "。").Replace(format) // stored before the sentence had arguments
	}
	return HideTokens(fmt.Sprintf(format, args...))
}

// AsError returns the refusal in err's chain, or nil if err is internal.
func AsError(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}

// CodeOf returns the code of the refusal in err's chain, or INTERNAL.
func CodeOf(err error) Code {
	if e := AsError(err); e != nil {
		return e.Code()
	}
	return CodeInternal
}
