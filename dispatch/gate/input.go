package gate

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs at the gate, as the schema describes them. An absent value is nil.

// AnnounceArrivalInput is a delivery to announce.
type AnnounceArrivalInput struct {
	ClientMutationID *string
	SupplierID       delivery.ID
	ExpectedAt       *time.Time
	Vehicle          string
	DriverPhone      delivery.Phone
	Orders           []*AnnouncedOrderInput
	Atomic           bool
}

// AnnouncedOrderInput is one order of the delivery.
type AnnouncedOrderInput struct {
	OrderID delivery.ID
	Bags    *int
	Marks   []delivery.Mark // nil leaves the order's marks as they are
}

// AnnounceArrivalPayload is the outcome of announcing: a result per order, in the order given.
type AnnounceArrivalPayload struct {
	dispatch.Outcome
	ArrivalID *delivery.ID          `json:"arrival,omitempty"`
	Results   []*ArrivalOrderResult `json:"results,omitempty"`
}

// ArrivalOrderResult is the outcome of one order that is announced or counted.
type ArrivalOrderResult struct {
	OrderID *delivery.ID `json:"order,omitempty"` // nil for a label that names none
	Bags    *int         `json:"bags,omitempty"`  // announced, or counted; nil if it was refused
	dispatch.Verdict
}

// Undo takes back that the order was announced or counted.
func (r *ArrivalOrderResult) Undo() bool { return dispatch.Take(&r.Bags) }

// ArriveInput is an arrival whose truck is at the gate.
type ArriveInput struct {
	ClientMutationID *string
	ArrivalID        delivery.ID
	ExpectedVersion  *int64
}

// CancelArrivalInput is an arrival that will not be received.
type CancelArrivalInput struct {
	ClientMutationID *string
	ArrivalID        delivery.ID
	ExpectedVersion  *int64
}

// ArrivalPayload is the outcome of a verb on one arrival.
type ArrivalPayload struct {
	dispatch.Outcome
	ArrivalID *delivery.ID `json:"arrival,omitempty"`
}

// ReceiveArrivalInput is counts of an arrival's bags.
type ReceiveArrivalInput struct {
	ClientMutationID *string
	ArrivalID        delivery.ID
	ExpectedVersion  *int64
	Orders           []*ReceivedInput
	AllButListed     bool
	BagsCounted      *int
	Complete         bool
	SettleUntil      *time.Time
	Atomic           bool
}

// ReceivedInput is how many bags of an order came.
type ReceivedInput struct {
	OrderID  *delivery.ID
	Label    *string
	Received int
	Damaged  int
}

// ReceiveArrivalPayload is the outcome of counting: a result per order that was listed, in the order given.
type ReceiveArrivalPayload struct {
	dispatch.Outcome
	dispatch.Moves
	ArrivalID       *delivery.ID          `json:"arrival,omitempty"`
	Results         []*ArrivalOrderResult `json:"results,omitempty"`
	Moved           int                   `json:"moved,omitempty"`     // orders that moved to AT_GATE
	WaitingIds      []delivery.ID         `json:"waiting,omitempty"`   // orders with a bag that a hold keeps where they are
	IncidentsOpened int                   `json:"incidents,omitempty"` // of missing and damaged bags
}

// LogStraysInput is bags that no order is found for.
type LogStraysInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	ArrivalID        *delivery.ID
	Strays           []*StrayInput
	Atomic           bool
}

// StrayInput is one bag.
type StrayInput struct {
	Label   string
	Place   string
	PhotoID *delivery.ID `json:",omitempty"`
}

// CloseStraysInput is strays, and what becomes of them.
type CloseStraysInput struct {
	ClientMutationID *string
	Strays           []*CloseStrayInput
	Atomic           bool
}

// CloseStrayInput is one stray, and one thing that becomes of it.
type CloseStrayInput struct {
	StrayID     delivery.ID
	OrderID     *delivery.ID
	Label       *string
	HouseholdID *delivery.ID
	SupplierID  *delivery.ID     // with the household; nil: the supplier of the stray's arrival
	Channel     delivery.Channel // with the household
	Returned    *bool
	Disposed    *bool
}

// StraysPayload is the outcome of logging or closing strays: a result per stray, in the order given.
type StraysPayload struct {
	dispatch.Outcome
	dispatch.Moves
	Results []*StrayResult `json:"results,omitempty"`
}

// StrayResult is the outcome of one stray.
type StrayResult struct {
	StrayID *delivery.ID `json:"stray,omitempty"` // nil if it was refused
	dispatch.Verdict
}

// Undo takes back that the stray was logged or closed.
func (r *StrayResult) Undo() bool { return dispatch.Take(&r.StrayID) }
