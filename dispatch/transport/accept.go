package transport

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of counting what a run left.
var (
	ReasonAccepted = delivery.NewReason("DROP_ACCEPTED", delivery.CodeConflict,
		"This building has already counted %d bags.",
		"该楼栋已清点：%d 件。")
	ReasonNotLeftHere = delivery.NewReason("NOT_LEFT_HERE", delivery.CodeConflict,
		"This run did not leave that order at the building.",
		"该车次没有在此楼栋卸下这个订单。")
)

// AcceptDrop records the building's own count of what a run left there. Where the two counts differ, both stand, and an incident
// COUNT_DIFFERS is opened on the run, and on each order that is named as missing. The orders stay at the building.
func (v *Verbs) AcceptDrop(ctx context.Context, a delivery.Actor, in AcceptDropInput) (*AcceptDropPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "acceptDrop", Community: in.RunID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *AcceptDropPayload) (bool, error) {
		if refusal := (&DropAtBuildingInput{RunID: in.RunID, BuildingID: in.BuildingID, Bags: in.Bags, MissingOrderIds: in.MissingOrderIds}).check(); refusal != nil {
			return false, refusal
		}
		r, err := seeRun(ctx, t, a, in.RunID)
		if err != nil {
			return false, err
		}
		if !a.ReceivesAt(r.CommunityID, in.BuildingID.UUID) {
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		drops, err := t.DropsOfRun(ctx, r.ID())
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(drops, func(d *delivery.Drop) bool { return d.BuildingUUID == in.BuildingID.UUID })
		switch {
		case i < 0:
			return false, delivery.Refuse(ReasonNotYourStop).At("buildingId")
		case drops[i].BagsAccepted != nil:
			return false, delivery.Refuse(ReasonAccepted, *drops[i].BagsAccepted).With(delivery.Details{Bags: *drops[i].BagsAccepted})
		}
		drop := drops[i]
		drop.BagsAccepted, drop.AcceptedAt, drop.AcceptedBy = &in.Bags, &at, a.Volunteer()
		incidents, err := in.incidents(ctx, t, a, r, drops)
		if err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaRows, 1)
		if err := t.SaveDrop(ctx, drop); err != nil {
			return false, err
		}
		var events []*delivery.Event
		if !slices.ContainsFunc(drops, (*delivery.Drop).Waits) {
			if events, err = dispatch.ResolveIncidents(ctx, t, a, at, r.CommunityID, delivery.ResolutionMovedOn, []delivery.UUID{r.UUID}, delivery.IncidentLate); err != nil {
				return false, err
			}
		}
		opened, err := dispatch.OpenIncidents(ctx, t, a, at, incidents)
		if err != nil {
			return false, err
		}
		events = append(events, opened...)
		return true, out.save(ctx, t, r, append(events, r.Event(delivery.DropAccepted, a, at, in.BuildingID.UUID, in.Bags)))
	})
}

// incidents returns those of counts that differ: one on the run, with the sum over its buildings, and one on each missing order.
func (in *AcceptDropInput) incidents(ctx context.Context, t *db.Tx, a delivery.Actor, r *delivery.Run, drops []*delivery.Drop) ([]*delivery.Incident, error) {
	var out []*delivery.Incident
	if in.differs(drops) {
		whole := delivery.NewIncident(delivery.IncidentCountDiffers, r.ID(), delivery.Keys{Community: r.CommunityID})
		for _, d := range drops {
			whole.Bags = min(whole.Bags+d.Difference(), delivery.MaxIncidentBags)
		}
		out = append(out, whole)
	}
	if len(in.MissingOrderIds) == 0 {
		return out, nil
	}
	left, err := t.DroppedOrders(ctx, r.ID(), in.BuildingID.UUID)
	if err != nil {
		return nil, err
	}
	orders, err := t.LockOrders(ctx, a.Scope(), r.CommunityID, dispatch.UUIDs(in.MissingOrderIds), nil)
	if err != nil {
		return nil, err
	}
	byID := dispatch.ByUUID(orders)
	for i, id := range in.MissingOrderIds {
		bags, there := left[id.UUID]
		if byID[id.UUID] == nil || !there {
			return nil, refuseItem("missingOrderIds", i, ReasonNotLeftHere)
		}
		missing := delivery.NewIncident(delivery.IncidentCountDiffers, id, byID[id.UUID].Keys())
		missing.Bags = bags
		out = append(out, missing)
	}
	return out, nil
}

// differs reports whether the building's count is another than the carrier's.
func (in *AcceptDropInput) differs(drops []*delivery.Drop) bool {
	return slices.ContainsFunc(drops, func(d *delivery.Drop) bool { return d.BuildingUUID == in.BuildingID.UUID && d.Difference() != 0 })
}
