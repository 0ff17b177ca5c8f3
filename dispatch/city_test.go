package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/city"
)

// city is what the city sees of the community: the open orders, those held, the per cent late, those handed over today, the minutes from the
// gate to the door, open incidents, and orders for each 100 hours on shift. * stands for a suppressed number.
func (e *house) city() string {
	e.t.Helper()
	b := must(e.db.CityBoard(e.t.Context(), delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}, e.time()))
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
