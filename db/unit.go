package db

import (
	"context"

	"baogong/delivery"
)

var units = noun[delivery.Unit]{
	table: "units", alias: "u",
	columns: []string{"community_id", "id", "building_id", "number", "floors", "version", "created_at", "archived_at"},
	fixed:   []string{"building_id"},
	visible: func(w *where, s delivery.Scope) { w.seesDirectory(s, "u.community_id") },
}

// UnitsByID reads the units with the ids that the scope meets, in no order.
func (d *DB) UnitsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Unit, error) {
	return units.byIDs(ctx, d, s, ids)
}

// UnitsOfBuildings reads the units of the buildings that the scope meets, by number.
func (d *DB) UnitsOfBuildings(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Unit, error) {
	var w where
	w.ids("u.community_id, u.building_id", ids)
	units.visible(&w, s)
	w.and("u.archived_at is null")
	return listOf[*delivery.Unit](ctx, d, "read the units of buildings", "select "+units.flat()+"\n  from units u\n "+w.String()+"\n order by u.number", w.args...)
}

// Units is the table of units.
func (t *Tx) Units() Table[*delivery.Unit] { return table[delivery.Unit, *delivery.Unit]{t, units} }
