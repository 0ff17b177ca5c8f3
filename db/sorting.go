package db

import (
	"context"
	"strconv"
	"strings"

	"baogong/delivery"
)

// toSort is the condition for orders that are at the gate, sorted, or expected: on their way, or announced in a delivery that is not counted yet.
// announced is the alias of the row of arrival_orders that says so.
const toSort = `(o.stage in ('DISPATCHED', 'AT_GATE', 'SORTED') or (o.stage = 'PLACED' and a.order_id is not null))`

const announced = `
	left join arrival_orders a on a.community_id = o.community_id and a.order_id = o.id and a.open`

// SortingProgress counts the orders to sort that the scope sees, building by building, by code. It fails with NOT_FOUND if the scope does not enter
// the community or is not of its team.
func (d *DB) SortingProgress(ctx context.Context, s delivery.Scope, community int32) (*delivery.SortingProgress, error) {
	if !s.Sight().Team || !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	var w where
	w.and("o.community_id = ?", community)
	w.and(openOrder)
	w.and(toSort)
	orders.visible(&w, s)
	rows, err := list[*delivery.SortingBuilding](ctx, d, "count the orders to sort", `
		select o.community_id, o.building_id, count(*) filter (where o.stage in ('PLACED', 'DISPATCHED')) as expected,
		       count(*) filter (where o.stage = 'AT_GATE') as at_gate, count(*) filter (where o.stage = 'SORTED') as sorted,
		       count(*) filter (where o.stage = 'AT_GATE' and o.open_holds > 0 and exists (
		           select from arrival_orders s where s.community_id = o.community_id and s.order_id = o.id and s.held)) as settling,
		       coalesce(sum(o.bags - o.bags_in) filter (where o.stage in ('AT_GATE', 'SORTED') and o.arrival_id is not null), 0) as missing
		  from orders o
		  join buildings b on b.community_id = o.community_id and b.id = o.building_id`+announced+`
		 `+w.String()+`
		 group by o.community_id, o.building_id, b.code
		 order by length(b.code), b.code`, w.args...)
	return delivery.NewSortingProgress(community, rows), err
}

// ManifestFilter narrows a manifest.
type ManifestFilter struct {
	Arrival  *delivery.UUID // orders that this delivery announced or brought
	Building *delivery.UUID
}

// ManifestOrders reads the orders to sort that the scope sees, by building, unit, floor from the top and room, and one more than a manifest lists.
func (d *DB) ManifestOrders(ctx context.Context, s delivery.Scope, community int32, f ManifestFilter) ([]*delivery.Order, error) {
	var w where
	w.and("o.community_id = ?", community)
	w.and(openOrder)
	w.and(toSort)
	if f.Building != nil {
		w.and("o.building_id = cast(? as uuid)", *f.Building)
	}
	if f.Arrival != nil {
		w.and("exists (select from arrival_orders x where x.community_id = o.community_id and x.order_id = o.id and x.arrival_id = cast(? as uuid))", *f.Arrival)
	}
	orders.visible(&w, s)
	by := make([]string, len(round))
	for i, c := range round {
		by[i] = c.expr
	}
	return list[*delivery.Order](ctx, d, "read the orders to sort", "select "+orders.flat()+"\n  from "+orders.from+`
		  join buildings b on b.community_id = o.community_id and b.id = o.building_id
		  join units u on u.community_id = o.community_id and u.id = o.unit_id`+announced+`
		 `+w.String()+`
		 order by `+strings.Join(by, ", ")+`, o.number
		 limit `+strconv.Itoa(delivery.MaxManifest+1), w.args...)
}
