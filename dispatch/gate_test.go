package dispatch_test

import (
	"slices"
	"testing"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/gate"
)

// A bag that was found elsewhere than in a truck is counted in as well.
func TestAStrayThatCameByNoTruckIsCountedIn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "3 号架"}}}))
	closed := must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: *logged.Results[0].StrayID, OrderID: &id}}}))
	if len(closed.Results[0].UserErrors) > 0 {
		t.Fatal(closed.Results[0].UserErrors[0])
	}
	if o := e.row(id); o.Stage != delivery.AtGate || o.BagsIn != 1 {
		t.Errorf("got %s with %d bags in, want AT_GATE with 1", o.Stage, o.BagsIn)
	}
	e.checkBooks()
	e.checkNeverLost()
}

// An order that came with a first truck, and of which a second one is to bring more, lacks those bags until they are here.
func TestBagsAnnouncedAfterACountAreMissing(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	e.hold(nil, id) // so that it is counted and stays where it is
	truck := func(bags int) *delivery.ID {
		p := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: id, Bags: &bags}}}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
		return p.ArrivalID
	}
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: *truck(1), AllButListed: true, Complete: true}))
	second := truck(3)
	short := "select concat_ws(' ', kind, state, bags) from incidents"
	if got, want := e.column(short), []string{"SHORT OPEN 2"}; !slices.Equal(got, want) {
		t.Errorf("two bags are announced later: got incidents %q, want %q", got, want)
	}
	e.checkBooks()
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: *second, AllButListed: true, Complete: true}))
	if got, want := e.column(short), []string{"SHORT RESOLVED 2"}; !slices.Equal(got, want) {
		t.Errorf("they came: got incidents %q, want %q", got, want)
	}
	for bags, want := range map[int]delivery.Reason{2: delivery.ReasonFewerBags, 3: delivery.ReasonAllBagsIn} {
		p := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: id, Bags: &bags}}}))
		if len(p.Results) != 1 || len(p.Results[0].UserErrors) != 1 || p.Results[0].UserErrors[0].Reason != want {
			t.Errorf("%d bags once more: got %s, want %s", bags, asJSON(p), want)
		}
	}
	e.checkBooks()
}

// A household gets a stray as an order of a channel that needs no taker.
func TestAStrayIsNoErrand(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "1"}}}))
	p := must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{
		{StrayID: *logged.Results[0].StrayID, HouseholdID: &e.homes[0], SupplierID: &e.suppliers[1], Channel: delivery.ChannelErrand}}}))
	if errs := p.Results[0].UserErrors; len(errs) != 1 || errs[0].Reason != delivery.ReasonChannelNotYours {
		t.Errorf("got %v, want CHANNEL_NOT_YOURS", errs)
	}
}

// A stray is a bag of an order that a first truck did not bring, while a second one is still to be counted: what is missing has an
// incident of that size all the same.
func TestAStrayOfAnOrderThatTwoTrucksBring(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, other := e.place(e.homes[0]), e.place(e.homes[0])
	truck := func() delivery.ID {
		p := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: id, Bags: new(3)}}}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
		return *p.ArrivalID
	}
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: truck(), Orders: []*gate.ReceivedInput{{OrderID: &id}, {OrderID: &other, Received: 1}}, Complete: true}))
	second := truck()
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "3 号架"}}}))
	must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: *logged.Results[0].StrayID, OrderID: &id}}}))
	short := "select concat_ws(' ', kind, state, bags) from incidents where kind in ('MISSING', 'SHORT') order by number"
	if got, want := e.column(short), []string{"MISSING RESOLVED 3", "SHORT OPEN 2"}; !slices.Equal(got, want) {
		t.Errorf("one of three bags was a stray: got incidents %q, want %q", got, want)
	}
	e.checkBooks()
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: second, Orders: []*gate.ReceivedInput{{OrderID: &id, Received: 2}}, Complete: true}))
	if got, want := e.column(short), []string{"MISSING RESOLVED 3", "SHORT RESOLVED 2"}; !slices.Equal(got, want) {
		t.Errorf("the others came: got incidents %q, want %q", got, want)
	}
	e.checkBooks()
	e.checkNeverLost()
}

// Two squads count one arrival at the same moment. Counts of parts add up; of two that are complete one wins and the other is told so; and
// what the winner counted is in the books.
func TestTwoSquadsCountOneArrival(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	squads := []delivery.Actor{e.duty, e.actor("D00")}
	bags := func(id delivery.ID, n int) *gate.ReceivedInput { return &gate.ReceivedInput{OrderID: &id, Received: n} }
	parts := func(ids []delivery.ID) [2]gate.ReceiveArrivalInput {
		return [2]gate.ReceiveArrivalInput{{Orders: []*gate.ReceivedInput{bags(ids[0], 2), bags(ids[1], 1)}}, {Orders: []*gate.ReceivedInput{bags(ids[3], 2), bags(ids[2], 0)}}}
	}
	for _, c := range []struct {
		name   string
		inputs func(ids []delivery.ID) [2]gate.ReceiveArrivalInput
		wins   []int    // how many of the calls take effect
		counts []string // of the four orders, two bags each, when the count is complete
	}{
		{"different parts", parts, []int{2}, []string{"2 1 0 2"}},
		{"the same order", func(ids []delivery.ID) [2]gate.ReceiveArrivalInput {
			return [2]gate.ReceiveArrivalInput{{Orders: []*gate.ReceivedInput{bags(ids[0], 1)}}, {Orders: []*gate.ReceivedInput{bags(ids[0], 0)}}}
		}, []int{2}, []string{"1 2 2 2", "0 2 2 2"}},
		{"a part and the whole", func(ids []delivery.ID) [2]gate.ReceiveArrivalInput {
			return [2]gate.ReceiveArrivalInput{{Orders: []*gate.ReceivedInput{bags(ids[3], 0)}}, {Orders: []*gate.ReceivedInput{bags(ids[0], 1)}, AllButListed: true, Complete: true}}
		}, []int{1, 2}, []string{"1 2 2 0", "1 2 2 2"}},
		{"the whole twice", func(ids []delivery.ID) [2]gate.ReceiveArrivalInput {
			return [2]gate.ReceiveArrivalInput{{Orders: []*gate.ReceivedInput{bags(ids[3], 1)}, AllButListed: true, Complete: true}, {AllButListed: true, Complete: true}}
		}, []int{1}, []string{"2 2 2 1", "2 2 2 2"}},
	} {
		for range 3 {
			in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1]}
			var ids []delivery.ID
			for i := range 4 {
				ids = append(ids, e.place(e.homes[i*2]))
				in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: ids[i], Bags: new(2)})
			}
			truck := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in)).ArrivalID
			inputs, wins := c.inputs(ids), make([]bool, 2)
			var calls []func()
			for i, squad := range squads {
				inputs[i].ArrivalID = truck
				calls = append(calls, func() {
					p := must(e.d.Gate.ReceiveArrival(t.Context(), squad, inputs[i]))
					if wins[i] = len(p.UserErrors) == 0; !wins[i] && p.UserErrors[0].Reason.String() != "ARRIVAL_STATE" {
						t.Errorf("%s: got %v, want ARRIVAL_STATE", c.name, p.UserErrors[0])
					}
				})
			}
			atOnce(calls...)
			n := 0
			for i := range wins {
				if wins[i] {
					n++
				}
			}
			if !slices.Contains(c.wins, n) {
				t.Errorf("%s: %d calls took effect, want %v", c.name, n, c.wins)
			}
			if !inputs[1].Complete { // the rest is counted as announced
				must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: truck, AllButListed: true, Complete: true}))
			}
			got := e.column(`select string_agg(cast(o.bags_in as text), ' ' order by o.number) from orders o join arrival_orders x on x.order_id = o.id where x.arrival_id = $1`, string(truck.UUID))[0]
			if !slices.Contains(c.counts, got) {
				t.Errorf("%s: got the bags %s, want one of %q", c.name, got, c.counts)
			}
			e.checkBooks()
		}
	}
	e.checkNeverLost()
}

// Two late bags of a delivered order become two orders, and a refused item leaves no gap in the numbers.
func TestStraysOfADeliveredOrderBecomeOrdersOfTheirOwn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.Delivered, delivery.ChannelApp)
	var in gate.CloseStraysInput
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "1"}, {Place: "2"}, {Place: "3"}}}))
	for _, r := range logged.Results {
		in.Strays = append(in.Strays, &gate.CloseStrayInput{StrayID: *r.StrayID, OrderID: &id})
	}
	must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: in.Strays[0].StrayID, Disposed: new(true)}}}))
	p := must(e.d.Gate.CloseStrays(t.Context(), e.duty, in))
	if len(p.Results[0].UserErrors) == 0 || len(p.Results[1].UserErrors) > 0 || len(p.Results[2].UserErrors) > 0 {
		t.Errorf("got %s, want the first refused and the others matched", asJSON(p.Results))
	}
	if got := e.row(e.place(e.homes[0])).Number; got != 4 {
		t.Errorf("got number %d for the next order, want 4", got)
	}
	e.checkBooks()
	e.checkNeverLost()
}

// Bags that were counted in as strays meanwhile leave less room for those of the truck.
func TestACountThatIsMoreThanAnOrderCanHave(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	truck := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1],
		Orders: []*gate.AnnouncedOrderInput{{OrderID: id, Bags: new(delivery.MaxBags)}}}))
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "1"}}}))
	must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{{StrayID: *logged.Results[0].StrayID, OrderID: &id}}}))
	in := gate.ReceiveArrivalInput{ArrivalID: *truck.ArrivalID, AllButListed: true, Complete: true}
	p := must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, in))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != dispatch.ReasonOutOfRange || *p.UserErrors[0].Details.ConflictingID != id {
		t.Errorf("all as announced: got %s, want OUT_OF_RANGE with the order", asJSON(p))
	}
	in.Orders = []*gate.ReceivedInput{{OrderID: &id, Received: delivery.MaxBags - 1}}
	if p = must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, in)); len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	if got := e.row(id).BagsIn; got != delivery.MaxBags {
		t.Errorf("got %d bags in, want %d", got, delivery.MaxBags)
	}
	e.checkBooks()
}

// In an archived community no order comes about: no bag of a final order becomes one, and no hand-over is taken back.
func TestAnArchivedCommunityGetsNoOrders(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.Delivered, delivery.ChannelApp)
	log := gate.LogStraysInput{CommunityID: e.community, Strays: []*gate.StrayInput{{Place: "1"}, {Place: "2"}}}
	logged := must(e.d.Gate.LogStrays(t.Context(), e.duty, log))
	saved(t, must(e.d.Estate.UpdateCommunities(t.Context(), e.admin, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{
		{ID: e.community, Archived: new(true)}}})).BulkOutcome)
	p := must(e.d.Gate.CloseStrays(t.Context(), e.duty, gate.CloseStraysInput{Strays: []*gate.CloseStrayInput{
		{StrayID: *logged.Results[0].StrayID, OrderID: &id},
		{StrayID: *logged.Results[1].StrayID, HouseholdID: &e.homes[1], SupplierID: &e.suppliers[1], Channel: delivery.ChannelPhone}}}))
	for i, r := range p.Results {
		if len(r.UserErrors) != 1 || r.UserErrors[0].Reason != dispatch.ReasonArchived {
			t.Errorf("stray %d: got %v, want ARCHIVED", i, r.UserErrors)
		}
	}
	if refused := e.undo(e.commander, id); refused == nil || refused.Reason != dispatch.ReasonArchived {
		t.Errorf("undo: got %v, want ARCHIVED", refused)
	}
	if p := must(e.d.Gate.LogStrays(t.Context(), e.duty, log)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != dispatch.ReasonArchived {
		t.Errorf("log strays: got %v, want ARCHIVED", p.UserErrors)
	}
}
