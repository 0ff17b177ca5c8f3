package page_test

import (
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestRehearsalInABrowser rehearses tomorrow, saves two scenarios, one under a hostile name, compares them, prints the answer and archives one: as
// docs/evening-before.md tells it, whose pictures it takes.
func TestRehearsalInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	name := hostile(60)
	browse(t, func(string) {}, "rehearsal.mjs", e.BaseURL(), e.Invite(e.Team["C01"]), e.Invite(e.Team["S00"]), e.Invite(e.Team["S01"]), name)

	if got, want := e.Text(`select string_agg(s.name || case when s.archived_at is null then '' else ' archived' end || ' ' || coalesce(s.scenario ->> 'orders', '-') || ' ' || coalesce(s.scenario ->> 'settleMinutes', '-'), '; ' order by s.name collate "C") from scenarios s`),
		name+" archived 1300 30; 不静置 1230 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := e.Text(`select string_agg(cast(orders as text), '; ') from plans where by_hand`), "1232"; got != want {
		t.Errorf("got plans by hand of %s orders, want %s", got, want)
	}
}

// TestNeedsInABrowser shows what was ordered on the days before, and the forecast of tomorrow with its error.
func TestNeedsInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	today := e.Clock.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60)).Format(time.DateOnly)
	for _, statement := range []string{
		`insert into demand_days (community_id, kind, day, series, part, orders, households)
		select c.community_id, 'ALL', cast($1 as date) - n, '', '*', 300 - 10 * n, 90
		  from communities c
		 cross join generate_series(1, 20) n`,
		`insert into forecasts (community_id, kind, day, series, expected, low, high, like_days, method, made_at)
		select c.community_id, 'ALL', cast($1 as date) + 1 - n, '', 310 - 10 * n, 80, 900, 7, 'MEAN', now()
		  from communities c
		 cross join generate_series(0, 20) n`,
		`insert into forecasts (community_id, kind, day, series, building_id, expected, low, high, like_days, method, made_at)
		select b.community_id, 'BUILDING', cast($1 as date) + 1, cast(b.id as text), b.id, 12.5, 8, 17, 7, 'MEAN', now()
		  from buildings b
		 where b.code = 'E6'`,
		`insert into forecasts (community_id, kind, day, series, item, unit, expected, low, high, like_days, method, made_at)
		select c.community_id, 'ITEM', cast($1 as date) + 1, 'x', '<img src=x onerror="hit=1">菜包', '袋', 40, 30, 52, 2, 'SHARED', now()
		  from communities c`,
		`insert into demand_marks (community_id, demand_day) select c.community_id, cast($1 as date) - 1 from communities c
		    on conflict (community_id) do update set demand_day = excluded.demand_day`,
	} {
		if _, err := e.Database().ExecContext(t.Context(), statement, today); err != nil {
			t.Fatal(err)
		}
	}
	e.Sell("caiban", obj{"stock": "10"})
	e.Update(e.As("C01"), "household", obj{"id": e.Homes["E6-1-1103"], "needs": []string{"INFANT", "ELDERLY_ALONE"}})
	e.Desk()
	browse(t, func(string) {}, "needs.mjs", e.BaseURL(), e.Invite(e.Team["C01"]), e.Invite(e.Team["S00"]), e.Invite(e.Team["S01"]), e.Invite(e.Team["Q01"]))
}
