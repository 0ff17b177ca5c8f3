package db

import (
	"context"
	"strconv"
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

// The tables of actors, and the role of each. Archived rows cannot act.
const (
	selectTeam = `
	select case v.rank when 'COMMANDER' then 'COMMANDER' when 'LEAD' then 'LEAD' else 'VOLUNTEER' end as role, v.community_id, v.id, v.squad,
	       array(select cast(x.building_id as text) from services x
	              where x.community_id = v.community_id and x.volunteer_id = v.id order by x.building_id) as buildings,
	       cast(null as uuid) as building_id, v.code as name
	  from volunteers v
	 where v.archived_at is null and `
	selectSuppliers = `
	select 'SUPPLIER' as role, s.community_id, s.id, '' as squad, cast('{}' as text[]) as buildings, cast(null as uuid) as building_id, s.code as name
	  from suppliers s
	 where s.archived_at is null and `
	selectResidents = `
	select 'RESIDENT' as role, h.community_id, h.id, '' as squad, cast('{}' as text[]) as buildings, h.building_id, h.address as name
	  from households h
	 where h.archived_at is null and `
	selectLinks = `
	select 'LINK' as role, o.community_id, o.id, '' as squad, cast('{}' as text[]) as buildings, cast(null as uuid) as building_id,
	       cast(o.number as text) as name
	  from orders o
	 where `
)

// The refusals of a development actor that the database does not have.
var (
	reasonUnknownActor = delivery.NewReason("UNKNOWN_ACTOR", delivery.CodeUnauthenticated,
		"No person is known by the name %q.",
		"没有名为“%s”的人员。")
	reasonNoSuchCommunity = delivery.NewReason("UNKNOWN_COMMUNITY", delivery.CodeUnauthenticated,
		"No community is known by the code %q.",
		"没有代码为“%s”的小区。")
)

// UnscopedActorNamed finds an actor by name: a volunteer's or supplier's code or a household's address, in the community of
// the code, or if that is empty, in the first community that has the name. It fails with UNAUTHENTICATED if there is no such
// actor or community.
func (d *DB) UnscopedActorNamed(ctx context.Context, name, community string) (delivery.Actor, error) {
	in := func(alias string) string { return "" }
	args := []any{name}
	if community != "" {
		in = func(alias string) string {
			return alias + ".community_id = (select c.community_id from communities c where c.code = $2) and "
		}
		args = append(args, community)
	}
	rows, err := list[actorRow](ctx, d, "find an actor by name", `
		select a.role, a.community_id, a.id, a.squad, a.buildings, a.building_id, a.name
		  from (`+selectTeam+in("v")+"v.code = $1 union all"+selectSuppliers+in("s")+"s.code = $1 union all"+selectResidents+in("h")+`h.address = $1) a
		 order by a.community_id, a.role desc
		 limit 1`, args...)
	if err != nil {
		return delivery.Actor{}, err
	}
	if len(rows) > 0 {
		return rows[0].actor(), nil
	}
	if community != "" {
		named, err := list[int32](ctx, d, "find a community by code", `select c.community_id from communities c where c.code = $1`, community)
		if err != nil {
			return delivery.Actor{}, err
		}
		if len(named) == 0 {
			return delivery.Actor{}, delivery.Refuse(reasonNoSuchCommunity, community)
		}
	}
	return delivery.Actor{}, delivery.Refuse(reasonUnknownActor, name)
}

// UnscopedActor reads an actor again, by role and id, with its present rights: a volunteer may have become a lead. It fails
// with NOT_FOUND if the row is gone, the sign-in or link has ended, or the issuer's subject is no longer bound to the row.
// now is business time: a link shows its order until LinkAfter the order has ended.
func (d *DB) UnscopedActor(ctx context.Context, a delivery.Actor, now time.Time) (delivery.Actor, error) {
	if a.UUID == "" { // a development actor without a row
		return a, nil
	}
	if a.Role == delivery.RoleAdmin || a.Role == delivery.RoleCity {
		return official(a)(list[officialRow](ctx, d, "read an official", selectOfficial, officialArgs(a)...))
	}
	query, args := selectActor(a, now)
	return actorOf(a)(list[actorRow](ctx, d, "read an actor", query, args...))
}

// Actor reads an actor as UnscopedActor does.
func (t *Tx) Actor(ctx context.Context, a delivery.Actor, now time.Time) (delivery.Actor, error) {
	if a.UUID == "" {
		return a, nil
	}
	if a.Role == delivery.RoleAdmin || a.Role == delivery.RoleCity {
		return official(a)(listTx[officialRow](ctx, t, "read an official", selectOfficial, officialArgs(a)...))
	}
	query, args := selectActor(a, now)
	return actorOf(a)(listTx[actorRow](ctx, t, "read an actor", query, args...))
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

// selectActor builds the query of an actor: one table, and only the conditions that apply. Every request and subscription
// runs it. A single text for all cases would be planned for each call, since its plan depends on the values.
func selectActor(a delivery.Actor, now time.Time) (query string, args []any) {
	args = []any{a.Community, a.UUID}
	given := func(arg any) string {
		args = append(args, arg)
		return "$" + strconv.Itoa(len(args))
	}
	from := func(table, alias string) string {
		return table + alias + ".community_id = $1 and " + alias + ".id = $2"
	}
	switch a.Role {
	case delivery.RoleSupplier:
		query = from(selectSuppliers, "s")
	case delivery.RoleResident:
		query = from(selectResidents, "h")
	case delivery.RoleLink:
		query = from(selectLinks, "o") + " and (" + openOrder + " or o.stage_since > " + given(now.Add(-delivery.LinkAfter)) + ")"
	default:
		query = from(selectTeam, "v")
	}
	if a.Session != "" {
		query += `
	   and exists (select from sessions n join accounts c on c.id = n.account_id join roles r on r.account_id = c.id
	        where n.id = ` + given(a.Session) + ` and n.ended_at is null and c.ended_at is null and r.community_id = $1 and r.row_id = $2)`
	}
	if a.Link != "" {
		query += `
	   and exists (select from codes k where k.id = ` + given(a.Link) + ` and k.ended_at is null)`
	}
	if a.Subject != "" {
		query += `
	   and exists (select from accounts c join roles r on r.account_id = c.id
	        where c.issuer = ` + given(a.Issuer) + ` and c.subject = ` + given(a.Subject) + ` and c.ended_at is null and r.community_id = $1 and r.row_id = $2)`
	}
	return query, args
}
