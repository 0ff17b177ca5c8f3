package db

import (
	"context"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// TargetsOf reads the targets that the communities have set, as far as the scope sees them, in no order.
func (d *DB) TargetsOf(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.StageTarget, error) {
	var w where
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id.Community)
	}
	w.and("t.community_id = any(cast(? as int[]))", int64s(numbers))
	w.seesCommunity(s, "t.community_id")
	return listOf[*delivery.StageTarget](ctx, d, "read the targets of communities", `
		select t.community_id, t.stage, t.mark, t.minutes, t.time_of_day, t.version
		  from targets t
		 `+w.String(), w.args...)
}

// Targets reads the targets that a community has set. Lock the community before.
func (t *Tx) Targets(ctx context.Context, community int32) ([]*delivery.StageTarget, error) {
	return listTx[*delivery.StageTarget](ctx, t, "read the targets of a community", `
		select t.community_id, t.stage, t.mark, t.minutes, t.time_of_day, t.version
		  from targets t
		 where t.community_id = $1`, community)
}

// SaveTargets writes targets of a community that is locked for a change.
func (t *Tx) SaveTargets(ctx context.Context, rows []*delivery.StageTarget) error {
	t.touch("targets")
	return insertAll(ctx, t, "save targets", `
		insert into targets as t (community_id, stage, mark, minutes, time_of_day, version)
		values (:community_id, :stage, :mark, :minutes, :time_of_day, :version)
		    on conflict (community_id, stage, mark) do update set minutes = excluded.minutes, time_of_day = excluded.time_of_day, version = excluded.version`, rows)
}

// UnscopedOverdueOrders returns open orders of a community that are past their targets and not late yet, for the clock worker. The index of
// open orders bounds the rows that it reads.
func (d *DB) UnscopedOverdueOrders(ctx context.Context, community int32, at time.Time, limit int) ([]delivery.UUID, error) {
	return list[delivery.UUID](ctx, d, "read the orders that are past their targets", `
		select o.id
		  from orders o
		 where o.community_id = $1 and `+openOrder+` and o.target_at <= $2 and o.late_level = 0 and o.open_holds = 0
		 order by o.id
		 limit $3`, community, at, limit)
}

// overdueRuns selects two kinds of runs: those without an incident LATE that left bags at a building in a span of time, where the bags are not
// counted; and those whose open incident LATE has no such drop. $4 is the runs to look at, null for all.
const overdueRuns = `
	select distinct d.run_id, true as late
	  from drops d
	 where d.community_id = $1 and d.bags_accepted is null and d.bags_left > 0 and d.left_at > $2 and d.left_at <= $3
	   and (cast($4 as uuid[]) is null or d.run_id = any(cast($4 as uuid[])))
	   and not exists (
		select from incidents i
		 where i.community_id = d.community_id and ` + incidentSubject + ` = d.run_id and i.kind = 'LATE' and i.state <> 'RESOLVED')
	 union all
	select i.run_id, false
	  from incidents i
	 where i.community_id = $1 and i.state <> 'RESOLVED' and i.kind = 'LATE' and i.run_id is not null
	   and (cast($4 as uuid[]) is null or i.run_id = any(cast($4 as uuid[])))
	   and not exists (
		select from drops d
		 where d.community_id = i.community_id and d.run_id = i.run_id and d.bags_accepted is null and d.bags_left > 0)
	 order by run_id`

type overdueRun struct {
	Run  delivery.UUID `db:"run_id"`
	Late bool          `db:"late"` // its incident is to be opened, not closed
}

// sortRuns returns the runs to open incidents on, and those to close them on.
func sortRuns(rows []overdueRun) (overdue, settled []delivery.UUID) {
	for _, r := range rows {
		if r.Late {
			overdue = append(overdue, r.Run)
		} else {
			settled = append(settled, r.Run)
		}
	}
	return overdue, settled
}

// UnscopedOverdueRuns returns the runs with a drop between from and until that is not counted, and the runs whose open incident LATE has no such
// drop any more, for the clock worker.
func (d *DB) UnscopedOverdueRuns(ctx context.Context, community int32, from, until time.Time) (overdue, settled []delivery.UUID, err error) {
	rows, err := list[overdueRun](ctx, d, "read the runs whose drops no one has counted", overdueRuns, community, from, until, nil)
	overdue, settled = sortRuns(rows)
	return overdue, settled, err
}

// OverdueRuns returns those of UnscopedOverdueRuns that are among the runs, which are locked.
func (t *Tx) OverdueRuns(ctx context.Context, community int32, from, until time.Time, runs []delivery.UUID) (overdue, settled []delivery.UUID, err error) {
	rows, err := listTx[overdueRun](ctx, t, "read which drops of runs no one has counted", overdueRuns, community, from, until, pq.StringArray(texts(runs)))
	overdue, settled = sortRuns(rows)
	return overdue, settled, err
}

// LockRuns locks runs in id order.
func (t *Tx) LockRuns(ctx context.Context, community int32, ids []delivery.UUID) error {
	if t.looking || len(ids) == 0 {
		return nil
	}
	_, err := t.exec(ctx, "lock runs", `
		select true from runs where community_id = $1 and id = any(cast($2 as uuid[])) order by id for no key update`, community, pq.StringArray(texts(ids)))
	return err
}
