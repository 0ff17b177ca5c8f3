package demo

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// options are those of an estate that starts at one morning, at max speed.
func options(t *testing.T, small bool) Options {
	t.Helper()
	d := dbtest.Open(t)
	clock := NewClock(time.Date(2020, 2, 18, 6, 0, 0, 0, time.FixedZone("CST", 8*3600)), 0)
	return Options{DB: d, Dispatch: &dispatch.Dispatch{DB: d, Now: clock.Now, Machine: time.Now}, Clock: clock, Seed: 1, Days: 1,
		Out: io.Discard, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), small: small}
}

func TestEstate(t *testing.T) {
	t.Parallel()
	o := options(t, false)
	e, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	scope, community := e.commander.Scope(), e.community.Community
	units, err := o.DB.UnitsOfBuildings(t.Context(), scope, e.buildings)
	if err != nil {
		t.Fatal(err)
	}
	team, err := o.DB.Volunteers(t.Context(), scope, community, db.VolunteerFilter{}, db.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	services, err := o.DB.ServicesOfBuildings(t.Context(), scope, e.buildings)
	if err != nil {
		t.Fatal(err)
	}
	serving := map[delivery.UUID]int{}
	for _, s := range services {
		serving[s.BuildingUUID]++
	}
	for _, count := range []struct {
		what      string
		got, want int
	}{{"buildings", len(e.buildings), 26}, {"units", len(units), 35}, {"households", len(e.households), 3710},
		{"volunteers", len(team.Items), 150}, {"suppliers", len(e.suppliers), 4}, {"buildings served", len(serving), 26}} {
		if count.got != count.want {
			t.Errorf("%s: got %d, want %d", count.what, count.got, count.want)
		}
	}
	for building, n := range serving {
		if n < 2 || n > 3 {
			t.Errorf("building %s: got %d volunteers, want 2 or 3", building, n)
		}
	}
	for _, a := range e.Actors() {
		if a.Role == string(delivery.RoleAdmin) || a.Role == string(delivery.RoleCity) {
			continue // no row is theirs
		}
		if got, err := o.DB.UnscopedActorNamed(t.Context(), a.Name, ""); err != nil || string(got.Role) != a.Role {
			t.Errorf("%s: got %s, %v, want %s", a.Name, got.Role, err, a.Role)
		}
	}
	again, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.households) != len(e.households) || again.community != e.community {
		t.Errorf("loaded again: got %d households, want %d", len(again.households), len(e.households))
	}
	for range 20 {
		if n := again.ordersToday(); n < 1199 || n > 1261 {
			t.Errorf("got %d orders a day, want about 1,230", n)
		}
	}
	again.orders = 400 // a third of a day's, for the test's time
	r, err := again.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", r)
	// Started at six in the morning, so most of the day's orders, and those the estate starts with.
	if r.Placed < 330 || r.Placed > 420 {
		t.Errorf("got %d orders, want most of 400", r.Placed)
	}
	if got := r.Stages[delivery.Delivered]; got < 350 {
		t.Errorf("got %d delivered, want most", got)
	}
	all, err := o.DB.Orders(t.Context(), scope, community, db.OrderFilter{}, db.SortNumber, false, db.Page{Limit: 2000})
	if err != nil {
		t.Fatal(err)
	}
	through := map[delivery.Channel]int{}
	for _, row := range all.Items {
		through[row.Channel]++
	}
	for channel, percent := range map[delivery.Channel]int{delivery.ChannelApp: 60, delivery.ChannelGroupBuy: 15, delivery.ChannelPhone: 18, delivery.ChannelBuyFor: 4, delivery.ChannelErrand: 3} {
		if got := 100 * through[channel] / len(all.Items); got < percent-6 || got > percent+6 {
			t.Errorf("%s: got %d %% of the orders, want about %d", channel, got, percent)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	run := func(orders int) Report {
		o := options(t, true)
		o.orders = orders
		e, err := Load(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	one, two := run(60), run(60)
	if one.Placed != two.Placed || one.Moves != two.Moves || one.Events != two.Events {
		t.Errorf("got %+v and %+v, want the same for the same seed", one, two)
	}
}

// A visitor moves whatever they like meanwhile.
func TestRun_visitor(t *testing.T) {
	t.Parallel()
	o := options(t, true)
	o.orders = 60
	e, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			rows, err := o.DB.Orders(ctx, e.commander.Scope(), e.community.Community, db.OrderFilter{}, db.SortMovedAt, true, db.Page{Limit: 20})
			if err != nil {
				continue
			}
			for _, row := range rows.Items {
				for _, edge := range e.commander.AllowedMoves(&row.OrderSnapshot)[:min(1, len(e.commander.AllowedMoves(&row.OrderSnapshot)))] {
					_, _ = o.Dispatch.AdvanceOrders(ctx, e.commander, dispatch.AdvanceOrdersInput{To: edge.To, Orders: []*dispatch.OrderMoveInput{{OrderID: row.ID()}}})
				}
			}
		}
	}()
	_, err = e.Run(t.Context())
	stop()
	<-done
	if err != nil {
		t.Error(err)
	}
}

func TestRun_stops(t *testing.T) {
	t.Parallel()
	o := options(t, true)
	o.Clock, o.Days = NewClock(time.Now(), 60), 0
	o.Dispatch.Now = o.Clock.Now
	e, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	began := time.Now()
	if _, err := e.Run(ctx); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("stopped after %s, want at once", took)
	}
}
