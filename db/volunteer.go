package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

var volunteers = noun[delivery.Volunteer]{
	table: "volunteers", alias: "v",
	columns: []string{"community_id", "id", "code", "name", "phone", "home_organisation", "squad", "rank", "reachable",
		"version", "created_at", "archived_at", "reveal_allowance", "reveal_allowance_until"},
	visible: func(w *where, s delivery.Scope) { w.seesDirectory(s, "v.community_id") },
	sorting: sorting{columns: byCode("v")},
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
func (d *DB) Volunteers(ctx context.Context, s delivery.Scope, community int32, f VolunteerFilter, p Range) (*Rows[delivery.Volunteer], error) {
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

// Volunteers is the table of volunteers.
func (t *Tx) Volunteers() Table[*delivery.Volunteer] {
	return table[delivery.Volunteer, *delivery.Volunteer]{t, volunteers}
}

// SaveReachable writes whether volunteers of a locked community are reachable, and their versions.
func (t *Tx) SaveReachable(ctx context.Context, community int32, rows []*delivery.Volunteer) error {
	t.touch(volunteers.table)
	ids, reachable, versions := make([]string, len(rows)), make([]bool, len(rows)), make([]int64, len(rows))
	for i, v := range rows {
		ids[i], reachable[i], versions[i] = string(v.UUID), v.Reachable, v.Version
	}
	_, err := t.exec(ctx, "save who is reachable", `
		update volunteers v
		   set reachable = n.reachable, version = n.version
		  from unnest(cast($2 as uuid[]), cast($3 as boolean[]), cast($4 as bigint[])) as n (id, reachable, version)
		 where v.community_id = $1 and v.id = n.id`, community, pq.StringArray(ids), pq.BoolArray(reachable), pq.Int64Array(versions))
	return err
}
