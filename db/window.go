package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// windows are seen as the suppliers of a community are.
var windows = noun[delivery.OrderWindow]{
	table: "order_windows", alias: "w",
	columns: []string{"community_id", "id", "supplier_id", "name", "opens_at", "closes_at", "deliver_at", "minimum", "orders", "decision", "decided_at",
		"decided_by_role", "decided_by_id", "next_at", "version", "created_at"},
	visible: func(w *where, s delivery.Scope) { w.seesDirectory(s, "w.community_id") },
}

// MostWindows is how many windows OrderWindows reads.
const MostWindows = 200

// OrderWindows reads windows of a community, those that deliver last first, at most MostWindows: of one supplier, unless it is empty, and
// only those that take orders at the instant, unless it is nil.
func (d *DB) OrderWindows(ctx context.Context, s delivery.Scope, community int32, supplier delivery.UUID, openAt *time.Time) ([]*delivery.OrderWindow, error) {
	var w where
	w.and("w.community_id = ?", community)
	if supplier != "" {
		w.and("w.supplier_id = ?", supplier)
	}
	if openAt != nil {
		at := w.arg(*openAt)
		w.and("w.decision is null and w.opens_at <= " + at + " and w.closes_at > " + at)
	}
	windows.visible(&w, s)
	return list[*delivery.OrderWindow](ctx, d, "read order windows", "select "+windows.flat()+"\n  from order_windows w\n "+w.String()+
		"\n order by w.deliver_at desc, w.id desc\n limit "+strconv.Itoa(MostWindows), w.args...)
}

// WindowsByID reads the windows with the ids that the scope enters, in no order.
func (d *DB) WindowsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.OrderWindow, error) {
	return windows.byIDs(ctx, d, s, ids)
}

// LockWindow locks a window that the scope enters, without its offers.
func (t *Tx) LockWindow(ctx context.Context, s delivery.Scope, id delivery.ID) (*delivery.OrderWindow, error) {
	var w where
	w.and("w.community_id = ?", id.Community)
	w.and("w.id = ?", id.UUID)
	windows.visible(&w, s)
	rows, err := listTx[*delivery.OrderWindow](ctx, t, "lock a window", "select "+windows.flat()+"\n  from order_windows w\n "+w.String()+
		"\n order by w.id"+t.locking("for no key update of w"), w.args...)
	return one(rows, err, delivery.KindWindow)
}

// InsertWindow inserts a window.
func (t *Tx) InsertWindow(ctx context.Context, w *delivery.OrderWindow) error {
	return t.named(ctx, "insert a window", `
		insert into order_windows (community_id, id, supplier_id, name, opens_at, closes_at, deliver_at, minimum, orders, decision, decided_at,
			decided_by_role, decided_by_id, next_at, version, created_at)
		values (:community_id, :id, :supplier_id, :name, :opens_at, :closes_at, :deliver_at, :minimum, :orders, :decision, :decided_at,
			:decided_by_role, :decided_by_id, :next_at, :version, :created_at)`, w)
}

// SaveWindow writes what people and time have changed of a locked window.
func (t *Tx) SaveWindow(ctx context.Context, w *delivery.OrderWindow) error {
	return t.named(ctx, "save a window", `
		update order_windows
		   set decision = :decision, decided_at = :decided_at, decided_by_role = :decided_by_role, decided_by_id = :decided_by_id, next_at = :next_at,
		       version = :version
		 where community_id = :community_id and id = :id`, w)
}

// UnscopedDueWindows reads which windows of a community open or close by the instant without an event that says so, at most limit.
func (d *DB) UnscopedDueWindows(ctx context.Context, community int32, at time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d.feeding, "read the windows that open or close", `
		select id
		  from order_windows
		 where community_id = $1 and next_at <= $2
		 order by next_at, id
		 limit $3`, community, at, limit)
}

// LockWindows locks windows in id order and returns them.
func (t *Tx) LockWindows(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.OrderWindow, error) {
	return listTx[*delivery.OrderWindow](ctx, t, "lock windows", "select "+windows.flat()+`
		  from order_windows w
		 where w.community_id = $1 and w.id = any(cast($2 as uuid[]))
		 order by w.id`+t.locking("for no key update of w"), community, pq.StringArray(texts(ids)))
}

// NextWindow returns the supplier's window, beside the one given, that takes orders at the instant or will first, or ErrNoRow.
func (t *Tx) NextWindow(ctx context.Context, after *delivery.OrderWindow, at time.Time) (*delivery.OrderWindow, error) {
	rows, err := listTx[*delivery.OrderWindow](ctx, t, "look for the next window", "select "+windows.flat()+`
		  from order_windows w
		 where w.community_id = $1 and w.supplier_id = $2 and w.decision is null and w.closes_at > $4 and w.id <> $3
		 order by w.opens_at, w.id
		 limit 1`, after.CommunityID, after.SupplierUUID, after.UUID, at)
	return first(rows, err)
}

// OrderOfWindow is an order of a window that is not cancelled.
type OrderOfWindow struct {
	UUID delivery.UUID `db:"id"`
	Free bool          `db:"free"` // it can be cancelled
}

// OrdersOfWindow reads the orders of a window that are not cancelled, at most limit: those that can be cancelled first, by number. They are
// found by their supplier and the time when they were placed, so that no index of orders is for this alone.
func (t *Tx) OrdersOfWindow(ctx context.Context, w *delivery.OrderWindow, limit int) ([]OrderOfWindow, error) {
	return listTx[OrderOfWindow](ctx, t, "read the orders of a window", `
		select o.id, o.stage in ('PLACED', 'DISPATCHED') and o.open_holds = 0 as free
		  from orders o
		 where o.community_id = $1 and o.supplier_id = $2 and o.placed_at >= $4 and o.window_id = $3 and o.stage <> 'CANCELLED'
		 order by free desc, o.number
		 limit $5`, w.CommunityID, w.SupplierUUID, w.UUID, w.OpensAt, limit)
}

// OrdersCalledOff counts the orders that the scope sees which have been cancelled since their window was called off.
func (d *DB) OrdersCalledOff(ctx context.Context, s delivery.Scope, id delivery.ID) (int, error) {
	var w where
	w.and("w.community_id = ?", id.Community)
	w.and("w.id = ?", id.UUID)
	w.and("w.decision = 'CALLED_OFF'")
	w.and("o.stage = 'CANCELLED' and o.moved_at >= w.decided_at")
	orders.visible(&w, s)
	rows, err := list[int](ctx, d, "count the orders of a window that was called off", `
		select count(*)
		  from order_windows w
		  join orders o on o.community_id = w.community_id and o.supplier_id = w.supplier_id and o.placed_at >= w.opens_at and o.window_id = w.id
		 `+w.String(), w.args...)
	if err != nil {
		return 0, err
	}
	return rows[0], nil
}

// WindowOfOrder returns the window and the household of an order that the scope sees; the window is nil if the order is in none. Neither
// changes. It fails with NOT_FOUND.
func (t *Tx) WindowOfOrder(ctx context.Context, s delivery.Scope, id delivery.ID) (window *delivery.ID, household delivery.UUID, err error) {
	var w where
	w.and("o.community_id = ?", id.Community)
	w.and("o.id = ?", id.UUID)
	orders.visible(&w, s)
	rows, err := listTx[*delivery.OrderSnapshot](ctx, t, "read the window of an order", "select o.community_id, o.window_id, o.household_id\n  from orders o\n "+w.String(), w.args...)
	o, err := one(rows, err, delivery.KindOrder)
	if err != nil {
		return nil, "", err
	}
	return o.WindowID(), o.HouseholdUUID, nil
}
