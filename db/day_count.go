package db

import (
	"context"
	"time"
)

// DayCount counts one kind of thing that happened in a community.
type DayCount struct {
	Noun  string `db:"noun"`  // of what: event, arrival, stray, run, drop, round, door, proof, incident
	Kind  string `db:"kind"`  // which of them
	How   string `db:"how"`   // how an incident ended, or where a move led
	Count int    `db:"count"` // how many
	Bags  int    `db:"bags"`  // of how many bags, for arrivals and drops
}

// UnscopedDay counts what happened in a community after a position of its feed and from an instant on. It holds numbers only.
func (d *DB) UnscopedDay(ctx context.Context, community int32, after int64, from time.Time) ([]*DayCount, error) {
	return listOf[*DayCount](ctx, d, "count what happened", `
		select 'event' as noun, kind, case when kind = 'ORDER_MOVED' then body -> 'order' ->> 'stage' else '' end as how, count(*) as count, 0 as bags
		  from events
		 where community_id = $1 and seq > $2
		 group by 2, 3
		union all
		select 'arrival', case when late_since is null then 'RECEIVED' else 'LATE' end, '', count(*), coalesce(sum(bags_counted), 0)
		  from arrivals
		 where community_id = $1 and received_at >= $3
		 group by 2
		union all
		select 'stray', state, '', count(*), 0
		  from strays
		 where community_id = $1 and found_at >= $3
		 group by state
		union all
		select 'run', state, '', count(*), 0
		  from runs
		 where community_id = $1 and started_at >= $3
		 group by state
		union all
		select 'drop', case when bags_accepted is null then 'OPEN' when bags_accepted = bags_left then 'AGREED' else 'DIFFERS' end, '', count(*), coalesce(sum(bags_left), 0)
		  from drops
		 where community_id = $1 and left_at >= $3
		 group by 2
		union all
		select 'round', case when ended_at is null then 'OPEN' else 'ENDED' end, '', count(*), 0
		  from rounds
		 where community_id = $1 and started_at >= $3
		 group by 2
		union all
		select 'door', x.outcome, '', count(distinct (x.round_id, o.household_id)), 0
		  from round_orders x
		  join rounds r on r.community_id = x.community_id and r.id = x.round_id
		  join orders o on o.community_id = x.community_id and o.id = x.order_id
		 where x.community_id = $1 and r.started_at >= $3 and x.outcome is not null
		 group by x.outcome
		union all
		select 'proof', kind, '', count(*), 0
		  from proofs
		 where community_id = $1 and at >= $3 and voided_at is null
		 group by kind
		union all
		select 'incident', kind, coalesce(resolution, state), count(*), 0
		  from incidents
		 where community_id = $1 and opened_at >= $3
		 group by 2, 3
		 order by 1, 2, 3`, community, after, from)
}
