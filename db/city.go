package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// CityBoard counts the orders of every community that the scope counts, in one statement. Households are grouped by where
// they have orders (delivery.CityGroup), so that groups too small to show can be told apart from their sums. Today is each
// community's own calendar day. Archived communities are left out.
func (d *DB) CityBoard(ctx context.Context, s delivery.Scope, at time.Time) (_ *delivery.CityBoard, err error) {
	var seen, w where
	now := seen.arg(at)
	seen.and("y.archived_at is null")
	seen.counts(s, "y.community_id")
	w.args = seen.args
	w.and("c.archived_at is null")
	w.counts(s, "c.community_id")

	var counts, sums, mask []string
	for i, group := range delivery.CityGroups {
		clause := cityClause(group)
		counts = append(counts, fmt.Sprintf("count(*) filter (where %s) as n%d", clause, i))
		sums = append(sums, fmt.Sprintf("sum(p.n%d)", i))
		mask = append(mask, fmt.Sprintf("case when p.n%d > 0 then %d else 0 end", i, 1<<i))
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	rows, err := listOf[struct {
		delivery.Community
		Registered int           `db:"registered"`
		Mask       int           `db:"mask"`
		Households int           `db:"homes"`
		Orders     pq.Int64Array `db:"orders"`
	}](ctx, d, "count the orders of every community", `
		select `+communities.flat()+`,
		       (select count(*) from households h where h.community_id = c.community_id and h.archived_at is null) as registered,
		       coalesce(n.mask, 0) as mask, coalesce(n.homes, 0) as homes, coalesce(n.orders, '{}') as orders
		  from communities c
		  left join (
			select q.community_id, q.mask, count(*) as homes, array[`+strings.ReplaceAll(strings.Join(sums, ", "), "p.", "q.")+`] as orders
			  from (
				select p.*, `+strings.Join(mask, " + ")+` as mask
				  from (
					select o.community_id, o.household_id, `+strings.Join(counts, ", ")+`
					  from (
						select c.community_id, c.archived_at, day.since, day.until
						  from communities c
						 cross join lateral day_of(c.time_zone, cast(`+now+` as timestamptz)) day
						offset 0) y
					 cross join lateral (
						select o.* from orders o where o.community_id = y.community_id and `+openOrder+`
						union all
						select o.* from orders o where o.community_id = y.community_id and o.stage = 'DELIVERED' and o.stage_since >= y.since and o.stage_since < y.until) o
					 `+seen.String()+`
					 group by o.community_id, o.household_id) p) q
			 group by q.community_id, q.mask) n
		    on n.community_id = c.community_id
		 `+w.String()+`
		 order by length(c.code), c.code, c.community_id`, w.args...)
	if err != nil {
		return nil, err
	}
	var counted []delivery.CityCount
	for i := range rows {
		r := &rows[i]
		if len(counted) == 0 || counted[len(counted)-1].Community.CommunityID != r.CommunityID {
			counted = append(counted, delivery.CityCount{Community: &r.Community, Households: r.Registered})
		}
		if r.Households > 0 {
			last := &counted[len(counted)-1]
			last.Patterns = append(last.Patterns, delivery.CityPattern{Groups: r.Mask, Households: r.Households, Orders: r.Orders})
		}
	}
	return delivery.NewCityBoard(at, counted), nil
}

// cityClause is the condition that an order is in the group.
func cityClause(g delivery.CityGroup) string {
	switch g {
	case delivery.CityHeld:
		return openOrder + " and o.open_holds > 0"
	case delivery.CityMoving:
		return openOrder + " and o.open_holds = 0"
	case delivery.CityWithoutHolder:
		return withoutHolder
	case delivery.CityWithHolder:
		return openOrder + " and not " + withoutHolder
	}
	return "o.stage = '" + string(g) + "'"
}
