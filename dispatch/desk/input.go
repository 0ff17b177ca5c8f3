package desk

import (
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the phone desk's verbs, as the schema describes them. An absent value is nil.

// LogEnquiryInput is an enquiry to log, with its answer if there is one.
type LogEnquiryInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	Kind             delivery.EnquiryKind
	Way              delivery.EnquiryWay
	HouseholdID      *delivery.ID
	Phone            delivery.Phone
	Text             string
	Urgent           bool
	DueAt            *time.Time
	Answer           string
}

// TakeEnquiryInput is the enquiry to take: the named one, or the next of the kinds.
type TakeEnquiryInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	EnquiryID        *delivery.ID
	Kinds            []delivery.EnquiryKind
}

// PostponeEnquiryInput is an enquiry to put back into the queue: until an instant, or because no one answered.
type PostponeEnquiryInput struct {
	ClientMutationID *string
	EnquiryID        delivery.ID
	Until            *time.Time
	Unreachable      bool
}

// CloseEnquiryInput is an enquiry to close.
type CloseEnquiryInput struct {
	ClientMutationID *string
	EnquiryID        delivery.ID
	Outcome          delivery.EnquiryOutcome
	Answer           string
	OrderID          *delivery.ID
}

// outcome is what the payloads share: the enquiry.
type outcome struct {
	dispatch.Outcome
	EnquiryID *delivery.ID      `json:"enquiry,omitempty"`
	row       *delivery.Enquiry // as the call saved it; nil if the actor does not see it, and after a retry
}

// of names the enquiry as the call saved it.
func (o *outcome) of(a delivery.Actor, e *delivery.Enquiry) {
	if o.EnquiryID = new(e.ID()); a.SeesEnquiry(e) {
		o.row = e
	}
}

// Enquired is the enquiry's opaque id, nil if the call was refused or there was none.
func (o *outcome) Enquired() *delivery.ID { return o.EnquiryID }

// Saved is the enquiry as the call saved it, so that it need not be read again. It is nil if it must be read.
func (o *outcome) Saved() *delivery.Enquiry { return o.row }

// LogEnquiryPayload is the outcome of logging an enquiry.
type LogEnquiryPayload struct{ outcome }

// TakeEnquiryPayload is the outcome of taking an enquiry. It names none if none is due.
type TakeEnquiryPayload struct{ outcome }

// PostponeEnquiryPayload is the outcome of postponing an enquiry.
type PostponeEnquiryPayload struct{ outcome }

// CloseEnquiryPayload is the outcome of closing an enquiry, with the incident that a complaint opened.
type CloseEnquiryPayload struct {
	outcome
	IncidentID *delivery.ID `json:"incident,omitempty"`
}
