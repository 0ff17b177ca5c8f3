package delivery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code tells a program what kind of refusal an error is. The list may grow; the schema's ErrorCode mirrors it.
type Code string

// The codes.
const (
	CodeUnauthenticated Code = "UNAUTHENTICATED" // sign in first
	CodeForbidden       Code = "FORBIDDEN"       // seen, but not yours to do
	CodeNotFound        Code = "NOT_FOUND"       // not there, or not for you to see
	CodeBadUserInput    Code = "BAD_USER_INPUT"  // change the input
	CodeConflict        Code = "CONFLICT"        // someone was faster; look again
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
	Args    []any    `json:"args,omitempty"`    // what the sentence fills in
	Details *Details `json:"details,omitempty"` // typed facts for programs
}

// Details are the facts behind a refusal. Empty fields do not apply.
type Details struct {
	Stage      Stage      `json:"stage,omitempty"`      // where the order is now
	Version    int64      `json:"version,omitempty"`    // its version now
	MovedBy    *Ref       `json:"movedBy,omitempty"`    // who moved it last
	MovedAt    *time.Time `json:"movedAt,omitempty"`    // and when (business time)
	HeldUntil  *time.Time `json:"heldUntil,omitempty"`  // when the hold is to end, if that is known
	HoldReason HoldReason `json:"holdReason,omitempty"` // why it is held
	Limit      int64      `json:"limit,omitempty"`      // the limit that was passed
	Until      *time.Time `json:"until,omitempty"`      // when the limit ends

	ConflictingID *ID `json:"conflicting,omitempty"` // the row already there
}

// StageOrNil is Stage, nil where it does not apply.
func (d *Details) StageOrNil() *Stage { return valueOrNil(d.Stage) }

// VersionOrNil is Version, nil where it does not apply.
func (d *Details) VersionOrNil() *int64 { return valueOrNil(d.Version) }

// HoldReasonOrNil is HoldReason, nil where it does not apply.
func (d *Details) HoldReasonOrNil() *HoldReason { return valueOrNil(d.HoldReason) }

// LimitOrNil is Limit, nil where it does not apply.
func (d *Details) LimitOrNil() *int64 { return valueOrNil(d.Limit) }

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

// UnmarshalJSON reads a stored refusal. Whole numbers in Args stay whole, so that the sentence reads the same again.
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

// AsError finds the refusal in err's chain, and nil if err is internal.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// CodeOf is the code of err: its own, or INTERNAL.
func CodeOf(err error) Code {
	if e := AsError(err); e != nil {
		return e.Code()
	}
	return CodeInternal
}
