package dispatch

import (
	"time"

	"baogong/delivery"
)

// The inputs of the verbs on orders, as the schema describes them. An absent value is nil.

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
	DeviceTime       *time.Time
}

// LineInput is an item to order.
type LineInput struct {
	Item         string
	Quantity     delivery.Quantity
	Unit         string
	UnitPriceFen int64
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

// UndoMoveInput is moves to take back.
type UndoMoveInput struct {
	ClientMutationID *string
	Orders           []*OrderUndoInput
	Note             string
	Atomic           bool
}

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

// RevealContactInput is a household whose name and phone are needed.
type RevealContactInput struct {
	ClientMutationID *string
	HouseholdID      delivery.ID
	OrderID          *delivery.ID
	Reason           string
}

// RevealRoundInput is a round whose households' names and phones are needed.
type RevealRoundInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	BuildingID       *delivery.ID
	Reason           string
}
