package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"baogong/delivery"
)

// CityBoard reads the numbers that were released of every community which the scope counts. Archived communities are left out.
func (d *DB) CityBoard(ctx context.Context, s delivery.Scope, at time.Time) (*delivery.CityBoard, error) {
	return d.cityBoard(ctx, s, &delivery.CityBoard{At: at}, "read the released numbers of every community", "city_releases r on r.community_id = c.community_id", where{})
}

// CityDay reads the numbers that were stored of a past day, such as 2020-02-18, of every community which the scope counts. Archived communities are left out. A
// community of which none were stored has none.
func (d *DB) CityDay(ctx context.Context, s delivery.Scope, day string, at time.Time) (*delivery.CityBoard, error) {
	var w where
	return d.cityBoard(ctx, s, &delivery.CityBoard{At: at, Day: &day}, "read the numbers of a day of every community", `city_days r on r.community_id = c.community_id and r.day = cast(`+w.arg(day)+` as date)`, w)
}

// cityBoard reads the communities of a board, with their releases joined as r, and returns the board. The arguments of the join are those of w.
func (d *DB) cityBoard(ctx context.Context, s delivery.Scope, b *delivery.CityBoard, purpose, releases string, w where) (*delivery.CityBoard, error) {
	w.and("c.archived_at is null")
	w.counts(s, "c.community_id")
	rows, err := listOf[struct {
		delivery.Community
		Family  *delivery.CityFamily `db:"family"`
		At      *time.Time           `db:"at"`
		Figures []byte               `db:"figures"`
	}](ctx, d, purpose, `
		select `+communities.flat()+`, r.family, r.at, r.figures
		  from communities c
		  left join `+releases+`
		 `+w.String()+`
		 order by length(c.code), c.code, c.community_id, r.family`, w.args...)
	if err != nil {
		return nil, err
	}
	b.Communities = []*delivery.CityCommunity{}
	for i := 0; i < len(rows); {
		c := &rows[i].Community
		var releases []*delivery.CityRelease
		for ; i < len(rows) && rows[i].CommunityID == c.CommunityID; i++ {
			if rows[i].Family == nil {
				continue
			}
			r := &delivery.CityRelease{Family: *rows[i].Family, At: *rows[i].At}
			if err := json.Unmarshal(rows[i].Figures, &r.Figures); err != nil {
				return nil, fmt.Errorf("read the figures of a release: %w", err)
			}
			releases = append(releases, r)
		}
		one := delivery.NewCityCommunity(c, releases)
		one.Past = b.Day != nil
		b.Communities = append(b.Communities, one)
	}
	return b, nil
}

// UnscopedCityCount counts one community for the city, household by household. Today is its calendar day.
func (d *DB) UnscopedCityCount(ctx context.Context, community int32, at time.Time) (_ *delivery.CityCount, err error) {
	var counts, none, sums []string
	for i, group := range delivery.CityGroups {
		if clause := cityClause(group); clause != "" {
			counts = append(counts, fmt.Sprintf("count(*) filter (where %s) as n%d", clause, i))
		} else {
			counts = append(counts, fmt.Sprintf("0 as n%d", i))
		}
		none, sums = append(none, "0"), append(sums, fmt.Sprintf("sum(x.n%d)", i))
	}
	one := func(group delivery.CityGroup, count string) string {
		out := append([]string{}, none...)
		for i, g := range delivery.CityGroups {
			if g == group {
				out[i] = count
			}
		}
		return strings.Join(out, ", ")
	}
	ctx, done, err := d.bounded(ctx, citywide)
	if err != nil {
		return nil, err
	}
	defer done(&err)
	facts, err := listOf[struct {
		Incidents  int      `db:"incidents"`
		GateToDoor *float64 `db:"gate_to_door"`
		Timed      int      `db:"timed"`
		Minutes    float64  `db:"person_minutes"`
	}](ctx, d, "read a community's times and incidents for the city", `
		select (select count(*) from incidents i where i.community_id = $1 and i.state <> 'RESOLVED') as incidents,
		       percentile_cont(0.5) within group (order by extract(epoch from o.stage_since - g.at) / 60) as gate_to_door,
		       count(distinct o.household_id) as timed,
		       (select coalesce(sum(extract(epoch from coalesce(m.out_at, $2) - greatest(m.in_at, day.since)) / 60), 0)
		          from communities c
		         cross join lateral day_of(c.time_zone, cast($2 as timestamptz)) day
		          join shift_members m on m.community_id = c.community_id and m.in_at < $2 and coalesce(m.out_at, $2) > day.since
		         where c.community_id = $1) as person_minutes
		  from (
			select o.community_id, o.id, o.household_id, o.stage_since
			  from communities c
			 cross join lateral day_of(c.time_zone, cast($2 as timestamptz)) day
			  join orders o on o.community_id = c.community_id and o.stage = 'DELIVERED' and o.stage_since >= day.since and o.stage_since < day.until
			 where c.community_id = $1
			 order by o.stage_since desc
			 limit `+strconv.Itoa(delivery.CityTimed)+`) o
		 cross join lateral (
			select max(e.at) as at
			  from events e
			 where e.community_id = o.community_id and e.order_id = o.id and e.kind = 'ORDER_MOVED' and e.body -> 'order' ->> 'stage' = 'AT_GATE') g
		 where g.at is not null`, community, at)
	if err != nil {
		return nil, err
	}
	rows, err := listOf[struct {
		Household delivery.UUID `db:"household_id"`
		Counts    pq.Int64Array `db:"counts"`
	}](ctx, d, "count a community's households for the city", `
		select x.household_id, array[`+strings.Join(sums, ", ")+`] as counts
		  from (
			select o.household_id, `+strings.Join(counts, ", ")+`
			  from (
				select o.* from orders o where o.community_id = $1 and `+openOrder+`
				union all
				select o.*
				  from communities c
				 cross join lateral day_of(c.time_zone, cast($2 as timestamptz)) day
				  join orders o on o.community_id = c.community_id and o.stage = 'DELIVERED' and o.stage_since >= day.since and o.stage_since < day.until
				 where c.community_id = $1) o
			 group by o.household_id
			union all
			select i.seen_household_id, `+one(delivery.CityTroubled, "count(*)")+`
			  from incidents i
			 where i.community_id = $1 and i.state <> 'RESOLVED' and i.seen_household_id is not null
			 group by i.seen_household_id
			union all
			select h.id, `+one(delivery.CityRegistered, "1")+`
			  from households h
			 where h.community_id = $1 and h.archived_at is null) x
		 group by x.household_id`, community, at)
	if err != nil {
		return nil, err
	}
	out := &delivery.CityCount{Incidents: facts[0].Incidents, GateToDoor: facts[0].GateToDoor, Timed: facts[0].Timed, PersonMinutes: int(facts[0].Minutes)}
	for _, r := range rows {
		h := delivery.CityHome{Household: r.Household, Counts: make([]int, len(r.Counts))}
		for i, n := range r.Counts {
			h.Counts[i] = int(n)
		}
		out.Homes = append(out.Homes, h)
	}
	return out, nil
}

// cityClause returns the condition that an order is in the group, "" for groups that do not count orders.
func cityClause(g delivery.CityGroup) string {
	switch g {
	case delivery.CityHeld:
		return openOrder + " and o.open_holds > 0"
	case delivery.CityMoving:
		return openOrder + " and o.open_holds = 0"
	case delivery.CityWithoutHolder:
		return withoutHolder
	case delivery.CityWithHolder:
		return openOrder + " and not " + withoutHolder
	case delivery.CityLate:
		return openOrder + " and o.late_level > 0"
	case delivery.CityOnTime:
		return openOrder + " and o.late_level = 0"
	case delivery.CityTroubled, delivery.CityRegistered:
		return ""
	}
	return "o.stage = '" + string(g) + "'"
}

// LockCityReleases locks and returns what was released of a community, by family.
func (t *Tx) LockCityReleases(ctx context.Context, community int32) ([]*delivery.CityRelease, error) {
	rows, err := listTx[struct {
		Family delivery.CityFamily `db:"family"`
		At     time.Time           `db:"at"`
		Homes  []byte              `db:"homes"`
	}](ctx, t, "lock a community's released numbers", `
		select r.family, r.at, r.homes
		  from city_releases r
		 where r.community_id = $1
		 order by r.family`+t.locking("for update"), community)
	if err != nil {
		return nil, err
	}
	out := make([]*delivery.CityRelease, len(rows))
	for i, r := range rows {
		homes, err := delivery.DecodeCityHomes(r.Family, r.Homes)
		if err != nil {
			return nil, fmt.Errorf("read the households of a release: %w", err)
		}
		out[i] = &delivery.CityRelease{Family: r.Family, At: r.At, Homes: homes}
	}
	return out, nil
}

// SaveCityReleases writes releases of a community and replaces the earlier ones.
func (t *Tx) SaveCityReleases(ctx context.Context, community int32, releases []*delivery.CityRelease) error {
	if len(releases) == 0 {
		return nil
	}
	type released struct {
		Community int32               `db:"community_id"`
		Family    delivery.CityFamily `db:"family"`
		At        time.Time           `db:"at"`
		Figures   string              `db:"figures"`
		Homes     []byte              `db:"homes"`
	}
	var whole, same []released
	for _, r := range releases {
		figures, err := json.Marshal(r.Figures)
		if err != nil {
			return err
		}
		row := released{Community: community, Family: r.Family, At: r.At, Figures: string(figures)}
		if r.Homes == nil {
			same = append(same, row)
			continue
		}
		if row.Homes, err = delivery.EncodeCityHomes(r.Homes); err != nil {
			return err
		}
		whole = append(whole, row)
	}
	for _, r := range same {
		if _, err := t.exec(ctx, "save a release of the same households", `
			update city_releases
			   set at = $3, figures = cast($4 as jsonb)
			 where community_id = $1 and family = $2`, r.Community, r.Family, r.At, r.Figures); err != nil {
			return err
		}
	}
	if len(whole) == 0 {
		return nil
	}
	return insertAll(ctx, t, "save a community's released numbers", `
		insert into city_releases as r (community_id, family, at, figures, homes)
		values (:community_id, :family, :at, cast(:figures as jsonb), :homes)
		on conflict on constraint city_releases_pkey
		do update set at = excluded.at, figures = excluded.figures, homes = excluded.homes`, whole)
}

// StoreCityDay stores what was released of a community, whose releases are locked, as the numbers of a day that is over. What was handed over is of one day, so it is left out
// if it was read before the day. A day that is stored is not changed.
func (t *Tx) StoreCityDay(ctx context.Context, community int32, day delivery.CityDay) error {
	_, err := t.exec(ctx, "store a day for the city", `
		insert into city_days (community_id, day, family, at, figures)
		select r.community_id, cast($2 as date), r.family, r.at, r.figures
		  from city_releases r
		 where r.community_id = $1 and (r.family <> '`+string(delivery.CityFamilyDelivered)+`' or r.at >= $3)
		   and not exists (select from city_days d where d.community_id = $1 and d.day = cast($2 as date))
		 order by r.family
		    on conflict on constraint city_days_pkey do nothing`, community, day.Day, day.From)
	return err
}

// ForgetCityDays deletes the numbers of a community's days before a day.
func (t *Tx) ForgetCityDays(ctx context.Context, community int32, before string) error {
	_, err := t.exec(ctx, "forget old days of the city", `
		delete from city_days
		 where community_id = $1 and day < cast($2 as date)`, community, before)
	return err
}
