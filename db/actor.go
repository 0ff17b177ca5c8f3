package db

import (
	"context"
	"fmt"
	"time"

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
	Name      string         `db:"name"`
}

func (r actorRow) actor() delivery.Actor {
	a := delivery.Actor{Name: r.Name, Role: r.Role, Community: r.Community, UUID: r.UUID, Squad: r.Squad}
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
	       cast(null as uuid) as building_id, v.code as name
	  from volunteers v
	 where v.archived_at is null and %s
	union all
	select 'SUPPLIER', s.community_id, s.id, '', '{}', null, s.code
	  from suppliers s
	 where s.archived_at is null and %s
	union all
	select 'RESIDENT', h.community_id, h.id, '', '{}', h.building_id, h.address
	  from households h
	 where h.archived_at is null and %s
	union all
	select 'LINK', o.community_id, o.id, '', '{}', null, cast(o.number as text)
	  from orders o
	 where %s`

// UnscopedActorNamed finds who signs in by a name: a volunteer's or supplier's code or a household's address, in
// the community of the code, or in the first that has one if the code is empty. UNAUTHENTICATED if nobody does.
func (d *DB) UnscopedActorNamed(ctx context.Context, name, community string) (delivery.Actor, error) {
	rows, err := list[actorRow](ctx, d, `
		select a.role, a.community_id, a.id, a.squad, a.buildings, a.building_id, a.name
		  from (`+actorsWhere("v.code = $1", "s.code = $1", "h.address = $1", "false")+`) a
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
	return rows[0].actor(), nil
}

// UnscopedActor reads an actor again, as what they may be by now. NOT_FOUND if they are no longer there, their
// sign-in or link has ended, or their issuer's subject is bound to them no more. now is business time: a link shows its order until LinkAfter the order has ended.
func (d *DB) UnscopedActor(ctx context.Context, a delivery.Actor, now time.Time) (delivery.Actor, error) {
	if a.UUID == "" { // a development actor without a row
		return a, nil
	}
	if a.Role == delivery.RoleAdmin || a.Role == delivery.RoleCity {
		return official(a)(list[officialRow](ctx, d, selectOfficial, officialArgs(a)...))
	}
	return actorOf(a)(list[actorRow](ctx, d, selectActor, actorArgs(a, now)...))
}

// Actor reads an actor as UnscopedActor does.
func (t *Tx) Actor(ctx context.Context, a delivery.Actor, now time.Time) (delivery.Actor, error) {
	if a.UUID == "" {
		return a, nil
	}
	if a.Role == delivery.RoleAdmin || a.Role == delivery.RoleCity {
		return official(a)(listTx[officialRow](ctx, t, selectOfficial, officialArgs(a)...))
	}
	return actorOf(a)(listTx[actorRow](ctx, t, selectActor, actorArgs(a, now)...))
}

func actorOf(a delivery.Actor) func([]actorRow, error) (delivery.Actor, error) {
	return func(rows []actorRow, err error) (delivery.Actor, error) {
		row, err := one(rows, err, delivery.KindVolunteer)
		if err != nil {
			return delivery.Actor{}, err
		}
		fresh := row.actor()
		fresh.Session, fresh.Link, fresh.Issuer, fresh.Subject = a.Session, a.Link, a.Issuer, a.Subject
		return fresh, nil
	}
}

var selectActor = `
	select x.role, x.community_id, x.id, x.squad, x.buildings, x.building_id, x.name
	  from (` + actorsWhere("v.community_id = $1 and v.id = $2", "s.community_id = $1 and s.id = $2", "h.community_id = $1 and h.id = $2",
	`o.community_id = $1 and o.id = $2 and (o.stage not in ('DELIVERED', 'CANCELLED', 'RETURNED') or o.stage_since > $3)`) + `) x
	 where ($4 = '' or exists (select from sessions s join accounts c on c.id = s.account_id join roles r on r.account_id = c.id
	        where s.id = cast(nullif($4, '') as uuid) and s.ended_at is null and c.ended_at is null and r.community_id = x.community_id and r.row_id = x.id))
	   and ($5 = '' or exists (select from codes k where k.id = cast(nullif($5, '') as uuid) and k.ended_at is null))
	   and ($7 = '' or exists (select from accounts c join roles r on r.account_id = c.id
	        where c.issuer = $6 and c.subject = $7 and c.subject <> '' and c.ended_at is null and r.community_id = x.community_id and r.row_id = x.id))`

// actorArgs are the arguments of selectActor.
func actorArgs(a delivery.Actor, now time.Time) []any {
	return []any{a.Community, a.UUID, now.Add(-delivery.LinkAfter), a.Session, a.Link, a.Issuer, a.Subject}
}

func actorsWhere(volunteer, supplier, household, order string) string {
	return fmt.Sprintf(selectActors, volunteer, supplier, household, order)
}
