package round

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on rounds, as the schema describes them. An absent value is nil.

// StartRoundInput is orders, and units with what stands on their shelves, to take along.
type StartRoundInput struct {
	ClientMutationID  *string
	OrderIds          []delivery.ID
	UnitIds           []delivery.ID
	Most              int
	ConfirmQuietHours bool
}

// StartRoundPayload is the outcome of starting a round: a result per order that was named or found, in that order.
type StartRoundPayload struct {
	dispatch.Outcome
	dispatch.Moves
	RoundID *delivery.ID  `json:"round,omitempty"`
	Results []*TakeResult `json:"results,omitempty"`
}

// TakeResult is the outcome of one order.
type TakeResult struct {
	OrderID delivery.ID `json:"order"`
	Taken   bool        `json:"taken,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the order was taken.
func (r *TakeResult) Undo() bool { return dispatch.Take(&r.Taken) }

// HandOverInput is doors at which orders were handed over.
type HandOverInput struct {
	ClientMutationID *string
	Doors            []*HandOverDoorInput
	Atomic           bool
}

// HandOverDoorInput is one door: orders of one household, with one proof.
type HandOverDoorInput struct {
	OrderIds   []delivery.ID
	Proof      delivery.ProofKind
	PhotoID    *delivery.ID
	Code       string
	Note       string
	DeviceTime *time.Time

	Answer            string `json:",omitempty"`
	DocumentsReturned bool   `json:",omitempty"`
}

// HandOverPayload is the outcome of handing over: a result per door, in the order given.
type HandOverPayload struct {
	dispatch.Outcome
	dispatch.Moves
	Results []*DoorResult `json:"results,omitempty"`
}

// DoorResult is the outcome of one door.
type DoorResult struct {
	OrderIds  []delivery.ID `json:"orders"`
	Delivered bool          `json:"delivered,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the door's orders were handed over.
func (r *DoorResult) Undo() bool { return dispatch.Take(&r.Delivered) }

// EndRoundInput is a round that is over.
type EndRoundInput struct {
	ClientMutationID *string
	RoundID          delivery.ID
}

// EndRoundPayload is the outcome of ending a round: a result per order that was still out.
type EndRoundPayload struct {
	dispatch.Outcome
	dispatch.Moves
	RoundID *delivery.ID    `json:"round,omitempty"`
	Results []*ReturnResult `json:"results,omitempty"`
}

// ReturnResult is the outcome of one order that was still out.
type ReturnResult struct {
	OrderID  delivery.ID `json:"order"`
	Returned bool        `json:"returned,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the order came back.
func (r *ReturnResult) Undo() bool { return dispatch.Take(&r.Returned) }

// ConfirmReceiptInput is orders that the household has received.
type ConfirmReceiptInput struct {
	ClientMutationID *string
	OrderIds         []delivery.ID
}

// ConfirmReceiptPayload is the outcome of confirming: a result per order, in the order given.
type ConfirmReceiptPayload struct {
	dispatch.Outcome
	Results []*ConfirmResult `json:"results,omitempty"`
}

// ConfirmResult is the outcome of one order.
type ConfirmResult struct {
	OrderID   delivery.ID `json:"order"`
	Confirmed bool        `json:"confirmed,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the order was confirmed.
func (r *ConfirmResult) Undo() bool { return dispatch.Take(&r.Confirmed) }

// DisputeInput is what is wrong with an order, in the household's view.
type DisputeInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
	Kind             delivery.IncidentKind
	Text             string
}

// DisputePayload is the outcome of a dispute.
type DisputePayload struct {
	dispatch.Outcome
	IncidentID *delivery.ID `json:"incident,omitempty"`
}
