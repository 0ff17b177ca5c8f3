package db

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// InsertReveals records reveals.
func (t *Tx) InsertReveals(ctx context.Context, rows []*delivery.Reveal) error {
	return insertAll(ctx, t, "insert reveals", `
		insert into reveals (community_id, id, household_id, order_id, by_role, by_id, reason, at, charged_to)
		values (:community_id, :id, :household_id, :order_id, :by_role, :by_id, :reason, :at, :charged_to)`, rows)
}

// LockAllowances serialises transactions that count against the volunteers' allowances. It locks in id order, until the
// transaction ends.
func (t *Tx) LockAllowances(ctx context.Context, volunteers []delivery.UUID) error {
	if t.looking {
		return nil
	}
	_, err := t.exec(ctx, "queue for allowances", `
		select pg_advisory_xact_lock(hashtextextended(x.id, 10))
		  from (select unnest(cast($1 as text[])) as id order by 1) x`, pq.StringArray(texts(volunteers)))
	return err
}

// VolunteersNamed reads the volunteers with the ids, in no order.
func (t *Tx) VolunteersNamed(ctx context.Context, community int32, ids []delivery.UUID) ([]*delivery.Volunteer, error) {
	return listTx[*delivery.Volunteer](ctx, t, "read volunteers by id", "select "+volunteers.flat()+`
		  from volunteers v
		 where v.community_id = $1 and v.id = any(cast($2 as uuid[]))`, community, pq.StringArray(texts(ids)))
}

// Charged is a household that counts against a volunteer's allowance.
type Charged struct {
	Volunteer delivery.UUID `db:"charged_to"`
	Household delivery.UUID `db:"household_id"`
}

// ChargedReveals lists the households that count against each volunteer in a span of business time, each once.
func (t *Tx) ChargedReveals(ctx context.Context, community int32, volunteers []delivery.UUID, from, to time.Time) ([]Charged, error) {
	return listTx[Charged](ctx, t, "read the reveals charged to volunteers", `
		select distinct r.charged_to, r.household_id
		  from reveals r
		 where r.community_id = $1 and r.charged_to = any(cast($2 as uuid[])) and r.at >= $3 and r.at < $4`,
		community, pq.StringArray(texts(volunteers)), from, to)
}

// RevealedTo returns the households whose contact an actor saw in a span of business time.
func (t *Tx) RevealedTo(ctx context.Context, community int32, by delivery.UUID, from, to time.Time) ([]delivery.UUID, error) {
	return listTx[delivery.UUID](ctx, t, "read the reveals of an actor", `
		select distinct r.household_id
		  from reveals r
		 where r.community_id = $1 and r.by_id = $2 and r.at >= $3 and r.at < $4`, community, by, from, to)
}

// RevealCounts counts, for each member of the team in a span of business time, the households whose contact the member saw
// and those that count against the member. The highest counts come first. The scope must see the whole community. Archived
// members are listed if a count is above 0. The caller fills in Allowance.
func (d *DB) RevealCounts(ctx context.Context, s delivery.Scope, community int32, from, to time.Time, limit int) ([]*delivery.RevealCount, error) {
	var w where
	w.and("v.community_id = ?", community)
	w.scope(s, keyColumns{community: "v.community_id"})
	span := "r.community_id = v.community_id and r.at >= " + w.arg(from) + " and r.at < " + w.arg(to)
	rows, err := list[struct {
		delivery.Volunteer
		Today   int `db:"today"`
		Counted int `db:"counted"`
	}](ctx, d, "count reveals", `
		select *
		  from (
			select `+volunteers.flat()+`,
			       (select count(distinct r.household_id) from reveals r where `+span+` and r.by_id = v.id) as today,
			       (select count(distinct r.household_id) from reveals r where `+span+` and r.charged_to = v.id) as counted
			  from volunteers v
			 `+w.String()+`) c
		 where archived_at is null or today > 0 or counted > 0
		 order by today desc, counted desc, length(code), code
		 limit `+w.arg(limit), w.args...)
	out := make([]*delivery.RevealCount, len(rows))
	for i := range rows {
		out[i] = &delivery.RevealCount{Volunteer: &rows[i].Volunteer, Today: rows[i].Today, Counted: rows[i].Counted}
	}
	return out, err
}

// RoundHousehold is one household of a round, with one of its waiting orders.
type RoundHousehold struct {
	delivery.Household
	OrderUUID       delivery.UUID    `db:"order_id"`
	Stage           delivery.Stage   `db:"stage"`
	Channel         delivery.Channel `db:"channel"`
	TakerUUID       *delivery.UUID   `db:"taker_id"`
	HolderVolunteer *delivery.UUID   `db:"holder_volunteer_id"`
	PlacedByRole    delivery.Role    `db:"placed_by_role"`
	PlacedByUUID    *delivery.UUID   `db:"placed_by_id"`
}

// Order returns the order's fields that decide who may see the contact.
func (h *RoundHousehold) Order() *delivery.OrderSnapshot {
	return &delivery.OrderSnapshot{CommunityID: h.CommunityID, UUID: h.OrderUUID, BuildingUUID: h.BuildingUUID, UnitUUID: h.UnitUUID, HouseholdUUID: h.UUID,
		Stage: h.Stage, Channel: h.Channel, TakerUUID: h.TakerUUID, HolderVolunteer: h.HolderVolunteer, PlacedByRole: h.PlacedByRole, PlacedByUUID: h.PlacedByUUID}
}

// RoundHouseholds reads the households in the buildings that have an order at AT_BUILDING or OUT_FOR_DELIVERY and that the
// scope sees: at most limit, from the top floor down. Of several orders of a household it picks the first that counts
// against no allowance of the reader, or the first if there is none.
func (t *Tx) RoundHouseholds(ctx context.Context, s delivery.Scope, community int32, in []delivery.UUID, reader delivery.UUID, limit int) ([]*RoundHousehold, error) {
	var w where
	waiting := w.arg(community)
	at := w.arg(pq.StringArray(texts(in)))
	own := "cast(o.placed_by_id as text) = " + w.arg(string(reader)) + " or (o.channel in ('BUY_FOR', 'ERRAND') and o.placed_by_role in ('LEAD', 'VOLUNTEER'))"
	w.and("h.community_id = " + waiting)
	households.visible(&w, s)
	return listTx[*RoundHousehold](ctx, t, "read the households of a round", `
		select `+households.flat()+`, r.order_id, r.stage, r.channel, r.taker_id, r.holder_volunteer_id, r.placed_by_role, r.placed_by_id
		  from (
			select distinct on (o.household_id) o.community_id, o.household_id, o.id as order_id, o.stage, o.channel, o.taker_id, o.holder_volunteer_id,
			       o.placed_by_role, o.placed_by_id
			  from orders o
			 where o.community_id = `+waiting+` and o.building_id = any(cast(`+at+` as uuid[])) and o.stage in ('AT_BUILDING', 'OUT_FOR_DELIVERY')
			 order by o.household_id, coalesce(`+own+`, false), o.number) r
		  join `+households.from+` on h.community_id = r.community_id and h.id = r.household_id
		 `+w.String()+`
		 order by length(b.code), b.code, u.number, h.floor desc, h.room
		 limit `+w.arg(limit), w.args...)
}

var newestReveals = sorting{columns: []sortColumn{{"r.at", "timestamptz"}, {"r.id", "uuid"}}, desc: true}

// RevealsOfHouseholds reads the same page of the reveals of each household that the scope sees, newest first, and counts
// them if the page asks for it. A household without reveals on the page has an empty page.
func (d *DB) RevealsOfHouseholds(ctx context.Context, s delivery.Scope, ids []delivery.ID, p Range) (map[delivery.ID]*Rows[delivery.Reveal], error) {
	var one, w where
	one.and("r.community_id = h.community_id")
	one.and("r.household_id = h.id")
	page, args, err := pageQuery(`r.community_id as "item.community_id", r.id as "item.id", r.household_id as "item.household_id", r.order_id as "item.order_id",
		r.by_role as "item.by_role", r.by_id as "item.by_id", r.reason as "item.reason", r.at as "item.at"`, "reveals r", one, newestReveals, p)
	if err != nil {
		return nil, err
	}
	direction := " desc"
	if p.Last {
		direction = " asc"
	}
	w.args = args
	w.ids("h.community_id, h.id", ids)
	w.scope(s, householdKeys)
	rows, err := listOf[keyed[delivery.Reveal]](ctx, d, "read the reveals of households", `
		select x.*
		  from households h
		 cross join lateral (
		`+page+`) x
		 `+w.String()+`
		 order by h.community_id, h.id, x."item.at"`+direction+`, x."item.id"`+direction, w.args...)
	if err != nil {
		return nil, err
	}
	of := func(community int32, household delivery.UUID) delivery.ID {
		return delivery.ID{Kind: delivery.KindHousehold, Community: community, UUID: household}
	}
	split := map[delivery.ID][]keyed[delivery.Reveal]{}
	for _, r := range rows {
		id := of(r.Item.CommunityID, r.Item.HouseholdUUID)
		split[id] = append(split[id], r)
	}
	out := map[delivery.ID]*Rows[delivery.Reveal]{}
	for _, id := range ids {
		out[id] = pageOf(split[id], p, func(r *keyed[delivery.Reveal]) (*delivery.Reveal, []string) { return &r.Item, r.Key })
	}
	if !p.Count {
		return out, nil
	}
	var counted where
	counted.ids("h.community_id, h.id", ids)
	counted.scope(s, householdKeys)
	totals, err := listOf[struct {
		Community int32         `db:"community_id"`
		Household delivery.UUID `db:"id"`
		Total     int           `db:"total"`
	}](ctx, d, "count the reveals of households", `
		select h.community_id, h.id, n.total
		  from households h
		 cross join lateral (
			select count(*) as total
			  from (select from reveals r where r.community_id = h.community_id and r.household_id = h.id limit `+strconv.Itoa(CountMost+1)+`) x) n
		 `+counted.String(), counted.args...)
	for _, rows := range out {
		rows.counted(0)
	}
	for _, t := range totals {
		out[of(t.Community, t.Household)].counted(t.Total)
	}
	return out, err
}
