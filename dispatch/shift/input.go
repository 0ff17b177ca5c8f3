package shift

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on shifts, as the schema describes them. An absent value is nil.

// PlanShiftsInput is shifts to add, change and cancel, and a day to copy.
type PlanShiftsInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Shifts           []*ShiftInput
	CopyFrom         *CopyShiftsInput
	Atomic           bool
}

// ShiftInput is one shift: to add if it has no id, else to change.
type ShiftInput struct {
	ID              *delivery.ID
	ExpectedVersion *int64
	Squad           *delivery.Squad
	Station         *string
	StartsAt        *time.Time
	EndsAt          *time.Time
	Needed          *int
	VolunteerIds    []delivery.ID // nil leaves the members as they are
	Cancelled       bool
}

// CopyShiftsInput is a day of a squad whose shifts are copied to another day.
type CopyShiftsInput struct {
	Squad delivery.Squad
	Day   string
	To    string
}

// PlanShiftsPayload is the outcome of planning: a result per shift, in the order given, and then per shift of the day that is copied.
type PlanShiftsPayload struct {
	dispatch.Outcome
	Results []*ShiftResult `json:"results,omitempty"`
}

// ShiftResult is the outcome of one shift.
type ShiftResult struct {
	ShiftID *delivery.ID  `json:"shift,omitempty"`   // nil if it was refused
	LeftOut []delivery.ID `json:"leftOut,omitempty"` // members of the copied shift whom the copy does not have
	dispatch.Verdict
}

// Undo takes back that the shift was planned.
func (r *ShiftResult) Undo() bool { return dispatch.Take(&r.ShiftID) }

// CheckInInput is members of shifts who come, or are absent.
type CheckInInput struct {
	ClientMutationID *string
	ShiftID          *delivery.ID
	VolunteerIds     []delivery.ID // nil: the caller
	Absent           bool
}

// CheckOutInput is members of shifts who go.
type CheckOutInput struct {
	ClientMutationID *string
	ShiftID          *delivery.ID
	VolunteerIds     []delivery.ID // nil: the caller
}

// CheckInPayload is the outcome of checking in: a result per volunteer, in the order given.
type CheckInPayload struct{ PresenceOutcome }

// CheckOutPayload is the outcome of checking out: a result per volunteer, in the order given.
type CheckOutPayload struct{ PresenceOutcome }

// PresenceOutcome is the part that the payloads of checking in and out have in common.
type PresenceOutcome struct {
	dispatch.Outcome
	Results []*PresenceResult `json:"results,omitempty"`
}

// PresenceResult is the outcome of one volunteer.
type PresenceResult struct {
	VolunteerID delivery.ID          `json:"volunteer"`
	ShiftID     *delivery.ID         `json:"shift,omitempty"` // nil if it was refused
	State       *delivery.ShiftState `json:"state,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the volunteer came or went.
func (r *PresenceResult) Undo() bool {
	r.State = nil
	return dispatch.Take(&r.ShiftID)
}
