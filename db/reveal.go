package db

import (
	"context"

	"github.com/lib/pq"

	"baogong/delivery"
)

// InsertReveals notes who looked.
func (t *Tx) InsertReveals(ctx context.Context, rows []*delivery.Reveal) error {
	return insertAll(ctx, t, `
		insert into reveals (community_id, id, household_id, order_id, by_role, by_id, reason, at)
		values (:community_id, :id, :household_id, :order_id, :by_role, :by_id, :reason, :at)`, rows)
}

// RoundHousehold is one door of a round, and the first order that waits there.
type RoundHousehold struct {
	delivery.Household
	OrderUUID delivery.UUID `db:"order_id"`
}

// RoundHouseholds reads the households of the buildings that orders wait for at the building or on the stairs, as far as
// the scope sees them, at most limit, in the order of a round: from the top floor down.
func (t *Tx) RoundHouseholds(ctx context.Context, s delivery.Scope, community int32, in []delivery.UUID, limit int) ([]*RoundHousehold, error) {
	var w where
	waiting := w.arg(community)
	at := w.arg(pq.StringArray(texts(in)))
	w.and("h.community_id = " + waiting)
	households.visible(&w, s)
	return listTx[*RoundHousehold](ctx, t, `
		select `+households.flat()+`, r.order_id
		  from (
			select distinct on (o.household_id) o.community_id, o.household_id, o.id as order_id
			  from orders o
			 where o.community_id = `+waiting+` and o.building_id = any(cast(`+at+` as uuid[])) and o.stage in ('AT_BUILDING', 'OUT_FOR_DELIVERY')
			 order by o.household_id, o.number) r
		  join `+households.from+` on h.community_id = r.community_id and h.id = r.household_id
		 `+w.String()+`
		 order by length(b.code), b.code, u.number, h.floor desc, h.room
		 limit `+w.arg(limit), w.args...)
}

var newestReveals = sorting{columns: []sortColumn{{"r.at", "timestamptz"}, {"r.id", "uuid"}}, desc: true}

// RevealsOfHouseholds reads the same page of the reveals of each household that the scope sees, newest first, and counts
// them if the page says so. A household without any on the page has an empty one.
func (d *DB) RevealsOfHouseholds(ctx context.Context, s delivery.Scope, ids []delivery.ID, p Page) (map[delivery.ID]*Rows[delivery.Reveal], error) {
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
	rows, err := listOf[keyed[delivery.Reveal]](ctx, d, `
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
	}](ctx, d, `
		select h.community_id, h.id, count(*) as total
		  from households h
		  join reveals r on r.community_id = h.community_id and r.household_id = h.id
		 `+counted.String()+`
		 group by h.community_id, h.id`, counted.args...)
	for _, t := range totals {
		out[of(t.Community, t.Household)].Total = t.Total
	}
	return out, err
}
