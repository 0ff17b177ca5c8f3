package delivery

import (
	"reflect"
	"time"
)

// The kinds of event of an enquiry. They carry its household's keys and no text.
const (
	EnquiryLogged    EventKind = "ENQUIRY_LOGGED"
	EnquiryWasTaken  EventKind = "ENQUIRY_TAKEN"
	EnquiryReleased  EventKind = "ENQUIRY_RELEASED" // its lease ended
	EnquiryCameDue   EventKind = "ENQUIRY_DUE"
	EnquiryPostponed EventKind = "ENQUIRY_POSTPONED"
	EnquiryWasClosed EventKind = "ENQUIRY_CLOSED"
)

var (
	_ = enquiryKind(EnquiryLogged)
	_ = enquiryKind(EnquiryWasTaken)
	_ = enquiryKind(EnquiryReleased)
	_ = enquiryKind(EnquiryCameDue)
	_ = enquiryKind(EnquiryPostponed)
	_ = enquiryKind(EnquiryWasClosed)
)

func enquiryKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[EnquiryBody](), board: noBoard, about: KindEnquiry, row: rowOf(enquiryRow)})
}

// EnquiryBody is the body of the events of an enquiry, as the event left it.
type EnquiryBody struct {
	Enquiry  UUID           `json:"enquiry,omitempty"`
	Kind     EnquiryKind    `json:"enquiryKind,omitempty"`
	State    EnquiryState   `json:"enquiryState,omitempty"`
	Attempts int            `json:"enquiryAttempts,omitempty"`
	Outcome  EnquiryOutcome `json:"enquiryOutcome,omitempty"`
}

func enquiryRow(b *EnquiryBody) (UUID, []ActivityNumber) {
	return b.Enquiry, []ActivityNumber{{"attempts", b.Attempts}}
}

// event returns the event that left the enquiry as it is.
func (e *Enquiry) event(kind EventKind, a Actor, at time.Time) *Event {
	body := &EnquiryBody{Enquiry: e.UUID, Kind: e.Kind, State: e.State, Attempts: e.Attempts}
	if e.Outcome != nil {
		body.Outcome = *e.Outcome
	}
	return NewEvent(kind, a, at, e.Keys(), body)
}
