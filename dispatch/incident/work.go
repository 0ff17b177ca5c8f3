package incident

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// TakeIncidents makes the actor the owner of incidents, with a result per incident.
func (v *Verbs) TakeIncidents(ctx context.Context, a delivery.Actor, in TakeIncidentsInput) (*TakeIncidentsPayload, error) {
	w := work{in.Ids, in.Atomic, 0, func(i *delivery.Incident, at time.Time) (*delivery.Event, *delivery.Error) { return i.Take(a, at) }}
	community, bad := dispatch.CheckIDs(in.Ids, "ids", "", delivery.KindIncident)
	c := dispatch.Call{Actor: a, Mutation: "takeIncidents", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *TakeIncidentsPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		return w.do(ctx, t, a, community, at, &out.outcomes)
	})
}

// ResolveIncidents closes incidents with a resolution, with a result per incident.
func (v *Verbs) ResolveIncidents(ctx context.Context, a delivery.Actor, in ResolveIncidentsInput) (*ResolveIncidentsPayload, error) {
	w := work{in.Ids, in.Atomic, len(in.Note), func(i *delivery.Incident, at time.Time) (*delivery.Event, *delivery.Error) {
		return i.Resolve(a, in.Resolution, in.Note, at)
	}}
	community, bad := dispatch.CheckIDs(in.Ids, "ids", "", delivery.KindIncident)
	if bad == nil {
		bad = dispatch.CheckNote(in.Note, nil)
	}
	c := dispatch.Call{Actor: a, Mutation: "resolveIncidents", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ResolveIncidentsPayload) (bool, error) {
		if bad != nil {
			return false, bad
		}
		return w.do(ctx, t, a, community, at, &out.outcomes)
	})
}

// work is one step that a call takes with incidents. step returns nil if nothing changes.
type work struct {
	ids    []delivery.ID
	atomic bool
	text   int // bytes of text that each step writes
	step   func(i *delivery.Incident, at time.Time) (*delivery.Event, *delivery.Error)
}

// do takes the step with each incident and reports whether one changed.
func (w *work) do(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, at time.Time, out *outcomes) (bool, error) {
	switch {
	case !a.Scope().SeesCommunity(community):
		return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("ids")
	case !a.OfTeam():
		return false, delivery.Refuse(delivery.ReasonNotYours)
	}
	rows, err := t.LockIncidents(ctx, community, dispatch.UUIDs(w.ids))
	if err != nil {
		return false, err
	}
	known := dispatch.ByUUID(rows)
	var changed []*delivery.Incident
	var events []*delivery.Event
	refused := false
	for _, id := range w.ids {
		i := known[id.UUID]
		var e *delivery.Event
		refusal := delivery.Refuse(delivery.ReasonNoSuch, delivery.KindIncident.String())
		if i != nil {
			e, refusal = w.step(i, at)
		}
		if e != nil {
			changed, events = append(changed, i), append(events, e)
		}
		refused = out.add("ids", id, i, refusal) || refused
	}
	if w.atomic && refused {
		dispatch.Undo(out.Results, "ids")
		return false, nil
	}
	if len(events) == 0 {
		return false, nil
	}
	t.Spend(delivery.QuotaText, w.text*len(events))
	if err := t.SaveIncidents(ctx, community, changed); err != nil {
		return false, err
	}
	return true, t.Append(ctx, community, events)
}
