package db

import (
	"context"

	"baogong/delivery"
)

var buildings = noun[delivery.Building]{
	table: "buildings", alias: "b",
	columns: []string{"community_id", "id", "code", "name", "has_lift", "access_note", "version", "created_at", "archived_at"},
	visible: visibleBuilding,
	sorting: sorting{columns: byCode("b")},
}

// visibleBuilding is the condition for buildings: all of the directory's, or the one building of an order if the scope sees
// only that order.
func visibleBuilding(w *where, s delivery.Scope) {
	if s.Class != delivery.SeesOrder {
		w.seesDirectory(s, "b.community_id")
		return
	}
	order := where{args: w.args}
	order.and("o.community_id = b.community_id and o.building_id = b.id")
	order.scope(s, orderKeys)
	w.args = order.args
	w.clauses = append(w.clauses, "exists (select from orders o "+order.String()+")")
}

// Buildings reads a page of a community's buildings that the scope sees, by code.
func (d *DB) Buildings(ctx context.Context, s delivery.Scope, community int32, archived bool, p Range) (*Rows[delivery.Building], error) {
	return buildings.page(ctx, d, s, ofCommunity("b", community, archived), p)
}

// BuildingsByID reads the buildings with the ids that the scope sees, in no order.
func (d *DB) BuildingsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Building, error) {
	return buildings.byIDs(ctx, d, s, ids)
}

// Buildings is the table of buildings.
func (t *Tx) Buildings() Table[*delivery.Building] {
	return table[delivery.Building, *delivery.Building]{t, buildings}
}
