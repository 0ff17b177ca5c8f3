package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

const purseColumns = `p.community_id, p.order_id, p.purse_fen, p.owes_fen, p.spent_fen, p.volunteer_fen, p.fund_fen, p.waived_fen, p.opened_at, p.settled_at,
	p.version`

const entryColumns = `m.community_id, m.id, m.order_id, m.kind, m.party, m.amount_fen, m.method, m.file_id, m.reverses, m.at, m.by_role, m.by_id,
	exists (select from money r where r.community_id = m.community_id and r.reverses = m.id) as reversed`

// PursesOfOrders reads the purses of the orders that the scope sees, in no order.
func (d *DB) PursesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Purse, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	return list[*delivery.Purse](ctx, d, "read the purses of orders", `
		select `+purseColumns+`
		  from orders o
		  join purses p on p.community_id = o.community_id and p.order_id = o.id
		 `+w.String(), w.args...)
}

// EntriesOfOrders reads the entries in the purses of the orders that the scope sees, oldest first.
func (d *DB) EntriesOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.MoneyEntry, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	return listOf[*delivery.MoneyEntry](ctx, d, "read the money of orders", `
		select `+entryColumns+`
		  from orders o
		  join money m on m.community_id = o.community_id and m.order_id = o.id
		 `+w.String()+`
		 order by m.order_id, m.at, m.id`, w.args...)
}

// DayMoney is what was recorded of a community's money in a span of time, without reversed entries and their reversals, and what is not settled now.
type DayMoney struct {
	InFen        int64 `db:"in_fen"`
	BackFen      int64 `db:"back_fen"`
	SpentFen     int64 `db:"spent_fen"`
	RefundFen    int64 `db:"refund_fen"`
	WaivedFen    int64 `db:"waived_fen"`
	OpenPurses   int   `db:"open_purses"`
	OpenInHand   int64 `db:"open_in_hand"`
	OpenOwed     int64 `db:"open_owed"`     // by households
	OpenAdvanced int64 `db:"open_advanced"` // by volunteers
}

// MoneyBetween sums the money of a community that was recorded in a span of time, of the orders that the scope sees. It fails with NOT_FOUND for a community
// out of sight.
func (d *DB) MoneyBetween(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) (*DayMoney, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	var w where
	own := w.arg(community)
	w.and("o.community_id = " + own)
	w.scope(s, orderKeys)
	since, before := w.arg(from), w.arg(until)
	return first(list[*DayMoney](ctx, d, "sum the money of a day", `
		with entries as (
			select m.kind, m.amount_fen
			  from money m
			  join orders o on o.community_id = m.community_id and o.id = m.order_id
			 `+w.String()+` and m.at >= `+since+` and m.at < `+before+` and m.reverses is null
			   and not exists (select from money r where r.community_id = m.community_id and r.reverses = m.id)
		), open as (
			select p.purse_fen, p.owes_fen, p.volunteer_fen
			  from purses p
			  join orders o on o.community_id = p.community_id and o.id = p.order_id
			 `+w.String()+` and p.settled_at is null
		)
		select coalesce(sum(amount_fen) filter (where kind = 'IN'), 0) as in_fen, coalesce(sum(amount_fen) filter (where kind = 'BACK'), 0) as back_fen,
		       coalesce(sum(amount_fen) filter (where kind = 'SPENT'), 0) as spent_fen, coalesce(sum(amount_fen) filter (where kind = 'REFUND'), 0) as refund_fen,
		       coalesce(sum(amount_fen) filter (where kind = 'WAIVED'), 0) as waived_fen,
		       (select count(*) from open) as open_purses, (select coalesce(sum(purse_fen), 0) from open) as open_in_hand,
		       (select coalesce(sum(owes_fen), 0) from open) as open_owed, (select coalesce(sum(volunteer_fen), 0) from open) as open_advanced
		  from entries`, w.args...))
}

// LockPurses locks the purses of orders, in the order of the orders, and returns them by order. Lock the orders before.
func (t *Tx) LockPurses(ctx context.Context, community int32, orders []delivery.UUID) (map[delivery.UUID]*delivery.Purse, error) {
	rows, err := listTx[*delivery.Purse](ctx, t, "lock purses", `
		select `+purseColumns+`
		  from purses p
		 where p.community_id = $1 and p.order_id = any(cast($2 as uuid[]))
		 order by p.order_id`+t.locking("for no key update"), community, pq.StringArray(texts(orders)))
	out := map[delivery.UUID]*delivery.Purse{}
	for _, p := range rows {
		out[p.OrderUUID] = p
	}
	return out, err
}

// EntriesByUUID reads entries of the locked purse of an order, by id.
func (t *Tx) EntriesByUUID(ctx context.Context, order delivery.ID, ids []delivery.UUID) (map[delivery.UUID]*delivery.MoneyEntry, error) {
	out := map[delivery.UUID]*delivery.MoneyEntry{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := listTx[*delivery.MoneyEntry](ctx, t, "read entries of a purse", `
		select `+entryColumns+`
		  from money m
		 where m.community_id = $1 and m.order_id = $2 and m.id = any(cast($3 as uuid[]))`, order.Community, order.UUID, pq.StringArray(texts(ids)))
	for _, m := range rows {
		out[m.UUID] = m
	}
	return out, err
}

// SavePurse writes the locked purse of a locked order, or a new one.
func (t *Tx) SavePurse(ctx context.Context, p *delivery.Purse) error {
	return t.named(ctx, "save a purse", `
		insert into purses as p (community_id, order_id, purse_fen, owes_fen, spent_fen, volunteer_fen, fund_fen, waived_fen, opened_at, settled_at, version)
		values (:community_id, :order_id, :purse_fen, :owes_fen, :spent_fen, :volunteer_fen, :fund_fen, :waived_fen, :opened_at, :settled_at, :version)
		    on conflict (community_id, order_id) do update
		   set purse_fen = excluded.purse_fen, owes_fen = excluded.owes_fen, spent_fen = excluded.spent_fen, volunteer_fen = excluded.volunteer_fen,
		       fund_fen = excluded.fund_fen, waived_fen = excluded.waived_fen, opened_at = excluded.opened_at, settled_at = excluded.settled_at,
		       version = excluded.version`, p)
}

// InsertEntries inserts entries of a purse that is written already.
func (t *Tx) InsertEntries(ctx context.Context, rows []*delivery.MoneyEntry) error {
	return insertAll(ctx, t, "insert money", `
		insert into money (community_id, id, order_id, kind, party, amount_fen, method, file_id, reverses, at, by_role, by_id)
		values (:community_id, :id, :order_id, :kind, :party, :amount_fen, :method, :file_id, :reverses, :at, :by_role, :by_id)`, rows)
}

// SettlePurses marks locked purses as settled.
func (t *Tx) SettlePurses(ctx context.Context, community int32, orders []delivery.UUID, at time.Time) error {
	_, err := t.exec(ctx, "settle purses", `
		update purses p set settled_at = $3, version = p.version + 1
		 where p.community_id = $1 and p.order_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(orders)), at)
	return err
}

// UnscopedUnsettled returns, for the clock worker, orders of a community that ended at or before an instant, whose purse was opened at or before it,
// and that have no open incident MONEY. The index of open purses bounds the rows that it reads.
func (d *DB) UnscopedUnsettled(ctx context.Context, community int32, until time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d, "read the orders whose money is not settled", `
		select o.id
		  from purses p
		  join orders o on o.community_id = p.community_id and o.id = p.order_id
		 where p.community_id = $1 and p.settled_at is null and p.opened_at <= $2 and not `+openOrder+` and o.moved_at <= $2
		   and not exists (
			select from incidents i
			 where i.community_id = o.community_id and `+incidentSubject+` = o.id and i.kind = 'MONEY' and i.state <> 'RESOLVED')
		 order by o.id
		 limit $3`, community, until, limit)
}

// Owing restricts a list of orders to those with a purse that is not settled and that the reader may keep.
type Owing struct {
	All       bool            // leads, the commander and administrators
	Volunteer delivery.UUID   // else those that the volunteer runs
	Buildings []delivery.UUID // and those of buildings that a supply volunteer serves
}

// OwingFor returns what the actor may list.
func OwingFor(a delivery.Actor) *Owing {
	switch a.Role {
	case delivery.RoleAdmin, delivery.RoleCommander, delivery.RoleLead:
		return &Owing{All: true}
	case delivery.RoleVolunteer:
		out := &Owing{Volunteer: a.UUID}
		if a.Squad == delivery.SquadSupply {
			out.Buildings = a.Buildings
		}
		return out
	}
	return nil
}

func (w *where) owing(o *Owing) {
	w.and("exists (select from purses p where p.community_id = o.community_id and p.order_id = o.id and p.settled_at is null)")
	if !o.All {
		w.and("(o.taker_id = ? or (o.holder_volunteer_id = ? and o.channel in ('BUY_FOR', 'ERRAND')) or o.building_id = any(cast(? as uuid[])))", o.Volunteer, o.Volunteer,
			pq.StringArray(texts(o.Buildings)))
	}
}
