package db

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"baogong/delivery"
)

type actorRow struct {
	Role      delivery.Role  `db:"role"`
	Community int32          `db:"community_id"`
	UUID      delivery.UUID  `db:"id"`
	Squad     delivery.Squad `db:"squad"`
	Buildings pq.StringArray `db:"buildings"`
	Building  *delivery.UUID `db:"building_id"`
}

func (r actorRow) actor(name string) delivery.Actor {
	a := delivery.Actor{Name: name, Role: r.Role, Community: r.Community, UUID: r.UUID, Squad: r.Squad}
	for _, b := range r.Buildings {
		a.Buildings = append(a.Buildings, delivery.UUID(b))
	}
	if r.Building != nil {
		a.Building = *r.Building
	}
	return a
}

// Everybody who can act, and as what. Archived rows cannot.
const selectActors = `
	select case v.rank when 'COMMANDER' then 'COMMANDER' when 'LEAD' then 'LEAD' else 'VOLUNTEER' end as role, v.community_id, v.id, v.squad,
	       array(select cast(x.building_id as text) from services x
	              where x.community_id = v.community_id and x.volunteer_id = v.id order by x.building_id) as buildings,
	       cast(null as uuid) as building_id
	  from volunteers v
	 where v.archived_at is null and %s
	union all
	select 'SUPPLIER', s.community_id, s.id, '', '{}', null
	  from suppliers s
	 where s.archived_at is null and %s
	union all
	select 'RESIDENT', h.community_id, h.id, '', '{}', h.building_id
	  from households h
	 where h.archived_at is null and %s`

// UnscopedActorNamed finds who signs in by a name: a volunteer's or supplier's code or a household's address, in
// the community of the code, or in the first that has one if the code is empty. UNAUTHENTICATED if nobody does.
func (d *DB) UnscopedActorNamed(ctx context.Context, name, community string) (delivery.Actor, error) {
	rows, err := list[actorRow](ctx, d, `
		select a.role, a.community_id, a.id, a.squad, a.buildings, a.building_id
		  from (`+actorsWhere("v.code = $1", "s.code = $1", "h.address = $1")+`) a
		  join communities c on c.community_id = a.community_id
		 where $2 in ('', c.code)
		 order by a.community_id, a.role desc
		 limit 1`, name, community)
	if err != nil {
		return delivery.Actor{}, err
	}
	if len(rows) == 0 {
		return delivery.Actor{}, delivery.Refuse(delivery.ReasonUnknownActor, name)
	}
	return rows[0].actor(name), nil
}

// UnscopedActor reads an actor again, as what they may be by now. NOT_FOUND if they are no longer there.
func (d *DB) UnscopedActor(ctx context.Context, a delivery.Actor) (delivery.Actor, error) {
	if a.Role == delivery.RoleAdmin || a.UUID == "" {
		return a, nil
	}
	rows, err := list[actorRow](ctx, d, actorsWhere(
		"v.community_id = $1 and v.id = $2", "s.community_id = $1 and s.id = $2", "h.community_id = $1 and h.id = $2"), a.Community, a.UUID)
	row, err := one(rows, err, delivery.KindVolunteer)
	if err != nil {
		return delivery.Actor{}, err
	}
	return row.actor(a.Name), nil
}

func actorsWhere(volunteer, supplier, household string) string {
	return fmt.Sprintf(selectActors, volunteer, supplier, household)
}
