package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// Volunteers reads all volunteers of a locked community.
func (t *Tx) Volunteers(ctx context.Context, community int32) ([]*delivery.Volunteer, error) {
	return listTx[*delivery.Volunteer](ctx, t, "read a community's volunteers", "select "+volunteers.flat()+"\n  from volunteers v\n where v.community_id = $1", community)
}

// InsertVolunteers inserts volunteers.
func (t *Tx) InsertVolunteers(ctx context.Context, rows []*delivery.Volunteer) error {
	t.touch("volunteers")
	return insertAll(ctx, t, "insert volunteers", `
		insert into volunteers (community_id, id, code, name, phone, home_organisation, squad, rank, reachable, version, created_at, archived_at)
		values (:community_id, :id, :code, :name, :phone, :home_organisation, :squad, :rank, :reachable, :version, :created_at, :archived_at)`, rows)
}

// SaveVolunteers writes volunteers of a locked community.
func (t *Tx) SaveVolunteers(ctx context.Context, rows []*delivery.Volunteer) error {
	t.touch("volunteers")
	return saveEach(ctx, t, "save volunteers", `
		update volunteers
		   set code = :code, name = :name, phone = :phone, home_organisation = :home_organisation, squad = :squad, rank = :rank,
		       reachable = :reachable, version = :version, archived_at = :archived_at, reveal_allowance = :reveal_allowance,
		       reveal_allowance_until = :reveal_allowance_until
		 where community_id = :community_id and id = :id`, rows)
}

// ReplaceServices replaces the services of volunteers, which are saved in the same transaction.
func (t *Tx) ReplaceServices(ctx context.Context, community int32, volunteers []delivery.UUID, rows []*delivery.Service) error {
	t.touch("services")
	if len(volunteers) > 0 {
		if _, err := t.exec(ctx, "delete services", `
			delete from services
			 where (community_id, volunteer_id, building_id) in (
				select s.community_id, s.volunteer_id, s.building_id
				  from services s
				 where s.community_id = $1 and s.volunteer_id = any(cast($2 as uuid[]))
				 order by s.volunteer_id, s.building_id
				   for update)`, community, pq.StringArray(texts(volunteers))); err != nil {
			return err
		}
	}
	return insertAll(ctx, t, "insert services", `
		insert into services (community_id, volunteer_id, building_id, duty)
		values (:community_id, :volunteer_id, :building_id, :duty)`, rows)
}

// Suppliers reads all suppliers of a locked community.
func (t *Tx) Suppliers(ctx context.Context, community int32) ([]*delivery.Supplier, error) {
	return listTx[*delivery.Supplier](ctx, t, "read a community's suppliers", "select "+suppliers.flat()+"\n  from suppliers s\n where s.community_id = $1", community)
}

// InsertSuppliers inserts suppliers.
func (t *Tx) InsertSuppliers(ctx context.Context, rows []*delivery.Supplier) error {
	return insertAll(ctx, t, "insert suppliers", `
		insert into suppliers (community_id, id, code, name, kind, phone, version, created_at, archived_at)
		values (:community_id, :id, :code, :name, :kind, :phone, :version, :created_at, :archived_at)`, rows)
}

// SaveSuppliers writes suppliers of a locked community.
func (t *Tx) SaveSuppliers(ctx context.Context, rows []*delivery.Supplier) error {
	return saveEach(ctx, t, "save suppliers", `
		update suppliers
		   set code = :code, name = :name, kind = :kind, phone = :phone, version = :version, archived_at = :archived_at
		 where community_id = :community_id and id = :id`, rows)
}

// Services reads all services in a locked community, in order of the building's id.
func (t *Tx) Services(ctx context.Context, community int32) ([]*delivery.Service, error) {
	return listTx[*delivery.Service](ctx, t, "read a community's services", `
		select community_id, volunteer_id, building_id, duty
		  from services
		 where community_id = $1
		 order by volunteer_id, building_id`, community)
}
