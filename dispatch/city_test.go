package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/city"
)

// city is what the city sees of the community: the open orders, those held, the per cent late, those handed over today, the minutes from the
// gate to the door, open incidents, and orders for each 100 hours on shift. * stands for a suppressed number.
func (e *house) city() string {
	e.t.Helper()
	return e.shown(must(e.db.CityBoard(e.t.Context(), wholeCity, e.time())))
}

// cityOn is what the city sees of the community's past day: the numbers as city has them.
func (e *house) cityOn(day string) string {
	e.t.Helper()
	return e.shown(must(e.db.CityDay(e.t.Context(), wholeCity, day, e.time())))
}

// wholeCity is the scope of a city that counts all communities.
var wholeCity = delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}

func (e *house) shown(b *delivery.CityBoard) string {
	s := ""
	for _, n := range []*delivery.CityNumber{b.Communities[0].Open, b.Communities[0].Held, b.Communities[0].LatePercent, b.Communities[0].DeliveredToday,
		b.Communities[0].MedianMinutesGateToDoor, b.Communities[0].OpenIncidents, b.Communities[0].OrdersPer100PersonHours} {
		if n.Suppressed() {
			s += "* "
		} else {
			s += fmt.Sprint(*n.Count, " ")
		}
	}
	return s
}

// TestCityReleases moves orders between readings: the city sees a change only when it concerns five households or none.
func TestCityReleases(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	want := func(what, want string) {
		t.Helper()
		e.pass(city.ReleaseEvery)
		e.tick()
		if got := e.city(); got != want+" " {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	if got := e.city(); got != "* * * * * * * " {
		t.Errorf("before the first reading: got %q", got)
	}
	duty := e.plan(e.planned(0, 8, "S01"))
	e.check(e.lead, &duty, false, "S01")
	var orders []delivery.ID
	for _, home := range e.homes[:6] {
		orders = append(orders, e.place(home))
	}
	want("six households with an order each", "6 * * * * * *")
	orders = append(orders, e.place(e.homes[6]))
	want("one more, which concerns one household", "6 * * * * * *")
	for range 3 {
		orders = append(orders, e.place(e.homes[6]))
	}
	want("three more of that household", "6 * * * * * *")
	for _, home := range e.homes[:4] {
		orders = append(orders, e.place(home))
	}
	want("four of others: the change concerns five", "14 * * * * * *")
	for _, id := range orders[:5] { // of five households
		for _, stage := range []delivery.Stage{"DISPATCHED", "AT_GATE", "SORTED"} {
			e.move(e.commander, id, stage)
		}
	}
	want("five stand sorted", "14 * * * * * *")
	e.pass(15 * time.Minute)
	for _, id := range orders[:5] {
		for _, stage := range []delivery.Stage{"AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"} {
			e.move(e.commander, id, stage)
		}
	}
	want("and come to the door", "9 * * 5 20 * 667")
	held := e.hold(nil, orders[5], orders[6], orders[10], orders[11]) // of four households
	want("four are held", "9 * * 5 20 * 600")
	e.release(held...)
	want("and move again", "9 * * 5 20 * 545")
	for _, id := range orders[:5] {
		if _, refusal := e.trouble(e.commander, delivery.IncidentComplaint, id); refusal != nil {
			t.Fatal(refusal)
		}
	}
	want("five households complain", "9 * * 5 20 5 500")
	e.trouble(e.commander, delivery.IncidentSafety, e.buildings[0])
	want("an incident that names no household", "9 * * 5 20 6 462")

	first := e.column(`select cast(max(at) as text) from city_releases`)
	e.pass(time.Hour)
	e.tick() // the day goes on, and nothing happened
	if got := e.column(`select cast(max(at) as text) from city_releases`); got[0] != first[0] {
		t.Errorf("numbers were read at %v although nothing happened since %v", got, first)
	}
}

// TestCityDays goes through some days: each is stored when it ends, as the city saw it then, and stays what it was.
func TestCityDays(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const first, second, third = "2020-02-18", "2020-02-19", "2020-02-20"
	c := must(e.db.CommunitiesByID(t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0]
	want := func(what, day, want string) {
		t.Helper()
		if got := e.cityOn(day); got != want+" " {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	midnight := func() { // and a moment
		_, to := c.Today(e.time())
		e.pass(to.Sub(e.time()) + time.Second)
		e.tick()
	}
	deliver := func(orders []delivery.ID) {
		for _, id := range orders {
			for _, stage := range []delivery.Stage{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"} {
				e.move(e.commander, id, stage)
			}
		}
		e.pass(city.ReleaseEvery)
		e.tick()
	}
	const none, ended = "* * * * * * *", "6 * * 5 0 * *"
	var orders []delivery.ID
	for _, home := range append(slices.Clone(e.homes[:5]), e.homes[:6]...) {
		orders = append(orders, e.place(home))
	}
	deliver(orders[:5])
	want("a day that is not over", first, none)
	e.place(e.homes[6]) // of one household, which the city is not shown by the day's end
	midnight()
	want("the day that has ended", first, ended)
	want("a day before the first reading", "2020-02-17", none)

	for _, home := range e.homes[:7] {
		orders = append(orders, e.place(home))
	}
	e.pass(city.ReleaseEvery)
	e.tick()
	if got := e.city(); got != "14 * * * * * * " {
		t.Errorf("on the second day the city sees %q, want 14 open orders and nothing handed over", got)
	}
	want("the first day after later changes", first, ended)
	e.d.City = &city.Verbs{Engine: e.d.Engine} // a clock worker that remembers nothing
	e.tick()
	want("the first day after a restart", first, ended)
	e.pass(time.Second)

	deliver(orders[5:10])
	e.pass(2 * 24 * time.Hour) // without a clock worker
	e.tick()
	want("the second day", second, "9 * * 5 0 * *")
	want("a day without a clock worker, on which nothing was handed over", third, "9 * * * * * *")
	if got := e.column(`select distinct cast(day as text) from city_days order by 1`); strings.Join(got, " ") != first+" "+second+" "+third {
		t.Errorf("got the days %v", got)
	}

	e.pass((delivery.CityDaysKept - 2) * 24 * time.Hour) // it is 365 days after the second day
	e.tick()
	want("a day of more than a year ago", first, none)
	want("a day of a year ago", second, "9 * * 5 0 * *")
}
