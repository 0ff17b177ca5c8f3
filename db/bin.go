package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

var bins = noun[delivery.Bin]{
	table: "bins", alias: "n",
	from: `bins n
  join buildings b on b.community_id = n.community_id and b.id = n.building_id`,
	columns: []string{"community_id", "id", "building_id", "unit_id", "code", "cold", "version", "created_at", "archived_at"},
	fixed:   []string{"building_id", "unit_id"},
	visible: func(w *where, s delivery.Scope) { w.seesTeam(s, "n.community_id") },
	sorting: sorting{columns: append(byCode("b"), byCode("n")...)},
}

// Bins reads a page of a community's bins, by the codes of building and bin.
func (d *DB) Bins(ctx context.Context, s delivery.Scope, community int32, archived bool, p Range) (*Rows[delivery.Bin], error) {
	return bins.page(ctx, d, s, ofCommunity("n", community, archived), p)
}

// BinsByID reads the bins with the ids that the scope sees, in no order.
func (d *DB) BinsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Bin, error) {
	return bins.byIDs(ctx, d, s, ids)
}

// BinsOfBuildings reads the bins of the buildings that the scope sees, the default one first, then by code.
func (d *DB) BinsOfBuildings(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Bin, error) {
	var w where
	w.ids("n.community_id, n.building_id", ids)
	bins.visible(&w, s)
	w.and("n.archived_at is null")
	return listOf[*delivery.Bin](ctx, d, "read the bins of buildings", "select "+bins.flat()+"\n  from bins n\n "+w.String()+`
		 order by n.id <> n.building_id, length(n.code), n.code`, w.args...)
}

// FilledBin is a bin with what stands in it.
type FilledBin struct {
	CommunityID int32         `db:"community_id"`
	UUID        delivery.UUID `db:"bin_id"`
	delivery.BinContents
}

// ContentsOfBins counts the orders in the bins that the scope sees. An empty bin has no row. The bags are those that were counted at the gate, and
// all of an order that came without a count.
func (d *DB) ContentsOfBins(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*FilledBin, error) {
	var w where
	w.ids("n.community_id, n.id", ids)
	bins.visible(&w, s)
	w.scope(s, orderKeys)
	return listOf[*FilledBin](ctx, d, "count the orders in bins", `
		select o.community_id, o.bin_id, count(*) as orders, sum(case when o.bags_in > 0 then o.bags_in else o.bags end) as bags, min(o.stage_since) as oldest_since
		  from bins n
		  join orders o on o.community_id = n.community_id and o.building_id = n.building_id and o.stage = 'SORTED' and o.bin_id = n.id
		 `+w.String()+`
		 group by o.community_id, o.bin_id`, w.args...)
}

// ReadyBins counts, bin by bin, the orders that a cart can load and that the scope sees, and the held ones beside them: the bin whose goods wait
// longest first. It fails with NOT_FOUND if the scope does not enter the community or is not of its team.
func (d *DB) ReadyBins(ctx context.Context, s delivery.Scope, community int32) ([]*delivery.ReadyBin, error) {
	if !s.Sight().Team || !s.SeesCommunity(community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String())
	}
	var w where
	w.and("o.community_id = ?", community)
	w.and("o.stage = 'SORTED'")
	w.and("o.bin_id is not null")
	orders.visible(&w, s)
	return list[*delivery.ReadyBin](ctx, d, "count the orders to load", `
		select o.community_id, o.bin_id, count(*) filter (where o.open_holds = 0) as orders,
		       sum(case when o.bags_in > 0 then o.bags_in else o.bags end) filter (where o.open_holds = 0) as bags,
		       count(*) filter (where o.open_holds = 0 and 'HEAVY' = any(o.marks)) as heavy,
		       count(*) filter (where o.open_holds = 0 and 'COLD' = any(o.marks)) as cold,
		       min(o.stage_since) filter (where o.open_holds = 0) as oldest_since,
		       count(*) filter (where o.open_holds > 0) as held
		  from orders o
		 `+w.String()+`
		 group by o.community_id, o.bin_id
		having count(*) filter (where o.open_holds = 0) > 0
		 order by oldest_since, o.bin_id`, w.args...)
}

// Bins is the table of bins.
func (t *Tx) Bins() Table[*delivery.Bin] { return table[delivery.Bin, *delivery.Bin]{t, bins} }

// LockBins locks bins in id order, before they are archived, and returns those that exist.
func (t *Tx) LockBins(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Bin, error) {
	return listTx[*delivery.Bin](ctx, t, "lock bins", `
		select `+bins.flat()+`
		  from bins n
		 where n.community_id = $1 and n.id = any(cast($2 as uuid[]))
		 order by n.id`+t.locking("for no key update"), community, pq.StringArray(texts(ids)))
}

// ShareBins locks bins in id order, so that they are not archived while orders are put into them, and returns those that exist.
func (t *Tx) ShareBins(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Bin, error) {
	return listTx[*delivery.Bin](ctx, t, "lock bins to put orders into", `
		select `+bins.flat()+`
		  from bins n
		 where n.community_id = $1 and n.id = any(cast($2 as uuid[]))
		 order by n.id`+t.locking("for share"), community, pq.StringArray(texts(ids)))
}

// BinsIn reads the bins of the buildings.
func (t *Tx) BinsIn(ctx context.Context, community int32, buildings []delivery.UUID) ([]*delivery.Bin, error) {
	return listTx[*delivery.Bin](ctx, t, "read the bins of buildings", `
		select `+bins.flat()+`
		  from bins n
		 where n.community_id = $1 and n.building_id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(buildings)))
}
