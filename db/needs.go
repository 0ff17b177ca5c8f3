package db

import (
	"context"
	"strconv"
	"time"

	"baogong/delivery"
)

// pastWindows is how far back windows alike are looked for.
const pastWindows = 60 * 24 * time.Hour

// Gap reads the packages of a window by their codes, with what the last windows alike sold of them: those of its supplier with the same name that offered the
// package, delivered before it, no longer take orders and were not called off. It fails with NOT_FOUND if the scope does not enter the community.
func (d *DB) Gap(ctx context.Context, s delivery.Scope, of *delivery.OrderWindow, at time.Time) ([]*delivery.GapFact, error) {
	if !s.SeesDirectory(of.CommunityID) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindWindow.String())
	}
	return listOf[*delivery.GapFact](ctx, d, "read the gaps of a window", `
		with alike as materialized (
			select w.id, w.deliver_at
			  from order_windows w
			 where w.community_id = $1 and w.supplier_id = $3 and w.deliver_at >= $5 and w.deliver_at < $6 and w.closes_at <= $7 and w.id <> $2
			   and w.decision is distinct from 'CALLED_OFF' and (w.name = $4 or text_key(w.name) = text_key($4))
		)
		select f.community_id, f.package_id, p.name as item, p.unit, cast(f.sold * 1000 as bigint) as ordered, cast(f.stock * 1000 as bigint) as stock,
		       x.like_windows, x.mean
		  from offers f
		  join packages p on p.community_id = f.community_id and p.id = f.package_id
		 cross join lateral (
			select count(*) as like_windows, coalesce(cast(avg(y.sold) as float8), 0) as mean
			  from (
				select g.sold
				  from alike a
				  join offers g on g.community_id = f.community_id and g.window_id = a.id and g.package_id = f.package_id
				 order by a.deliver_at desc, a.id desc
				 limit `+strconv.Itoa(delivery.LikeWindows)+`) y) x
		 where f.community_id = $1 and f.window_id = $2
		 order by length(p.code), p.code`, of.CommunityID, of.UUID, of.SupplierUUID, of.Name, of.DeliverAt.Add(-pastWindows), of.DeliverAt, at)
}

// Reach counts the households that the scope sees by building, and those that ordered, were answered or were told since an instant. It fails with NOT_FOUND if
// the scope does not enter the community.
func (d *DB) Reach(ctx context.Context, s delivery.Scope, community int32, since time.Time) (_ []*delivery.ReachCount, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	var w where
	own, from := w.arg(community), w.arg(since)
	w.and("h.community_id = " + own + " and h.archived_at is null")
	households.visible(&w, s)
	return listOf[*delivery.ReachCount](ctx, d, "count the households that were reached", `
		with ordered as materialized (
			select distinct o.household_id as id
			  from orders o
			 where o.community_id = `+own+` and o.placed_at >= `+from+`
		), answered as materialized (
			select distinct e.household_id as id
			  from enquiries e
			 where e.community_id = `+own+` and e.closed_at >= `+from+` and e.outcome in ('ANSWERED', 'ORDERED') and e.household_id is not null
		), told as materialized (
			select distinct r.household_id as id
			  from notices n
			 cross join lateral (
				select x.household_id
				  from notice_reach x
				 where x.community_id = n.community_id and x.notice_id = n.id and (x.seen_at is not null or x.told_at is not null)
				offset 0) r -- else all notices of the year are read
			 where n.community_id = `+own+` and n.published_at >= `+from+`
		)
		select x.building_id, count(*) as households, count(*) filter (where x.ordered) as ordered, count(*) filter (where x.answered) as answered,
		       count(*) filter (where x.told) as told, count(*) filter (where not x.reached) as unreached,
		       count(*) filter (where not x.reached and 'ELDERLY_ALONE' = any(x.needs)) as elderly_alone,
		       count(*) filter (where not x.reached and 'NO_SMARTPHONE' = any(x.needs)) as no_smartphone
		  from (
			select h.building_id, h.needs, o.id is not null as ordered, a.id is not null as answered, t.id is not null as told,
			       coalesce(o.id, a.id, t.id) is not null as reached
			  from households h
			  left join ordered o on o.id = h.id
			  left join answered a on a.id = h.id
			  left join told t on t.id = h.id
			 `+w.String()+`) x
		  join buildings b on b.community_id = `+own+` and b.id = x.building_id
		 group by x.building_id, b.code
		 order by length(b.code), b.code`, w.args...)
}

// HouseholdNeeds counts the households that the scope sees by need and building, and reads its open orders with medicine, those that wait longest first. It
// fails with NOT_FOUND if the scope does not enter the community.
func (d *DB) HouseholdNeeds(ctx context.Context, s delivery.Scope, community int32) (_ *delivery.NeedsFacts, err error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	var homes, open where
	own := homes.arg(community)
	homes.and("h.community_id = " + own + " and h.archived_at is null and h.needs <> '{}'")
	households.visible(&homes, s)
	out := &delivery.NeedsFacts{}
	if out.Counts, err = listOf[*delivery.NeedsCount](ctx, d, "count households by need", `
		select c.building_id, c.need, c.households
		  from (
			select h.building_id, n.need, count(distinct h.id) as households
			  from households h
			 cross join unnest(h.needs) as n (need)
			 `+homes.String()+`
			 group by grouping sets ((), (h.building_id), (n.need), (h.building_id, n.need))) c
		  left join buildings b on b.community_id = `+own+` and b.id = c.building_id
		 order by length(b.code) nulls first, b.code, c.need nulls first`, homes.args...); err != nil {
		return nil, err
	}
	open.and("o.community_id = ?", community)
	open.and("o.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED') and 'MEDICINE' = any(o.marks)")
	orders.visible(&open, s)
	out.Medicines, err = listOf[*delivery.MedicineDue](ctx, d, "read the medicines that are due", `
		select o.community_id, o.id, o.household_id, o.number, o.placed_at, count(*) over () as waiting
		  from orders o
		 `+open.String()+`
		 order by o.placed_at, o.number
		 limit `+strconv.Itoa(delivery.MostMedicines), open.args...)
	return out, err
}

// Unmet counts what households wanted and did not get, from an instant until another, by day of the community. It reads the whole community, also for a scope
// that sees less. It fails with NOT_FOUND if the scope does not enter the community.
func (d *DB) Unmet(ctx context.Context, s delivery.Scope, community int32, from, until time.Time) (counts []delivery.UnmetCount, soldOut []*delivery.SoldOutOffer, err error) {
	if !s.SeesCommunity(community) {
		return nil, nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, nil, err
	}
	defer done(&err)
	// An order that was undone, or cancelled again, has not been cancelled since the time of the event.
	if counts, err = listOf[delivery.UnmetCount](ctx, d, "count what households did not get", `
		select cast(x.day as text) as day, x.what, x.n
		  from (
			select cast(y.at at time zone c.time_zone as date) as day, y.what, count(*) as n
			  from communities c
			 cross join (
				select e.at, e.body ->> 'reason' as what
				  from events e
				  join orders o on o.community_id = e.community_id and o.id = e.order_id
				 where e.community_id = $1 and e.kind = 'ORDER_MOVED' and e.body ->> 'reason' in ('OUT_OF_STOCK', 'NO_CAPACITY') and e.at >= $2 and e.at < $3
				   and o.stage = 'CANCELLED' and o.stage_since = e.at
				union all
				select f.sold_out_at, 'SOLD_OUT'
				  from offers f
				 where f.community_id = $1 and f.sold_out_at >= $2 and f.sold_out_at < $3
				union all
				select r.settled_at, 'DROPPED'
				  from import_rows r
				 where r.community_id = $1 and r.outcome = 'DROPPED' and r.settled_at >= $2 and r.settled_at < $3
				union all
				select q.closed_at, q.outcome
				  from enquiries q
				 where q.community_id = $1 and q.closed_at >= $2 and q.closed_at < $3 and q.outcome in ('PASSED_ON', 'UNREACHABLE', 'NOT_NEEDED')) y
			 where c.community_id = $1
			 group by 1, 2) x
		 order by 1, 2`, community, from, until); err != nil {
		return nil, nil, err
	}
	soldOut, err = listOf[*delivery.SoldOutOffer](ctx, d, "read the offers that sold out", `
		select f.community_id, f.window_id, f.package_id, p.name as item, p.unit, cast(f.stock * 1000 as bigint) as stock, f.sold_out_at
		  from offers f
		  join packages p on p.community_id = f.community_id and p.id = f.package_id
		 where f.community_id = $1 and f.sold_out_at >= $2 and f.sold_out_at < $3
		 order by f.sold_out_at desc, f.window_id, f.package_id
		 limit `+strconv.Itoa(delivery.MostSoldOut), community, from, until)
	return counts, soldOut, err
}
