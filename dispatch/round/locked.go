package round

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// locked holds the locked orders of a call, and what their moves are judged by.
type locked struct {
	*dispatch.Surroundings
	ids    []delivery.ID
	orders map[delivery.UUID]*delivery.Order
	taken  map[delivery.UUID]bool
}

// lockOrders locks the orders that the actor sees.
func lockOrders(ctx context.Context, t *db.Tx, a delivery.Actor, community int32, ids []delivery.ID) (*locked, error) {
	orders, err := t.LockOrders(ctx, a.Scope(), community, dispatch.UUIDs(ids), nil)
	if err != nil {
		return nil, err
	}
	snapshots := make([]*delivery.OrderSnapshot, len(orders))
	for i, o := range orders {
		snapshots[i] = &o.OrderSnapshot
	}
	s, err := dispatch.SurroundingsOf(ctx, t, community, snapshots)
	return &locked{Surroundings: s, ids: ids, orders: dispatch.ByUUID(orders), taken: map[delivery.UUID]bool{}}, err
}

// advance moves one of the orders.
func (l *locked) advance(a delivery.Actor, id delivery.ID, m delivery.Move, at time.Time) (*delivery.Event, *delivery.Error) {
	m.Errand = l.Errands[id.UUID]
	return l.step(a, id, m, at)
}

// step is advance for a move with its own Errand.
func (l *locked) step(a delivery.Actor, id delivery.ID, m delivery.Move, at time.Time) (*delivery.Event, *delivery.Error) {
	o := l.orders[id.UUID]
	if o == nil {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, id.Kind.String())
	}
	return o.Advance(a, m, at, l.HoldsOn(&o.OrderSnapshot), l.Roster)
}
