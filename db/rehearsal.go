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
	out.Steps, err = d.steps(ctx, community, now.AddDate(0, 0, -delivery.MeasuredDays), now)
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
		select a.due_at, coalesce(a.bags_counted, a.bags_announced) as bags, (
				select count(*)
				  from arrival_orders x
				 where x.community_id = a.community_id and x.arrival_id = a.id) as orders
		  from arrivals a
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
	placed, err := listOf[int](ctx, d, "count the orders of the last days", `
		select count(*) from orders o where o.community_id = $1 and o.placed_at >= $2 and o.placed_at < $3`, community, since, now)
	if err != nil {
		return nil, err
	}
	out.PerDay = placed[0] / delivery.MeasuredDays
	expected, err := listOf[float64](ctx, d, "read the forecast of the day", `
		select f.expected
		  from communities c
		  join forecasts f on f.community_id = c.community_id and f.kind = 'ALL' and f.series = '' and f.day = cast(cast($2 as timestamptz) at time zone c.time_zone as date)
		 where c.community_id = $1 and f.expected is not null`, community, from)
	if err != nil {
		return nil, err
	}
	if len(expected) > 0 {
		out.Forecast = &expected[0]
	}
	return out, nil
}

// StepFacts measures how long the steps of a community's chain took from an instant until another, from its newest events. It measures the whole community, also for a
// scope that sees less. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) StepFacts(ctx context.Context, s delivery.Scope, community int32, since, until time.Time) ([]delivery.StepFact, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	return d.steps(ctx, community, since, until)
}

func (d *DB) steps(ctx context.Context, community int32, since, until time.Time) ([]delivery.StepFact, error) {
	// Gaps of more than 15 minutes are pauses, and gaps below five seconds are one call for several orders: both are left out.
	return listOf[delivery.StepFact](ctx, d, "measure the steps of the chain", `
		with moves as materialized (
			select e.body -> 'order' ->> 'stage' as stage,
			       extract(epoch from e.at - lag(e.at) over (partition by e.by_id, e.body -> 'order' ->> 'stage' order by e.at, e.seq)) as seconds
			  from (
				select e.seq, e.kind, e.at, e.by_id, e.body
				  from events e
				 where e.community_id = $1
				 order by e.seq desc
				 limit `+strconv.Itoa(delivery.MeasuredEvents)+`) e
			 where e.kind = 'ORDER_MOVED' and e.at > $2 and e.at <= $3 and e.by_id is not null
			   and e.body -> 'order' ->> 'stage' in ('SORTED', 'DELIVERED')
		), stops as materialized (
			select extract(epoch from d.left_at - coalesce(lag(d.left_at) over run, r.departed_at)) as seconds,
			       case row_number() over run when 1 then '`+string(delivery.StepTravel)+`' else '`+string(delivery.StepStop)+`' end as step
			  from (
				select r.community_id, r.id, r.departed_at
				  from runs r
				 where r.community_id = $1
				 order by r.number desc
				 limit 1000) r
			  join drops d on d.community_id = r.community_id and d.run_id = r.id
			 where r.departed_at > $2 and d.left_at <= $3
			window run as (partition by r.id order by d.left_at, d.building_id)
		), taken as (
			select case stage when 'SORTED' then '`+string(delivery.StepSort)+`' else '`+string(delivery.StepDoor)+`' end as step, seconds
			  from moves
			 where seconds between 5 and 900
			 union all
			select step, seconds from stops where seconds between 5 and 1800
			 union all
			select '`+string(delivery.StepSettle)+`', extract(epoch from a.settle_until - a.received_at)
			  from arrivals a
			 where a.community_id = $1 and a.due_at >= $2 and a.due_at <= $3 and a.settle_until is not null
		)
		select step, count(*) as sample, avg(ln(seconds)) as mean, coalesce(stddev_samp(ln(seconds)), 0) as spread
		  from taken
		 where seconds > 0
		 group by step
		 order by step`, community, since, until)
}
