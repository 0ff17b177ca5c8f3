package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/delivery"
	"baogong/dispatch/order"
)

// demandOf is what is counted of a day.
func (e *house) demandOf(day string) []string {
	e.t.Helper()
	out := e.column(`
		select concat_ws(' ', d.kind, case when d.part in ('*', 'REST', 'DELIVERY') then d.part else 'window' end, b.code, d.item, d.channel, d.orders || '/' || d.households, d.quantity)
		  from demand_days d
		  left join buildings b on b.community_id = d.community_id and b.id = d.building_id
		 where d.day = cast($1 as date)`, day)
	slices.Sort(out)
	return out
}

// forecasts are those stored for a day.
func (e *house) forecasts(day string) []string {
	e.t.Helper()
	out := e.column(`
		select concat_ws(' ', f.kind, b.code, f.item, f.expected, f.low || '-' || f.high, f.method, f.like_days)
		  from forecasts f
		  left join buildings b on b.community_id = f.community_id and b.id = f.building_id
		 where f.day = cast($1 as date)`, day)
	slices.Sort(out)
	return out
}

// TestDemand counts days that are over, and forecasts the next day on the evening before.
func TestDemand(t *testing.T) {
	t.Parallel()
	e := newEstate(t) // on 18 February at nine o'clock
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", what, got, want)
		}
	}
	_ = e.basket(e.resident, e.sell(nil), 2) // the window delivers in two hours
	_, _ = e.place(e.homes[0]), e.at(delivery.Cancelled, delivery.ChannelApp)
	later := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelPhone})
	_, _ = e.place(e.homes[1]), e.place(e.homes[4])
	e.tick()
	want("a day that is not over", e.demandOf("2020-02-18"))
	e.pass(24 * time.Hour)
	for range 3 {
		e.tick()
		want("a day that is over", e.demandOf("2020-02-18"),
			"ALL * 5/3", "ALL DELIVERY 4/3", "ALL window 1/1",
			"BUILDING * E6 4/2", "BUILDING * E7 1/1", "BUILDING DELIVERY E6 3/2", "BUILDING DELIVERY E7 1/1", "BUILDING window E6 1/1",
			"CHANNEL * APP 4/3", "CHANNEL * PHONE 1/1",
			"ITEM * 上海青 4/3 6.000", "ITEM DELIVERY 上海青 4/3 6.000", "ITEM * 蔬菜包A 1/1 2.000", "ITEM window 蔬菜包A 1/1 2.000",
			"BUILDING_ITEM DELIVERY E6 上海青 3/2 4.500", "BUILDING_ITEM DELIVERY E7 上海青 1/1 1.500", "BUILDING_ITEM window E6 蔬菜包A 1/1 2.000")
		if e.row(later).Stage == delivery.Placed {
			e.move(e.commander, later, delivery.Cancelled) // on the next day
		}
	}
	// Three days without a window, of 2, 4 and 6 orders. On the last E6 is held for seven hours.
	for n := 2; n <= 6; n += 2 {
		if n == 6 {
			_ = e.hold(new(e.time().Add(7*time.Hour)), e.buildings[0])
		}
		for range n {
			_ = e.place(e.homes[0])
		}
		e.pass(8 * time.Hour)
		e.tick()
		e.pass(16 * time.Hour)
		e.tick()
	}
	if got := e.column("select cast(max(day) as text) from demand_days")[0]; got != "2020-02-21" {
		t.Fatalf("got days counted until %s, want 2020-02-21", got)
	}
	e.pass(10*time.Hour + 59*time.Minute) // 19:59 on 22 February
	e.tick()
	want("before eight in the evening", e.forecasts("2020-02-23"))
	e.pass(time.Minute)
	var both errgroup.Group // a second clock worker, which has not noticed yet that it does not lead
	for range 2 {
		both.Go(func() error { return e.d.Tick(t.Context()) })
	}
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	// The estate's mean of three like days, 4, is shared by households: E6 has half of them, and two like days without the held one.
	evening := []string{"ALL 4 2-7 MEAN 3", "BUILDING E6 2 0-4 SHARED 2", "ITEM 上海青 6 3-9 MEAN 3", "BUILDING_ITEM E6 上海青 0-5 UP_TO 2"}
	want("in the evening", e.forecasts("2020-02-23"), evening...)
	for range 5 {
		_ = e.place(e.homes[0])
	}
	e.pass(5 * time.Hour)
	e.tick()
	e.tick()
	want("later", e.forecasts("2020-02-23"), evening...)

	past := must(e.d.Demand.UnscopedPast(t.Context(), e.community.Community, 3, e.time())) // on 23 February
	var whole []string
	for _, r := range past.Rows {
		if r.Kind == delivery.DemandAll && r.Part == delivery.WholeDay {
			whole = append(whole, fmt.Sprint(r.Day, " ", r.Orders))
		}
	}
	want("the last three days", whole, "2020-02-20 4", "2020-02-21 6", "2020-02-22 5")
	want("their names", past.Days, "2020-02-20", "2020-02-21", "2020-02-22")
	rows := must(e.db.Demand(t.Context(), e.commander.Scope(), e.community.Community, delivery.DemandBuildingItem, "2020-02-18", "2020-02-19"))
	var read []string
	for _, r := range rows {
		read = append(read, fmt.Sprint(r.Day, " ", *r.Item, " ", r.Orders, " ", r.Quantity))
	}
	slices.Sort(read)
	want("items by building", read, "2020-02-18 上海青 3 4.5", "2020-02-18 上海青 1 1.5", "2020-02-18 蔬菜包A 1 2", "2020-02-19 上海青 2 3")
	shown := must(e.db.Forecasts(t.Context(), e.commander.Scope(), e.community.Community, "2020-02-23")).Show(e.community.Community, "2020-02-23", delivery.DaysFrom("2020-01-26", "2020-02-22"))
	if len(shown.Rows) != 4 || shown.NoBetter || shown.Rows[0].Kind != delivery.DemandAll || *shown.Rows[0].Expected != 4 {
		t.Errorf("got %+v", shown)
	}
}

// TestDemandIsBounded counts the items in most orders, if there are more than can be counted.
func TestDemandIsBounded(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	items := func(from, until int) (out []*order.LineInput) {
		for i := from; i < until; i++ {
			out = append(out, &order.LineInput{Item: fmt.Sprintf("商品%03d号", i), Quantity: 1000, Unit: "件"})
		}
		return out
	}
	for _, lines := range [][]*order.LineInput{items(0, 100), items(100, 200), items(200, 250), items(230, 250)} { // the last twenty are in two orders
		p := must(e.d.Order.PlaceOrder(t.Context(), e.commander, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp, SupplierID: &e.suppliers[1], Lines: lines}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
	}
	e.pass(24 * time.Hour)
	e.tick()
	for kind, want := range map[string]string{"ITEM": "100 20 120", "BUILDING_ITEM": "100 20 120"} {
		got := e.column(`select count(*) || ' ' || count(*) filter (where orders = 2) || ' ' || trim_scale(sum(quantity)) from demand_days where kind = $1 and (part = '*' or $1 = 'BUILDING_ITEM')`, kind)[0]
		if got != want {
			t.Errorf("%s: got rows, in two orders, and pieces %s; want %s", kind, got, want)
		}
	}
	e.pass(11 * time.Hour)
	e.tick()
	for kind, want := range map[string]string{"ITEM": "100", "BUILDING_ITEM": "50"} {
		if got := e.column(`select cast(count(*) as text) from forecasts where kind = $1`, kind)[0]; got != want {
			t.Errorf("got %s forecasts of %s, want %s", got, kind, want)
		}
	}
	if got := e.column(`select cast(count(*) as text) from forecasts where kind = 'ITEM' and item between '商品230号' and '商品249号'`)[0]; got != "20" {
		t.Errorf("got forecasts of %s items that are in two orders, want all 20", got)
	}
}
