package db

import (
	"context"
	"strconv"
	"time"

	"baogong/delivery"
)

// DayFacts reads the rows that a rehearsal of a day needs. It reads those of the whole community, also for a scope that sees less. Times are
// measured until now. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) DayFacts(ctx context.Context, s delivery.Scope, community int32, from, until, now time.Time) (_ *delivery.DayFacts, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	out, err := d.dayRows(ctx, community, from, until, now)
	if err != nil {
		return nil, err
	}
	since := now.AddDate(0, 0, -delivery.MeasuredDays)
	var read time.Time
	out.Steps, read, err = d.steps(ctx, community, since, now)
	if read.After(since) {
		out.Cut = &read
	}
	return out, err
}

// DayRows reads what DayFacts reads, without the times of the steps.
func (d *DB) DayRows(ctx context.Context, s delivery.Scope, community int32, from, until, now time.Time) (_ *delivery.DayFacts, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	return d.dayRows(ctx, community, from, until, now)
}

func (d *DB) dayRows(ctx context.Context, community int32, from, until, now time.Time) (_ *delivery.DayFacts, err error) {
	since := now.AddDate(0, 0, -delivery.MeasuredDays)
	out := &delivery.DayFacts{}
	if out.Units, err = listOf[delivery.UnitFact](ctx, d, "read the units to rehearse", `
		select u.building_id, b.code, u.floors, b.has_lift, (
				select count(*)
				  from households h
				 where h.community_id = u.community_id and h.unit_id = u.id and h.archived_at is null) as households
		  from units u
		  join buildings b on b.community_id = u.community_id and b.id = u.building_id
		 where u.community_id = $1 and u.archived_at is null and b.archived_at is null
		 order by b.code, u.number`, community); err != nil {
		return nil, err
	}
	if out.Trucks, err = listOf[delivery.TruckFact](ctx, d, "read the trucks to rehearse", `
		select a.due_at, coalesce(a.bags_counted, a.bags_announced) as bags, n.orders, n.held
		  from arrivals a
		 cross join lateral (`+ordersOfTruck+`) n
		 where a.community_id = $1 and a.due_at >= $2 and a.due_at < $3 and a.state <> 'CANCELLED'
		 order by a.due_at, a.number
		 limit 1000`, community, from, until); err != nil {
		return nil, err
	}
	if out.Shifts, err = listOf[delivery.ShiftFact](ctx, d, "read the shifts to rehearse", `
		select s.squad, s.starts_at, s.ends_at, (
				select count(*)
				  from shift_members m
				 where m.community_id = s.community_id and m.shift_id = s.id and m.state <> 'ABSENT') as members
		  from shifts s
		 where s.community_id = $1 and s.starts_at < cast($3 as timestamptz) + interval '1 day' and s.ends_at > $2 and s.cancelled_at is null
		 order by s.starts_at, s.id
		 limit 500`, community, from, until); err != nil {
		return nil, err
	}
	if out.Members, err = listOf[delivery.SquadFact](ctx, d, "count the squads to rehearse", `
		select v.squad, count(*) as members
		  from volunteers v
		 where v.community_id = $1 and v.archived_at is null
		 group by v.squad
		 order by v.squad`, community); err != nil {
		return nil, err
	}
	if out.Holds, err = listOf[delivery.HoldFact](ctx, d, "read the holds to rehearse", `
		select h.building_id, h.placed_at, h.until
		  from holds h
		 where h.community_id = $1 and h.building_id is not null and h.ended_at is null and (h.until is null or h.until > $2)
		 order by h.id
		 limit 1000`, community, from); err != nil {
		return nil, err
	}
	// The days before the first order of a young community are no days without orders.
	lately, err := listOf[struct {
		PerDay int `db:"per_day"`
		Today  int `db:"today"`
	}](ctx, d, "count the orders of the last days", `
		select coalesce((
				select cast(round(count(*) / least(greatest(extract(epoch from cast($3 as timestamptz) - f.at) / 86400, 1), `+strconv.Itoa(delivery.MeasuredDays)+`)) as int)
				  from orders o
				 where o.community_id = $1 and o.placed_at >= $2 and o.placed_at < $3), 0) as per_day, (
				select count(*)
				  from orders o
				 where o.community_id = $1 and (`+openOrder+` or o.stage = 'DELIVERED' and o.stage_since >= day_start(c.time_zone, cast(cast($3 as timestamptz) at time zone c.time_zone as date)))) as today
		  from communities c
		 cross join lateral (select min(x.placed_at) as at from orders x where x.community_id = c.community_id) f
		 where c.community_id = $1`, community, since, now)
	if err != nil {
		return nil, err
	}
	if len(lately) > 0 {
		out.PerDay, out.Today = lately[0].PerDay, lately[0].Today
	}
	marked, err := listOf[delivery.MarkedFact](ctx, d, "count the orders that go first", `
		select count(*) as orders, count(*) filter (where o.marks @> array['MEDICINE']) as medicine,
		       count(*) filter (where o.marks @> array['COLD'] and not o.marks @> array['MEDICINE']) as cold
		  from orders o
		 where o.community_id = $1 and o.placed_at >= $2 and o.placed_at < $3 and o.stage not in ('PLACED', 'DISPATCHED', 'CANCELLED')`, community, since, now)
	if err != nil {
		return nil, err
	}
	out.Marked = marked[0]
	expected, err := listOf[float64](ctx, d, "read the forecast of the day", `
		select f.expected
		  from communities c
		  join forecasts f on f.community_id = c.community_id and f.kind = 'ALL' and f.series = '' and f.day = cast(cast($2 as timestamptz) at time zone c.time_zone as date)
		 where c.community_id = $1 and `+expectedDay, community, from)
	if err != nil {
		return nil, err
	}
	if len(expected) > 0 {
		out.Forecast = &expected[0]
	}
	return out, nil
}

// StepFacts measures how long the steps of a community's chain took from an instant until another, from its newest delivery.MeasuredEvents events. It measures the whole community, also for a
// scope that sees less. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) StepFacts(ctx context.Context, s delivery.Scope, community int32, since, until time.Time) ([]delivery.StepFact, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	facts, _, err := d.steps(ctx, community, since, until)
	return facts, err
}

// measuredFrom finds the events after an instant: the number of the last event that is not read, and from when on events are read. That is later than the instant if there are more
// than most. Events have no index by time, but their times rise with their numbers, so the first is found by halving.
func (d *DB) measuredFrom(ctx context.Context, community int32, since time.Time, most int) (after int64, from time.Time, err error) {
	found, err := listOf[struct {
		After int64      `db:"after"`
		Cut   *time.Time `db:"cut"`
	}](ctx, d, "find the events to measure", `
		with recursive ends as (
			select f.head, greatest(f.head - $3, 0) as least
			  from feeds f
			 where f.community_id = $1
		), search as (
			select least as low, head as high -- no event up to low is read, all after high are
			  from ends
			 union all
			select case when e.at > $2 then s.low else m.middle end, case when e.at > $2 then m.middle - 1 else s.high end
			  from search s
			 cross join lateral (select (s.low + s.high + 1) / 2 as middle) m
			  left join events e on e.community_id = $1 and e.seq = m.middle
			 where s.low < s.high
		)
		select s.low as after, (
				select e.at
				  from events e
				 where e.community_id = $1 and e.seq = s.low and e.at > $2) as cut
		  from search s
		 where s.low = s.high`, community, since, most)
	if err != nil || len(found) == 0 {
		return 0, since, err
	}
	if cut := found[0].Cut; cut != nil {
		return found[0].After, *cut, nil
	}
	return found[0].After, since, nil
}

// steps measures the steps, and returns from when on it has read events.
func (d *DB) steps(ctx context.Context, community int32, since, until time.Time) ([]delivery.StepFact, time.Time, error) {
	after, since, err := d.measuredFrom(ctx, community, since, delivery.MeasuredEvents)
	if err != nil {
		return nil, since, err
	}
	// A call for several orders has one time: its gap from the person's call before is shared among them. Sorting counts if the orders were at the gate at the call
	// before: else the person waited for them. A hand-over counts if the person's move before was one too: else the gap contains the way up. Gaps of more than 15 minutes
	// are pauses and are left out. An order is overlooked if it is sorted half an hour to six hours later than nine of ten of its truck; it is measured how long such orders stood at the gate,
	// beyond settling. The time of a truck at the gate is a
	// straight line over its bags, whose slope is GATE. UNLOAD is how long orders waited until they were counted, less half of the time that counting their truck takes. With fewer
	// than six trucks, or where all are of one size, there is no such line, and all of the time is GATE. The mean of the random steps is that of the seconds, since their logarithms are seldom normal. A truck that was announced when it came has no delay. Minutes in which the gate counts two trucks are one minute of its work, because its people are shared among them.
	// For UNLOAD events and trucks are grouped by order, not joined: without statistics the planner joins them by comparing each with each, which takes seconds. Orders on more than
	// one truck do not count there. Seconds of events are double precision: the logarithm of a numeric takes ten times as long.
	facts, err := listOf[delivery.StepFact](ctx, d, "measure the steps of the chain", `
		with recent as materialized (
			select e.seq, e.at, e.by_id, e.order_id, e.stage, lag(e.at) over (partition by e.order_id order by e.seq) as since
			  from (
				select e.seq, e.at, e.by_id, e.order_id, e.body -> 'order' ->> 'stage' as stage
				  from events e
				 where e.community_id = $1 and e.seq > $4 and e.kind = 'ORDER_MOVED' and e.at > $2 and e.at <= $3
				offset 0) e -- so that bodies are not sorted
			 where e.stage in ('AT_GATE', 'SORTED', 'OUT_FOR_DELIVERY', 'DELIVERED')
		), moves as materialized (
			select c.stage, c.orders, lag(c.stage) over person as before, cast(extract(epoch from c.at - lag(c.at) over person) as double precision) as gap,
			       c.stage = 'SORTED' and c.since > lag(c.at) over person as waited
			  from (
				select r.stage, r.by_id, r.at, max(r.seq) as seq, count(*) as orders, max(r.since) as since
				  from recent r
				 where r.by_id is not null and r.stage <> 'AT_GATE'
				 group by r.stage, r.by_id, r.at) c
			window person as (partition by c.by_id, c.stage = 'SORTED' order by c.at, c.seq)
		), stops as materialized (
			select cast(extract(epoch from d.left_at - coalesce(lag(d.left_at) over run, r.departed_at)) as double precision) as seconds,
			       case row_number() over run when 1 then '`+string(delivery.StepTravel)+`' else '`+string(delivery.StepStop)+`' end as step
			  from (
				select r.community_id, r.id, r.departed_at
				  from runs r
				 where r.community_id = $1
				 order by r.number desc
				 limit 5000) r
			  join drops d on d.community_id = r.community_id and d.run_id = r.id
			 where r.departed_at > $2 and d.left_at <= $3
			window run as (partition by r.id order by d.left_at, d.building_id)
		), taken as (
			select case stage when 'SORTED' then '`+string(delivery.StepSort)+`' else '`+string(delivery.StepDoor)+`' end as step, orders, gap / orders as seconds
			  from moves
			 where stage = before and stage <> 'OUT_FOR_DELIVERY' and gap <= 900 and waited is not true
			 union all
			select step, 1, seconds from stops where seconds between 5 and 1800
		), trucks as (
			select a.id, a.bags_counted as bags, a.arrived_at as since, a.received_at as at, extract(epoch from a.arrived_at - a.due_at) as late, extract(epoch from a.received_at - a.arrived_at) as seconds, (
					select count(*)
					  from arrival_orders x
					 where x.community_id = a.community_id and x.arrival_id = a.id) as orders,
			       coalesce(extract(epoch from a.settle_until - a.received_at), 0) as settles
			  from arrivals a
			 where a.community_id = $1 and a.received_at > $2 and a.received_at <= $3 and a.bags_counted > 0
		), counted as (
			select t.bags, t.seconds, extract(epoch from t.at - greatest(t.since, max(t.at) over (order by t.since, t.id rows between unbounded preceding and 1 preceding))) as busy
			  from trucks t
			 where t.seconds between 30 and 14400
		), gate as (
			select sum(bags) as bags, sum(greatest(busy, 0)) as busy, sum(greatest(busy, 0)) / sum(seconds) as alone,
			       case when count(*) >= 6 and regr_slope(seconds, bags) is not null then least(greatest(regr_slope(seconds, bags), 0), avg(seconds) / avg(bags)) end as per_bag
			  from counted
		), unloaded as (
			select avg(extract(epoch from u.at - u.since) - g.per_bag * u.bags / 2) as seconds
			  from gate g
			 cross join (
				select s.order_id, max(s.at) as at, max(s.since) as since, max(s.until) as until, max(s.bags) as bags
				  from (
					select r.order_id, r.at, null as since, null as until, null as bags
					  from recent r
					 where r.stage = 'AT_GATE'
					 union all
					select x.order_id, null, t.since, t.at, t.bags
					  from trucks t
					  join arrival_orders x on x.community_id = $1 and x.arrival_id = t.id
					 where t.seconds between 30 and 14400) s
				 group by s.order_id
				having count(s.since) = 1) u
			 where u.at between u.since and u.until
		), sorted as (
			select x.arrival_id, r.at, cast(extract(epoch from r.at - r.since) as double precision) as stood
			  from recent r
			  join arrival_orders x on x.community_id = $1 and x.order_id = r.order_id and x.received > 0
			 where r.stage = 'SORTED'
		), behind as (
			select cast(extract(epoch from s.at - u.at) as double precision) as seconds, s.stood
			  from sorted s
			  join (
				select arrival_id, percentile_disc(0.9) within group (order by at) as at
				  from sorted
				 group by arrival_id
				having count(*) >= 10) u on u.arrival_id = s.arrival_id
			 where s.at <= u.at + interval '6 hours'
		)
		select step, sample, ln(seconds) - spread ^ 2 / 2 as mean, spread, 1 as share
		  from (
			select step, sum(orders) as sample, sum(orders * seconds) / sum(orders) as seconds,
			       sqrt(greatest(sum(orders * ln(seconds) ^ 2) / sum(orders) - (sum(orders * ln(seconds)) / sum(orders)) ^ 2, 0)) as spread
			  from taken
			 where seconds >= 1
			 group by step) t
		 union all
		select '`+string(delivery.StepDelay)+`', sum(bags), avg(late), stddev_samp(late), 1
		  from trucks
		 where late <> 0 and abs(late) <= 14400
		having count(*) >= 6
		 union all
		select '`+string(delivery.StepUnload)+`', g.bags, ln(u.seconds), 0, 1
		  from gate g
		 cross join unloaded u
		 where u.seconds >= 1
		 union all
		select '`+string(delivery.StepGate)+`', bags, ln(greatest(coalesce(per_bag * alone, busy / bags), 0.001)), 0, 1
		  from gate
		 where bags > 0
		 union all
		select '`+string(delivery.StepSettle)+`', sum(orders), ln(greatest(sum(orders * settles) / sum(orders), 0.001)), 0, 1
		  from trucks
		having sum(orders) > 0
		 union all
		select '`+string(delivery.StepOverlooked)+`', count(*), ln(greatest(avg(stood) filter (where seconds > 1800) - (select coalesce(sum(orders * settles) / nullif(sum(orders), 0), 0) from trucks), 60)), 0, avg(case when seconds > 1800 then 1.0 else 0 end)
		  from behind
		having max(stood) filter (where seconds > 1800) is not null
		 order by step`, community, since, until, after)
	return facts, since, err
}
