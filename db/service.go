package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

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
	w.seesDirectory(s, "x.community_id")
	w.and("v.archived_at is null")
	return listOf[*delivery.Service](ctx, d, "read services", `
		select x.community_id, x.volunteer_id, x.building_id, x.duty
		  from services x
		  join volunteers v on v.community_id = x.community_id and v.id = x.volunteer_id
		  join buildings b on b.community_id = x.community_id and b.id = x.building_id
		`+w.String()+`
		 order by x.duty desc, length(b.code), b.code, length(v.code), v.code`, w.args...)
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

// Services reads all services in a locked community, in order of the building's id.
func (t *Tx) Services(ctx context.Context, community int32) ([]*delivery.Service, error) {
	return listTx[*delivery.Service](ctx, t, "read a community's services", `
		select community_id, volunteer_id, building_id, duty
		  from services
		 where community_id = $1
		 order by volunteer_id, building_id`, community)
}
