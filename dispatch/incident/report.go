package incident

import (
	"context"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// ReportIncidents opens incidents about what the actor sees, with a result per incident. A second one of a kind on a subject is
// refused with the open one.
func (v *Verbs) ReportIncidents(ctx context.Context, a delivery.Actor, in ReportIncidentsInput) (*ReportIncidentsPayload, error) {
	community, bad := in.check()
	c := dispatch.Call{Actor: a, Mutation: "reportIncidents", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ReportIncidentsPayload) (bool, error) {
		switch {
		case bad != nil:
			return false, bad
		case !a.Scope().SeesCommunity(community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("incidents")
		case !a.MayReport():
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		keys, err := t.SubjectKeys(ctx, community, dispatch.IDs(in.Incidents, func(n *IncidentInput) delivery.ID { return n.SubjectID }))
		if err != nil {
			return false, err
		}
		open, err := in.open(ctx, t, a, keys)
		if err != nil {
			return false, err
		}
		var fresh []*delivery.Incident
		refused, text := false, 0
		for _, n := range in.Incidents {
			i, refusal := n.judge(a, keys[n.SubjectID], open)
			if refusal == nil {
				i.UUID = dispatch.NewUUID()
				open[matter{n.Kind, n.SubjectID}] = i // of the same call: the second one is refused
				fresh, text = append(fresh, i), text+len(n.Note)
			}
			refused = out.add("incidents", n.SubjectID, i, refusal) || refused
		}
		if in.Atomic && refused {
			dispatch.Undo(out.Results, "incidents")
			return false, nil
		}
		if len(fresh) == 0 {
			return false, nil
		}
		t.Spend(delivery.QuotaText, text)
		events, err := dispatch.OpenIncidents(ctx, t, a, at, fresh)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(fresh, func(i *delivery.Incident) bool { return i.Number == 0 }) {
			return false, dispatch.ErrOpenedMeanwhile
		}
		return true, t.Append(ctx, community, events)
	})
}

// matter is what an open incident is about.
type matter struct {
	kind    delivery.IncidentKind
	subject delivery.ID
}

// check returns the community of the call, or the refusal of the whole call.
func (in *ReportIncidentsInput) check() (int32, *delivery.Error) {
	if refusal := dispatch.CheckCount(len(in.Incidents), "incidents"); refusal != nil {
		return 0, refusal
	}
	community := in.Incidents[0].SubjectID.Community
	for i, n := range in.Incidents {
		if !slices.Contains(delivery.IncidentSubjects, n.SubjectID.Kind) {
			return 0, n.SubjectID.WrongKind(delivery.KindOrder).At("incidents", strconv.Itoa(i), "subjectId")
		}
		if n.SubjectID.Community != community {
			return 0, delivery.Refuse(dispatch.ReasonTwoCommunities).At("incidents", strconv.Itoa(i), "subjectId")
		}
	}
	return community, nil
}

// open locks the open incidents of the kinds and subjects of the call about which the actor may report.
func (in *ReportIncidentsInput) open(ctx context.Context, t *db.Tx, a delivery.Actor, keys map[delivery.ID]*delivery.Keys) (map[matter]*delivery.Incident, error) {
	var kinds []delivery.IncidentKind
	var subjects []delivery.UUID
	for _, n := range in.Incidents {
		if k := keys[n.SubjectID]; k != nil && a.CanReport(n.Kind, n.SubjectID.Kind, *k) == nil {
			kinds, subjects = append(kinds, n.Kind), append(subjects, n.SubjectID.UUID)
		}
	}
	rows, err := t.LockOpenIncidents(ctx, in.Incidents[0].SubjectID.Community, kinds, subjects)
	out := make(map[matter]*delivery.Incident, len(rows))
	for _, i := range rows {
		out[matter{i.Kind, i.SubjectID()}] = i
	}
	return out, err
}

// judge returns the incident to open, or why it is refused. keys is nil for a subject that does not exist.
func (n *IncidentInput) judge(a delivery.Actor, keys *delivery.Keys, open map[matter]*delivery.Incident) (*delivery.Incident, *delivery.Error) {
	if keys == nil {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, n.SubjectID.Kind.String()).At("subjectId")
	}
	if refusal := a.CanReport(n.Kind, n.SubjectID.Kind, *keys); refusal != nil {
		if refusal.Field == nil {
			refusal = refusal.At("subjectId")
		}
		return nil, refusal
	}
	if refusal := dispatch.First(dispatch.Within("bags", n.Bags, 0, delivery.MaxIncidentBags), dispatch.Text("note", n.Note, delivery.MaxNote, false)); refusal != nil {
		return nil, refusal
	}
	if was := open[matter{n.Kind, n.SubjectID}]; was != nil {
		return nil, was.OpenAlready()
	}
	i := delivery.NewIncident(n.Kind, n.SubjectID, *keys)
	i.Severity, i.Bags, i.Note = n.Severity, n.Bags, n.Note
	return i, nil
}
