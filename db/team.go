package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

var volunteers = noun[delivery.Volunteer]{
	kind: delivery.KindVolunteer, read: "read volunteers", from: "volunteers v", alias: "v",
	columns: []string{"community_id", "id", "code", "name", "phone", "home_organisation", "squad", "rank", "reachable",
		"version", "created_at", "archived_at", "reveal_allowance", "reveal_allowance_until"},
	visible: func(w *where, s delivery.Scope) { w.meets(s, "v.community_id") },
	sorting: sorting{columns: byCode("v")},
}

var suppliers = noun[delivery.Supplier]{
	kind: delivery.KindSupplier, read: "read suppliers", from: "suppliers s", alias: "s",
	columns: []string{"community_id", "id", "code", "name", "kind", "phone", "version", "created_at", "archived_at"},
	visible: func(w *where, s delivery.Scope) { w.meets(s, "s.community_id") },
	sorting: sorting{columns: byCode("s")},
}

// VolunteerFilter narrows a list of volunteers. An absent list does not narrow.
type VolunteerFilter struct {
	Squads    []delivery.Squad
	Buildings []delivery.UUID // volunteers that serve any of them
	Reachable *bool
	Text      string // a part of the code
	Archived  bool   // also archived ones
}

// Volunteers reads a page of a community's support team, by code.
func (d *DB) Volunteers(ctx context.Context, s delivery.Scope, community int32, f VolunteerFilter, p Page) (*Rows[delivery.Volunteer], error) {
	w := ofCommunity("v", community, f.Archived)
	w.in("v.squad", "text", texts(f.Squads))
	if f.Buildings != nil {
		w.and(`exists (select from services x where x.community_id = v.community_id and x.volunteer_id = v.id
		and x.building_id = any(cast(? as uuid[])))`, pq.StringArray(texts(f.Buildings)))
	}
	if f.Reachable != nil {
		w.and("v.reachable = ?", *f.Reachable)
	}
	if key := delivery.Key(f.Text); key != "" {
		w.and("position(? in text_key(v.code)) > 0", key)
	}
	return volunteers.page(ctx, d, s, w, p)
}

// VolunteersByID reads the volunteers with the ids that the scope enters, in no order.
func (d *DB) VolunteersByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Volunteer, error) {
	return volunteers.byIDs(ctx, d, s, ids)
}

// Suppliers reads a page of a community's suppliers, by code.
func (d *DB) Suppliers(ctx context.Context, s delivery.Scope, community int32, archived bool, p Page) (*Rows[delivery.Supplier], error) {
	return suppliers.page(ctx, d, s, ofCommunity("s", community, archived), p)
}

// SuppliersByID reads the suppliers with the ids that the scope enters, in no order.
func (d *DB) SuppliersByID(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Supplier, error) {
	return suppliers.byIDs(ctx, d, s, ids)
}

// ServicesOfBuildings reads the services of the buildings, primary volunteers first.
func (d *DB) ServicesOfBuildings(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Service, error) {
	return d.services(ctx, s, "x.community_id, x.building_id", ids)
}

// ServicesOfVolunteers reads the services of the volunteers, those as primary first.
func (d *DB) ServicesOfVolunteers(ctx context.Context, s delivery.Scope, ids []delivery.ID) ([]*delivery.Service, error) {
	return d.services(ctx, s, "x.community_id, x.volunteer_id", ids)
}

func (d *DB) services(ctx context.Context, s delivery.Scope, by string, ids []delivery.ID) ([]*delivery.Service, error) {
	var w where
	w.ids(by, ids)
	w.meets(s, "x.community_id")
	w.and("v.archived_at is null")
	return listOf[*delivery.Service](ctx, d, "read services", `
		select x.community_id, x.volunteer_id, x.building_id, x.duty
		  from services x
		  join volunteers v on v.community_id = x.community_id and v.id = x.volunteer_id
		  join buildings b on b.community_id = x.community_id and b.id = x.building_id
		`+w.String()+`
		 order by x.duty desc, length(b.code), b.code, length(v.code), v.code`, w.args...)
}
