package gate

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Arrive checks in an announced truck.
func (v *Verbs) Arrive(ctx context.Context, a delivery.Actor, in ArriveInput) (*ArrivalPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "arrive", Community: in.ArrivalID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ArrivalPayload) (bool, error) {
		arrival, err := lockOpen(ctx, t, a, in.ArrivalID, in.ExpectedVersion, func(arrival *delivery.Arrival) bool { return a.WorksGate(arrival.CommunityID) })
		if err != nil {
			return false, err
		}
		e, refusal := arrival.Arrive(a, at)
		if refusal != nil {
			return false, refusal
		}
		return true, finish(ctx, t, a, arrival, e, out)
	})
}

// CancelArrival cancels an arrival whose truck will not be received. Its orders can be announced with another arrival.
func (v *Verbs) CancelArrival(ctx context.Context, a delivery.Actor, in CancelArrivalInput) (*ArrivalPayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "cancelArrival", Community: in.ArrivalID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *ArrivalPayload) (bool, error) {
		arrival, err := lockOpen(ctx, t, a, in.ArrivalID, in.ExpectedVersion, func(arrival *delivery.Arrival) bool {
			return a.CanAnnounce(arrival.CommunityID, arrival.SupplierUUID)
		})
		if err != nil {
			return false, err
		}
		e := arrival.Cancel(a, at)
		if err := t.CloseArrivalOrders(ctx, arrival.CommunityID, arrival.UUID); err != nil {
			return false, err
		}
		return true, finish(ctx, t, a, arrival, e, out)
	})
}

// lockOpen locks an open arrival that the actor sees and may work on.
func lockOpen(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID, expected *int64, may func(*delivery.Arrival) bool) (*delivery.Arrival, error) {
	if refusal := dispatch.CheckID(id, delivery.KindArrival, 0); refusal != nil {
		return nil, refusal.At("arrivalId")
	}
	arrival, err := lockArrival(ctx, t, a, id)
	if err != nil {
		return nil, err
	}
	if !may(arrival) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	if refusal := arrival.Refused(expected); refusal != nil {
		return nil, refusal
	}
	return arrival, nil
}

// finish saves an arrival that has arrived or was cancelled, closes the incident of one that was late, and appends the events.
func finish(ctx context.Context, t *db.Tx, a delivery.Actor, arrival *delivery.Arrival, e *delivery.Event, out *ArrivalPayload) error {
	if err := t.SaveArrivals(ctx, []*delivery.Arrival{arrival}); err != nil {
		return err
	}
	late, err := resolveLate(ctx, t, a, arrival)
	if err != nil {
		return err
	}
	id := arrival.ID()
	out.ArrivalID = &id
	return t.Append(ctx, arrival.CommunityID, append([]*delivery.Event{e}, late...))
}
