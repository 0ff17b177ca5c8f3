package transport

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on runs, as the schema describes them. An absent value is nil.

// StartRunInput is a run to start.
type StartRunInput struct {
	ClientMutationID  *string
	CommunityID       delivery.ID
	VolunteerID       *delivery.ID
	Capacity          int
	ConfirmQuietHours bool
}

// DepartRunInput is a run that departs.
type DepartRunInput struct {
	ClientMutationID *string
	RunID            delivery.ID
	ExpectedVersion  *int64
}

// FinishRunInput is a run that is done.
type FinishRunInput DepartRunInput

// CancelRunInput is a run that does not take place.
type CancelRunInput DepartRunInput

// RunOutcome is the part that the payloads of the verbs on one run have.
type RunOutcome struct {
	dispatch.Outcome
	RunID *delivery.ID `json:"run,omitempty"`
}

// StartRunPayload is the outcome of starting a run.
type StartRunPayload struct{ RunOutcome }

// DepartRunPayload is the outcome of a departure.
type DepartRunPayload struct{ RunOutcome }

// FinishRunPayload is the outcome of ending a run.
type FinishRunPayload struct{ RunOutcome }

// CancelRunPayload is the outcome of cancelling a run.
type CancelRunPayload struct{ RunOutcome }

// LoadRunInput is orders and whole bins to load.
type LoadRunInput struct {
	ClientMutationID *string
	RunID            delivery.ID
	OrderIds         []delivery.ID
	BinIds           []delivery.ID
	Atomic           bool
}

// LoadRunPayload is the outcome of loading: a result per order and then per bin, in the order given.
type LoadRunPayload struct {
	RunOutcome
	dispatch.Moves
	Results []*LoadResult `json:"results,omitempty"`
}

// LoadResult is the outcome of one order or one bin.
type LoadResult struct {
	SubjectID delivery.ID `json:"subject"`
	Loaded    int         `json:"loaded,omitempty"` // orders
	Remaining int         `json:"remaining,omitempty"`
	dispatch.Verdict
}

// Undo takes back that anything was loaded.
func (r *LoadResult) Undo() bool {
	r.Remaining = 0
	return dispatch.Take(&r.Loaded)
}

// DropAtBuildingInput is what a run leaves at a building.
type DropAtBuildingInput struct {
	ClientMutationID *string
	RunID            delivery.ID
	BuildingID       delivery.ID
	Bags             int
	MissingOrderIds  []delivery.ID
}

// DropAtBuildingPayload is the outcome of leaving orders at a building: a result per order of the run for the building, by number.
type DropAtBuildingPayload struct {
	RunOutcome
	dispatch.Moves
	Results []*DropResult `json:"results,omitempty"`
}

// AcceptDropInput is the building's own count of what a run left there.
type AcceptDropInput struct {
	ClientMutationID *string
	RunID            delivery.ID
	BuildingID       delivery.ID
	Bags             int
	MissingOrderIds  []delivery.ID
}

// AcceptDropPayload is the outcome of counting what a run left.
type AcceptDropPayload struct{ RunOutcome }

// DropResult is the outcome of one order.
type DropResult struct {
	OrderID delivery.ID `json:"order"`
	Left    bool        `json:"left,omitempty"`
	dispatch.Verdict
}

// Ran is the run that was changed, nil if none was.
func (o *RunOutcome) Ran() *delivery.ID { return o.RunID }

// Undo takes back that the order was left.
func (r *DropResult) Undo() bool { return dispatch.Take(&r.Left) }
