package order

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on orders, as the schema describes them. An absent value is nil.

// PlaceOrderInput is an order to place.
type PlaceOrderInput struct {
	ClientMutationID *string
	HouseholdID      delivery.ID
	Channel          delivery.Channel
	SupplierID       *delivery.ID
	TakerID          *delivery.ID
	Lines            []*LineInput
	Note             string
	ExternalNumber   string
	Marks            []delivery.Mark `json:",omitempty"`
	DeviceTime       *time.Time
	WindowID         *delivery.ID         `json:",omitempty"`
	ErrandKind       *delivery.ErrandKind `json:",omitempty"`
	ConsentBy        *delivery.ConsentBy  `json:",omitempty"`
	ReadBack         bool                 `json:",omitempty"`
}

// LineInput is an item to order: one that the caller describes, or a package of the order's window.
type LineInput struct {
	Item         string
	Quantity     delivery.Quantity
	Unit         string
	UnitPriceFen int64
	PackageID    *delivery.ID         `json:",omitempty"`
	Substitute   *delivery.Substitute `json:",omitempty"`
}

// AmendOrderInput is the new lines of an order.
type AmendOrderInput struct {
	ClientMutationID *string
	OrderID          delivery.ID
	ExpectedVersion  int64
	Lines            []*LineInput
	Note             *string
	ReadBack         bool `json:",omitempty"`
}

// AmendOrderPayload is the outcome of amending an order.
type AmendOrderPayload struct {
	dispatch.Outcome
	OrderID *delivery.ID `json:"order,omitempty"`
}

// PlaceOrderPayload is the outcome of placing an order.
type PlaceOrderPayload struct {
	dispatch.Outcome
	OrderID *delivery.ID `json:"order,omitempty"`
}

// OrderMoveInput is one order to move, and where the caller believes it to be.
type OrderMoveInput struct {
	OrderID         delivery.ID
	ExpectedStage   *delivery.Stage
	ExpectedVersion *int64
}

// AdvanceOrdersInput is orders to move to one stage.
type AdvanceOrdersInput struct {
	ClientMutationID *string
	Orders           []*OrderMoveInput
	To               delivery.Stage
	Reason           *delivery.MoveReason
	Note             string
	DeviceTime       *time.Time
	Atomic           bool
}

// CancelOrderInput is orders to cancel.
type CancelOrderInput struct {
	ClientMutationID *string
	Orders           []*OrderMoveInput
	Reason           delivery.MoveReason
	Note             string
	DeviceTime       *time.Time
	Atomic           bool
}

// OrderUndoInput is one order whose last move to take back.
type OrderUndoInput struct {
	OrderID         delivery.ID
	ExpectedVersion int64
}

// UndoMoveInput is moves to take back: those of orders, or those of one call.
type UndoMoveInput struct {
	ClientMutationID *string
	Orders           []*OrderUndoInput
	BatchID          *delivery.ID `json:",omitempty"`
	Note             string
	Atomic           bool
}

// MovePayload is the outcome of moving orders: a result per order, in the order given.
type MovePayload struct {
	dispatch.Outcome
	dispatch.Moves
	Results []*MoveResult `json:"results,omitempty"`
}

// MoveResult is the outcome of one order.
type MoveResult struct {
	OrderID delivery.ID `json:"order"`
	Moved   bool        `json:"moved"`
	dispatch.Verdict
}

// Undo takes back that the order moved.
func (r *MoveResult) Undo() bool { return dispatch.Take(&r.Moved) }

// Moved counts the orders that moved.
func (p *MovePayload) Moved() int {
	n := 0
	for _, r := range p.Results {
		if r.Moved {
			n++
		}
	}
	return n
}
