package db

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const holdColumns = `w.community_id, w.id, w.building_id, w.order_id, w.reason, w.note, w.placed_at, w.placed_by_role,
	w.placed_by_id, w.until, w.ended_at`

// visibleHold is the condition for holds on orders that the scope sees, and on buildings that it sees or has orders in.
func visibleHold(w *where, s delivery.Scope) {
	w.seesCommunity(s, "w.community_id")
	if s.Class == delivery.SeesAll {
		return
	}
	var parts []string
	if s.Class == delivery.SeesBuildings {
		parts = append(parts, "w.building_id = any(cast("+w.arg(pq.StringArray(texts(s.Buildings)))+" as uuid[]))")
	}
	// Two conditions, each with its own index: orders by id, and orders by building.
	for _, on := range []string{"o.id = w.order_id", "o.building_id = w.building_id"} {
		seen := where{args: w.args, clauses: []string{"o.community_id = w.community_id", on}}
		seen.scope(s, orderKeys)
		w.args = seen.args
		parts = append(parts, "exists (select from orders o "+seen.String()+")")
	}
	w.clauses = append(w.clauses, "("+strings.Join(parts, " or ")+")")
}

// HoldsByID reads the holds with the ids that the scope sees, in no order.
func (d *DB) HoldsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Hold, error) {
	var w where
	w.ids("w.community_id, w.id", ids)
	visibleHold(&w, s)
	return listOf[*delivery.Hold](ctx, d, "read holds by id", "select "+holdColumns+"\n  from holds w\n "+w.String(), w.args...)
}

// OpenHolds reads the open holds on the buildings and orders themselves, oldest first.
func (d *DB) OpenHolds(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Hold, error) {
	var w where
	w.ids("w.community_id, coalesce(w.order_id, w.building_id)", ids)
	uuids := make([]string, len(ids)) // the same condition again, in the form that the indexes serve
	for i, id := range ids {
		uuids[i] = string(id.UUID)
	}
	w.and("(w.order_id = any(cast(? as uuid[])) or w.building_id = any(cast(? as uuid[])))", pq.StringArray(uuids), pq.StringArray(uuids))
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

// OpenHolds reads the open holds on orders that are locked, or on their buildings.
func (t *Tx) OpenHolds(ctx context.Context, community int32, orders, buildings []delivery.UUID) ([]*delivery.Hold, error) {
	return listTx[*delivery.Hold](ctx, t, "read the open holds of locked rows", `
		select `+holdColumns+`
		  from holds w
		 where w.community_id = $1 and w.ended_at is null
		   and (w.order_id = any(cast($2 as uuid[])) or w.building_id = any(cast($3 as uuid[])))
		 order by w.placed_at, w.id`, community, pq.StringArray(texts(orders)), pq.StringArray(texts(buildings)))
}

// CountHolds counts the open holds on orders and buildings themselves, which are locked.
func (t *Tx) CountHolds(ctx context.Context, community int32, orders, buildings []delivery.UUID) (map[delivery.UUID]int, error) {
	rows, err := listTx[struct {
		Subject delivery.UUID `db:"subject"`
		Open    int           `db:"open"`
	}](ctx, t, "count open holds", `
		select coalesce(w.order_id, w.building_id) as subject, count(*) as open
		  from holds w
		 where w.community_id = $1 and w.ended_at is null
		   and (w.order_id = any(cast($2 as uuid[])) or w.building_id = any(cast($3 as uuid[])))
		 group by subject`, community, pq.StringArray(texts(orders)), pq.StringArray(texts(buildings)))
	out := make(map[delivery.UUID]int, len(rows))
	for _, r := range rows {
		out[r.Subject] = r.Open
	}
	return out, err
}

// InsertHolds inserts holds. If the community's personal data is purged, their notes are left out.
func (t *Tx) InsertHolds(ctx context.Context, holds []*delivery.Hold) error {
	return t.named(ctx, "insert holds", `
		insert into holds (community_id, id, building_id, order_id, reason, note, placed_at, placed_by_role, placed_by_id, until, ended_at)
		values (:community_id, :id, :building_id, :order_id, :reason,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :note end, :placed_at, :placed_by_role, :placed_by_id, :until, :ended_at)`, holds)
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
		 where community_id = $1 and ended_at is null and until <= $2
		 order by until, id
		 limit $3`, community, at, limit)
}

// SubjectsOfHolds returns the orders and buildings of the holds, which never change.
func (t *Tx) SubjectsOfHolds(ctx context.Context, community int32, ids []delivery.UUID) (orders, buildings []delivery.UUID, err error) {
	rows, err := listTx[struct {
		Order    *delivery.UUID `db:"order_id"`
		Building *delivery.UUID `db:"building_id"`
	}](ctx, t, "read the subjects of holds", `
		select order_id, building_id
		  from holds
		 where community_id = $1 and id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
	for _, r := range rows {
		if r.Order != nil {
			orders = append(orders, *r.Order)
		} else {
			buildings = append(buildings, *r.Building)
		}
	}
	return orders, buildings, err
}
