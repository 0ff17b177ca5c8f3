package access

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on codes and sign-ins, as the schema describes them. An absent value is nil.

// CreateInvitationsInput names the people to invite.
type CreateInvitationsInput struct {
	ClientMutationID *string
	SubjectIds       []delivery.ID
	Atomic           bool
}

// IssueCardsInput is the households that get a card: those named, or all of a building.
type IssueCardsInput struct {
	ClientMutationID *string
	HouseholdIds     []delivery.ID
	BuildingID       *delivery.ID
	Atomic           bool
}

// ShareOrderInput is an order to pass a link of on.
type ShareOrderInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
}

// RevokeCodesInput is codes to end.
type RevokeCodesInput struct {
	ClientMutationID *string
	CodeIds          []delivery.ID
	Atomic           bool
}

// EndSessionsInput is whose sign-ins to end.
type EndSessionsInput struct {
	ClientMutationID *string
	SubjectIds       []delivery.ID
	Atomic           bool
}

// RedeemCodeInput is a code as it was typed.
type RedeemCodeInput struct {
	ClientMutationID *string
	Code             string
}

// RefreshTokenInput is a token to replace.
type RefreshTokenInput struct {
	ClientMutationID *string
	Token            string
}

// SignOutInput is which of one's own sign-ins to end.
type SignOutInput struct {
	ClientMutationID *string
	Everywhere       bool
}

// CodesPayload is the outcome of issuing codes: a result per subject, in the order given.
type CodesPayload struct {
	dispatch.Outcome
	Results []*CodeResult `json:"results,omitempty"`
}

// CodeResult is the code of one subject. The secret is shown to the caller only, and stored nowhere.
type CodeResult struct {
	SubjectID delivery.ID  `json:"subject"`
	CodeID    *delivery.ID `json:"code,omitempty"`
	Selector  string       `json:"selector,omitempty"`
	Secret    *string      `json:"-"`
	ExpiresAt *time.Time   `json:"expires,omitempty"`
	dispatch.Verdict
}

// Undo takes back that a code was issued.
func (r *CodeResult) Undo() bool {
	issued := r.CodeID != nil
	*r = CodeResult{SubjectID: r.SubjectID, Verdict: r.Verdict}
	return issued
}

// EndPayload is the outcome of ending codes or sign-ins: a result per subject, in the order given.
type EndPayload struct {
	dispatch.Outcome
	Results []*EndResult `json:"results,omitempty"`
}

// EndResult is the outcome of one of them.
type EndResult struct {
	SubjectID delivery.ID `json:"subject"`
	Ended     bool        `json:"ended"`
	dispatch.Verdict
}

// Undo takes back that the code or the sign-ins ended.
func (r *EndResult) Undo() bool { return dispatch.Take(&r.Ended) }

// TokenPayload is a token for a caller who redeemed a code or replaced a token.
type TokenPayload struct {
	dispatch.Outcome
	Token     *string
	ExpiresAt *time.Time
	Role      *delivery.Role

	Session delivery.UUID // that the token opens
}

// SignOutPayload is the outcome of signing out.
type SignOutPayload struct {
	dispatch.Outcome
	SignedOut bool
}
