package dispatch_test

import (
	"math"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/dispatch/order"
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
	must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: third, Bags: new(3), Marks: []delivery.Mark{delivery.MarkCold, delivery.MarkMedicine}}}}))
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
	if households < len(e.homes) || len(f.Members) == 0 || f.PerDay != 3 || f.Today != 3 || f.Orders() != 3 {
		t.Errorf("got %d households, squads %v, %d orders a day and %d today; want 3 of a community's first day", households, f.Members, f.PerDay, f.Today)
	}
	if want := (delivery.MarkedFact{Orders: 2}); f.Marked != want {
		t.Errorf("got the marks %+v, want %+v before the third order comes to the gate", f.Marked, want)
	}
	e.move(e.commander, third, "AT_GATE")
	e.pass(time.Second)
	if f, want := must(e.db.DayRows(t.Context(), e.commander.Scope(), e.community.Community, from, until, e.time())), (delivery.MarkedFact{Orders: 3, Medicine: 1}); f.Marked != want {
		t.Errorf("got the marks %+v, want %+v: an order with both marks is medicine", f.Marked, want)
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

// TestStepsAreMeasured takes twelve orders of one truck through the chain: the gate counts for ten minutes, for five of them beside a truck with one order. The goods settle for twenty minutes, eleven orders are sorted in two calls, and one is found an hour later. Two volunteers' rounds follow.
func TestStepsAreMeasured(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := must(e.db.CommunitiesByID(t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0]
	from, until, refusal := c.DayOf(c.Day(e.time()))
	if refusal != nil {
		t.Fatal(refusal)
	}
	var ids []delivery.ID
	in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1]}
	homes := e.doors(13)
	for _, home := range homes[:12] {
		id := e.place(home)
		ids, in.Orders = append(ids, id), append(in.Orders, &gate.AnnouncedOrderInput{OrderID: id, Bags: new(2)})
	}
	truck := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in)).ArrivalID
	second := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1],
		Orders: []*gate.AnnouncedOrderInput{{OrderID: e.place(homes[12]), Bags: new(6)}}})).ArrivalID
	must(e.d.Gate.Arrive(t.Context(), e.duty, gate.ArriveInput{ArrivalID: truck}))
	e.pass(5 * time.Minute)
	must(e.d.Gate.Arrive(t.Context(), e.duty, gate.ArriveInput{ArrivalID: second}))
	e.pass(5 * time.Minute)
	for _, id := range []delivery.ID{second, truck} {
		must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: id, AllButListed: true, Complete: true, SettleUntil: new(e.time().Add(20 * time.Minute))}))
	}
	e.pass(20 * time.Minute)
	e.tick()
	advance := func(a delivery.Actor, to delivery.Stage, ids ...delivery.ID) {
		t.Helper()
		move := order.AdvanceOrdersInput{To: to}
		for _, id := range ids {
			move.Orders = append(move.Orders, &order.OrderMoveInput{OrderID: id})
		}
		if p := must(e.d.Order.AdvanceOrders(t.Context(), a, move)); p.Moved() != len(ids) {
			t.Fatalf("%s: moved %d of %d: %v", to, p.Moved(), len(ids), p.Results[0].UserErrors)
		}
	}
	advance(e.duty, delivery.Sorted, ids[:3]...)
	e.pass(12 * time.Minute)
	advance(e.duty, delivery.Sorted, ids[3:11]...) // 90 seconds for each
	e.pass(time.Hour)
	advance(e.duty, delivery.Sorted, ids[11]) // after a pause
	advance(e.commander, delivery.AtBuilding, ids...)
	advance(e.commander, delivery.OutForDelivery, ids[:4]...)
	e.pass(5 * time.Minute)
	advance(e.commander, delivery.Delivered, ids[0]) // after the way up
	e.pass(2 * time.Minute)
	advance(e.commander, delivery.Delivered, ids[1:3]...)
	e.pass(3 * time.Minute)
	advance(e.commander, delivery.OutForDelivery, ids[4:6]...)
	e.pass(3 * time.Minute)
	advance(e.commander, delivery.Delivered, ids[4]) // after the way up

	f := must(e.db.DayFacts(t.Context(), e.commander.Scope(), e.community.Community, from, until, e.time()))
	got := map[delivery.ChainStep]delivery.StepFact{}
	for _, s := range f.Steps {
		got[s.Step] = s
	}
	for _, want := range []delivery.StepFact{
		{Step: delivery.StepGate, Sample: 30, Mean: 20, Share: 1},
		{Step: delivery.StepSettle, Sample: 13, Mean: 20 * 60, Share: 1},
		{Step: delivery.StepSort, Sample: 8, Mean: 90, Share: 1},
		{Step: delivery.StepOverlooked, Sample: 12, Mean: 72 * 60, Share: 1.0 / 12},
		{Step: delivery.StepDoor, Sample: 2, Mean: 60, Share: 1},
	} {
		s := got[want.Step]
		s.Mean = math.Exp(s.Mean)
		if s.Sample != want.Sample || math.Abs(s.Mean-want.Mean) > 0.01*want.Mean || math.Abs(s.Share-want.Share) > 1e-9 || s.Spread > 1e-6 {
			t.Errorf("got %+v with a mean of %.1f s, want %+v", s, s.Mean, want)
		}
	}
}

// TestTimeOfATruckIsALine has the gate count six trucks of one to six orders with two bags each, one after the other: a truck takes five minutes and half a minute for each bag,
// and all its orders are counted at the end. Of six equal trucks no line can be told.
func TestTimeOfATruckIsALine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		orders       func(truck int) int
		unload, gate float64 // minutes
	}{
		{"of one to six orders", func(i int) int { return i + 1 }, 5 + 0.5*91/21, 0.5},
		{"of two orders each", func(int) int { return 2 }, 0, 7.0 / 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			since, homes, counted := e.time(), e.doors(21), 0
			for i := range 6 {
				in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1]}
				for range c.orders(i) {
					in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: e.place(homes[0]), Bags: new(2)})
					homes = homes[1:]
				}
				truck := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in)).ArrivalID
				must(e.d.Gate.Arrive(t.Context(), e.duty, gate.ArriveInput{ArrivalID: truck}))
				counted += 2 * len(in.Orders)
				e.pass(5*time.Minute + time.Duration(2*len(in.Orders))*30*time.Second)
				must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: truck, AllButListed: true, Complete: true}))
			}
			minutes := map[delivery.ChainStep]float64{}
			for _, f := range must(e.db.StepFacts(t.Context(), e.commander.Scope(), e.community.Community, since, e.time())) {
				minutes[f.Step] = f.Minutes().Minutes
				if (f.Step == delivery.StepUnload || f.Step == delivery.StepGate) && f.Sample != counted {
					t.Errorf("%s has a sample of %d bags, want %d", f.Step, f.Sample, counted)
				}
			}
			if math.Abs(minutes[delivery.StepUnload]-c.unload) > 0.01 || math.Abs(minutes[delivery.StepGate]-c.gate) > 0.01 {
				t.Errorf("got %v, want %v minutes for a truck and %v for a bag", minutes, c.unload, c.gate)
			}
		})
	}
}
