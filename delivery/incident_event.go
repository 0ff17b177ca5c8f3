package delivery

import (
	"reflect"
	"time"
)

// The kinds of event of an incident. They carry the keys of its subject.
const (
	IncidentOpened      EventKind = "INCIDENT_OPENED"
	IncidentRecounted   EventKind = "INCIDENT_RECOUNTED" // another number of bags
	IncidentWasTaken    EventKind = "INCIDENT_TAKEN"
	IncidentRisen       EventKind = "INCIDENT_RISEN"
	IncidentWasResolved EventKind = "INCIDENT_RESOLVED"
)

var (
	_ = incidentKind(IncidentOpened)
	_ = incidentKind(IncidentRecounted)
	_ = incidentKind(IncidentWasTaken)
	_ = incidentKind(IncidentRisen)
	_ = incidentKind(IncidentWasResolved)
)

func incidentKind(kind EventKind) *eventSpec { //nolint:unparam // "var _ =" runs it
	return addKind(eventSpec{kind: kind, body: reflect.TypeFor[IncidentBody](), board: boardsThatSee, about: KindIncident, row: rowOf(incidentRow)})
}

// IncidentBody is the body of the events of an incident, as the event left it. It has no note.
type IncidentBody struct {
	Incident    UUID            `json:"incident,omitempty"`
	Kind        IncidentKind    `json:"incidentKind,omitempty"`
	Severity    Severity        `json:"severity,omitempty"`
	Level       EscalationLevel `json:"level,omitempty"`
	State       IncidentState   `json:"state,omitempty"`
	Bags        int             `json:"bags,omitempty"`
	Subject     UUID            `json:"subject,omitempty"`
	SubjectKind int             `json:"subjectKind,omitempty"` // the number of the Kind
	Resolution  Resolution      `json:"resolution,omitempty"`
}

func incidentRow(b *IncidentBody) (UUID, []ActivityNumber) {
	return b.Incident, []ActivityNumber{{"bags", b.Bags}}
}

// event returns the event that left the incident as it is.
func (i *Incident) event(kind EventKind, a Actor, at time.Time) *Event {
	subject := i.SubjectID()
	body := &IncidentBody{Incident: i.UUID, Kind: i.Kind, Severity: i.Severity, Level: i.Level, State: i.State, Bags: i.Bags,
		Subject: subject.UUID, SubjectKind: int(subject.Kind)}
	if i.Resolution != nil {
		body.Resolution = *i.Resolution
	}
	return NewEvent(kind, a, at, i.Keys(), body)
}

// ChangesAlerts reports whether the event may change the alerts that are read with the scope. An incident that rises above the
// level leaves them.
func (e *Event) ChangesAlerts(s *Scope) bool {
	return BodyOf[IncidentBody](e) != nil && s.Sees(e.Keys())
}
