package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

var householdKeys = keyColumns{community: "h.community_id", building: "h.building_id", household: "h.id"}

var households = noun[delivery.Household]{
	table: "households", alias: "h",
	from: `households h
  join units u on u.community_id = h.community_id and u.id = h.unit_id
  join buildings b on b.community_id = h.community_id and b.id = h.building_id`,
	columns: []string{"community_id", "id", "building_id", "unit_id", "address", "floor", "room", "contact_name", "phone",
		"people", "needs", "version", "created_at", "archived_at"},
	fixed:   []string{"building_id", "unit_id"},
	visible: func(w *where, s delivery.Scope) { w.scope(s, householdKeys) },
	written: func(h *delivery.Household) delivery.Node { return &householdRow{h, h.Needs.Array()} },
	sorting: sorting{columns: append(byCode("b"), sortColumn{"u.number", "int"}, sortColumn{"h.floor", "int"}, sortColumn{"h.room", "text"})},
}

// HouseholdFilter narrows a list of households. An absent list does not narrow.
type HouseholdFilter struct {
	Buildings []delivery.UUID
	Units     []delivery.UUID
	Needs     []delivery.Need
	Text      string        // part of the address: delivery.NewSearch
	Archived  bool          // archived ones too
	Unreached delivery.UUID // only those that this notice addresses and that have neither seen it nor been told
}

// Households reads a page of a community's households that the scope sees, by address.
func (d *DB) Households(ctx context.Context, s delivery.Scope, community int32, f HouseholdFilter, p Range) (*Rows[delivery.Household], error) {
	w := ofCommunity("h", community, f.Archived)
	w.in("h.building_id", "uuid", texts(f.Buildings))
	w.in("h.unit_id", "uuid", texts(f.Units))
	if f.Needs != nil {
		w.and("h.needs && cast(? as text[])", delivery.Needs(f.Needs).Array())
	}
	if search := delivery.NewSearch(f.Text); len(search.Needles) > 0 {
		w.clauses = append(w.clauses, w.words("h", community, search.Needles))
	}
	if f.Unreached != "" {
		w.and(`exists (
			select from notice_reach r
			 where r.community_id = h.community_id and r.notice_id = ? and r.household_id = h.id and r.seen_at is null and r.told_at is null)`, f.Unreached)
	}
	return households.page(ctx, d, s, w, p)
}

// HouseholdsByID reads the households with the ids that the scope sees, in no order.
func (d *DB) HouseholdsByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Household, error) {
	return households.byIDs(ctx, d, s, ids)
}

// Households is the table of households.
func (t *Tx) Households() Table[*delivery.Household] {
	return table[delivery.Household, *delivery.Household]{t, households}
}

// HouseholdsOf reads households of a locked community: those with the ids, and all of the units.
func (t *Tx) HouseholdsOf(ctx context.Context, community int32, ids, units []delivery.UUID) ([]*delivery.Household, error) {
	if len(ids) == 1 && len(units) == 0 { // PostgreSQL would plan the statement for arrays again for each single id
		return listTx[*delivery.Household](ctx, t, "read a household", "select "+households.flat()+`
		  from households h
		 where h.community_id = $1 and h.id = $2`, community, ids[0])
	}
	return listTx[*delivery.Household](ctx, t, "read a community's households", "select "+households.flat()+`
		  from households h
		 where h.community_id = $1 and (h.id = any(cast($2 as uuid[])) or h.unit_id = any(cast($3 as uuid[])))`,
		community, pq.StringArray(texts(ids)), pq.StringArray(texts(units)))
}

// HouseholdsOfBuilding reads the households of a building, from the top floor down.
func (t *Tx) HouseholdsOfBuilding(ctx context.Context, community int32, building delivery.UUID) ([]*delivery.Household, error) {
	return listTx[*delivery.Household](ctx, t, "read a building's households", "select "+households.flat()+`
		  from `+households.from+`
		 where h.community_id = $1 and h.building_id = $2
		 order by h.unit_id, h.floor desc, h.room`, community, building)
}

// householdRow writes the needs as text[], so that package delivery does not depend on the driver.
type householdRow struct {
	*delivery.Household
	Needs string `db:"needs"`
}

// SaveAddresses rewrites the addresses of households after building codes or unit numbers changed. The event of the
// building or unit stands for them all.
func (t *Tx) SaveAddresses(ctx context.Context, community int32) error {
	if err := t.Decided(); err != nil {
		return err
	}
	locked, err := listTx[delivery.UUID](ctx, t, "lock households", `
		select h.id
		  from households h
		  join units u on u.community_id = h.community_id and u.id = h.unit_id
		  join buildings b on b.community_id = u.community_id and b.id = u.building_id
		 where h.community_id = $1 and h.address <> b.code || '-' || cast(u.number as text) || '-' || h.room
		 order by h.id
		   for no key update of h`, community)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "rewrite the addresses of households", `
		update households h
		   set address = b.code || '-' || cast(u.number as text) || '-' || h.room, version = h.version + 1
		  from units u
		  join buildings b on b.community_id = u.community_id and b.id = u.building_id
		 where h.community_id = $1 and u.community_id = h.community_id and u.id = h.unit_id
		   and h.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(locked)))
	return err
}
