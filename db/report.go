package db

import (
	"context"
	"strconv"
	"time"

	"baogong/delivery"
)

// DailyReport reads the numbers of a day of a community, from an instant until another. It reads the whole community, even for a scope that sees
// less. It fails with NOT_FOUND if the scope may not enter the community.
func (d *DB) DailyReport(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) (_ *delivery.DailyReport, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	rows, err := listOf[*delivery.DailyReport](ctx, d, "read a community's daily report", `
		with ended as (
			select o.stage, count(*) as orders
			  from orders o
			 where o.community_id = $1 and o.stage in ('DELIVERED', 'CANCELLED', 'RETURNED') and o.stage_since >= $2 and o.stage_since < $3
			 group by o.stage
		), timed as (
			select percentile_cont(array[0.5, 0.95]) within group (order by extract(epoch from o.stage_since - g.at) / 60) as minutes
			  from orders o
			 cross join lateral (
				select max(e.at) as at
				  from events e
				 where e.community_id = o.community_id and e.order_id = o.id and e.kind = 'ORDER_MOVED' and e.body -> 'order' ->> 'stage' = 'AT_GATE') g
			 where o.community_id = $1 and o.stage = 'DELIVERED' and o.stage_since >= $2 and o.stage_since < $3 and g.at is not null
		), gate as (
			select coalesce(sum(a.bags_announced), 0) as announced, coalesce(sum(a.bags_counted), 0) as received
			  from arrivals a
			 where a.community_id = $1 and a.received_at >= $2 and a.received_at < $3
		), lacking as (
			select coalesce(sum(x.announced - x.received), 0) as bags
			  from arrivals a
			  join arrival_orders x on x.community_id = a.community_id and x.arrival_id = a.id
			 where a.community_id = $1 and a.received_at >= $2 and a.received_at < $3 and x.received < x.announced
		), trouble as (
			select count(*) filter (where i.opened_at >= $2) as opened, count(*) filter (where i.resolved_at is null or i.resolved_at >= $3) as open,
			       count(distinct i.order_id) filter (where i.opened_at >= $2 and i.kind = 'LATE') as late
			  from incidents i
			 where i.community_id = $1 and i.opened_at < $3
		), calls as (
			select count(*) as logged,
			       count(*) filter (where least(e.closed_at, (select min(t.at) from enquiry_takes t where t.community_id = e.community_id and t.enquiry_id = e.id))
			                              <= e.logged_at + interval '`+strconv.Itoa(int(delivery.EnquiryWithin.Minutes()))+` minutes') as within
			  from enquiries e
			 where e.community_id = $1 and e.logged_at >= $2 and e.logged_at < $3
		), spent as (
			select coalesce(sum(case m.kind when 'SPENT' then m.amount_fen when 'REFUND' then - m.amount_fen end), 0) as fen
			  from money m
			 where m.community_id = $1 and m.at >= $2 and m.at < $3 and m.reverses is null
			   and not exists (select from money r where r.community_id = m.community_id and r.reverses = m.id and r.at < $3)
		), held as (
			select coalesce(sum((case when m.kind in ('IN', 'REFUND') then 1 when m.kind in ('BACK', 'SPENT') then -1 else 0 end) * (case when m.reverses is null then 1 else -1 end) * m.amount_fen), 0) as fen
			  from money m
			 where m.community_id = $1 and m.at < $3
		), work as (
			select count(distinct m.volunteer_id) as volunteers,
			       coalesce(sum(extract(epoch from least(coalesce(m.out_at, $3), $3) - greatest(m.in_at, $2)) / 60), 0) as minutes
			  from shift_members m
			 where m.community_id = $1 and m.in_at < $3 and coalesce(m.out_at, $3) > $2
		), unreached as (
			select count(distinct r.household_id) as households
			  from notices n
			  join notice_reach r on r.community_id = n.community_id and r.notice_id = n.id
			 where n.community_id = $1 and n.published_at >= $2 and n.published_at < $3
			   and (r.seen_at is null or r.seen_at >= $3) and (r.told_at is null or r.told_at >= $3)
		)
		select cast($1 as int) as community_id,
		       (select count(*) from orders o where o.community_id = $1 and o.placed_at >= $2 and o.placed_at < $3) as placed,
		       coalesce((select orders from ended where stage = 'DELIVERED'), 0) as delivered,
		       coalesce((select orders from ended where stage = 'CANCELLED'), 0) as cancelled,
		       coalesce((select orders from ended where stage = 'RETURNED'), 0) as returned,
		       trouble.late, cast(round(cast(timed.minutes[1] as numeric), 2) as float8) as median,
		       cast(round(cast(timed.minutes[2] as numeric), 2) as float8) as p95, gate.announced as bags_announced, gate.received as bags_received,
		       lacking.bags as bags_missing, trouble.opened as incidents_opened, trouble.open as incidents_open, calls.logged as enquiries,
		       calls.within as enquiries_within, spent.fen as money_spent, held.fen as money_open, work.volunteers, work.minutes as person_minutes,
		       unreached.households as unreached
		  from timed, gate, lacking, trouble, calls, spent, held, work, unreached`, community, from, until)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
