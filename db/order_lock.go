package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// LockOrders locks, in id order, the orders with the ids and the open orders in the buildings, as far as the scope sees
// them. It returns them.
func (t *Tx) LockOrders(ctx context.Context, s delivery.Scope, community int32, ids, openIn []delivery.UUID) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	switch {
	case len(openIn) > 0:
		w.and("(o.id = any(cast(? as uuid[])) or (o.building_id = any(cast(? as uuid[])) and "+openOrder+"))",
			arrayText(texts(ids)), arrayText(texts(openIn)))
	case len(ids) == 1: // for which PostgreSQL keeps the plan (givenRows)
		w.and("o.id = cast(? as uuid)", ids[0])
	default:
		w.and("o.id = any(cast(? as uuid[]))", arrayText(texts(ids)))
		orders.visible(&w, s)
		return t.lockManyOrders(ctx, w, ids)
	}
	orders.visible(&w, s)
	return t.lockOrders(ctx, w)
}

// seenOrder is an order as a look read it. A row with the same xmin is the same version of the row.
type seenOrder struct {
	delivery.Order
	Xmin string `db:"xmin"`
}

// lockManyOrders does what lockOrders does for the orders with the ids. A look remembers the orders that it reads, and the locking
// statement then reads only which version of each row it locked: to read all columns again costs a twentieth of a move of many orders.
func (t *Tx) lockManyOrders(ctx context.Context, w where, ids []delivery.UUID) ([]*delivery.Order, error) {
	if t.looking {
		return t.seeOrders(ctx, w)
	}
	for _, id := range ids {
		if _, seen := t.seen[id]; !seen {
			return t.lockOrders(ctx, w)
		}
	}
	rows, err := listTx[struct {
		ID   delivery.UUID `db:"id"`
		Xmin string        `db:"xmin"`
	}](ctx, t, "lock orders", `
		select o.id, cast(o.xmin as text) as xmin
		  from orders o
		`+w.String()+`
		 order by o.id
		   for no key update of o`, w.args...)
	if err != nil {
		return nil, err
	}
	out := make([]*delivery.Order, len(rows))
	for i, r := range rows {
		seen := t.seen[r.ID]
		if seen.Xmin != r.Xmin { // changed since the look
			return t.lockOrders(ctx, w)
		}
		out[i] = &seen.Order
	}
	for _, id := range ids { // the caller changes them
		delete(t.seen, id)
	}
	return out, nil
}

// seeOrders reads orders in a look, in id order, and remembers them as they are now.
func (t *Tx) seeOrders(ctx context.Context, w where) ([]*delivery.Order, error) {
	rows, err := listTx[*seenOrder](ctx, t, "look at orders", "select "+orders.flat()+", cast(o.xmin as text) as xmin\n  from "+orders.from+"\n "+w.String()+"\n order by o.id", w.args...)
	if t.seen == nil {
		t.seen = make(map[delivery.UUID]*seenOrder, len(rows))
	}
	out := make([]*delivery.Order, len(rows))
	for i, r := range rows {
		kept := *r
		out[i], t.seen[r.UUID] = &r.Order, &kept
	}
	return out, err
}

// LockOrdersByNumber locks, in id order, the orders with the ids or the numbers, as far as the scope sees them. It returns them.
func (t *Tx) LockOrdersByNumber(ctx context.Context, s delivery.Scope, community int32, ids []delivery.UUID, numbers []int64) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("(o.id = any(cast(? as uuid[])) or o.number = any(cast(? as bigint[])))", pq.StringArray(texts(ids)), int64s(numbers))
	orders.visible(&w, s)
	return t.lockOrders(ctx, w)
}

// LockOpenOrders locks all open orders of the community in id order and returns them.
func (t *Tx) LockOpenOrders(ctx context.Context, community int32) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and(openOrder)
	return t.lockOrders(ctx, w)
}

// lockOrders takes the lock of an update that leaves the key alone: reveals and events refer to orders, and take shared key
// locks in the order in which they are written.
func (t *Tx) lockOrders(ctx context.Context, w where) ([]*delivery.Order, error) {
	return listTx[*delivery.Order](ctx, t, "lock orders", "select "+orders.flat()+"\n  from "+orders.from+"\n "+w.String()+"\n order by o.id"+t.locking("for no key update of o"), w.args...)
}
