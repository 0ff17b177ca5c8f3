package dispatch_test

import (
	"math"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/gate"
)

// TestDayFacts reads what a rehearsal takes from a community's rows.
func TestDayFacts(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := must(e.db.CommunitiesByID(t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0]
	from, until, refusal := c.DayOf(c.Day(e.time()))
	if refusal != nil {
		t.Fatal(refusal)
	}
	e.plan(e.planned(0, 8, "S01", "S02"))
	first, second, third := e.place(e.homes[0]), e.place(e.homes[1]), e.place(e.homes[2])
	must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: third, Bags: new(3)}}}))
	for _, id := range []delivery.ID{first, second} {
		for _, stage := range []delivery.Stage{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
			e.move(e.commander, id, stage)
		}
	}
	e.move(e.commander, first, "DELIVERED")
	e.pass(90 * time.Second)
	e.move(e.commander, second, "DELIVERED")
	f := must(e.db.DayFacts(t.Context(), e.commander.Scope(), e.community.Community, from, until, e.time()))
	households := 0
	for _, u := range f.Units {
		households += u.Households
	}
	if households < len(e.homes) || len(f.Members) == 0 || f.PerDay != 0 {
		t.Errorf("got %d households, squads %v, %d orders a day", households, f.Members, f.PerDay)
	}
	if len(f.Trucks) != 1 || f.Trucks[0].Orders != 1 || f.Trucks[0].Bags != 3 {
		t.Errorf("got the trucks %+v, want one with an order of 3 bags", f.Trucks)
	}
	if len(f.Shifts) != 1 || f.Shifts[0].Members != 2 || f.Shifts[0].Squad != delivery.SquadSupply {
		t.Errorf("got the shifts %+v, want one of two members", f.Shifts)
	}
	door := delivery.StepFact{}
	for _, s := range f.Steps {
		if s.Step == delivery.StepDoor {
			door = s
		}
	}
	if door.Sample != 1 || math.Abs(door.Mean-math.Log(90)) > 0.02 || door.Spread != 0 {
		t.Errorf("got %+v at the doors of %+v, want one gap of 90 s", door, f.Steps)
	}
	if _, err := e.db.DayFacts(t.Context(), delivery.Actor{Role: delivery.RoleCommander, Community: e.community.Community + 1}.Scope(), e.community.Community, from, until, e.time()); delivery.CodeOf(err) != delivery.CodeNotFound {
		t.Errorf("another community's commander: got %v", err)
	}
}
