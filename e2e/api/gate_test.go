package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// bagged is an order of an announcement, packed in so many bags.
func bagged(id string, bags int) obj { return obj{"orderId": id, "bags": bags} }

// receive is the count of an order.
func receive(id string, bags int) obj { return obj{"orderId": id, "received": bags} }

func announcement(e *house.Estate, at time.Time, orders ...obj) obj {
	return obj{"supplierId": e.Suppliers["caiban"], "expectedAt": at, "vehicle": "鄂E·12345", "driverPhone": "13612345678", "orders": append([]obj{}, orders...)}
}

// incidentsOf returns the open incidents of a subject as text: MISSING 2.
func incidentsOf(e *house.Estate, column, subject string) string {
	e.T.Helper()
	return e.Text(`select coalesce(string_agg(kind || ' ' || bags, ', ' order by kind), '') from incidents where state <> 'RESOLVED' and ` + column + ` = '` + house.UUID(e.T, subject) + `'`)
}

// TestArrival receives a truck with a whole, a short, a missing, a damaged and a surplus order, and finds the late bag.
func TestArrival(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	caiban, gate := e.As("caiban"), e.As("D01")
	whole, short, lost, damaged, surplus := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E6-2-1103"), e.Place("E7-1-1103"), e.Place("E7-1-1203")
	slot := e.Clock.Now().Add(time.Hour)
	a := e.Gate(caiban, "announceArrival", announcement(e, slot, bagged(whole, 2), bagged(short, 3), bagged(lost, 2), bagged(damaged, 1), bagged(surplus, 1))).Arrival
	if a.State != "ANNOUNCED" || a.BagsAnnounced != 9 || a.Orders != 5 || *a.Dock != 1 || a.SlotAt.After(slot) || slot.Sub(*a.SlotAt) >= 20*time.Minute || a.DriverPhone != "136****5678" {
		t.Fatalf("got %+v, want 9 bags of 5 orders at dock 1 of their slot", a)
	}
	if o := e.Order(caiban, short); o.Bags != 3 || o.Stage != "PLACED" {
		t.Errorf("got %+v, want 3 bags and no move", o)
	}
	if got := e.Gate(gate, "arrive", obj{"arrivalId": a.ID, "expectedVersion": a.Version}).Arrival; got.State != "ARRIVED" {
		t.Errorf("got %+v, want it ARRIVED", got)
	}
	part := e.Gate(gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": []obj{receive(short, 1)}})
	if part.Moved != 0 || part.Arrival.BagsReceived != 1 || part.Arrival.BagsMissing != 2 || e.Order(gate, short).BagsIn != 0 {
		t.Errorf("got %+v, want a count that moves nothing", part)
	}
	stray := e.Gate(gate, "logStrays", obj{"communityId": e.Community, "arrivalId": a.ID, "strays": []obj{{"label": "看不清", "place": "3 号架"}}}).Results[0].Stray
	exceptions := []obj{receive(short, 2), receive(lost, 0), {"orderId": damaged, "received": 1, "damaged": 1}, receive(surplus, 2)}
	if no := e.GateRefused(gate, "receiveArrival", obj{"arrivalId": a.ID, "allButListed": true, "orders": exceptions, "bagsCounted": 9, "complete": true}); no.Reason != "COUNT_DIFFERS" || no.Details.Bags != 8 {
		t.Errorf("got %+v, want COUNT_DIFFERS with 8 bags", no)
	}
	settle := e.Clock.Now().Add(30 * time.Minute)
	key := obj{"arrivalId": a.ID, "allButListed": true, "orders": exceptions, "bagsCounted": 8, "complete": true, "settleUntil": settle, "clientMutationId": "count"}
	for range 2 { // the second is the retry of a phone that heard nothing
		done := e.Gate(gate, "receiveArrival", key)
		if done.Moved != 4 || done.IncidentsOpened != 3 || done.Arrival.State != "RECEIVED" || *done.Arrival.BagsCounted != 8 || done.Arrival.BagsMissing != 3 || done.Arrival.BagsDamaged != 1 {
			t.Errorf("got %+v, want 4 orders moved, 3 incidents and 8 bags", done)
		}
	}
	for id, want := range map[string]string{whole: "AT_GATE 2/2 ", short: "AT_GATE 2/3 SHORT 1", lost: "PLACED 0/2 MISSING 2", damaged: "AT_GATE 1/1 DAMAGED 1", surplus: "AT_GATE 2/2 "} {
		o := e.Order(gate, id)
		if got := fmt.Sprintf("%s %d/%d %s", o.Stage, o.BagsIn, o.Bags, incidentsOf(e, "order_id", id)); got != want || o.Held != (o.Stage == "AT_GATE") {
			t.Errorf("got %s, held %v, want %s", got, o.Held, want)
		}
	}
	if no := e.Refused(gate, house.MoveTo("SORTED", whole)); no.Reason != "HELD" || no.Details.HoldReason != "SETTLING" || !no.Details.HeldUntil.Equal(settle) {
		t.Errorf("got %+v, want HELD by SETTLING", no)
	}
	var held struct {
		Order struct {
			Holds []struct{ Reason, ArrivalID string }
		}
	}
	e.Must(gate, `query ($id: ID!) { order(id: $id) { holds { reason arrivalId } } }`, obj{"id": whole}, &held)
	if h := held.Order.Holds; len(h) != 1 || h[0].Reason != "SETTLING" || h[0].ArrivalID != a.ID {
		t.Errorf("got %+v, want the hold on the arrival", h)
	}
	// A late bag of the truck settles as long, and the goods settle by themselves.
	second := e.Gate(gate, "logStrays", obj{"communityId": e.Community, "arrivalId": a.ID, "strays": []obj{{"place": "4 号架"}}}).Results[0].Stray
	waits := e.Place("E2-1-1103")
	e.Gate(gate, "closeStrays", obj{"strays": []obj{{"strayId": second.ID, "orderId": waits}}})
	if o := e.Order(gate, waits); o.Stage != "AT_GATE" || !o.Held {
		t.Errorf("got %+v, want the late bag held as well", o)
	}
	e.Clock.Pass(31 * time.Minute)
	house.WaitFor(t, "the late bag to have settled", func() bool { return !e.Order(gate, waits).Held })
	house.WaitFor(t, "the goods to have settled", func() bool { return !e.Order(gate, whole).Held && !e.Order(gate, surplus).Held })
	e.Advance(gate, "SORTED", whole)

	// The late bag of the missing order turns up, and is matched by its label.
	e.Gate(gate, "closeStrays", obj{"strays": []obj{{"strayId": stray.ID, "label": fmt.Sprint("#", e.Order(gate, lost).Number)}}})
	if o := e.Order(gate, lost); o.Stage != "AT_GATE" || o.BagsIn != 1 || incidentsOf(e, "order_id", lost) != "SHORT 1" {
		t.Errorf("got %+v with %s, want it at the gate and SHORT 1", o, incidentsOf(e, "order_id", lost))
	}
	// The rest comes with the next truck.
	next := e.Gate(caiban, "announceArrival", announcement(e, e.Clock.Now().Add(time.Hour), obj{"orderId": lost}, obj{"orderId": short})).Arrival
	if next.BagsAnnounced != 2 {
		t.Errorf("got %d bags announced, want the 2 that are missing", next.BagsAnnounced)
	}
	e.Gate(gate, "receiveArrival", obj{"arrivalId": next.ID, "allButListed": true, "complete": true})
	for _, id := range []string{lost, short} {
		if o := e.Order(gate, id); o.BagsIn != o.Bags || incidentsOf(e, "order_id", id) != "" {
			t.Errorf("got %+v with %s, want all bags in and no incident", o, incidentsOf(e, "order_id", id))
		}
	}
	if got := e.Text(`select count(*)::text from incidents where kind = 'STRAY' and state <> 'RESOLVED'`); got != "0" {
		t.Errorf("got %s open incidents of strays, want 0", got)
	}
}

// TestSlots takes the docks of a slot one by one, and names the next free slots when all are taken.
func TestSlots(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	at := e.Clock.Now().Add(2 * time.Hour).Truncate(20 * time.Minute)
	orders := e.PlaceMany(8)
	caiban := e.As("caiban")
	var docks []int
	var group errgroup.Group
	answers := make([]house.GateAnswer, 3)
	for i := range answers { // three trucks at once for two docks
		group.Go(func() (err error) {
			answers[i], err = e.TryGate(caiban, "announceArrival", announcement(e, at.Add(time.Duration(i)*time.Minute), bagged(orders[i], 1)))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	var full []house.UserError
	first := ""
	for _, a := range answers {
		if a.Arrival != nil {
			docks, first = append(docks, *a.Arrival.Dock), a.Arrival.ID
		}
		full = append(full, a.UserErrors...)
	}
	slices.Sort(docks)
	if !slices.Equal(docks, []int{1, 2}) || len(full) != 1 || full[0].Reason != "SLOT_TAKEN" {
		t.Fatalf("got docks %v and %+v, want 1, 2 and SLOT_TAKEN", docks, full)
	}
	e.Update(e.As("C01"), "community", obj{"id": e.Community, "docks": 1})
	e.Gate(caiban, "announceArrival", announcement(e, at.Add(20*time.Minute), bagged(orders[3], 1)))
	no := e.GateRefused(caiban, "announceArrival", announcement(e, at, bagged(orders[4], 1)))
	if want := []time.Time{at.Add(40 * time.Minute), at.Add(60 * time.Minute), at.Add(80 * time.Minute)}; !slices.EqualFunc(no.Details.Free, want, time.Time.Equal) {
		t.Errorf("got %v, want %v", no.Details.Free, want)
	}
	e.Update(e.As("C01"), "community", obj{"id": e.Community, "docks": 2})
	e.Gate(caiban, "cancelArrival", obj{"arrivalId": first}) // which frees its dock and its orders
	e.Gate(caiban, "announceArrival", announcement(e, at, bagged(orders[5], 1)))
	unannounced := e.Gate(e.As("D01"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "orders": []obj{bagged(orders[6], 1)}}).Arrival
	if unannounced.State != "ARRIVED" || unannounced.SlotAt != nil {
		t.Errorf("got %+v, want a truck that is there and takes no slot", unannounced)
	}
}

// TestLateTruck lets the clock find a truck that does not come.
func TestLateTruck(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	a := e.Announce(e.Place("E6-1-1103"))
	watch := e.Dial(t, e.As("C01"), "").Operate(`subscription ($c: ID!) { arrivals(communityId: $c) { `+house.ArrivalFields+` } }`, obj{"c": e.Community})
	var now struct{ Arrivals []house.ArrivalView }
	watch.Value(&now)
	if len(now.Arrivals) != 1 || now.Arrivals[0].Late {
		t.Fatalf("got %+v, want one arrival that is not late", now)
	}
	e.Clock.Pass(91 * time.Minute)
	watch.Value(&now)
	if !now.Arrivals[0].Late || incidentsOf(e, "arrival_id", a.ID) != "LATE 0" {
		t.Errorf("got %+v and %s, want it late with an incident", now, incidentsOf(e, "arrival_id", a.ID))
	}
	e.Gate(e.As("D01"), "arrive", obj{"arrivalId": a.ID})
	watch.Value(&now)
	if now.Arrivals[0].Late || now.Arrivals[0].State != "ARRIVED" || incidentsOf(e, "arrival_id", a.ID) != "" {
		t.Errorf("got %+v and %s, want it here and the incident closed", now, incidentsOf(e, "arrival_id", a.ID))
	}
}

// TestTwoSquadsOnOneArrival has two squads complete the count of one arrival at the same moment.
func TestTwoSquadsOnOneArrival(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	orders := e.PlaceMany(20)
	a := e.Announce(orders...)
	answers := make([]house.GateAnswer, 2)
	var group errgroup.Group
	for i, actor := range []string{"D00", "D01"} {
		group.Go(func() (err error) {
			answers[i], err = e.TryGate(e.As(actor), "receiveArrival", obj{"arrivalId": a.ID, "allButListed": true, "complete": true})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	won := slices.IndexFunc(answers, func(a house.GateAnswer) bool { return a.Moved == 20 })
	if won < 0 || len(answers[1-won].UserErrors) != 1 || answers[1-won].UserErrors[0].Reason != "ARRIVAL_STATE" {
		t.Fatalf("got %+v, want one count and one ARRIVAL_STATE", answers)
	}
	if o := e.Order(e.As("D01"), orders[0]); o.BagsIn != 1 || o.Version != 2 {
		t.Errorf("got %+v, want one bag by one move", o)
	}
}

// TestStrays closes strays in each way.
func TestStrays(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	gate := e.As("D01")
	final, waiting := e.Place("E6-1-1103"), e.Place("E6-1-1203")
	e.Bring(final, "AT_BUILDING")
	e.Advance(e.As("S01"), "DELIVERED", final)
	logged := e.Gate(gate, "logStrays", obj{"communityId": e.Community, "strays": []obj{{"place": "A"}, {"place": "B"}, {"place": "C"}, {"place": "D"}, {"place": "E"}, {"place": "F"}}}).Results
	id := func(i int) string { return logged[i].Stray.ID }
	e.Gate(gate, "closeStrays", obj{"strays": []obj{{"strayId": id(0), "orderId": final}, {"strayId": id(1), "orderId": waiting}, {"strayId": id(2), "orderId": waiting},
		{"strayId": id(3), "householdId": e.Homes["E7-1-1103"], "supplierId": e.Suppliers["yiyao"]}, {"strayId": id(4), "returned": true}, {"strayId": id(5), "disposed": true}}})
	if o := e.Order(gate, waiting); o.Stage != "AT_GATE" || o.Bags != 2 || o.BagsIn != 2 {
		t.Errorf("got %+v, want both bags at the gate", o)
	}
	var got struct {
		Strays []struct {
			State string
			Order *struct {
				ID, Stage, Channel string
				BagsIn             int
				Supplier           struct{ Code string }
			}
		}
	}
	e.Must(gate, `query ($c: ID!) { strays(communityId: $c) { state order { id stage channel bagsIn supplier { code } } } }`, obj{"c": e.Community}, &got)
	var states []string
	for _, s := range got.Strays {
		text := s.State
		if s.Order != nil {
			text += fmt.Sprintf(" %s %s %s", s.Order.Stage, s.Order.Channel, s.Order.Supplier.Code)
		}
		states = append(states, text)
	}
	want := []string{"DISPOSED", "RETURNED", "MATCHED AT_GATE PACKAGE yiyao", "MATCHED AT_GATE APP caiban", "MATCHED AT_GATE APP caiban", "MATCHED AT_GATE APP caiban"}
	if !slices.Equal(states, want) {
		t.Errorf("got %q, want %q", states, want)
	}
	if follow := got.Strays[5].Order; follow.ID == final || e.Order(gate, final).Stage != "DELIVERED" {
		t.Errorf("got %+v, want an order beside the delivered one", follow)
	}
	for reason, item := range map[string]obj{"STRAY_CLOSED": {"strayId": id(4), "disposed": true}, "ONE_END": {"strayId": id(4)}, "NO_SUCH": {"strayId": id(4), "returned": false, "orderId": final}} {
		if reason == "NO_SUCH" { // of another estate
			item["strayId"] = house.WithUUID(e.T, id(4), "01890000-0000-7000-8000-000000000000")
		}
		if no := e.GateRefused(gate, "closeStrays", obj{"strays": []obj{item}}); no.Reason != reason {
			t.Errorf("got %+v, want %s", no, reason)
		}
	}
}

// TestGateRefusals asks for what the gate refuses, and finds nothing changed.
func TestGateRefusals(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	caiban, gate := e.As("caiban"), e.As("D01")
	taken, free, other, sealed, cancelled := e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E6-1-1303", obj{"supplierId": e.Suppliers["yiyao"]}), e.Place("E7-1-1103"), e.Place("E6-2-1103")
	past := e.Place("E6-2-1203")
	e.Advance(gate, "AT_GATE", past)
	a := e.Announce(taken, sealed, cancelled)
	e.Hold(obj{"subjectIds": []string{e.Buildings["E7"]}, "reason": "SEALED"})
	in := obj{"orders": []obj{{"orderId": cancelled}}, "reason": "UNPAID"}
	e.Must(e.As("C01"), `mutation ($in: CancelOrderInput!) { cancelOrder(input: $in) { userErrors { code } } }`, obj{"in": in}, &struct{}{})
	soon := e.Clock.Now().Add(time.Hour)
	for _, c := range []struct {
		reason, actor, verb string
		in                  obj
	}{
		{"IN_ARRIVAL", caiban, "announceArrival", announcement(e, soon, bagged(taken, 1))},
		{"OTHER_SUPPLIER", gate, "announceArrival", announcement(e, soon, bagged(other, 1))},
		{"STAGE_CHANGED", caiban, "announceArrival", announcement(e, soon, bagged(past, 1))},
		{"FINAL_STAGE", caiban, "announceArrival", announcement(e, soon, bagged(cancelled, 1))},
		{"OUT_OF_RANGE", caiban, "announceArrival", announcement(e, soon, bagged(free, 201))},
		{"NOT_FUTURE", caiban, "announceArrival", announcement(e, e.Clock.Now(), bagged(free, 1))},
		{"TOO_FAR_AHEAD", caiban, "announceArrival", announcement(e, soon.AddDate(0, 0, 15), bagged(free, 1))},
		{"NEEDS_TIME", caiban, "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "orders": []obj{bagged(free, 1)}}},
		{"EMPTY_LIST", caiban, "announceArrival", announcement(e, soon)},
		{"NOT_YOURS", caiban, "announceArrival", obj{"supplierId": e.Suppliers["yiyao"], "expectedAt": soon, "orders": []obj{bagged(other, 1)}}},
		{"NOT_YOURS", e.As("T01"), "announceArrival", announcement(e, soon, bagged(free, 1))},
		{"VERSION_CHANGED", gate, "arrive", obj{"arrivalId": a.ID, "expectedVersion": 9}},
		{"NOT_YOURS", caiban, "arrive", obj{"arrivalId": a.ID}},
		{"NO_SUCH", e.As("S01"), "arrive", obj{"arrivalId": a.ID}},
		{"NOT_YOURS", caiban, "receiveArrival", obj{"arrivalId": a.ID, "complete": true}},
		{"EMPTY_LIST", gate, "receiveArrival", obj{"arrivalId": a.ID}},
		{"NEEDS_COMPLETE", gate, "receiveArrival", obj{"arrivalId": a.ID, "allButListed": true, "bagsCounted": 2}},
		{"SETTLES_TOO_LONG", gate, "receiveArrival", obj{"arrivalId": a.ID, "complete": true, "settleUntil": soon.AddDate(0, 0, 3)}},
		{"NOT_IN_ARRIVAL", gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": []obj{receive(free, 0)}}},
		{"OTHER_SUPPLIER", gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": []obj{receive(other, 1)}}},
		{"CANCELLED_GOODS", gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": []obj{receive(cancelled, 1)}}},
		{"REPEATED", gate, "receiveArrival", obj{"arrivalId": a.ID, "complete": true, "orders": []obj{receive(taken, 1), receive(taken, 1)}}},
		{"ID_OR_LABEL", gate, "receiveArrival", obj{"arrivalId": a.ID, "complete": true, "orders": []obj{{"received": 1}}}},
		{"NO_LABEL", gate, "receiveArrival", obj{"arrivalId": a.ID, "complete": true, "orders": []obj{{"received": 1, "label": "看不清"}}}},
		{"NO_SUCH", gate, "receiveArrival", obj{"arrivalId": a.ID, "complete": true, "orders": []obj{{"received": 1, "label": "#99999"}}}},
		{"ARRIVAL_STATE", gate, "logStrays", obj{"communityId": e.Community, "arrivalId": a.ID, "strays": []obj{{"place": "A"}}}},
		{"MISSING", gate, "logStrays", obj{"communityId": e.Community, "strays": []obj{{"place": " "}}}},
		{"NOT_YOURS", caiban, "logStrays", obj{"communityId": e.Community, "strays": []obj{{"place": "A"}}}},
	} {
		if no := e.GateRefused(c.actor, c.verb, c.in); no.Reason != c.reason {
			t.Errorf("%s %v: got %s (%s), want %s", c.verb, c.in, no.Reason, no.Message, c.reason)
		}
	}
	before := e.Events()
	atomic := announcement(e, soon, bagged(free, 1), bagged(taken, 1))
	atomic["atomic"] = true
	if no, err := e.TryGate(caiban, "announceArrival", atomic); err != nil || no.Arrival != nil || no.Results[0].UserErrors[0].Reason != "ATOMIC" || e.Events() != before {
		t.Errorf("got %+v, %v, want nothing announced", no, err)
	}
	// The cancelled order is off the list, the one of the sealed building is counted and waits, and one that was not announced is let in.
	done := e.Gate(gate, "receiveArrival", obj{"arrivalId": a.ID, "allButListed": true, "orders": []obj{receive(free, 2)}, "complete": true})
	if done.Moved != 2 || !slices.Equal(done.WaitingIds, []string{sealed}) || done.Arrival.BagsAnnounced != 2 || *done.Arrival.BagsCounted != 4 || done.Arrival.Orders != 3 {
		t.Errorf("got %+v, want 2 moved, one waiting, 4 bags of 3 orders", done)
	}
	if o := e.Order(gate, sealed); o.Stage != "PLACED" || o.BagsIn != 1 {
		t.Errorf("got %+v, want it counted where it is", o)
	}
	if no := e.GateRefused(caiban, "cancelArrival", obj{"arrivalId": a.ID}); no.Reason != "ARRIVAL_STATE" {
		t.Errorf("got %+v, want ARRIVAL_STATE", no)
	}
}

// carry leaves an order of a run at the building, another on the cart, one out with a round, and two handed over.
func carry(e *house.Estate) {
	e.T.Helper()
	var got struct {
		StartRun struct{ Run struct{ ID string } }
	}
	transport := e.As("T01")
	e.Must(transport, `mutation ($c: ID!) { startRun(input: { communityId: $c, capacity: 9 }) { run { id } userErrors { message } } }`, obj{"c": e.Community}, &got)
	for i := range 2 {
		order := e.Place("E6-1-1103")
		e.Bring(order, "SORTED")
		e.Must(transport, `mutation ($r: ID!, $o: ID!) { loadRun(input: { runId: $r, orderIds: [$o] }) { userErrors { message } } }`, obj{"r": got.StartRun.Run.ID, "o": order}, &struct{}{})
		if i == 0 {
			e.Must(e.As("C01"), `mutation ($o: ID!) { advanceOrders(input: { orders: [{ orderId: $o }], to: AT_BUILDING }) { userErrors { message } } }`, obj{"o": order}, &struct{}{})
		}
	}
	out := e.Place("E6-1-1103")
	e.Bring(out, "AT_BUILDING")
	e.Must(e.As("S01"), `mutation ($o: ID!) { startRound(input: { orderIds: [$o] }) { round { id } userErrors { message } } }`, obj{"o": out}, &struct{ StartRound any }{})
	for range 2 {
		e.Bring(e.Place("E6-1-1103"), "DELIVERED")
		e.Clock.Pass(time.Minute)
	}
}

// TestEquationsAreNoticed breaks each equation of the chain by SQL: a constraint refuses it, or the check after every test finds it.
func TestEquationsAreNoticed(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	gate := e.As("D01")
	short, lost := e.Place("E6-1-1103"), e.Place("E6-1-1203")
	a := e.Gate(gate, "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "orders": []obj{bagged(short, 3), bagged(lost, 2)}}).Arrival
	e.Gate(gate, "logStrays", obj{"communityId": e.Community, "arrivalId": a.ID, "strays": []obj{{"place": "A"}}})
	e.Gate(gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": []obj{receive(short, 2)}, "complete": true, "settleUntil": e.Clock.Now().Add(time.Hour)})
	e.Announce(lost)
	carry(e)
	pack, window := e.Sell("caiban", obj{"stock": "9", "householdCap": "2"})
	e.Place("E6-1-1403", obj{"windowId": window, "lines": []obj{{"packageId": pack, "quantity": "2"}}})
	e.Must(e.As("C01"), `mutation ($i: ImportOrdersInput!) { importOrders(input: $i) { userErrors { message } } }`, obj{"i": obj{
		"communityId": e.Community, "kind": "JIELONG", "supplierId": e.Suppliers["caiban"], "text": "#接龙 土豆\n1. E6-1-1103 土豆2斤\n2. E99-1-101 土豆1斤\n"}}, &struct{ ImportOrders any }{})
	e.Must(e.As("C01"), `mutation ($c: ID!, $h: ID!, $t: DateTime!) { createTasks(input: { communityId: $c, squad: PATROL, tasks: [{ kind: VISIT, title: "看看", householdId: $h, dueAt: $t }] }) { userErrors { message } } }`,
		obj{"c": e.Community, "h": e.Homes["E6-1-1103"], "t": e.Clock.Now()}, &struct{ CreateTasks any }{})
	errand := e.PlaceAs(e.As("S01"), obj{"householdId": e.Homes["E6-1-1103"], "channel": "ERRAND", "lines": []obj{{"item": "取药", "quantity": 1, "unit": "次"}}})
	unread := e.PlaceAs(e.As("S01"), obj{"householdId": e.Homes["E6-1-1103"], "channel": "ERRAND", "lines": []obj{{"item": "取药", "quantity": 1, "unit": "次"}}})
	e.Must(e.As("C01"), `mutation ($o: ID!, $u: ID!) {
		recordMoney(input: { orderId: $o, entries: [{ kind: IN, party: HOUSEHOLD, amountFen: 100 }] }) { userErrors { message } }
		takeDocuments(input: { orderId: $u, kinds: [KEY] }) { userErrors { message } }
		answerErrand(input: { orderId: $o, answer: "已取" }) { userErrors { message } }
	}`, obj{"o": errand, "u": unread}, &struct{}{})
	e.Advance(e.As("C01"), "DISPATCHED", errand)
	e.Advance(e.As("C01"), "DELIVERED", errand)
	asked := e.Enquiry(e.As("C01"), obj{"householdId": e.Homes["E6-1-1103"]})
	var closed struct {
		TakeEnquiry, CloseEnquiry struct {
			Enquiry    *struct{ ID string }
			UserErrors []house.UserError
		}
	}
	e.Must(e.As("C01"), `mutation ($c: ID!, $q: ID!, $o: ID!) { takeEnquiry(input: { communityId: $c, enquiryId: $q }) { enquiry { id } userErrors { `+house.RefusalFields+` } }
		closeEnquiry(input: { enquiryId: $q, outcome: ORDERED, orderId: $o }) { enquiry { id } userErrors { `+house.RefusalFields+` } } }`, obj{"c": e.Community, "q": asked, "o": short}, &closed)
	if closed.CloseEnquiry.Enquiry == nil {
		t.Fatalf("the enquiry was not closed: %+v", closed)
	}
	e.Enquiry(e.As("C01"), obj{"phone": "0717-6012345"})
	for _, level := range []string{"SEALED", "CONTROLLED"} {
		e.Must(e.As("C01"), `mutation ($c: ID!, $l: ClosureLevel!) { publishNotice(input: { communityId: $c, kind: CLOSURE, closureLevel: $l, title: "封闭" }) { userErrors { message } } }`, obj{"c": e.Community, "l": level}, &struct{ PublishNotice any }{})
	}
	broken := map[string]string{
		"ordered_enquiry_names_order": `update enquiries set household_id = (select h.id from households h where h.building_id = enquiries.building_id and h.id <> enquiries.household_id limit 1) where outcome = 'ORDERED'`,
		"enquiry_as_its_events_say":   `update enquiries set attempts = attempts + 1`,
		"enquiry_closed_or_due":       `update enquiries set due_at = due_at + interval '1 day' where state = 'WAITING'`,
		"enquiry_takes":               `delete from enquiry_takes`,
		"enquiry_numbers":             `update numbers set last = last + 1 where noun = 'ENQUIRY'`,
		"task_numbers":                `update numbers set last = last + 1 where noun = 'TASK'`,
		"problem_has_incident":        `update tasks set state = 'PROBLEM', ended_at = created_at, ended_by_role = 'LEAD', incident_id = (select id from incidents where task_id is null limit 1)`,
		"task_at_its_door":            `update tasks set building_id = (select id from buildings where code = 'E7')`,
		"webhook_counted": `insert into webhooks (community_id, id, name, url, kinds, position, counted_from, created_by_role, version, created_at)
			select community_id, gen_random_uuid(), 'x', 'https://x.example', '{}', head, 0, 'COMMANDER', 1, now() from feeds`,
		"webhook_parked": `insert into webhooks (community_id, id, name, url, kinds, position, counted_from, parked, created_by_role, version, created_at)
			select community_id, gen_random_uuid(), 'x', 'https://x.example', '{}', 1, 0, 1, 'COMMANDER', 1, now() from feeds`,
		"notice_numbers":                      `update numbers set last = last + 1 where noun = 'NOTICE'`,
		"notice_audience":                     `update notice_reach set seen_at = now()`,
		"closure_has_reopening_after":         `update notices set ended_at = ended_at + interval '1 hour' where ended_at is not null`,
		"import_rows_all":                     `delete from import_rows where outcome = 'REVIEW'`,
		"offers_sold":                         `update offers set sold = sold + 1`,
		"household_cap":                       `update offers set household_cap = 1`,
		"window_orders":                       `update order_windows set orders = 0`,
		"lines_are_on_offer":                  `update offers set price_fen = 1`,
		"arrival_announced":                   `update arrivals set bags_announced = bags_announced + 1`,
		"arrival_counted":                     `update arrivals set bags_counted = bags_counted + 1 where state = 'RECEIVED'`,
		"order_bags_in":                       `update orders set bags_in = bags_in - 1 where bags_in > 0`,
		"missing_has_incident":                `update incidents set bags = bags + 1 where kind = 'SHORT'`,
		"nothing_past_the_gate_without_a_bag": `update orders set bags_in = 0 where stage = 'AT_GATE'`,
		"stray_has_incident":                  `update strays set state = 'RETURNED', closed_at = now(), closed_by_role = 'LEAD'`,
		"open_holds":                          `update holds set ended_at = now() where arrival_id is not null`,
		"incident_keys":                       `update incidents set seen_supplier_id = null where order_id is not null`,
		"incident_as_its_events_say":          `update incidents set level = 2 where level = 1`,
		"incident_numbers":                    `update numbers set last = last + 1 where noun = 'INCIDENT'`,
		"run_load":                            `delete from run_orders where outcome is null`,
		"run_capacity":                        `update runs set capacity = 1 where state = 'LOADING'; update run_orders set bags = 2 where outcome is null`,
		"run_balances":                        `update runs set state = 'CANCELLED', ended_at = now() where state = 'LOADING'`,
		"drop_counts":                         `update drops set bags_left = bags_left + 1`,
		"drop_differs_has_incident":           `update drops set bags_accepted = bags_left + 1, accepted_at = now()`,
		"round_takes":                         `update rounds set ended_at = now() where not implicit`,
		"books_are_of_orders":                 `update round_orders set order_id = gen_random_uuid() where outcome is not null`,
		"delivered_has_proof":                 `update proofs set voided_at = now() where order_id = (select order_id from proofs order by at desc, order_id limit 1)`,
		"medicine_needs_more_than_a_word":     `update orders set marks = '{MEDICINE}' where stage = 'DELIVERED'`,
		"late_has_incident":                   `update orders set late_level = 1, target_at = now() where stage = 'AT_GATE' and late_level = 0`,
		"late_run_waits": `update drops set bags_accepted = bags_left, accepted_at = now();
			update incidents set kind = 'LATE', order_id = null, run_id = (select id from runs limit 1), seen_building_id = null, seen_household_id = null, seen_supplier_id = null
			 where kind = 'SHORT'`,
		"purse": `update purses set purse_fen = purse_fen + 1, owes_fen = owes_fen - 1`,
		"reversal_repeats": `insert into money (community_id, id, order_id, kind, party, amount_fen, method, reverses, at, by_role)
			select community_id, gen_random_uuid(), order_id, kind, party, amount_fen + 1, method, id, at, by_role from money`,
		"settled_means_even":          `update purses set settled_at = opened_at`,
		"unsettled_has_incident_open": `update incidents set kind = 'MONEY', opened_by_role = 'SYSTEM' where kind = 'SHORT'`,
		"final_errand_holds_no_card":  `update documents set lost_at = taken_at, incident_id = (select id from incidents limit 1)`,
		"delivered_errand_has_answer": `update errands set answer = '', answered_at = null, answered_by_role = null, answered_by_id = null`,
		"late_arrival_has_incident":   `update arrivals set late_since = now() where state = 'ANNOUNCED'`,
		"no_show_is_missed":           shiftSQL + `update shift_members set missed_at = now()`,
		"members_follow_their_shift":  shiftSQL + `update shifts set starts_at = starts_at - interval '1 minute'`,
		"on_one_shift": shiftSQL + `alter table shift_members drop constraint shift_members_not_twice;
			insert into shifts select community_id, gen_random_uuid(), squad, station, starts_at, ends_at, needed, version, created_at, cancelled_at from shifts;
			insert into shift_members select f.community_id, f.id, m.volunteer_id, m.starts_at, m.ends_at, m.state, m.in_at, m.out_at, m.missed_at, m.due_at
			  from shifts f, shift_members m where m.shift_id <> f.id`,
	}
	d := e.Database()
	for _, equation := range db.Equations() {
		change := broken[equation.Name]
		if change == "" {
			t.Errorf("%s is not broken here", equation.Name)
			continue
		}
		tx, err := d.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		before, err := house.Broken(t.Context(), tx)
		if err != nil || len(before) > 0 {
			t.Fatalf("got %v, %v before anything is broken", before, err)
		}
		if _, err := tx.ExecContext(t.Context(), change); err == nil { // otherwise a constraint refused it
			found, err := house.Broken(t.Context(), tx)
			if err != nil || found[equation.Name] == "" {
				t.Errorf("%s: got %v, %v, want it found", change, found, err)
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTrucksOfOthers streams arrivals to two suppliers, a resident and the command: each gets states of what it may see, and of nothing else.
func TestTrucksOfOthers(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	own, foreign := e.Place("E6-1-1103"), e.Place("E6-1-1203", obj{"supplierId": e.Suppliers["yiyao"]})
	type state struct{ Arrivals []house.ArrivalView }
	streams := map[string]*house.Inbox{}
	next := func(who string) (s state) { streams[who].Value(&s); return s }
	for _, who := range []string{"caiban", "yiyao", "E6-1-1103", "C01"} {
		streams[who] = e.Dial(t, e.As(who), "").Operate(`subscription ($c: ID!) { arrivals(communityId: $c) { `+house.ArrivalFields+` } }`, obj{"c": e.Community})
		if s := next(who); len(s.Arrivals) != 0 {
			t.Fatalf("%s: got %+v, want none yet", who, s)
		}
	}
	a := e.Announce(own)
	for _, who := range []string{"caiban", "C01"} {
		if s := next(who); len(s.Arrivals) != 1 || s.Arrivals[0].ID != a.ID || s.Arrivals[0].Vehicle == "" {
			t.Errorf("%s: got %+v, want the truck of caiban", who, s)
		}
	}
	e.Gate(e.As("D01"), "receiveArrival", obj{"arrivalId": a.ID, "allButListed": true, "complete": true})
	b := e.Gate(e.As("yiyao"), "announceArrival", obj{"supplierId": e.Suppliers["yiyao"], "expectedAt": e.Clock.Now().Add(time.Hour), "orders": []obj{{"orderId": foreign}}}).Arrival
	if s := next("yiyao"); len(s.Arrivals) != 1 || s.Arrivals[0].ID != b.ID { // its first after the empty one
		t.Errorf("yiyao: got %+v, want its own truck only", s)
	}
	if m, some := streams["E6-1-1103"].Within(300 * time.Millisecond); some {
		t.Errorf("the resident: got %s, want nothing more", m.Payload)
	}
	var seen struct {
		Order struct{ Arrival *struct{ Number int } }
	}
	e.Must(e.As("E6-1-1103"), `query ($id: ID!) { order(id: $id) { arrival { number } } }`, obj{"id": own}, &seen)
	if seen.Order.Arrival != nil {
		t.Errorf("the resident: got %+v, want no arrival", seen.Order.Arrival)
	}
}

// TestAnOrderIsInOneTruck has two trucks announce the same orders at the same moment, in opposite orders.
func TestAnOrderIsInOneTruck(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	orders := e.PlaceMany(10)
	answers := make([]house.GateAnswer, 2)
	var group errgroup.Group
	for i := range answers {
		in := announcement(e, e.Clock.Now().Add(time.Hour), house.Each(orders, func(id string) obj { return bagged(id, 2) })...)
		slices.Reverse(orders)
		group.Go(func() (err error) { answers[i], err = e.TryGate(e.As("caiban"), "announceArrival", in); return err })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	announced := 0
	for _, a := range answers {
		if a.Arrival != nil {
			announced += a.Arrival.Orders
		}
		for _, r := range a.Results {
			if len(r.UserErrors) > 0 && r.UserErrors[0].Reason != "IN_ARRIVAL" {
				t.Errorf("got %+v, want IN_ARRIVAL", r.UserErrors[0])
			}
		}
	}
	if announced != len(orders) {
		t.Errorf("got %d orders announced, want each once", announced)
	}
}

// shiftSQL plans a shift with one member.
const shiftSQL = `
	insert into shifts (community_id, id, squad, station, starts_at, ends_at, needed, version, created_at)
	select community_id, gen_random_uuid(), 'SUPPLY', '南门', now(), now() + interval '1 hour', 0, 1, now() from communities;
	insert into shift_members (community_id, shift_id, volunteer_id, starts_at, ends_at, state, due_at)
	select f.community_id, f.id, (select v.id from volunteers v where v.community_id = f.community_id order by v.code limit 1), f.starts_at, f.ends_at, 'PLANNED', f.ends_at
	  from shifts f;
`
