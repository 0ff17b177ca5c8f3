package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

const strayColumns = `s.community_id, s.id, s.number, s.arrival_id, s.label, s.place, s.file_id, s.state, s.order_id, s.found_at, s.found_by_role, s.found_by_id,
	s.closed_at, s.closed_by_role, s.closed_by_id, s.version`

func visibleStray(w *where, s delivery.Scope) { w.scope(s, keyColumns{community: "s.community_id"}) }

// StraysByID reads the strays with the ids that the scope sees, in no order.
func (d *DB) StraysByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Stray, error) {
	var w where
	w.ids("s.community_id, s.id", ids)
	visibleStray(&w, s)
	return listOf[*delivery.Stray](ctx, d, "read strays", "select "+strayColumns+"\n  from strays s\n "+w.String(), w.args...)
}

// Strays reads the newest strays in the states that the scope sees, newest first, at most MostArrivals. No states are all states.
func (d *DB) Strays(ctx context.Context, s delivery.Scope, community int32, states []delivery.StrayState) ([]*delivery.Stray, error) {
	var w where
	w.and("s.community_id = ?", community)
	if len(states) == 1 && states[0] == delivery.StrayOpen {
		w.and("s.state = 'OPEN'") // as its index says it
	} else {
		w.in("s.state", "text", texts(states))
	}
	visibleStray(&w, s)
	return listOf[*delivery.Stray](ctx, d, "read the newest strays", "select "+strayColumns+"\n  from strays s\n "+w.String()+"\n order by s.number desc\n limit 1000", w.args...)
}

// LockStrays locks strays that the scope sees in id order and returns them.
func (t *Tx) LockStrays(ctx context.Context, s delivery.Scope, community int32, ids []delivery.UUID) ([]*delivery.Stray, error) {
	var w where
	w.and("s.community_id = ?", community)
	w.and("s.id = any(cast(? as uuid[]))", pq.StringArray(texts(ids)))
	visibleStray(&w, s)
	return listTx[*delivery.Stray](ctx, t, "lock strays", "select "+strayColumns+"\n  from strays s\n "+w.String()+"\n order by s.id"+t.locking("for no key update of s"), w.args...)
}

// InsertStrays inserts strays. If the community's personal data is purged, what their labels say and where they stand is left out.
func (t *Tx) InsertStrays(ctx context.Context, rows []*delivery.Stray) error {
	return insertAll(ctx, t, "insert strays", `
		insert into strays (community_id, id, number, arrival_id, label, place, file_id, state, order_id, found_at, found_by_role, found_by_id, closed_at,
			closed_by_role, closed_by_id, version)
		values (:community_id, :id, :number, :arrival_id,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '' else :label end,
			case when exists (select from communities p where p.community_id = :community_id and p.purge_began_at is not null) then '—' else :place end,
			:file_id, :state, :order_id, :found_at, :found_by_role, :found_by_id, :closed_at, :closed_by_role, :closed_by_id, :version)`, rows)
}

// SaveStrays writes what became of locked strays.
func (t *Tx) SaveStrays(ctx context.Context, community int32, rows []*delivery.Stray) error {
	n := len(rows)
	ids, states, orders, at, roles, by, versions := make([]string, n), make([]string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]*string, n), make([]int64, n)
	for i, s := range rows {
		ids[i], states[i], orders[i], roles[i], by[i], versions[i] = string(s.UUID), string(s.State), (*string)(s.OrderUUID), (*string)(s.ClosedByRole), (*string)(s.ClosedByUUID), s.Version
		if s.ClosedAt != nil {
			at[i] = new(instant(*s.ClosedAt))
		}
	}
	_, err := t.exec(ctx, "save strays", `
		update strays s
		   set state = n.state, order_id = n.order_id, closed_at = n.closed_at, closed_by_role = n.closed_by_role, closed_by_id = n.closed_by_id, version = n.version
		  from unnest(cast($2 as uuid[]), cast($3 as text[]), cast($4 as uuid[]), cast($5 as timestamptz[]), cast($6 as text[]), cast($7 as uuid[]), cast($8 as bigint[]))
		       as n (id, state, order_id, closed_at, closed_by_role, closed_by_id, version)
		 where s.community_id = $1 and s.id = n.id`,
		community, pq.StringArray(ids), pq.StringArray(states), pq.Array(orders), pq.Array(at), pq.Array(roles), pq.Array(by), pq.Int64Array(versions))
	return err
}

// OrdersNumbered returns the ids of the community's orders with the numbers.
func (t *Tx) OrdersNumbered(ctx context.Context, community int32, numbers []int64) (map[int64]delivery.UUID, error) {
	rows, err := listTx[struct {
		UUID   delivery.UUID `db:"id"`
		Number int64         `db:"number"`
	}](ctx, t, "read the orders with numbers", `
		select id, number
		  from orders
		 where community_id = $1 and number = any(cast($2 as bigint[]))`, community, pq.Int64Array(numbers))
	out := make(map[int64]delivery.UUID, len(rows))
	for _, r := range rows {
		out[r.Number] = r.UUID
	}
	return out, err
}
