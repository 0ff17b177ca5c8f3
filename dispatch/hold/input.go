package hold

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on holds, as the schema describes them. An absent value is nil.

// PlaceHoldInput is orders and buildings to hold.
type PlaceHoldInput struct {
	ClientMutationID *string
	SubjectIds       []delivery.ID
	Reason           delivery.HoldReason
	Until            *time.Time
	Note             string
	Atomic           bool
}

// ReleaseHoldInput is holds to end.
type ReleaseHoldInput struct {
	ClientMutationID *string
	HoldIds          []delivery.ID
	Atomic           bool
}

// HoldPayload is the outcome of placing or ending holds: a result per subject, in the order given.
type HoldPayload struct {
	dispatch.Outcome
	Results []*HoldResult `json:"results,omitempty"`
}

// HoldResult is the outcome of one subject.
type HoldResult struct {
	SubjectID delivery.ID  `json:"subject"`
	HoldID    *delivery.ID `json:"hold,omitempty"`
	dispatch.Verdict
}

// Undo takes back that a hold was placed or ended.
func (r *HoldResult) Undo() bool { return dispatch.Take(&r.HoldID) }
