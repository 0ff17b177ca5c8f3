package program_test

import (
	"bytes"
	"strings"
	"testing"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestBacktest compares the errors that the command prints with figures computed by hand.
func TestBacktest(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	e := house.Build(t, dsn, house.Setup{}).Estate("DCXY", house.NewClock())
	backtest := func(args ...string) (string, error) {
		t.Helper()
		var out, logs bytes.Buffer
		err := app.Run(t.Context(), append([]string{"backtest", "--database-url", dsn}, args...), &out, &logs)
		return out.String(), err
	}
	for want, args := range map[string][]string{"not enough days": {"--community", "DCXY"}, "There is no such community": {"--community", "NOWHERE"}, "--days must be": {"--community", "DCXY", "--days", "7"}} {
		if said, err := backtest(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %q, %v, want %s", args, said, err, want)
		}
	}

	// Fourteen whole days of 2, 4, 2, 4 … orders, made of one order that is placed.
	e.Place("E6-1-1103")
	d := e.Program.Database()
	for _, statement := range []string{
		`insert into orders
		select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', 1000 + 10 * d + n,
		       'placed_at', (date_trunc('day', now() at time zone 'Asia/Shanghai') - d * interval '1 day' + interval '12 hours') at time zone 'Asia/Shanghai'))).*
		  from orders o
		 cross join generate_series(1, 14) d
		 cross join generate_series(1, 4) n
		 where n <= case d % 2 when 1 then 4 else 2 end`,
		`update orders set placed_at = now() where number < 1000`,
		`delete from demand_days`,
		`delete from demand_marks`,
	} {
		if _, err := d.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	said, err := backtest("--community", "DCXY")
	if err != nil {
		t.Fatal(err)
	}
	// Of the last seven days, 4 2 4 2 4 2 4, yesterday's number is wrong by 2 on each: 14/22. The mean of the seven days before is 20/7 or 22/7, and wrong by 8/7: 8/22.
	for _, want := range []string{"小区 estate", "0.636 (1.00)", "0.364 (0.57)", "已截单的接单时段", "Closed order windows and like windows are not part of it"} {
		if !strings.Contains(said, want) {
			t.Errorf("got no %q in\n%s", want, said)
		}
	}
	t.Log("\n" + said)
}
