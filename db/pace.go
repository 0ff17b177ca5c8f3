package db

import (
	"context"
	"strconv"
	"time"

	"baogong/delivery"
)

// Pace reads how fast the community's orders moved lately and what waits. The numbers are of the whole community, also for a scope that sees less. It
// reads the last PaceEvents events and the open orders from the gate on. It fails with NOT_FOUND if the scope does not enter the community.
func (d *DB) Pace(ctx context.Context, s delivery.Scope, community int32, at time.Time) (*delivery.Pace, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	rows, err := list[struct {
		From     delivery.Stage `db:"from_stage"`
		To       delivery.Stage `db:"to_stage"`
		Building *delivery.UUID `db:"building_id"`
		Orders   int            `db:"orders"`
		Seconds  float64        `db:"seconds"`
	}](ctx, d, "read the pace of a community", `
		with moves as materialized (
			select e.body ->> 'from' as from_stage, e.body -> 'order' ->> 'stage' as to_stage, e.building_id, e.at,
			       extract(epoch from e.at - cast(e.body ->> 'fromSince' as timestamptz)) as seconds
			  from (
				select e.kind, e.at, e.building_id, e.body
				  from events e
				 where e.community_id = $1
				 order by e.seq desc
				 limit `+strconv.Itoa(delivery.PaceEvents)+`) e
			 where e.kind = 'ORDER_MOVED'
			   and e.at > $2
			   and e.at <= $4
			   and e.body ? 'fromSince'
		)
		select from_stage, to_stage, cast(null as uuid) as building_id, count(*) as orders, percentile_cont(0.5) within group (order by seconds) as seconds
		  from moves
		 group by from_stage, to_stage
		 union all
		select '', 'DELIVERED', building_id, count(*), 0
		  from moves
		 where to_stage = 'DELIVERED' and at > $3
		 group by building_id
		 union all
		select '', o.stage, o.building_id, count(*), 0
		  from orders o
		 where o.community_id = $1
		   and `+openOrder+`
		   and o.stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY')
		   and o.open_holds = 0
		 group by o.stage, o.building_id`, community, at.Add(-delivery.PaceDay), at.Add(-delivery.PaceHour), at)
	if err != nil {
		return nil, err
	}
	p := &delivery.Pace{At: at}
	for _, r := range rows {
		if r.Building == nil {
			p.Steps = append(p.Steps, delivery.PaceStep{From: r.From, To: r.To, Moves: r.Orders, Median: time.Duration(r.Seconds * float64(time.Second))})
		} else {
			p.Buildings = append(p.Buildings, delivery.PaceBuilding{BuildingUUID: *r.Building, Stage: r.To, Orders: r.Orders})
		}
	}
	return p, nil
}

// OrderAhead is how many orders are before one at its post.
type OrderAhead struct {
	CommunityID int32         `db:"community_id"`
	UUID        delivery.UUID `db:"id"`
	Ahead       int           `db:"ahead"`
}

// AheadOfOrders counts, for those of the orders that the scope sees and that are between the gate and the door, the orders before them at the same
// post, without held ones: at the gate, on the way to the building or on its shelf by the time, and in a round by its doors. They are numbers of
// orders that the scope need not see.
func (d *DB) AheadOfOrders(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*OrderAhead, error) {
	var w where
	w.ids("o.community_id, o.id", ids)
	w.scope(s, orderKeys)
	w.and(openOrder)
	w.and("o.stage in ('AT_GATE', 'SORTED', 'AT_BUILDING', 'OUT_FOR_DELIVERY')")
	const before = ` - case when o.open_holds = 0 then 1 else 0 end as ahead`
	return listOf[*OrderAhead](ctx, d, "count the orders ahead", `
		with asked as materialized (
			select o.community_id, o.id, o.stage, o.building_id, o.round_id
			  from orders o
			 `+w.String()+`
		), queue as (
			select o.community_id, o.id, count(*) filter (where o.open_holds = 0) over (partition by o.community_id order by o.stage_since, o.number)`+before+`
			  from (select distinct community_id from asked where stage = 'AT_GATE') a
			  join orders o on o.community_id = a.community_id and o.stage = 'AT_GATE'
			 union all
			select o.community_id, o.id, count(*) filter (where o.open_holds = 0) over (partition by o.community_id, o.building_id, o.stage order by o.stage_since, o.number)`+before+`
			  from (select distinct community_id, building_id, stage from asked where stage in ('SORTED', 'AT_BUILDING')) a
			  join orders o on o.community_id = a.community_id and o.building_id = a.building_id and o.stage = a.stage and `+openOrder+`
			 union all
			select o.community_id, o.id, count(*) filter (where o.open_holds = 0) over (partition by o.community_id, o.round_id
			       order by length(b.code), b.code, u.number, h.floor desc, length(h.room), h.room, o.number)`+before+`
			  from (select distinct community_id, round_id from asked where stage = 'OUT_FOR_DELIVERY') a
			  join orders o on o.community_id = a.community_id and o.round_id = a.round_id
			  join buildings b on b.community_id = o.community_id and b.id = o.building_id
			  join units u on u.community_id = o.community_id and u.id = o.unit_id
			  join households h on h.community_id = o.community_id and h.id = o.household_id
		)
		select q.community_id, q.id, q.ahead
		  from queue q
		  join asked a on a.community_id = q.community_id and a.id = q.id`, w.args...)
}
