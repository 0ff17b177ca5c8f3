package incident

import (
	"baogong/delivery"
	"baogong/dispatch"
)

// The inputs and payloads of the verbs on incidents, as the schema describes them. An absent value is nil.

// ReportIncidentsInput is incidents to open.
type ReportIncidentsInput struct {
	ClientMutationID *string
	Incidents        []*IncidentInput
	Atomic           bool
}

// IncidentInput is one incident to open.
type IncidentInput struct {
	Kind      delivery.IncidentKind
	Severity  delivery.Severity
	SubjectID delivery.ID
	Bags      int
	Note      string
}

// TakeIncidentsInput is incidents to take.
type TakeIncidentsInput struct {
	ClientMutationID *string
	Ids              []delivery.ID
	Atomic           bool
}

// ResolveIncidentsInput is incidents to resolve, and how they ended.
type ResolveIncidentsInput struct {
	ClientMutationID *string
	Ids              []delivery.ID
	Resolution       delivery.Resolution
	Note             string
	Atomic           bool
}

// outcomes is what the payloads share: a result per item, in the order given.
type outcomes struct {
	dispatch.Outcome
	Results []*IncidentResult `json:"results,omitempty"`
}

// ReportIncidentsPayload is the outcome of reporting incidents.
type ReportIncidentsPayload struct{ outcomes }

// TakeIncidentsPayload is the outcome of taking incidents.
type TakeIncidentsPayload struct{ outcomes }

// ResolveIncidentsPayload is the outcome of resolving incidents.
type ResolveIncidentsPayload struct{ outcomes }

// IncidentResult is the outcome of one item.
type IncidentResult struct {
	ID         delivery.ID  `json:"id"` // of the item: the subject, or the incident
	IncidentID *delivery.ID `json:"incident,omitempty"`
	dispatch.Verdict
}

// Undo takes back that the incident was opened, taken or resolved.
func (r *IncidentResult) Undo() bool { return dispatch.Take(&r.IncidentID) }

// add adds the result of the next item and reports whether it was refused.
func (o *outcomes) add(list string, id delivery.ID, incident *delivery.Incident, refusal *delivery.Error) bool {
	r := &IncidentResult{ID: id}
	if refusal != nil {
		r.Refuse(list, len(o.Results), refusal)
	} else {
		of := incident.ID()
		r.IncidentID = &of
	}
	o.Results = append(o.Results, r)
	return refusal != nil
}
