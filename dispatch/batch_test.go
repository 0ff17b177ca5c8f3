package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/dispatch/order"
	"baogong/dispatch/round"
	"baogong/dispatch/sorting"
	"baogong/dispatch/transport"
)

// undoBatch takes back the moves of a call. It returns the refusals order by order, or that of the whole call.
func (e *house) undoBatch(a delivery.Actor, id *delivery.ID, atomic bool, key ...string) (out []string) {
	e.t.Helper()
	in := order.UndoMoveInput{BatchID: id, Atomic: atomic}
	for _, k := range key {
		in.ClientMutationID = &k
	}
	p := must(e.d.Order.UndoMove(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		return []string{describe(p.UserErrors)}
	}
	if p.BatchID() != nil {
		e.t.Errorf("an undo has the batch %s, want none", p.BatchID())
	}
	for _, r := range p.Results {
		if (len(r.UserErrors) == 0) != r.Moved {
			e.t.Errorf("got %+v", r)
		}
		out = append(out, describe(r.UserErrors))
	}
	return out
}

// advanceAll moves orders in one call and returns its batch.
func (e *house) advanceAll(a delivery.Actor, to delivery.Stage, key *string, ids ...delivery.ID) *delivery.ID {
	e.t.Helper()
	in := order.AdvanceOrdersInput{ClientMutationID: key, To: to}
	for _, id := range ids {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
	}
	return must(e.d.Order.AdvanceOrders(e.t.Context(), a, in)).BatchID()
}

// atAll places n orders at a stage.
func (e *house) atAll(n int, stage delivery.Stage) []delivery.ID {
	e.t.Helper()
	out := make([]delivery.ID, n)
	for i := range out {
		out[i] = e.at(stage, delivery.ChannelApp)
	}
	return out
}

func TestUndoOfACall(t *testing.T) {
	t.Parallel()
	t.Run("takes back those of its moves that still can be, in their order", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		ids := e.atAll(3, delivery.AtBuilding)
		batch := e.advanceAll(e.supply, delivery.OutForDelivery, new("climb"), ids...)
		if again := e.advanceAll(e.supply, delivery.OutForDelivery, new("climb"), ids...); batch == nil || *again != *batch {
			t.Fatalf("got batch %v, and on a retry %v", batch, again)
		}
		e.move(e.supply, ids[1], delivery.Delivered)
		if got, want := e.undoBatch(e.supply, batch, true), []string{"ATOMIC at batchId.0", "VERSION_CHANGED at batchId.1.expectedVersion", "ATOMIC at batchId.2"}; !slices.Equal(got, want) {
			t.Errorf("atomic: got %q, want %q", got, want)
		}
		if got, want := e.undoBatch(e.supply, batch, false, "oops"), []string{"", "VERSION_CHANGED at batchId.1.expectedVersion", ""}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		n := len(e.feed())
		if got, want := e.undoBatch(e.supply, batch, false, "oops"), []string{"", "VERSION_CHANGED at batchId.1.expectedVersion", ""}; !slices.Equal(got, want) || len(e.feed()) != n {
			t.Errorf("a retry: got %q and %d events more, want %q and none", got, len(e.feed())-n, want)
		}
		for i, want := range []delivery.Stage{delivery.AtBuilding, delivery.Delivered, delivery.AtBuilding} {
			if got := e.row(ids[i]).Stage; got != want {
				t.Errorf("order %d: got %s, want %s", i, got, want)
			}
		}
		if again := e.advanceAll(e.supply, delivery.OutForDelivery, nil, ids[0]); again == nil || *again == *batch {
			t.Errorf("another call: got batch %v", again)
		}
		// The order is where the first call had put it, but not by that call.
		if got := e.undoBatch(e.supply, batch, false)[0]; got != "VERSION_CHANGED at batchId.0.expectedVersion" {
			t.Errorf("moved again: got %q", got)
		}
		if nothing := e.advanceAll(e.supply, delivery.OutForDelivery, new("nothing"), ids[0]); nothing != nil {
			t.Errorf("a call that moved nothing has the batch %s", nothing)
		}
		e.checkRounds()
	})
	t.Run("is the author's for 30 minutes and a lead's at any time", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		batch := e.advanceAll(e.supply, delivery.OutForDelivery, nil, e.atAll(1, delivery.AtBuilding)...)
		there, none := e.another(), *batch
		none.UUID = e.buildings[0].UUID
		foreign := *batch
		foreign.Community = there.community.Community
		for name, c := range map[string]struct {
			who   delivery.Actor
			batch *delivery.ID
			want  string
		}{
			"a volunteer of the building":          {e.backup, batch, "UNDO_NOT_AUTHOR at batchId.0"},
			"the household":                        {e.resident, batch, "UNDO_NOT_AUTHOR at batchId.0"},
			"a volunteer of another building":      {e.elsewhere, batch, "NO_SUCH at batchId"},
			"another household":                    {e.neighbour, batch, "NO_SUCH at batchId"},
			"another supplier":                     {e.pharmacy, batch, "NO_SUCH at batchId"},
			"the commander of another community":   {there.commander, batch, "NO_SUCH at batchId"},
			"no batch":                             {e.commander, &none, "NO_SUCH at batchId"},
			"the same positions of another feed":   {there.commander, &foreign, "NO_SUCH at batchId"},
			"an order":                             {e.commander, new(e.place(e.homes[0])), "WRONG_KIND at batchId"},
			"neither a batch nor orders":           {e.commander, nil, "ORDERS_OR_BATCH at batchId"},
			"the city, which sees numbers":         {delivery.Actor{Role: delivery.RoleCity, Communities: []int32{0}}, batch, "NO_SUCH at batchId"},
			"a viewer who follows a tracking link": {delivery.Actor{Role: delivery.RoleLink, Community: batch.Community, UUID: e.row(e.place(e.homes[0])).UUID}, batch, "NO_SUCH at batchId"},
		} {
			if got := e.undoBatch(c.who, c.batch, false); len(got) != 1 || got[0] != c.want {
				t.Errorf("%s: got %q, want %s", name, got, c.want)
			}
		}
		both := must(e.d.Order.UndoMove(t.Context(), e.commander, order.UndoMoveInput{BatchID: batch, Orders: []*order.OrderUndoInput{}}))
		if got := describe(both.UserErrors); got != "ORDERS_OR_BATCH at batchId" {
			t.Errorf("both: got %q", got)
		}
		e.pass(30*time.Minute + time.Microsecond)
		if got := e.undoBatch(e.supply, batch, false)[0]; got != "UNDO_TOO_LATE at batchId.0" {
			t.Errorf("late: got %q", got)
		}
		restored := delivery.BatchOf(*batch)
		restored.Epoch++
		if got := e.undoBatch(e.lead, restored.ID(), false)[0]; got != "NO_SUCH at batchId" {
			t.Errorf("from before a restore: got %q", got)
		}
		if got := e.undoBatch(e.lead, batch, false)[0]; got != "" {
			t.Errorf("by a lead: got %q", got)
		}
	})
	t.Run("is done once by two at once", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for range 5 {
			batch := e.advanceAll(e.supply, delivery.OutForDelivery, nil, e.atAll(4, delivery.AtBuilding)...)
			var got [2][]string
			atOnce(func() { got[0] = e.undoBatch(e.lead, batch, false) }, func() { got[1] = e.undoBatch(e.supply, batch, false) })
			for i := range got[0] {
				if (got[0][i] == "") == (got[1][i] == "") {
					t.Fatalf("got %q, want each order to come back once", got)
				}
			}
		}
		e.checkRounds()
	})
}

// Each verb that moves orders names its moves, and their undo brings the orders back to where they were within their stage.
func TestEveryVerbThatMovesCanBeUndone(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	bin := e.bin(0, "E6-冷")
	items := func(ids []delivery.ID) (out []*sorting.SortItemInput) {
		for _, id := range ids {
			out = append(out, &sorting.SortItemInput{OrderID: id})
		}
		return out
	}
	door := func(ids []delivery.ID) round.HandOverInput {
		return round.HandOverInput{Doors: []*round.HandOverDoorInput{{OrderIds: ids, Proof: delivery.ProofAttested}}}
	}
	run := e.start(e.transport, 100)
	for _, c := range []struct { // in this order: the run departs with the first drop
		name  string
		who   delivery.Actor
		stage delivery.Stage                   // of two orders before
		place func(ids []delivery.ID)          // where they are within the stage; nil: where the move there put them
		does  func([]delivery.ID) *delivery.ID // the call
	}{
		{name: "cancelOrder", who: e.lead, stage: delivery.Placed, does: func(ids []delivery.ID) *delivery.ID {
			in := order.CancelOrderInput{Reason: delivery.MoveHouseholdAsked}
			for _, id := range ids {
				in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
			}
			return must(e.d.Order.CancelOrder(ctx, e.lead, in)).BatchID()
		}},
		{name: "sortOrders", who: e.duty, stage: delivery.AtGate, does: func(ids []delivery.ID) *delivery.ID {
			return must(e.d.Sorting.SortOrders(ctx, e.duty, sorting.SortOrdersInput{BinID: bin, Orders: items(ids)})).BatchID()
		}},
		{name: "loadRun", who: e.transport, stage: delivery.Sorted, place: func(ids []delivery.ID) { e.sort(e.duty, bin, nil, ids...) }, does: func(ids []delivery.ID) *delivery.ID {
			return must(e.d.Transport.LoadRun(ctx, e.transport, transport.LoadRunInput{RunID: run, OrderIds: ids})).BatchID()
		}},
		{name: "dropAtBuilding", who: e.transport, stage: delivery.Sorted, place: func(ids []delivery.ID) { e.load(e.transport, run, ids...) }, does: func([]delivery.ID) *delivery.ID {
			return must(e.d.Transport.DropAtBuilding(ctx, e.transport, transport.DropAtBuildingInput{RunID: run, BuildingID: e.buildings[0], Bags: 2})).BatchID()
		}},
		{name: "startRound", who: e.supply, stage: delivery.AtBuilding, does: func(ids []delivery.ID) *delivery.ID {
			return must(e.d.Round.StartRound(ctx, e.supply, round.StartRoundInput{OrderIds: ids, Most: 30})).BatchID()
		}},
		{name: "handOver", who: e.backup, stage: delivery.AtBuilding, place: func(ids []delivery.ID) { e.climb(e.backup, ids...) }, does: func(ids []delivery.ID) *delivery.ID {
			return must(e.d.Round.HandOver(ctx, e.backup, door(ids))).BatchID()
		}},
	} {
		ids := e.atAll(2, c.stage)
		if c.place != nil {
			c.place(ids)
		}
		var before []where
		for _, id := range ids {
			before = append(before, whereIs(e.row(id)))
		}
		batch := c.does(ids)
		if batch == nil {
			t.Errorf("%s: got no batch", c.name)
			continue
		}
		if got := e.undoBatch(c.who, batch, true); !slices.Equal(got, []string{"", ""}) {
			t.Errorf("%s: got %q", c.name, got)
			continue
		}
		for i, id := range ids {
			if got := whereIs(e.row(id)); got != before[i] {
				t.Errorf("%s: got %+v back, want %+v", c.name, got, before[i])
			}
		}
	}
	e.checkRounds()
}

// where is where an order is, and since when.
type where struct {
	stage           delivery.Stage
	since           time.Time
	bin, run, round delivery.UUID
}

func whereIs(o *delivery.Order) where {
	p := where{stage: o.Stage, since: o.StageSince}
	for _, at := range []struct {
		to   *delivery.UUID
		from *delivery.UUID
	}{{&p.bin, o.BinUUID}, {&p.run, o.RunUUID}, {&p.round, o.RoundUUID}} {
		if at.from != nil {
			*at.to = *at.from
		}
	}
	return p
}

// A count at the gate is never taken back: only the moves are.
func TestUndoOfACountLeavesTheBagsCounted(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := []delivery.ID{e.place(e.homes[0]), e.place(e.homes[1])}
	in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1]}
	for _, id := range ids {
		in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: id, Bags: new(2)})
	}
	arrival := *must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in)).ArrivalID
	p := must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: arrival, Complete: true, AllButListed: true,
		Orders: []*gate.ReceivedInput{{OrderID: &ids[1], Received: 1}}}))
	if p.Moved != 2 || p.BatchID() == nil {
		t.Fatalf("got %+v", p)
	}
	if got := e.undoBatch(e.duty, p.BatchID(), true); !slices.Equal(got, []string{"", ""}) {
		t.Fatalf("got %q", got)
	}
	for i, bags := range []int{2, 1} {
		if o := e.row(ids[i]); o.Stage != delivery.Placed || o.BagsIn != bags || o.ArrivalUUID == nil {
			t.Errorf("got %s with %d bags in, want PLACED with %d", o.Stage, o.BagsIn, bags)
		}
		e.move(e.duty, ids[i], delivery.AtGate)
	}
	e.checkRuns()
}
