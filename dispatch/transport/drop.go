package transport

import (
	"context"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of leaving orders at a building.
var (
	ReasonNotYourStop = delivery.NewReason("NOT_YOUR_STOP", delivery.CodeConflict,
		"This run carries nothing for that building.",
		"该车次没有送往该楼栋的货物。")
	ReasonNotCarried = delivery.NewReason("NOT_CARRIED", delivery.CodeConflict,
		"This run does not carry that order to this building.",
		"该车次没有运送这个订单到该楼栋。")
	ReasonLoadDiffers = delivery.NewReason("LOAD_DIFFERS", delivery.CodeConflict,
		"The cart carries %d bags for this building, not %d.",
		"推车上送往该楼栋的货物为 %d 件，而不是 %d 件。")
)

// DropAtBuilding moves what the run carries for a building to the building, with the carrier's count.
func (v *Verbs) DropAtBuilding(ctx context.Context, a delivery.Actor, in DropAtBuildingInput) (*DropAtBuildingPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "dropAtBuilding", Community: in.RunID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *DropAtBuildingPayload) (bool, error) {
		if refusal := in.check(); refusal != nil {
			return false, refusal
		}
		r, err := lockRun(ctx, t, a, in.RunID, nil)
		if err != nil {
			return false, err
		}
		carried, err := t.CarriedOrders(ctx, r.ID(), in.BuildingID.UUID)
		if err != nil {
			return false, err
		}
		if len(carried) == 0 {
			return false, delivery.Refuse(ReasonNotYourStop).At("buildingId")
		}
		if refusal := in.checkMissing(carried); refusal != nil {
			return false, refusal
		}
		around, err := dispatch.SurroundingsOf(ctx, t, r.CommunityID, snapshots(carried))
		if err != nil {
			return false, err
		}
		var events []*delivery.Event
		bags := 0
		for i, o := range carried {
			if slices.Contains(in.MissingOrderIds, o.OrderID()) {
				continue
			}
			result := &DropResult{OrderID: o.OrderID()}
			e, refusal := o.Advance(a, delivery.Move{To: delivery.AtBuilding}, at, around.HoldsOn(o.OrderSnapshot), around.Roster)
			if refusal != nil {
				result.Refuse("orders", i, refusal)
			} else {
				result.Left = true
				bags += o.Bags
				events = append(events, e)
			}
			out.Results = append(out.Results, result)
		}
		switch {
		case len(events) == 0:
			return false, nil
		case bags != in.Bags:
			return false, delivery.Refuse(ReasonLoadDiffers, bags, in.Bags).At("bags").With(delivery.Details{Bags: bags})
		}
		if r.State == delivery.RunLoading { // the departure at the gate was not recorded
			r.State, r.DepartedAt = delivery.RunUnderway, &at
			events = append(events, r.Event(delivery.RunDeparted, a, at, "", r.Bags))
		}
		return true, out.save(ctx, t, r, append(events, r.Event(delivery.DropLeft, a, at, in.BuildingID.UUID, bags)))
	})
}

// check returns the refusal of the whole call, if there is one.
func (in *DropAtBuildingInput) check() *delivery.Error {
	if refusal := dispatch.CheckID(in.BuildingID, delivery.KindBuilding, in.RunID.Community); refusal != nil {
		return refusal.At("buildingId")
	}
	if refusal := dispatch.First(dispatch.Within("bags", in.Bags, 0, delivery.MaxCapacity)); refusal != nil {
		return refusal
	}
	if len(in.MissingOrderIds) == 0 {
		return nil
	}
	community, refusal := dispatch.CheckIDs(in.MissingOrderIds, "missingOrderIds", "", delivery.KindOrder)
	if refusal == nil && community != in.RunID.Community {
		refusal = delivery.Refuse(dispatch.ReasonTwoCommunities).At("missingOrderIds", "0")
	}
	return refusal
}

// checkMissing refuses to name an order as missing that the run does not carry for the building.
func (in *DropAtBuildingInput) checkMissing(carried []*db.Carried) *delivery.Error {
	for i, id := range in.MissingOrderIds {
		if !slices.ContainsFunc(carried, func(o *db.Carried) bool { return o.UUID == id.UUID }) {
			return refuseItem("missingOrderIds", i, ReasonNotCarried)
		}
	}
	return nil
}

// snapshots are those of the orders.
func snapshots(carried []*db.Carried) []*delivery.OrderSnapshot {
	out := make([]*delivery.OrderSnapshot, len(carried))
	for i, o := range carried {
		out[i] = o.OrderSnapshot
	}
	return out
}
