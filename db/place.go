package db

import (
	"context"

	"baogong/delivery"
)

var communities = noun[delivery.Community]{
	kind: delivery.KindCommunity, read: "read communities", from: "communities c", alias: "c",
	columns: []string{"community_id", "code", "name", "time_zone", "version", "created_at", "archived_at", "closure_ended_at",
		"purge_began_at", "purged_at"},
	visible: func(w *where, s delivery.Scope) { w.enters(s, "c.community_id") },
	sorting: sorting{columns: byCode("c")},
}

var buildings = noun[delivery.Building]{
	kind: delivery.KindBuilding, read: "read buildings", from: "buildings b", alias: "b",
	columns: []string{"community_id", "id", "code", "name", "has_lift", "access_note", "version", "created_at", "archived_at"},
	visible: visibleBuilding,
	sorting: sorting{columns: byCode("b")},
}

// visibleBuilding is the condition for buildings: all of the directory's, or the one building of an order if the scope sees
// only that order.
func visibleBuilding(w *where, s delivery.Scope) {
	if s.Class != delivery.SeesOrder {
		w.meets(s, "b.community_id")
		return
	}
	order := where{args: w.args}
	order.and("o.community_id = b.community_id and o.building_id = b.id")
	order.scope(s, orderKeys)
	w.args = order.args
	w.clauses = append(w.clauses, "exists (select from orders o "+order.String()+")")
}

var units = noun[delivery.Unit]{
	kind: delivery.KindUnit, read: "read units", from: "units u", alias: "u",
	columns: []string{"community_id", "id", "building_id", "number", "floors", "version", "created_at", "archived_at"},
	visible: func(w *where, s delivery.Scope) { w.meets(s, "u.community_id") },
}

var householdKeys = keyColumns{community: "h.community_id", building: "h.building_id", household: "h.id"}

var households = noun[delivery.Household]{
	kind: delivery.KindHousehold, read: "read households", alias: "h",
	from: `households h
  join units u on u.community_id = h.community_id and u.id = h.unit_id
  join buildings b on b.community_id = h.community_id and b.id = h.building_id`,
	columns: []string{"community_id", "id", "building_id", "unit_id", "address", "floor", "room", "contact_name", "phone",
		"people", "needs", "version", "created_at", "archived_at"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, householdKeys) },
	sorting: sorting{columns: append(byCode("b"), sortColumn{"u.number", "int"}, sortColumn{"h.floor", "int"}, sortColumn{"h.room", "text"})},
}

// Communities reads a page of the communities that the scope enters, or may count, by code.
func (d *DB) Communities(ctx context.Context, s delivery.Scope, p Page) (*Rows[delivery.Community], error) {
	listed := communities
	listed.visible = func(w *where, s delivery.Scope) { w.counts(s, "c.community_id") }
	return listed.page(ctx, d, s, where{}, p)
}

// CommunitiesByID reads the communities with the ids that the scope enters, in no order.
func (d *DB) CommunitiesByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Community, error) {
	var w where
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id.Community)
	}
	w.and("c.community_id = any(cast(? as int[]))", int64s(numbers))
	communities.visible(&w, s)
	return listOf[*delivery.Community](ctx, d, "read communities by id", "select "+communities.flat()+"\n  from communities c\n "+w.String(), w.args...)
}

// Buildings reads a page of a community's buildings that the scope sees, by code.
func (d *DB) Buildings(ctx context.Context, s delivery.Scope, community int32, archived bool, p Page) (*Rows[delivery.Building], error) {
	return buildings.page(ctx, d, s, ofCommunity("b", community, archived), p)
}

// BuildingsByID reads the buildings with the ids that the scope sees, in no order.
func (d *DB) BuildingsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Building, error) {
	return buildings.byIDs(ctx, d, s, ids)
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

// HouseholdFilter narrows a list of households. An absent list does not narrow.
type HouseholdFilter struct {
	Buildings []delivery.UUID
	Units     []delivery.UUID
	Needs     []delivery.Need
	Text      string // part of the address: delivery.NewSearch
	Archived  bool   // archived ones too
}

// Households reads a page of a community's households that the scope sees, by address.
func (d *DB) Households(ctx context.Context, s delivery.Scope, community int32, f HouseholdFilter, p Page) (*Rows[delivery.Household], error) {
	w := ofCommunity("h", community, f.Archived)
	w.in("h.building_id", "uuid", texts(f.Buildings))
	w.in("h.unit_id", "uuid", texts(f.Units))
	if f.Needs != nil {
		w.and("h.needs && cast(? as text[])", delivery.Needs(f.Needs).Array())
	}
	if search := delivery.NewSearch(f.Text); len(search.Needles) > 0 {
		w.clauses = append(w.clauses, w.words("h", community, search.Needles))
	}
	return households.page(ctx, d, s, w, p)
}

// HouseholdsByID reads the households with the ids that the scope sees, in no order.
func (d *DB) HouseholdsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Household, error) {
	return households.byIDs(ctx, d, s, ids)
}

func ofCommunity(alias string, community int32, archived bool) where {
	var w where
	w.and(alias+".community_id = ?", community)
	if !archived {
		w.and(alias + ".archived_at is null")
	}
	return w
}
