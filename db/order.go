package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

var orderKeys = keyColumns{community: "o.community_id", building: "o.building_id", household: "o.household_id",
	supplier: "o.supplier_id", order: "o.id"}

var orders = noun[delivery.Order]{
	table: "orders", alias: "o",
	from: `orders o
  join households h on h.community_id = o.community_id and h.id = o.household_id`,
	columns: []string{"community_id", "id", "number", "building_id", "unit_id", "household_id", "supplier_id", "taker_id",
		"channel", "stage", "stage_since", "version", "open_holds", "holder_volunteer_id", "holder_supplier_id", "placed_at",
		"placed_by_role", "placed_by_id", "moved_at", "moved_by_role", "moved_by_id", "delivered_at", "total_fen", "note",
		"external_number", "bags", "bags_in", "marks", "arrival_id", "bin_id", "run_id", "round_id", "confirmed_at", "target_at", "late_level", "held_since", "h.address", "h.phone"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, orderKeys) },
}

// OrdersByID reads the orders with the ids that the scope sees, in no order.
func (d *DB) OrdersByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Order, error) {
	return orders.byIDs(ctx, d, s, ids)
}

// lookedUp is the most orders that a look-up returns.
const lookedUp = 20

// LookUpOrders reads the orders that the scope sees that a label names, or whose household's phone ends with the tail, unless that is
// empty: the order of the label's number first, then the newest.
func (d *DB) LookUpOrders(ctx context.Context, s delivery.Scope, community int32, l delivery.Label, tail string) ([]*delivery.Order, error) {
	var w where
	own := w.arg(community)
	w.and("o.community_id = " + own)
	number := w.arg(l.Number)
	switch {
	case l.OrderID != nil:
		w.and("o.id = cast(? as uuid)", l.OrderID.UUID)
	case tail == "":
		w.and("o.number = " + number)
	default:
		w.and("(o.number = "+number+" or o.household_id = any(array(select t.id from households t where t.community_id = "+own+` and length(translate(t.phone, '+- ', '')) >= 7 and right(translate(t.phone, '- ', ''), 4) = ?)))`, tail)
	}
	orders.visible(&w, s)
	return list[*delivery.Order](ctx, d, "look orders up", "select "+orders.flat()+"\n  from "+orders.from+"\n "+w.String()+`
		 order by (o.number = `+number+`) desc, o.placed_at desc, o.number desc
		 limit `+strconv.Itoa(lookedUp), w.args...)
}

// LinesOfOrders reads the lines of the orders that the scope sees, in order.
func (d *DB) LinesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Line, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	orders.visible(&w, s)
	return listOf[*delivery.Line](ctx, d, "read the lines of orders", `
		select l.community_id, l.id, l.order_id, l.position, l.item, cast(l.quantity * 1000 as bigint) as quantity, l.unit, l.unit_price_fen
		  from orders o
		  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
		`+w.String()+`
		 order by l.order_id, l.position`, w.args...)
}

// LockOrders locks, in id order, the orders with the ids and the open orders in the buildings, as far as the scope sees
// them. It returns them.
func (t *Tx) LockOrders(ctx context.Context, s delivery.Scope, community int32, ids, openIn []delivery.UUID) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and("(o.id = any(cast(? as uuid[])) or (o.building_id = any(cast(? as uuid[])) and "+openOrder+"))",
		pq.StringArray(texts(ids)), pq.StringArray(texts(openIn)))
	orders.visible(&w, s)
	return t.lockOrders(ctx, w)
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

// NextOrderNumber draws the next order number for people. It holds the counter until the transaction ends. A look draws
// none.
func (t *Tx) NextOrderNumber(ctx context.Context, community int32) (int64, error) {
	return t.NextOrderNumbers(ctx, community, 1)
}

// NextOrderNumbers draws the next n order numbers and returns the first, as NextOrderNumber does.
func (t *Tx) NextOrderNumbers(ctx context.Context, community int32, n int) (int64, error) {
	if t.looking {
		return 0, nil
	}
	rows, err := listTx[int64](ctx, t, "draw order numbers", `
		update order_numbers set last = last + $2
		 where community_id = $1
		returning last - $2 + 1`, community, n)
	return one(rows, err, delivery.KindCommunity)
}

// HouseholdsOfFinal returns the household of each of the orders that are at a final stage.
func (t *Tx) HouseholdsOfFinal(ctx context.Context, community int32, orders []delivery.UUID) ([]delivery.UUID, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	return listTx[delivery.UUID](ctx, t, "read the households of final orders", `
		select household_id
		  from orders
		 where community_id = $1 and id = any(cast($2 as uuid[])) and stage in ('DELIVERED', 'CANCELLED', 'RETURNED')`, community, pq.StringArray(texts(orders)))
}

// ExternalNumberTaken reports whether a constraint would refuse the order's external number: among orders placed by the
// team, or among those the household placed itself.
func (t *Tx) ExternalNumberTaken(ctx context.Context, o *delivery.Order, by delivery.Role) (bool, error) {
	if o.SupplierUUID == nil || o.ExternalNumber == "" {
		return false, nil
	}
	rows, err := listTx[bool](ctx, t, "look for an external number", `
		select true
		  from orders
		 where community_id = $1 and supplier_id = $2 and external_number = $3 and external_number <> ''
		   and case when $4 then placed_by_role = 'RESIDENT' and household_id = $5 else placed_by_role <> 'RESIDENT' end`,
		o.CommunityID, *o.SupplierUUID, o.ExternalNumber, by == delivery.RoleResident, o.HouseholdUUID)
	return len(rows) > 0, err
}

// insertedOrder is an order in the form that the driver can write.
type insertedOrder struct {
	*delivery.Order
	MarkArray string `db:"mark_array"`
}

// InsertOrder inserts an order with its lines.
func (t *Tx) InsertOrder(ctx context.Context, o *delivery.Order, lines []*delivery.Line) error {
	return t.InsertOrders(ctx, []*delivery.Order{o}, lines)
}

// InsertOrders inserts orders with their lines.
func (t *Tx) InsertOrders(ctx context.Context, orders []*delivery.Order, lines []*delivery.Line) error {
	if len(orders) == 0 {
		return nil
	}
	rows := make([]insertedOrder, len(orders))
	for i, o := range orders {
		rows[i] = insertedOrder{o, o.Marks.Array()}
	}
	if err := insertAll(ctx, t, "insert orders", `
		insert into orders (community_id, id, number, building_id, unit_id, household_id, supplier_id, taker_id, channel, stage,
			stage_since, version, open_holds, holder_volunteer_id, holder_supplier_id, placed_at, placed_by_role, placed_by_id,
			moved_at, moved_by_role, moved_by_id, delivered_at, total_fen, note, external_number, bags, bags_in, marks, arrival_id, bin_id, run_id, round_id, confirmed_at)
		values (:community_id, :id, :number, :building_id, :unit_id, :household_id, :supplier_id, :taker_id, :channel, :stage,
			:stage_since, :version, :open_holds, :holder_volunteer_id, :holder_supplier_id, :placed_at, :placed_by_role, :placed_by_id,
			:moved_at, :moved_by_role, :moved_by_id, :delivered_at, :total_fen, :note, :external_number, :bags, :bags_in,
			cast(:mark_array as text[]), :arrival_id, :bin_id, :run_id, :round_id, :confirmed_at)`, rows); err != nil {
		return err
	}
	return insertAll(ctx, t, "insert the lines of orders", `
		insert into order_lines (community_id, id, order_id, position, item, quantity, unit, unit_price_fen)
		values (:community_id, :id, :order_id, :position, :item, cast(:quantity as numeric) / 1000, :unit, :unit_price_fen)`, lines)
}

// saveOrders writes the changes that events made to orders. Each parameter but the first is an array with one element per
// order.
const saveOrders = `
	update orders o
	   set stage = n.stage, stage_since = n.stage_since, version = n.version, open_holds = n.open_holds,
	       holder_volunteer_id = n.holder_volunteer_id, holder_supplier_id = n.holder_supplier_id, moved_at = n.moved_at,
	       moved_by_role = n.moved_by_role, moved_by_id = n.moved_by_id, delivered_at = n.delivered_at, bin_id = n.bin_id, run_id = n.run_id,
	       round_id = n.round_id, confirmed_at = n.confirmed_at, target_at = n.target_at, late_level = n.late_level, held_since = n.held_since,
	       target_version = n.version
	  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as timestamptz[]), cast($5 as bigint[]), cast($6 as int[]),
	              cast($7 as uuid[]), cast($8 as uuid[]), cast($9 as timestamptz[]), cast($10 as text[]), cast($11 as uuid[]),
	              cast($12 as timestamptz[]), cast($13 as uuid[]), cast($14 as uuid[]), cast($15 as uuid[]), cast($16 as timestamptz[]),
	              cast($17 as timestamptz[]), cast($18 as smallint[]), cast($19 as timestamptz[]))
	       as n (id, stage, stage_since, version, open_holds, holder_volunteer_id, holder_supplier_id, moved_at, moved_by_role, moved_by_id, delivered_at, bin_id, run_id, round_id, confirmed_at,
	             target_at, late_level, held_since)
	 where o.community_id = $1 and o.id = n.id`

func saveOrdersArgs(community int32, list []*delivery.OrderSnapshot) []any {
	n := len(list)
	var (
		ids, stages, roles        = make([]string, n), make([]string, n), make([]string, n)
		volunteers, suppliers, by = make([]*string, n), make([]*string, n), make([]*string, n)
		since, moved              = make([]string, n), make([]string, n)
		delivered, confirmed      = make([]*string, n), make([]*string, n)
		bins, runs, rounds        = make([]*string, n), make([]*string, n), make([]*string, n)
		due, held                 = make([]*string, n), make([]*string, n)
		versions, holds, late     = make([]int64, n), make([]int64, n), make([]int64, n)
	)
	for i, s := range list {
		ids[i], stages[i], roles[i] = string(s.UUID), string(s.Stage), string(s.MovedByRole)
		volunteers[i], suppliers[i], by[i] = (*string)(s.HolderVolunteer), (*string)(s.HolderSupplier), (*string)(s.MovedByUUID)
		since[i], moved[i] = instant(s.StageSince), instant(s.MovedAt)
		delivered[i], confirmed[i], due[i], held[i] = instantOrNil(s.DeliveredAt), instantOrNil(s.ConfirmedAt), instantOrNil(s.TargetAt), instantOrNil(s.HeldSince)
		bins[i], runs[i], rounds[i] = (*string)(s.BinUUID), (*string)(s.RunUUID), (*string)(s.RoundUUID)
		versions[i], holds[i], late[i] = s.Version, int64(s.OpenHolds), int64(s.LateLevel.Number())
	}
	return []any{community, pq.StringArray(ids), pq.StringArray(stages), pq.StringArray(since), pq.Int64Array(versions), pq.Int64Array(holds),
		pq.Array(volunteers), pq.Array(suppliers), pq.StringArray(moved), pq.StringArray(roles), pq.Array(by), pq.Array(delivered), pq.Array(bins), pq.Array(runs), pq.Array(rounds), pq.Array(confirmed),
		pq.Array(due), pq.Int64Array(late), pq.Array(held)}
}

// SaveOrders writes the changes that events made to locked orders.
func (t *Tx) SaveOrders(ctx context.Context, community int32, list []*delivery.OrderSnapshot) error {
	saved, err := t.saveOrders(ctx, saveOrders, community, list)
	if err == nil && saved != len(list) {
		err = fmt.Errorf("%d of %d orders were saved", saved, len(list))
	}
	return err
}

// saveOrders runs a statement that saves orders and fills in the rounds that the database found for moves which named none.
func (t *Tx) saveOrders(ctx context.Context, query string, community int32, list []*delivery.OrderSnapshot) (int, error) {
	out := slices.ContainsFunc(list, func(s *delivery.OrderSnapshot) bool { return s.Stage == delivery.OutForDelivery && s.RoundUUID == nil })
	if !out {
		saved, err := t.exec(ctx, "save orders", query, saveOrdersArgs(community, list)...)
		return int(saved), err
	}
	if err := t.Decided(); err != nil {
		return 0, err
	}
	rows, err := listTx[struct {
		ID    delivery.UUID  `db:"id"`
		Round *delivery.UUID `db:"round_id"`
	}](ctx, t, "save orders", query+"\nreturning o.id, o.round_id", saveOrdersArgs(community, list)...)
	rounds := make(map[delivery.UUID]*delivery.UUID, len(rows))
	for _, r := range rows {
		rounds[r.ID] = r.Round
	}
	for _, s := range list {
		s.RoundUUID = rounds[s.UUID]
	}
	return len(rows), err
}

// SavePackings writes the packings that events gave to locked orders.
func (t *Tx) SavePackings(ctx context.Context, community int32, list []*delivery.OrderSnapshot) error {
	if len(list) == 0 {
		return nil
	}
	n := len(list)
	ids, bags, in, marks, arrivals := make([]string, n), make([]int64, n), make([]int64, n), make([]string, n), make([]*string, n)
	for i, s := range list {
		ids[i], bags[i], in[i], marks[i], arrivals[i] = string(s.UUID), int64(s.BagCount), int64(s.BagsIn), s.Marks.String(), (*string)(s.ArrivalUUID)
	}
	_, err := t.exec(ctx, "save the packings of orders", `
		update orders o
		   set bags = n.bags, bags_in = n.bags_in, marks = string_to_array(n.marks, ','), arrival_id = n.arrival_id
		  from unnest(cast($2 as uuid[]), cast($3 as int[]), cast($4 as int[]), cast($5 as text[]), cast($6 as uuid[]))
		       as n (id, bags, bags_in, marks, arrival_id)
		 where o.community_id = $1 and o.id = n.id`,
		community, pq.StringArray(ids), pq.Int64Array(bags), pq.Int64Array(in), pq.StringArray(marks), pq.Array(arrivals))
	return err
}

// SaveOrderIfUnchanged writes the change that one event made to an order read without a lock. It reports false if the order
// has another version by now.
func (t *Tx) SaveOrderIfUnchanged(ctx context.Context, community int32, o *delivery.OrderSnapshot) (bool, error) {
	saved, err := t.saveOrders(ctx, saveOrders+" and o.version = n.version - 1", community, []*delivery.OrderSnapshot{o})
	return saved == 1, err
}

// instant formats a time for an array of timestamptz.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// OpenOrdersOf returns which of the rows (buildings, units, households, suppliers or takers) have open orders. Such rows
// cannot be archived.
func (t *Tx) OpenOrdersOf(ctx context.Context, community int32, column OrderColumn, ids []delivery.UUID) (map[delivery.UUID]bool, error) {
	rows, err := listTx[delivery.UUID](ctx, t, "read which rows have open orders", `
		select distinct o.`+string(column)+`
		  from orders o
		 where o.community_id = $1 and `+openOrder+` and o.`+string(column)+` = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	out := map[delivery.UUID]bool{}
	for _, id := range rows {
		out[id] = true
	}
	return out, err
}

// CommunitiesWithOpenOrders returns the communities that have open orders.
func (t *Tx) CommunitiesWithOpenOrders(ctx context.Context) (map[int32]bool, error) {
	rows, err := listTx[int32](ctx, t, "read which communities have open orders", `
		select c.community_id
		  from communities c
		 where exists (select from orders o where o.community_id = c.community_id and `+openOrder+`)`)
	out := map[int32]bool{}
	for _, community := range rows {
		out[community] = true
	}
	return out, err
}

// OrderColumn is a column of orders that refers to another row.
type OrderColumn string

// The columns.
const (
	OrderBuilding  OrderColumn = "building_id"
	OrderUnit      OrderColumn = "unit_id"
	OrderHousehold OrderColumn = "household_id"
	OrderSupplier  OrderColumn = "supplier_id"
	OrderTaker     OrderColumn = "taker_id"
	OrderBin       OrderColumn = "bin_id"
)
