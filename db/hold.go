package db

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const holdColumns = `w.community_id, w.id, w.building_id, w.order_id, w.arrival_id, w.household_id, w.supplier_id, w.reason, w.note, w.placed_at, w.placed_by_role,
	w.placed_by_id, coalesce(w.until, w.ends_at) as until, w.ended_at`

// visibleHold is the condition for holds on orders that the scope sees, on buildings, households and suppliers that it sees or has orders
// of, and on arrivals that hold an order that it sees.
func visibleHold(w *where, s delivery.Scope) {
	w.seesCommunity(s, "w.community_id")
	if s.Class == delivery.SeesAll {
		return
	}
	var parts []string
	if s.Class == delivery.SeesBuildings {
		parts = append(parts, "w.building_id = any(cast("+w.arg(pq.StringArray(texts(s.Buildings)))+" as uuid[]))")
	}
	own := where{args: w.args}
	own.scope(s, keyColumns{community: "w.community_id", supplier: "w.supplier_id"})
	w.args = own.args
	parts = append(parts, "("+strings.Join(own.clauses, " and ")+")")
	home := where{args: w.args, clauses: []string{"h.community_id = w.community_id", "h.id = w.household_id"}}
	home.scope(s, keyColumns{community: "h.community_id", building: "h.building_id", household: "h.id"})
	w.args = home.args
	parts = append(parts, "exists (select from households h "+home.String()+")")
	// One condition for each subject, with its own index.
	for _, on := range []string{"o.id = w.order_id", "o.building_id = w.building_id", "o.household_id = w.household_id", "o.supplier_id = w.supplier_id"} {
		seen := where{args: w.args, clauses: []string{"o.community_id = w.community_id", on}}
		seen.scope(s, orderKeys)
		w.args = seen.args
		parts = append(parts, "exists (select from orders o "+seen.String()+")")
	}
	held := where{args: w.args, clauses: []string{"x.community_id = w.community_id", "x.arrival_id = w.arrival_id", "x.received > 0"}}
	held.scope(s, orderKeys)
	w.args = held.args
	parts = append(parts, "exists (select from arrival_orders x join orders o on o.community_id = x.community_id and o.id = x.order_id "+held.String()+")")
	w.clauses = append(w.clauses, "("+strings.Join(parts, " or ")+")")
}

// HoldOfOrder is an open hold on an arrival that stands on an order.
type HoldOfOrder struct {
	OrderUUID delivery.UUID `db:"held_order_id"`
	delivery.Hold
}

const holdsOfArrivals = `select x.order_id as held_order_id, ` + holdColumns + `
		  from arrival_orders x
		  join holds w on w.community_id = x.community_id and w.arrival_id = x.arrival_id
		 `

// ArrivalHoldsOf reads the open holds on arrivals that stand on the orders that the scope sees.
func (d *DB) ArrivalHoldsOf(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*HoldOfOrder, error) {
	var w where
	w.ids("x.community_id, x.order_id", ids)
	w.and("x.held and w.ended_at is null")
	w.scope(s, orderKeys)
	return listOf[*HoldOfOrder](ctx, d, "read the holds of arrivals", holdsOfArrivals+`
		  join orders o on o.community_id = x.community_id and o.id = x.order_id
		`+w.String()+"\n order by w.placed_at, w.id", w.args...)
}

// ArrivalHoldsOf reads the open holds on arrivals that stand on the locked orders, by order.
func (t *Tx) ArrivalHoldsOf(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID][]*delivery.Hold, error) {
	rows, err := listTx[*HoldOfOrder](ctx, t, "read the holds of the arrivals of locked orders", holdsOfArrivals+`
		 where x.community_id = $1 and x.order_id = any(cast($2 as uuid[])) and x.held and w.ended_at is null
		 order by w.placed_at, w.id`, community, pq.StringArray(texts(orders)))
	out := map[delivery.UUID][]*delivery.Hold{}
	for _, r := range rows {
		out[r.OrderUUID] = append(out[r.OrderUUID], &r.Hold)
	}
	return out, err
}

// SettlingUntil returns when the open holds on the arrivals end.
func (t *Tx) SettlingUntil(ctx context.Context, community int32, arrivals []delivery.UUID) (map[delivery.UUID]time.Time, error) {
	rows, err := listTx[struct {
		Arrival delivery.UUID `db:"arrival_id"`
		Until   time.Time     `db:"ends_at"`
	}](ctx, t, "read until when arrivals settle", `
		select arrival_id, ends_at
		  from holds
		 where community_id = $1 and ended_at is null and ends_at is not null and arrival_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(arrivals)))
	out := map[delivery.UUID]time.Time{}
	for _, r := range rows {
		out[r.Arrival] = r.Until
	}
	return out, err
}

// OrdersHeldBy returns the orders that the open holds on arrivals stand on, by arrival. The holds are locked.
func (t *Tx) OrdersHeldBy(ctx context.Context, community int32, arrivals []delivery.UUID) (map[delivery.UUID][]delivery.UUID, error) {
	rows, err := listTx[struct {
		Arrival delivery.UUID `db:"arrival_id"`
		Order   delivery.UUID `db:"order_id"`
	}](ctx, t, "read the orders that arrivals hold", `
		select x.arrival_id, x.order_id
		  from arrival_orders x
		 where x.community_id = $1 and x.arrival_id = any(cast($2 as uuid[])) and x.held
		 order by x.order_id`, community, pq.StringArray(texts(arrivals)))
	out := map[delivery.UUID][]delivery.UUID{}
	for _, r := range rows {
		out[r.Arrival] = append(out[r.Arrival], r.Order)
	}
	return out, err
}

// FreeArrivals notes that the holds on the arrivals stand on no order any more. The holds and the orders are locked.
func (t *Tx) FreeArrivals(ctx context.Context, community int32, arrivals []delivery.UUID) error {
	if len(arrivals) == 0 {
		return nil
	}
	_, err := t.exec(ctx, "free the orders that arrivals hold", `
		update arrival_orders
		   set held = false
		 where community_id = $1 and arrival_id = any(cast($2 as uuid[])) and held`, community, pq.StringArray(texts(arrivals)))
	return err
}

// HoldsByID reads the holds with the ids that the scope sees, in no order.
func (d *DB) HoldsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Hold, error) {
	var w where
	w.ids("w.community_id, w.id", ids)
	visibleHold(&w, s)
	return listOf[*delivery.Hold](ctx, d, "read holds by id", "select "+holdColumns+"\n  from holds w\n "+w.String(), w.args...)
}

// OpenHolds reads the open holds on the orders, buildings, households and suppliers themselves, oldest first.
func (d *DB) OpenHolds(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Hold, error) {
	var w where
	w.ids("w.community_id, coalesce(w.order_id, w.building_id, w.household_id, w.supplier_id)", ids)
	uuids := make([]string, len(ids)) // the same condition again, in the form that the indexes serve
	for i, id := range ids {
		uuids[i] = string(id.UUID)
	}
	among := "= any(cast(" + w.arg(pq.StringArray(uuids)) + " as uuid[]))"
	w.and("(w.order_id " + among + " or w.building_id " + among + " or w.household_id " + among + " or w.supplier_id " + among + ")")
	w.and("w.ended_at is null")
	visibleHold(&w, s)
	return listOf[*delivery.Hold](ctx, d, "read open holds", "select "+holdColumns+"\n  from holds w\n "+w.String()+"\n order by w.placed_at, w.id", w.args...)
}

// LockBuildings locks buildings in id order and returns those that exist. New holds and new orders of a building queue at
// this lock. It is exclusive: PostgreSQL grants a shared lock past a waiting exclusive one, so a stream of orders would
// starve a hold.
func (t *Tx) LockBuildings(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Building, error) {
	return listTx[*delivery.Building](ctx, t, "lock buildings", `
		select `+buildings.flat()+`
		  from buildings b
		 where b.community_id = $1 and b.id = any(cast($2 as uuid[]))
		 order by b.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// LockHolds locks holds in id order and returns those that exist.
func (t *Tx) LockHolds(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Hold, error) {
	return listTx[*delivery.Hold](ctx, t, "lock holds", `
		select `+holdColumns+`
		  from holds w
		 where w.community_id = $1 and w.id = any(cast($2 as uuid[]))
		 order by w.id`+t.locking("for update"), community, pq.StringArray(texts(ids)))
}

// HoldSubjects are rows that holds stand on.
type HoldSubjects struct{ Orders, Buildings, Arrivals, Households, Suppliers []delivery.UUID }

// onSubjects is the condition for holds on the subjects other than arrivals, with parameters $2 to $5.
const onSubjects = `(w.order_id = any(cast($2 as uuid[])) or w.building_id = any(cast($3 as uuid[]))
		    or w.household_id = any(cast($4 as uuid[])) or w.supplier_id = any(cast($5 as uuid[])))`

func (on HoldSubjects) args(community int32) []any {
	return []any{community, pq.StringArray(texts(on.Orders)), pq.StringArray(texts(on.Buildings)), pq.StringArray(texts(on.Households)), pq.StringArray(texts(on.Suppliers))}
}

// OpenHolds reads the open holds on the subjects other than arrivals. The subjects are locked, or the rows to which they belong.
func (t *Tx) OpenHolds(ctx context.Context, community int32, on HoldSubjects) ([]*delivery.Hold, error) {
	return listTx[*delivery.Hold](ctx, t, "read the open holds of locked rows", `
		select `+holdColumns+`
		  from holds w
		 where w.community_id = $1 and w.ended_at is null and `+onSubjects+`
		 order by w.placed_at, w.id`, on.args(community)...)
}

// CountHolds counts the open holds on the subjects themselves, which are locked.
func (t *Tx) CountHolds(ctx context.Context, community int32, on HoldSubjects) (map[delivery.UUID]int, error) {
	rows, err := listTx[struct {
		Subject delivery.UUID `db:"subject"`
		Open    int           `db:"open"`
	}](ctx, t, "count open holds", `
		select coalesce(w.order_id, w.building_id, w.household_id, w.supplier_id) as subject, count(*) as open
		  from holds w
		 where w.community_id = $1 and w.ended_at is null and `+onSubjects+`
		 group by subject`, on.args(community)...)
	out := make(map[delivery.UUID]int, len(rows))
	for _, r := range rows {
		out[r.Subject] = r.Open
	}
	return out, err
}

// OpenOrdersUnder reads the open orders of the households and suppliers.
func (t *Tx) OpenOrdersUnder(ctx context.Context, community int32, households, suppliers []delivery.UUID) ([]delivery.UUID, error) {
	if len(households)+len(suppliers) == 0 {
		return nil, nil
	}
	return listTx[delivery.UUID](ctx, t, "read the open orders of households and suppliers", `
		select o.id
		  from orders o
		 where o.community_id = $1 and `+openOrder+` and (o.household_id = any(cast($2 as uuid[])) or o.supplier_id = any(cast($3 as uuid[])))`,
		community, pq.StringArray(texts(households)), pq.StringArray(texts(suppliers)))
}

// InsertHolds inserts holds. If the community's personal data is purged, their notes are left out.
func (t *Tx) InsertHolds(ctx context.Context, holds []*delivery.Hold) error {
	return t.named(ctx, "insert holds", `
		insert into holds (community_id, id, building_id, order_id, arrival_id, household_id, supplier_id, reason, note, placed_at, placed_by_role, placed_by_id, until, ends_at, ended_at)
		values (:community_id, :id, :building_id, :order_id, :arrival_id, :household_id, :supplier_id, :reason,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :note end, :placed_at, :placed_by_role, :placed_by_id,
			case when num_nonnulls(cast(:arrival_id as uuid), cast(:household_id as uuid), cast(:supplier_id as uuid)) = 0 then cast(:until as timestamptz) end,
			case when num_nonnulls(cast(:arrival_id as uuid), cast(:household_id as uuid), cast(:supplier_id as uuid)) = 1 then cast(:until as timestamptz) end, :ended_at)`, holds)
}

// EndHolds marks holds as ended.
func (t *Tx) EndHolds(ctx context.Context, community int32, ids []delivery.UUID, at time.Time) error {
	_, err := t.exec(ctx, "end holds", `
		update holds set ended_at = greatest(placed_at, $3)
		 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)), at)
	return err
}

// UnscopedDueHolds returns the open holds of a community whose time has come, for the clock worker.
func (d *DB) UnscopedDueHolds(ctx context.Context, community int32, at time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d, "read the holds that are due", `
		select id
		  from holds
		 where community_id = $1 and ended_at is null and (until <= $2 or ends_at <= $2)
		 order by coalesce(until, ends_at), id
		 limit $3`, community, at, limit)
}

// SubjectsOfHolds returns what the holds stand on, which never changes.
func (t *Tx) SubjectsOfHolds(ctx context.Context, community int32, ids []delivery.UUID) (on HoldSubjects, err error) {
	rows, err := listTx[struct {
		Order     *delivery.UUID `db:"order_id"`
		Building  *delivery.UUID `db:"building_id"`
		Arrival   *delivery.UUID `db:"arrival_id"`
		Household *delivery.UUID `db:"household_id"`
		Supplier  *delivery.UUID `db:"supplier_id"`
	}](ctx, t, "read the subjects of holds", `
		select order_id, building_id, arrival_id, household_id, supplier_id
		  from holds
		 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	for _, r := range rows {
		for _, subject := range []struct {
			list *[]delivery.UUID
			id   *delivery.UUID
		}{{&on.Orders, r.Order}, {&on.Buildings, r.Building}, {&on.Arrivals, r.Arrival}, {&on.Households, r.Household}, {&on.Suppliers, r.Supplier}} {
			if subject.id != nil {
				*subject.list = append(*subject.list, *subject.id)
			}
		}
	}
	return on, err
}
