package window

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on windows, as the schema describes them. An absent value is nil.

// OfferInput is how much of a package a window offers.
type OfferInput struct {
	PackageID    delivery.ID
	Stock        *delivery.Quantity
	HouseholdCap *delivery.Quantity
	PhoneReserve delivery.Quantity
}

// OpenWindowInput is a window to set up.
type OpenWindowInput struct {
	ClientMutationID *string
	SupplierID       delivery.ID
	Name             string
	OpensAt          time.Time
	ClosesAt         time.Time
	DeliverAt        time.Time
	Minimum          int
	Offers           []*OfferInput
}

// WindowOutcome is the part that the payloads of the verbs on one window have.
type WindowOutcome struct {
	dispatch.Outcome
	WindowID *delivery.ID `json:"window,omitempty"`
}

// Of is the window that was changed, nil if none was.
func (o *WindowOutcome) Of() *delivery.ID { return o.WindowID }

// OpenWindowPayload is the outcome of setting up a window.
type OpenWindowPayload struct{ WindowOutcome }

// ReleaseReserveInput is a window whose reserve for orders by telephone ends.
type ReleaseReserveInput struct {
	ClientMutationID *string
	WindowID         delivery.ID
	PackageIds       []delivery.ID
}

// ReleaseReservePayload is the outcome of releasing a reserve.
type ReleaseReservePayload struct{ WindowOutcome }

// DecideWindowInput is what becomes of a closed window.
type DecideWindowInput struct {
	ClientMutationID *string
	WindowID         delivery.ID
	ExpectedVersion  *int64
	Confirm          bool
	Note             string
}

// DecideWindowPayload is the outcome of a decision.
type DecideWindowPayload struct {
	WindowOutcome
	Cancelled    int                `json:"cancelled,omitempty"`
	NotCancelled []*CalledOffResult `json:"notCancelled,omitempty"`
}

// CalledOffResult is an order of a window that was called off which could not be cancelled.
type CalledOffResult struct {
	OrderID delivery.ID `json:"order"`
	dispatch.Verdict
}
