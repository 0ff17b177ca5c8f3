package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const arrivalColumns = `a.community_id, a.id, a.number, a.supplier_id, a.state, a.vehicle, a.driver_phone, a.expected_at, a.slot_at, a.dock,
	a.announced_at, a.announced_by_role, a.announced_by_id, a.late_since, a.arrived_at, a.received_at, a.cancelled_at, a.settle_until, a.bags_announced,
	a.bags_counted, a.version`

// arrivalSums reads arrivals with the sums over their orders and strays.
const arrivalSums = `select ` + arrivalColumns + `, n.bags_received, n.bags_missing, n.bags_damaged, n.orders, n.orders_received, n.orders_sorted,
		       (select count(*) from strays s where s.community_id = a.community_id and s.arrival_id = a.id) as bags_stray
		  from arrivals a
		 cross join lateral (
			select coalesce(sum(coalesce(x.received, x.counted)), 0) as bags_received,
			       coalesce(sum(x.announced - coalesce(x.received, x.counted)) filter (where coalesce(x.received, x.counted) < x.announced), 0) as bags_missing,
			       coalesce(sum(x.damaged), 0) as bags_damaged, count(*) as orders,
			       count(*) filter (where coalesce(x.received, x.counted) > 0) as orders_received,
			       count(*) filter (where x.received > 0 and o.stage in ('SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY', 'DELIVERED')) as orders_sorted
			  from arrival_orders x
			  join orders o on o.community_id = x.community_id and o.id = x.order_id
			 where x.community_id = a.community_id and x.arrival_id = a.id) n
		 `

const openArrival = `a.state in ('ANNOUNCED', 'ARRIVED')`

func visibleArrival(w *where, s delivery.Scope) {
	w.scope(s, keyColumns{community: "a.community_id", supplier: "a.supplier_id"})
}

// MostArrivals is the most arrivals and strays that a list without pages holds.
const MostArrivals = 1000

// ArrivalsByID reads the arrivals with the ids that the scope sees, in no order.
func (d *DB) ArrivalsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Arrival, error) {
	var w where
	w.ids("a.community_id, a.id", ids)
	visibleArrival(&w, s)
	return listOf[*delivery.Arrival](ctx, d, "read arrivals", arrivalSums+w.String(), w.args...)
}

// Arrivals reads the arrivals of a day that the scope sees, from (inclusive) to until (exclusive), by the beginning of their slots. With
// open it reads those of earlier days too that are not received yet. It reads at most MostArrivals.
func (d *DB) Arrivals(ctx context.Context, s delivery.Scope, community int32, from, until time.Time, open bool) ([]*delivery.Arrival, error) {
	var w where
	w.and("a.community_id = ?", community)
	w.and("a.due_at < ?", until)
	if open {
		w.and("(a.due_at >= ? or "+openArrival+")", from)
	} else {
		w.and("a.due_at >= ?", from)
	}
	visibleArrival(&w, s)
	return listOf[*delivery.Arrival](ctx, d, "read the arrivals of a day", arrivalSums+w.String()+"\n order by a.due_at, a.number\n limit 1000", w.args...)
}

// ArrivalOfOrder is the arrival that an order is announced with, or else came by.
type ArrivalOfOrder struct {
	OrderUUID delivery.UUID `db:"order_id"`
	delivery.Arrival
}

// ArrivalsOfOrders reads the arrival of each order that the scope sees: the open one, or else the newest that brought a bag.
func (d *DB) ArrivalsOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*ArrivalOfOrder, error) {
	var w where
	w.ids("y.community_id, y.order_id", ids)
	w.and("(y.open or y.received > 0)")
	visibleArrival(&w, s)
	return listOf[*ArrivalOfOrder](ctx, d, "read the arrivals of orders", `
		select z.order_id, q.*
		  from (select distinct on (y.community_id, y.order_id) y.community_id, y.order_id, y.arrival_id
		          from arrival_orders y
		          join arrivals a on a.community_id = y.community_id and a.id = y.arrival_id
		        `+w.String()+`
		         order by y.community_id, y.order_id, y.open desc, a.number desc) z
		 cross join lateral (`+arrivalSums+` where a.community_id = z.community_id and a.id = z.arrival_id) q`, w.args...)
}

// OrdersOfArrivals reads the orders of the arrivals that the scope sees, in the order of their numbers.
func (d *DB) OrdersOfArrivals(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.ArrivalOrder, error) {
	var w where
	w.ids("a.community_id, a.id", ids)
	visibleArrival(&w, s)
	return listOf[*delivery.ArrivalOrder](ctx, d, "read the orders of arrivals", `
		select x.community_id, x.arrival_id, x.order_id, x.announced, x.counted, x.received, x.damaged, x.open, x.held
		  from arrivals a
		  join arrival_orders x on x.community_id = a.community_id and x.arrival_id = a.id
		  join orders o on o.community_id = x.community_id and o.id = x.order_id
		 `+w.String()+`
		 order by x.arrival_id, o.number`, w.args...)
}

// LockSlots queues the announcements of a community: each is given a dock that the ones before it left free.
func (t *Tx) LockSlots(ctx context.Context, community int32) error {
	if t.looking {
		return nil
	}
	_, err := t.exec(ctx, "lock the slots of a gate", `select pg_advisory_xact_lock(27, $1)`, community)
	return err
}

// DocksTaken returns the docks of a slot that open arrivals have.
func (t *Tx) DocksTaken(ctx context.Context, community int32, slot time.Time) ([]int, error) {
	return listTx[int](ctx, t, "read the docks of a slot", `
		select a.dock
		  from arrivals a
		 where a.community_id = $1 and a.slot_at = $2 and `+openArrival, community, slot)
}

// FullSlots returns those slots after the given one whose docks are all taken.
func (t *Tx) FullSlots(ctx context.Context, community int32, slot time.Time, docks int) ([]time.Time, error) {
	return listTx[time.Time](ctx, t, "read the full slots of a gate", `
		select a.slot_at
		  from arrivals a
		 where a.community_id = $1 and a.slot_at > $2 and `+openArrival+`
		 group by a.slot_at
		having count(*) >= $3`, community, slot, docks)
}

// LockArrivals locks arrivals that the scope sees in id order and returns them, without their sums.
func (t *Tx) LockArrivals(ctx context.Context, s delivery.Scope, community int32, ids []delivery.UUID) ([]*delivery.Arrival, error) {
	var w where
	w.and("a.community_id = ?", community)
	w.and("a.id = any(cast(? as uuid[]))", pq.StringArray(texts(ids)))
	visibleArrival(&w, s)
	return listTx[*delivery.Arrival](ctx, t, "lock arrivals", "select "+arrivalColumns+"\n  from arrivals a\n "+w.String()+"\n order by a.id"+t.locking("for no key update of a"), w.args...)
}

// ReadArrivals reads arrivals without locking them, and without their sums. Callers may rely on what never changes only.
func (t *Tx) ReadArrivals(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Arrival, error) {
	return listTx[*delivery.Arrival](ctx, t, "read arrivals in a transaction", "select "+arrivalColumns+"\n  from arrivals a\n where a.community_id = $1 and a.id = any(cast($2 as uuid[]))",
		community, pq.StringArray(texts(ids)))
}

// OrdersOfArrival reads the orders of a locked arrival.
func (t *Tx) OrdersOfArrival(ctx context.Context, community int32, arrival delivery.UUID) ([]*delivery.ArrivalOrder, error) {
	return listTx[*delivery.ArrivalOrder](ctx, t, "read the orders of an arrival", `
		select x.community_id, x.arrival_id, x.order_id, x.announced, x.counted, x.received, x.damaged, x.open, x.held
		  from arrival_orders x
		 where x.community_id = $1 and x.arrival_id = $2
		 order by x.order_id`, community, arrival)
}

// StraysOfArrival counts the strays that were found in a locked arrival.
func (t *Tx) StraysOfArrival(ctx context.Context, community int32, arrival delivery.UUID) (int, error) {
	return first(listTx[int](ctx, t, "count the strays of an arrival", `
		select count(*) from strays where community_id = $1 and arrival_id = $2`, community, arrival))
}

// OrdersReceived returns which of the orders are on the list of an arrival that was received, by id. It asks nothing if there are none.
func (t *Tx) OrdersReceived(ctx context.Context, community int32, orders []delivery.UUID) ([]delivery.UUID, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	return listTx[delivery.UUID](ctx, t, "read which orders a received arrival had", `
		select distinct o.order_id
		  from arrival_orders o
		 where o.community_id = $1 and o.order_id = any(cast($2 as uuid[])) and o.received is not null
		 order by o.order_id`, community, pq.StringArray(texts(orders)))
}

// OpenArrivalsOf returns the numbers of the open arrivals that the locked orders are in.
func (t *Tx) OpenArrivalsOf(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID]int64, error) {
	rows, err := listTx[struct {
		Order  delivery.UUID `db:"order_id"`
		Number int64         `db:"number"`
	}](ctx, t, "read the open arrivals of orders", `
		select x.order_id, a.number
		  from arrival_orders x
		  join arrivals a on a.community_id = x.community_id and a.id = x.arrival_id
		 where x.community_id = $1 and x.open and x.order_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(orders)))
	out := make(map[delivery.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.Order] = r.Number
	}
	return out, err
}

// InsertArrival inserts an arrival. If the community's personal data is purged, the vehicle and the driver's phone are left out.
func (t *Tx) InsertArrival(ctx context.Context, a *delivery.Arrival) error {
	return t.named(ctx, "insert an arrival", `
		insert into arrivals (community_id, id, number, supplier_id, state, vehicle, driver_phone, expected_at, slot_at, dock, announced_at, announced_by_role,
			announced_by_id, due_at, arrived_at, received_at, cancelled_at, settle_until, bags_announced, bags_counted, version)
		select :community_id, :id, :number, :supplier_id, :state,
		       case when p.purge_began_at is null then :vehicle else '' end, case when p.purge_began_at is null then :driver_phone else '' end,
		       cast(:expected_at as timestamptz), cast(:slot_at as timestamptz), cast(:dock as int), cast(:announced_at as timestamptz), :announced_by_role,
		       cast(:announced_by_id as uuid), coalesce(cast(:slot_at as timestamptz), cast(:announced_at as timestamptz)), cast(:arrived_at as timestamptz), cast(:received_at as timestamptz), cast(:cancelled_at as timestamptz),
		       cast(:settle_until as timestamptz), :bags_announced, cast(:bags_counted as int), :version
		  from communities p
		 where p.community_id = :community_id`, a)
}

// SaveArrivals writes the states and counts of locked arrivals.
func (t *Tx) SaveArrivals(ctx context.Context, rows []*delivery.Arrival) error {
	return saveEach(ctx, t, "save arrivals", `
		update arrivals
		   set state = :state, late_since = :late_since, arrived_at = :arrived_at, received_at = :received_at, cancelled_at = :cancelled_at,
		       settle_until = :settle_until, bags_announced = :bags_announced, bags_counted = :bags_counted, version = :version
		 where community_id = :community_id and id = :id`, rows)
}

// SaveArrivalOrders adds orders to a locked arrival, or writes their counts.
func (t *Tx) SaveArrivalOrders(ctx context.Context, community int32, arrival delivery.UUID, rows []*delivery.ArrivalOrder) error {
	if err := t.Decided(); err != nil || len(rows) == 0 {
		return err
	}
	n := len(rows)
	orders, announced, counted, received, damaged := make([]string, n), make([]int64, n), make([]*int, n), make([]*int, n), make([]int64, n)
	open, held := make([]bool, n), make([]bool, n)
	for i, r := range rows {
		orders[i], announced[i], counted[i], received[i], damaged[i], open[i], held[i] = string(r.OrderUUID), int64(r.Announced), r.Counted, r.Received, int64(r.Damaged), r.Open, r.Held
	}
	_, err := t.exec(ctx, "save the orders of an arrival", `
		insert into arrival_orders as x (community_id, arrival_id, order_id, announced, counted, received, damaged, open, held)
		select $1, $2, n.order_id, n.announced, n.counted, n.received, n.damaged, n.open, n.held
		  from unnest(cast($3 as uuid[]), cast($4 as int[]), cast($5 as int[]), cast($6 as int[]), cast($7 as int[]), cast($8 as boolean[]), cast($9 as boolean[]))
		       as n (order_id, announced, counted, received, damaged, open, held)
		 order by n.order_id
		    on conflict (community_id, arrival_id, order_id) do update
		   set announced = excluded.announced, counted = excluded.counted, received = excluded.received, damaged = excluded.damaged, open = excluded.open,
		       held = excluded.held`,
		community, arrival, pq.StringArray(orders), pq.Int64Array(announced), pq.Array(counted), pq.Array(received), pq.Int64Array(damaged), pq.BoolArray(open), pq.BoolArray(held))
	return err
}

// DropArrivalOrders takes orders off the list of a locked arrival.
func (t *Tx) DropArrivalOrders(ctx context.Context, community int32, arrival delivery.UUID, orders []delivery.UUID) error {
	if len(orders) == 0 {
		return nil
	}
	_, err := t.exec(ctx, "take orders off an arrival", `
		delete from arrival_orders
		 where community_id = $1 and arrival_id = $2 and order_id = any(cast($3 as uuid[]))`, community, arrival, pq.StringArray(texts(orders)))
	return err
}

// CloseArrivalOrders frees the orders of a locked arrival for another one.
func (t *Tx) CloseArrivalOrders(ctx context.Context, community int32, arrival delivery.UUID) error {
	_, err := t.exec(ctx, "free the orders of an arrival", `
		update arrival_orders
		   set open = false
		 where community_id = $1 and arrival_id = $2 and open`, community, arrival)
	return err
}

// UnscopedLateArrivals returns the announced arrivals of a community whose slots began at an instant or before, and that are not
// noted as late, for the clock worker.
func (d *DB) UnscopedLateArrivals(ctx context.Context, community int32, slot time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d, "read the arrivals that are late", `
		select id
		  from arrivals
		 where community_id = $1 and state = 'ANNOUNCED' and late_since is null and due_at <= $2
		 order by due_at, id
		 limit $3`, community, slot, limit)
}
