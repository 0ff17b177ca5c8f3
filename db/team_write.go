package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// Volunteers reads all volunteers of a community that is locked.
func (t *Tx) Volunteers(ctx context.Context, community int32) ([]*delivery.Volunteer, error) {
	return listTx[*delivery.Volunteer](ctx, t, "select "+volunteers.flat()+"\n  from volunteers v\n where v.community_id = $1", community)
}

// InsertVolunteers adds volunteers.
func (t *Tx) InsertVolunteers(ctx context.Context, rows []*delivery.Volunteer) error {
	t.team = true
	return insertAll(ctx, t, `
		insert into volunteers (community_id, id, code, name, phone, home_organisation, squad, rank, reachable, version, created_at, archived_at)
		values (:community_id, :id, :code, :name, :phone, :home_organisation, :squad, :rank, :reachable, :version, :created_at, :archived_at)`, rows)
}

// SaveVolunteers writes volunteers of a community that is locked.
func (t *Tx) SaveVolunteers(ctx context.Context, rows []*delivery.Volunteer) error {
	t.team = true
	return saveEach(ctx, t, `
		update volunteers
		   set code = :code, name = :name, phone = :phone, home_organisation = :home_organisation, squad = :squad, rank = :rank,
		       reachable = :reachable, version = :version, archived_at = :archived_at, reveal_allowance = :reveal_allowance,
		       reveal_allowance_until = :reveal_allowance_until
		 where community_id = :community_id and id = :id`, rows)
}

// ReplaceServices sets which buildings the volunteers serve, who are saved in the same transaction.
func (t *Tx) ReplaceServices(ctx context.Context, community int32, volunteers []delivery.UUID, rows []*delivery.Service) error {
	t.team = true
	if len(volunteers) > 0 {
		if _, err := t.exec(ctx, `
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
	return insertAll(ctx, t, `
		insert into services (community_id, volunteer_id, building_id, duty)
		values (:community_id, :volunteer_id, :building_id, :duty)`, rows)
}

// Suppliers reads all suppliers of a community that is locked.
func (t *Tx) Suppliers(ctx context.Context, community int32) ([]*delivery.Supplier, error) {
	return listTx[*delivery.Supplier](ctx, t, "select "+suppliers.flat()+"\n  from suppliers s\n where s.community_id = $1", community)
}

// InsertSuppliers adds suppliers.
func (t *Tx) InsertSuppliers(ctx context.Context, rows []*delivery.Supplier) error {
	return insertAll(ctx, t, `
		insert into suppliers (community_id, id, code, name, kind, phone, version, created_at, archived_at)
		values (:community_id, :id, :code, :name, :kind, :phone, :version, :created_at, :archived_at)`, rows)
}

// SaveSuppliers writes suppliers of a community that is locked.
func (t *Tx) SaveSuppliers(ctx context.Context, rows []*delivery.Supplier) error {
	return saveEach(ctx, t, `
		update suppliers
		   set code = :code, name = :name, kind = :kind, phone = :phone, version = :version, archived_at = :archived_at
		 where community_id = :community_id and id = :id`, rows)
}

// Services reads who serves which building in a community that is locked, in order of the building's id.
func (t *Tx) Services(ctx context.Context, community int32) ([]*delivery.Service, error) {
	return listTx[*delivery.Service](ctx, t, `
		select community_id, volunteer_id, building_id, duty
		  from services
		 where community_id = $1
		 order by volunteer_id, building_id`, community)
}
