package db

import (
	"context"
	"time"

	"baogong/delivery"
)

// Board counts the community's orders that the scope sees, by building and stage. Delivered orders count if delivered from
// (inclusive) to until (exclusive). The same statement reads the feed's position.
func (d *DB) Board(ctx context.Context, s delivery.Scope, community int32, at, from, until time.Time) (*delivery.Board, error) {
	if !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	var seen where
	own := seen.arg(community)
	seen.and("o.community_id = " + own)
	seen.and("("+openOrder+" or (o.stage = 'DELIVERED' and o.stage_since >= ? and o.stage_since < ?))", from, until)
	orders.visible(&seen, s)
	trouble := where{args: seen.args}
	trouble.and("i.community_id = " + own)
	trouble.and("i.state <> 'RESOLVED'")
	incidents.visible(&trouble, s)
	rows, err := list[struct { // one text for each class of scope
		delivery.BoardCount
		Building  *delivery.UUID `db:"building"`
		Incidents int            `db:"incidents"`
		Head      int64          `db:"head"`
		Epoch     int64          `db:"epoch"`
	}](ctx, d, "count the orders of a board", `
		select f.head, f.epoch, b.id as building, coalesce(n.stage, '') as stage, coalesce(n.count, 0) as count,
		       n.oldest_since, coalesce(n.held, 0) as held, coalesce(n.without_holder, 0) as without_holder, coalesce(n.late, 0) as late,
		       x.incidents, coalesce(b.id = any(x.uncovered), false) as uncovered
		  from feeds f
		 cross join (
			select count(*) as incidents, array_agg(i.building_id) filter (where i.kind = 'UNCOVERED') as uncovered
			  from incidents i
			 `+trouble.String()+`) x
		  left join (buildings b
		  left join (
			select o.community_id, o.building_id, o.stage, count(*) as count, min(o.stage_since) as oldest_since,
			       count(*) filter (where o.open_holds > 0) as held, count(*) filter (where `+withoutHolder+`) as without_holder,
			       count(*) filter (where o.late_level > 0) as late
			  from orders o
			 `+seen.String()+`
			 group by o.community_id, o.building_id, o.stage) n
		    on n.community_id = b.community_id and n.building_id = b.id)
		    on b.community_id = f.community_id and (b.archived_at is null or n.stage is not null)
		 where f.community_id = `+own+`
		 order by length(b.code), b.code, b.id`, trouble.args...)
	first, err := one(rows, err, delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	counts := make([]delivery.BoardCount, 0, len(rows))
	for _, r := range rows {
		if r.Building != nil {
			r.BuildingUUID = *r.Building
			counts = append(counts, r.BoardCount)
		}
	}
	b := delivery.NewBoard(at, delivery.Position{Community: community, Epoch: uint64(first.Epoch), Seq: first.Head}, counts)
	b.Incidents = first.Incidents
	return b, nil
}
