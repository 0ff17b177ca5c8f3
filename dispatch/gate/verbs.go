// Package gate is the verbs on what trucks bring: arrivals, and the bags that no order is found for.
package gate

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Verbs are the mutations of the area.
type Verbs struct{ *dispatch.Engine }

// mayWork refuses an actor who does not check trucks in.
func mayWork(a delivery.Actor, community int32, field string) *delivery.Error {
	switch {
	case !a.Scope().SeesCommunity(community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At(field)
	case !a.WorksGate(community):
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// lockArrival locks an arrival that the actor sees. It fails with NOT_FOUND for others.
func lockArrival(ctx context.Context, t *db.Tx, a delivery.Actor, id delivery.ID) (*delivery.Arrival, error) {
	rows, err := t.LockArrivals(ctx, a.Scope(), id.Community, []delivery.UUID{id.UUID})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindArrival.String()).At("arrivalId")
	}
	return rows[0], nil
}

// lockOrders locks orders that the actor sees, by id.
func lockOrders(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, ids []delivery.UUID) (map[delivery.UUID]*delivery.OrderSnapshot, error) {
	if len(ids) == 0 {
		return map[delivery.UUID]*delivery.OrderSnapshot{}, nil
	}
	rows, err := t.LockOrders(ctx, a.Scope(), community, ids, nil)
	out := make(map[delivery.UUID]*delivery.OrderSnapshot, len(rows))
	for _, o := range rows {
		out[o.UUID] = &o.OrderSnapshot
	}
	return out, err
}

// resolveLate closes the incident of an arrival that was late, because it is here or will not come.
func resolveLate(ctx context.Context, t *db.Tx, by delivery.Actor, a *delivery.Arrival) ([]*delivery.Event, error) {
	if a.LateSince == nil {
		return nil, nil
	}
	at := a.ArrivedAt
	if at == nil {
		at = a.CancelledAt
	}
	return dispatch.ResolveIncidents(ctx, t, by, *at, a.CommunityID, delivery.ResolutionMovedOn, []delivery.UUID{a.UUID}, delivery.IncidentLate)
}
