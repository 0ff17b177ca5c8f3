package db

import (
	"context"
	"strconv"

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
		"placed_by_role", "placed_by_id", "moved_at", "moved_by_role", "moved_by_id", "delivered_at", "total_fen", "window_id", "note",
		"external_number", "bags", "bags_in", "marks", "arrival_id", "bin_id", "run_id", "round_id", "confirmed_at", "target_at", "late_level", "held_since", "consent_by", "consent_note", "h.address", "h.phone"},
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

const lineColumns = `l.community_id, l.id, l.order_id, l.position, l.item, cast(l.quantity * 1000 as bigint) as quantity, l.unit, l.unit_price_fen,
	l.package_id, l.substitute`

// LinesOfOrders reads the lines of the orders that the scope sees, in order.
func (d *DB) LinesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Line, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	orders.visible(&w, s)
	return listOf[*delivery.Line](ctx, d, "read the lines of orders", `
		select `+lineColumns+`
		  from orders o
		  join order_lines l on l.community_id = o.community_id and l.order_id = o.id
		`+w.String()+`
		 order by l.order_id, l.position`, w.args...)
}

// PlaceOfOrder reads the building and household of an order that the scope sees. Neither changes. It fails with NOT_FOUND.
func (t *Tx) PlaceOfOrder(ctx context.Context, s delivery.Scope, id delivery.ID) (*delivery.OrderSnapshot, error) {
	var w where
	w.and("o.community_id = ?", id.Community)
	w.and("o.id = ?", id.UUID)
	orders.visible(&w, s)
	rows, err := listTx[*delivery.OrderSnapshot](ctx, t, "read the place of an order", "select o.community_id, o.id, o.building_id, o.household_id\n  from orders o\n "+w.String(), w.args...)
	return one(rows, err, delivery.KindOrder)
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

// ReturnOrderNumbers takes back the last n order numbers that the transaction has drawn and not used: the numbers have no gap.
func (t *Tx) ReturnOrderNumbers(ctx context.Context, community int32, n int) error {
	_, err := t.exec(ctx, "take back order numbers", `update order_numbers set last = last - $2 where community_id = $1`, community, n)
	return err
}

// HouseholdsOfFinal returns the household of each of the orders that is at a final stage; twice, if an order is named twice.
func (t *Tx) HouseholdsOfFinal(ctx context.Context, community int32, orders []delivery.UUID) ([]delivery.UUID, error) {
	if len(orders) == 0 {
		return nil, nil
	}
	return listTx[delivery.UUID](ctx, t, "read the households of final orders", `
		select o.household_id
		  from unnest(cast($2 as uuid[])) named (id)
		  join orders o on o.community_id = $1 and o.id = named.id and o.stage in ('DELIVERED', 'CANCELLED', 'RETURNED')`, community, pq.StringArray(texts(orders)))
}

// ExternalNumberTaken reports whether a constraint would refuse the order's external number: among orders placed by the
// team, or among those the household placed itself.
func (t *Tx) ExternalNumberTaken(ctx context.Context, o *delivery.Order, by delivery.Role) (bool, error) {
	if o.SupplierUUID == nil || o.ExternalNumber == "" {
		return false, nil
	}
	rows, err := listTx[bool](ctx, t, "look for an external number", `
		select true
		  from order_texts
		 where community_id = $1 and supplier_id = $2 and number_key = text_key($3) and number_key <> ''
		   and case when $4 then household_id = $5 else household_id is null end`,
		o.CommunityID, *o.SupplierUUID, o.ExternalNumber, by == delivery.RoleResident, o.HouseholdUUID)
	return len(rows) > 0, err
}

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
