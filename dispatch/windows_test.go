package dispatch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/order"
	"baogong/dispatch/window"
	"baogong/internal/volume"
)

// sale is a window of the supplier caiban with one package on offer.
type sale struct {
	pack, window delivery.ID
	supplier     delivery.ID
}

// packages is the input that adds a package.
func (s *sale) packages(code string) window.SavePackagesInput {
	return window.SavePackagesInput{SupplierID: s.supplier, Packages: []*window.PackageInput{{Code: code, Name: "蔬菜包" + code, Unit: "份", PriceFen: 3000, Marks: []delivery.Mark{delivery.MarkCold}}}}
}

// opening is the input that opens a window for an hour.
func (s *sale) opening(e *house, offer *window.OfferInput) window.OpenWindowInput {
	now := e.d.BusinessTime()
	if offer == nil {
		offer = &window.OfferInput{}
	}
	o := *offer
	o.PackageID = s.pack
	return window.OpenWindowInput{SupplierID: s.supplier, Name: "周二蔬菜", OpensAt: now, ClosesAt: now.Add(time.Hour), DeliverAt: now.Add(2 * time.Hour), Minimum: 3, Offers: []*window.OfferInput{&o}}
}

// lines is the lines of an order of n packages.
func (s *sale) lines(n int) []*order.LineInput {
	return []*order.LineInput{{PackageID: &s.pack, Quantity: delivery.Quantity(n) * 1000}}
}

// order is the input of an order of n packages.
func (s *sale) order(home delivery.ID, n int) order.PlaceOrderInput {
	return order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelApp, WindowID: &s.window, Lines: s.lines(n)}
}

// sell opens a window with one offer of a new package; without an offer there are 6 packages, 2 for each household.
func (e *house) sell(offer *window.OfferInput) *sale {
	e.t.Helper()
	if offer == nil {
		offer = &window.OfferInput{Stock: new(delivery.Quantity(6000)), HouseholdCap: new(delivery.Quantity(2000))}
	}
	s := &sale{supplier: e.suppliers[1]}
	code := "A"
	if n := e.column("select cast(count(*) as text) from packages")[0]; n != "0" {
		code += n
	}
	s.pack = saved(e.t, must(e.d.Window.SavePackages(e.t.Context(), e.shop, s.packages(code))).BulkOutcome)[0]
	p := must(e.d.Window.OpenWindow(e.t.Context(), e.shop, s.opening(e, offer)))
	if len(p.UserErrors) > 0 {
		e.t.Fatal(p.UserErrors[0])
	}
	s.window = *p.WindowID
	return s
}

// basket places an order of n packages for the first household, or fails the test.
func (e *house) basket(a delivery.Actor, s *sale, n int) delivery.ID {
	e.t.Helper()
	id, refusal := e.buy(a, s.order(e.homes[0], n))
	if refusal != nil {
		e.t.Fatal(refusal)
	}
	return *id
}

// buy places an order and returns what refused it, if anything.
func (e *house) buy(a delivery.Actor, in order.PlaceOrderInput) (*delivery.ID, *delivery.Error) {
	e.t.Helper()
	p := must(e.d.Order.PlaceOrder(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		return nil, p.UserErrors[0]
	}
	return p.OrderID, nil
}

// amend changes an order to n packages and returns what refused it, if anything.
func (e *house) amend(a delivery.Actor, s *sale, id delivery.ID, n int) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Order.AmendOrder(e.t.Context(), a, order.AmendOrderInput{OrderID: id, ExpectedVersion: e.row(id).Version, Lines: s.lines(n), ReadBack: true}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	return nil
}

// decide decides a window, or returns what refused it.
func (e *house) decide(a delivery.Actor, s *sale, confirm bool) (*window.DecideWindowPayload, *delivery.Error) {
	e.t.Helper()
	p := must(e.d.Window.DecideWindow(e.t.Context(), a, window.DecideWindowInput{WindowID: s.window, Confirm: confirm}))
	if len(p.UserErrors) > 0 {
		return p, p.UserErrors[0]
	}
	return p, nil
}

// sold is what the offers of the window have sold, by telephone, and its orders.
func (e *house) sold(s *sale) string {
	e.t.Helper()
	return e.column(`select concat_ws(' ', trim_scale(f.sold), trim_scale(f.sold_by_phone), w.orders) from offers f join order_windows w on w.id = f.window_id
		where f.window_id = $1`, string(s.window.UUID))[0]
}

func wants(t *testing.T, what string, got *delivery.Error, want delivery.Reason) {
	t.Helper()
	switch none := (delivery.Reason{}); {
	case got == nil && want != none:
		t.Errorf("%s: got no refusal, want %s", what, want)
	case got != nil && got.Reason != want:
		t.Errorf("%s: got %v, want %q", what, got, want)
	}
}

// A household orders in a window, changes its order, cancels it and takes the cancellation back; the offer counts along.
func TestOrderWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	s := e.sell(nil)
	before := len(e.feed())
	id := e.basket(e.resident, s, 2)
	if got, want := e.since(before), []delivery.EventKind{delivery.OrderPlaced, delivery.OfferChanged}; !slices.Equal(got, want) {
		t.Errorf("got events %v, want %v", got, want)
	}
	o := e.row(id)
	lines := must(e.db.LinesOfOrders(ctx, e.resident.Scope(), []delivery.ID{id}))
	if o.TotalFen != 6000 || *o.SupplierUUID != s.supplier.UUID || *o.WindowUUID != s.window.UUID || !o.Marks.Has(delivery.MarkCold) || lines[0].Item != "蔬菜包A" || lines[0].Substitute != delivery.SubstituteAsk {
		t.Errorf("got %+v, %+v", o, lines[0])
	}
	_, refused := e.buy(e.resident, s.order(e.homes[0], 1))
	wants(t, "over the cap", refused, delivery.ReasonOverCap)
	in := s.order(e.homes[0], 1)
	in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(delivery.ConsentHousehold), true
	_, refused = e.buy(e.commander, in)
	wants(t, "over the cap, by telephone", refused, delivery.ReasonOverCap)

	wants(t, "amended by another", e.amend(e.commander, s, id, 1), delivery.ReasonNotYourOrder)
	wants(t, "amended by its supplier", e.amend(e.shop, s, id, 1), delivery.Reason{})
	wants(t, "amended by its household, over the cap", e.amend(e.resident, s, id, 3), delivery.ReasonOverCap)
	if got := e.sold(s); got != "1 0 1" {
		t.Errorf("amended: got %s sold, want 1 0 1", got)
	}
	wants(t, "amended by its household", e.amend(e.resident, s, id, 2), delivery.Reason{})
	if o = e.row(id); o.TotalFen != 6000 || o.Version != 3 {
		t.Errorf("amended: got %+v", o)
	}

	e.move(e.commander, id, delivery.Cancelled)
	if got := e.sold(s); got != "0 0 0" {
		t.Errorf("cancelled: got %s sold, want none", got)
	}
	for _, home := range e.homes[1:4] {
		if _, refused := e.buy(e.commander, s.order(home, 2)); refused != nil {
			t.Fatal(refused)
		}
	}
	wants(t, "undone when it is sold out", e.undo(e.commander, id), delivery.ReasonSoldOut)
	_, refused = e.buy(e.resident, s.order(e.homes[0], 1))
	wants(t, "sold out", refused, delivery.ReasonSoldOut)
	if refused == nil || *refused.Details.QuantityLeft != 0 {
		t.Errorf("got details %+v, want 0 left", refused.Details)
	}
	other := must(e.db.Orders(ctx, e.admin.Scope(), e.community.Community, db.OrderFilter{Households: []delivery.UUID{e.homes[1].UUID}}, db.SortNumber, false, db.Range{Limit: 1})).Items[0]
	e.move(e.commander, other.ID(), delivery.Cancelled)
	wants(t, "undone", e.undo(e.commander, id), delivery.Reason{})
	if got := e.sold(s); got != "6 0 3" {
		t.Errorf("undone: got %s sold, want 6 0 3", got)
	}

	e.pass(time.Hour)
	_, refused = e.buy(e.resident, s.order(e.homes[0], 1))
	wants(t, "after the cut-off", refused, delivery.ReasonWindowClosed)
	wants(t, "amended after the cut-off", e.amend(e.resident, s, id, 1), delivery.ReasonWindowClosed)
	e.checkBooks()
	e.checkNeverLost()
}

// Lines of a window are packages, and packages are ordered in windows only.
func TestWindowLines(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil)
	other := e.sell(nil)
	for name, test := range map[string]struct {
		change func(*order.PlaceOrderInput)
		want   string
	}{
		"no package": {func(in *order.PlaceOrderInput) {
			in.Lines = []*order.LineInput{{Item: "米", Unit: "袋", Quantity: 1000}}
		}, "NEEDS_PACKAGE"},
		"a name beside the package":  {func(in *order.PlaceOrderInput) { in.Lines[0].Item = "米" }, "PACKAGE_SAYS"},
		"a price beside the package": {func(in *order.PlaceOrderInput) { in.Lines[0].UnitPriceFen = 1 }, "PACKAGE_SAYS"},
		"no window":                  {func(in *order.PlaceOrderInput) { in.WindowID, in.SupplierID = nil, &e.suppliers[1] }, "NEEDS_WINDOW"},
		"another window's package":   {func(in *order.PlaceOrderInput) { in.Lines = other.lines(1) }, "NOT_ON_OFFER"},
		"another supplier":           {func(in *order.PlaceOrderInput) { in.SupplierID = &e.suppliers[0] }, "OTHER_WINDOW"},
		"an errand":                  {func(in *order.PlaceOrderInput) { in.Channel = delivery.ChannelErrand }, "WINDOW_CHANNEL"},
		"no such window": {func(in *order.PlaceOrderInput) {
			in.WindowID = &delivery.ID{Kind: delivery.KindWindow, Community: e.community.Community, UUID: e.resident.UUID}
		}, "NO_SUCH"},
		"an id of another kind": {func(in *order.PlaceOrderInput) { in.WindowID = &e.homes[0] }, "WRONG_KIND"},
	} {
		in := s.order(e.homes[0], 1)
		test.change(&in)
		if _, refused := e.buy(e.commander, in); refused == nil || refused.Reason.String() != test.want {
			t.Errorf("%s: got %v, want %s", name, refused, test.want)
		}
	}
	placed := e.place(e.homes[0])
	p := must(e.d.Order.AmendOrder(t.Context(), e.commander, order.AmendOrderInput{OrderID: placed, ExpectedVersion: 1, Lines: s.lines(1)}))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != order.ReasonNotInWindow {
		t.Errorf("got %v, want NOT_IN_WINDOW", p.UserErrors)
	}
}

// A window opens and closes by itself, and a person decides it.
func TestDecideWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	tick := func(want ...delivery.EventKind) {
		t.Helper()
		before := len(e.feed())
		if err := e.d.Tick(ctx); err != nil {
			t.Fatal(err)
		}
		if got := e.since(before); !slices.Equal(got, want) {
			t.Errorf("the clock: got %v, want %v", got, want)
		}
	}
	s := e.sell(nil)
	in := s.opening(e, nil)
	in.OpensAt = in.OpensAt.Add(10 * time.Minute)
	later := must(e.d.Window.OpenWindow(ctx, e.lead, in))
	if len(later.UserErrors) > 0 {
		t.Fatal(later.UserErrors[0])
	}
	_, refused := e.buy(e.resident, func() order.PlaceOrderInput { in := s.order(e.homes[0], 1); in.WindowID = later.WindowID; return in }())
	wants(t, "before it opens", refused, delivery.ReasonWindowNotOpen)
	_, refused = e.decide(e.shop, s, true)
	wants(t, "while it is open", refused, delivery.ReasonWindowStillOpen)
	_ = e.d.Tick(ctx) // the day starts
	e.pass(10 * time.Minute)
	tick(delivery.WindowWasOpened)

	placed, held, gone := e.basket(e.resident, s, 1), *must2(e.buy(e.commander, s.order(e.homes[1], 2))), *must2(e.buy(e.commander, s.order(e.homes[2], 2)))
	done := *must2(e.buy(e.commander, s.order(e.homes[3], 1)))
	e.move(e.commander, done, delivery.Cancelled)
	e.hold(nil, held)
	e.move(e.commander, gone, delivery.AtGate)
	e.pass(50 * time.Minute)
	tick(delivery.OrderLate, delivery.IncidentOpened, delivery.WindowWasClosed, delivery.WindowWasClosed)
	for name, a := range map[string]delivery.Actor{"a resident": e.resident, "another supplier": e.pharmacy, "a volunteer": e.supply, "a lead of another squad": e.actor("D00")} {
		_, refused := e.decide(a, s, false)
		wants(t, name, refused, delivery.ReasonNotYours)
	}
	before := len(e.feed())
	p, refused := e.decide(e.shop, s, false)
	wants(t, "called off", refused, delivery.Reason{})
	if p.Cancelled != 1 || len(p.NotCancelled) != 2 || e.row(placed).Stage != delivery.Cancelled {
		t.Fatalf("got %s, want 1 order cancelled and 2 not", asJSON(p))
	}
	if got, want := e.since(before), []delivery.EventKind{delivery.OrderMoved, delivery.OfferChanged, delivery.WindowWasDecided}; !slices.Equal(got, want) {
		t.Errorf("got events %v, want %v", got, want)
	}
	for _, r := range p.NotCancelled {
		want := delivery.CodeConflict
		if r.OrderID == held {
			want = delivery.CodeHeld
		}
		if got := r.UserErrors[0].Code(); got != want {
			t.Errorf("not cancelled: got %v, want %s", r.UserErrors[0], want)
		}
	}
	if got := e.sold(s); got != "4 0 2" {
		t.Errorf("got %s sold, want 4 0 2", got)
	}
	_, refused = e.decide(e.shop, s, true)
	wants(t, "confirmed after that", refused, delivery.ReasonWindowDecided)
	wants(t, "taken back", e.undo(e.commander, placed), delivery.ReasonWindowDecided)
	e.release(must(e.db.OpenHolds(ctx, e.admin.Scope(), []delivery.ID{held}))[0].ID())
	if p, refused = e.decide(e.lead, s, false); refused != nil || p.Cancelled != 2 || len(p.NotCancelled) != 1 {
		t.Errorf("called off again: got %s, %v, want both cancelled", asJSON(p), refused)
	}
	s.window = *later.WindowID
	if _, refused := e.decide(e.commander, s, true); refused != nil {
		t.Error(refused)
	}
	cancel := must(e.d.Order.CancelOrder(ctx, e.commander, order.CancelOrderInput{Orders: []*order.OrderMoveInput{{OrderID: e.place(e.homes[0])}}, Reason: delivery.MoveCalledOff}))
	wants(t, "cancelled by hand with CALLED_OFF", refusal(cancel), delivery.ReasonWrongReason)
	tick()
	e.checkBooks()
	e.checkNeverLost()
}

// A window with more orders than one transaction cancels is called off in one call, and a retry of it gets the same answer.
func TestCallOffManyOrders(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	s := e.sell(&window.OfferInput{})
	id := e.basket(e.resident, s, 1)
	const more = 1200
	e.direct.SetMaxOpenConns(1)
	for _, statement := range []string{
		`insert into orders select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'number', 1 + n))).* from orders o cross join generate_series(1, ` + strconv.Itoa(more) + `) n where o.id = '` + string(id.UUID) + `'`,
		`insert into order_lines select (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'order_id', o.id))).* from order_lines l cross join orders o where l.order_id <> o.id`,
		`insert into events select (jsonb_populate_record(v, jsonb_build_object('seq', v.seq + o.number, 'order_id', o.id, 'body', jsonb_set(jsonb_set(v.body, '{order,id}', to_jsonb(o.id)), '{order,number}', to_jsonb(o.number))))).*
		   from events v cross join orders o where v.order_id is not null and o.id <> v.order_id`,
		`update feeds set head = (select max(seq) from events)`,
		`update order_numbers set last = ` + strconv.Itoa(more+1),
		`update offers set sold = ` + strconv.Itoa(more+1),
		`update order_windows set orders = ` + strconv.Itoa(more+1),
	} {
		if _, err := e.direct.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	e.pass(time.Hour)
	in := window.DecideWindowInput{ClientMutationID: new("once"), WindowID: s.window}
	p := must(e.d.Window.DecideWindow(t.Context(), e.shop, in))
	if len(p.UserErrors) > 0 || p.Cancelled != more+1 || len(p.NotCancelled) > 0 {
		t.Fatalf("got %d cancelled, %d not, %v; want all", p.Cancelled, len(p.NotCancelled), p.UserErrors)
	}
	if got := e.sold(s); got != "0 0 0" {
		t.Errorf("got %s sold, want none", got)
	}
	if p := must(e.d.Window.DecideWindow(t.Context(), e.shop, in)); p.Cancelled != more+1 {
		t.Errorf("a retry: got %d cancelled, want %d", p.Cancelled, more+1)
	}
}

// One call cancels several orders of one window, and another takes that back.
func TestCancelSeveralOrdersOfAWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil)
	in := order.CancelOrderInput{Reason: delivery.MoveHouseholdAsked}
	for _, home := range e.homes[:3] {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: *must2(e.buy(e.commander, s.order(home, 2)))})
	}
	p := must(e.d.Order.CancelOrder(t.Context(), e.commander, in))
	if p.Moved() != 3 || e.sold(s) != "0 0 0" {
		t.Fatalf("got %s, sold %s, want 3 cancelled", asJSON(p), e.sold(s))
	}
	if p = must(e.d.Order.UndoMove(t.Context(), e.commander, order.UndoMoveInput{BatchID: p.BatchID()})); p.Moved() != 3 || e.sold(s) != "6 0 3" {
		t.Errorf("got %s, sold %s, want 3 back", asJSON(p), e.sold(s))
	}
	e.checkBooks()
	e.checkNeverLost()
}

// 64 callers buy the last packages at once, by app and telephone, and change and cancel their orders meanwhile. What is sold never exceeds the
// stock, the reserve is kept, and no household exceeds its cap.
func TestBuyersAtOnce(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	const stock, reserve = 10, 3
	s := e.sell(&window.OfferInput{Stock: new(delivery.Quantity(stock * 1000)), HouseholdCap: new(delivery.Quantity(2000)), PhoneReserve: reserve * 1000})
	var mu sync.Mutex
	refusals := map[delivery.Reason]int{}
	var placed []delivery.ID
	note := func(id *delivery.ID, refused *delivery.Error) {
		mu.Lock()
		defer mu.Unlock()
		if refused != nil {
			refusals[refused.Reason]++
		} else if id != nil {
			placed = append(placed, *id)
		}
	}
	some := func(i int) (delivery.ID, bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(placed) == 0 {
			return delivery.ID{}, false
		}
		return placed[i%len(placed)], true
	}
	var all []func()
	for i := range 64 {
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		all = append(all, func() {
			in := s.order(e.homes[i%len(e.homes)], 1)
			if i%4 == 0 {
				in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(delivery.ConsentHousehold), true
			}
			in.ClientMutationID = new(fmt.Sprint("buy ", i))
			note(e.buy(e.commander, in))
			id, ok := some(rng.IntN(64))
			switch {
			case !ok:
			case i%8 == 3:
				note(nil, e.advance(e.commander, id, delivery.Cancelled, delivery.MoveHouseholdAsked))
			case i%8 == 5:
				note(nil, e.undo(e.commander, id))
			default:
				note(nil, e.amend(e.commander, s, id, 1+rng.IntN(2)))
			}
			note(e.buy(e.commander, s.order(e.homes[rng.IntN(len(e.homes))], 1)))
		})
	}
	atOnce(all...)
	for _, home := range e.homes { // until nothing is left
		for range 2 {
			in := s.order(home, 1)
			in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(delivery.ConsentHousehold), true
			note(e.buy(e.commander, in))
		}
	}
	if got := e.column("select cast(trim_scale(sold) as text) from offers")[0]; got != strconv.Itoa(stock) {
		t.Errorf("got %s sold, want %d: some was left over", got, stock)
	}
	if refusals[delivery.ReasonSoldOut] == 0 || refusals[delivery.ReasonOverCap] == 0 {
		t.Errorf("got refusals %v, want SOLD_OUT and OVER_CAP among them", refusals)
	}
	for reason := range refusals {
		switch reason {
		case delivery.ReasonSoldOut, delivery.ReasonOverCap, delivery.ReasonReservedForPhone, delivery.ReasonVersionChanged, delivery.ReasonStageChanged, delivery.ReasonFinalStage, delivery.ReasonNothingToUndo:
		default:
			t.Errorf("refused with %s", reason)
		}
	}
	if err := e.d.Tick(ctx); err != nil {
		t.Error(err)
	}
	e.checkBooks()
	e.checkNeverLost()
}

// The reserve is for orders by telephone until it is released, by the phone desk or the lead of the supply squad.
func TestReserve(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(&window.OfferInput{Stock: new(delivery.Quantity(3000)), PhoneReserve: 2000})
	id := e.basket(e.resident, s, 1)
	_, refused := e.buy(e.resident, s.order(e.homes[0], 1))
	wants(t, "by app", refused, delivery.ReasonReservedForPhone)
	in := s.order(e.homes[1], 1)
	in.Channel, in.ConsentBy, in.ReadBack = delivery.ChannelPhone, new(delivery.ConsentHousehold), true
	if _, refused := e.buy(e.commander, in); refused != nil {
		t.Fatal(refused)
	}
	release := func(a delivery.Actor) *delivery.Error {
		p := must(e.d.Window.ReleaseReserve(t.Context(), a, window.ReleaseReserveInput{WindowID: s.window}))
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0]
		}
		return nil
	}
	wants(t, "released by the supplier", release(e.shop), delivery.ReasonNotYours)
	wants(t, "released by a supply volunteer", release(e.supply), delivery.ReasonNotYours)
	wants(t, "released by the lead", release(e.lead), delivery.Reason{})
	wants(t, "released again", release(e.lead), delivery.ReasonNoReserve)
	wants(t, "amended into what was reserved", e.amend(e.resident, s, id, 2), delivery.Reason{})
	_, refused = e.buy(e.resident, s.order(e.homes[0], 1))
	wants(t, "sold out", refused, delivery.ReasonSoldOut)
	e.pass(time.Hour)
	wants(t, "released after the cut-off", release(e.lead), delivery.ReasonWindowClosed)
	e.checkBooks()
}

// An app order that was cancelled comes back after the cut-off, when the reserve has ended by itself.
func TestTheReserveEndsWithTheWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(&window.OfferInput{Stock: new(delivery.Quantity(3000)), PhoneReserve: 2000})
	first := e.basket(e.resident, s, 1)
	e.move(e.commander, first, delivery.Cancelled)
	e.basket(e.resident, s, 1)
	wants(t, "while it is open", e.undo(e.commander, first), delivery.ReasonReservedForPhone)
	e.pass(time.Hour)
	wants(t, "after the cut-off", e.undo(e.commander, first), delivery.Reason{})
	if got := e.sold(s); got != "2 0 2" {
		t.Errorf("got %s sold, want 2 0 2", got)
	}
	e.checkBooks()
}

// The previous release cancels orders and takes that back without knowing offers.
func TestThePreviousReleaseKeepsOffers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil)
	id := e.basket(e.resident, s, 2)
	set := func(stage string) error {
		_, err := e.direct.ExecContext(t.Context(), "update orders set stage = $2, holder_supplier_id = null where id = $1", string(id.UUID), stage)
		return err
	}
	if err := set("CANCELLED"); err != nil || e.sold(s) != "0 0 0" {
		t.Errorf("cancelled: got %s, %v", e.sold(s), err)
	}
	other := e.basket(e.resident, s, 2)
	if err := set("PLACED"); err == nil {
		t.Error("the household has more than its cap")
	}
	e.move(e.commander, other, delivery.Cancelled)
	if err := set("PLACED"); err != nil || e.sold(s) != "2 0 1" {
		t.Errorf("taken back: got %s, %v", e.sold(s), err)
	}
}

// Packages are added, corrected and archived by who may sell them, and their prices in a window stay.
func TestPackages(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	s := e.sell(nil)
	save := func(a delivery.Actor, in window.SavePackagesInput) *delivery.Error {
		p := must(e.d.Window.SavePackages(ctx, a, in))
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0]
		}
		if len(p.Items[0].UserErrors) > 0 {
			return p.Items[0].UserErrors[0]
		}
		return nil
	}
	change := func(do func(*window.PackageInput)) window.SavePackagesInput {
		in := s.packages("A")
		in.Packages[0].ID = &s.pack
		do(in.Packages[0])
		return in
	}
	wants(t, "a code that is taken", save(e.shop, s.packages("a")), dispatch.ReasonTaken)
	wants(t, "archived while on offer", save(e.shop, change(func(p *window.PackageInput) { p.Archived = true })), window.ReasonOnOffer)
	wants(t, "another version", save(e.shop, change(func(p *window.PackageInput) { p.ExpectedVersion = new(int64(7)) })), delivery.ReasonVersionChanged)
	wants(t, "a new price", save(e.lead, change(func(p *window.PackageInput) { p.PriceFen = 9900 })), delivery.Reason{})
	if o := e.row(e.basket(e.resident, s, 1)); o.TotalFen != 3000 {
		t.Errorf("got %d fen, want the price of the window", o.TotalFen)
	}
	for name, a := range map[string]delivery.Actor{"a resident": e.resident, "another supplier": e.pharmacy, "a volunteer": e.supply} {
		wants(t, name, save(a, s.packages("B")), delivery.ReasonNotYours)
	}
	if _, err := e.direct.ExecContext(ctx, `insert into packages select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'code', 'Z' || n))).* from packages p cross join generate_series(2, $1) n`,
		delivery.MaxPackages); err != nil {
		t.Fatal(err)
	}
	wants(t, "one more than there may be", save(e.shop, s.packages("B")), window.ReasonTooManyPackages)
	if _, err := e.direct.ExecContext(ctx, `delete from packages where code like 'Z%'`); err != nil {
		t.Fatal(err)
	}
	e.pass(time.Hour)
	if _, refused := e.decide(e.shop, s, true); refused != nil {
		t.Fatal(refused)
	}
	wants(t, "archived", save(e.shop, change(func(p *window.PackageInput) { p.Archived = true })), delivery.Reason{})
	in := s.opening(e, nil)
	p := must(e.d.Window.OpenWindow(ctx, e.shop, in))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != "ARCHIVED" {
		t.Errorf("an archived package on offer: got %v, want ARCHIVED", p.UserErrors)
	}
	n := 0
	for name, test := range map[string]struct {
		change func(*window.OpenWindowInput)
		want   string
	}{
		"closes before it opens":     {func(in *window.OpenWindowInput) { in.OpensAt = in.ClosesAt }, "WINDOW_TIMES"},
		"delivers before it closes":  {func(in *window.OpenWindowInput) { in.DeliverAt = in.OpensAt }, "WINDOW_TIMES"},
		"has closed":                 {func(in *window.OpenWindowInput) { in.ClosesAt = e.time(); in.OpensAt = e.time().Add(-time.Hour) }, "NOT_FUTURE"},
		"is too far ahead":           {func(in *window.OpenWindowInput) { in.DeliverAt = e.time().Add(100 * 24 * time.Hour) }, "WINDOW_TOO_FAR"},
		"offers nothing":             {func(in *window.OpenWindowInput) { in.Offers = nil }, "EMPTY_LIST"},
		"offers a package twice":     {func(in *window.OpenWindowInput) { in.Offers = append(in.Offers, in.Offers[0]) }, "REPEATED"},
		"reserves what is not there": {func(in *window.OpenWindowInput) { in.Offers[0].PhoneReserve = 1000 }, "BAD_RESERVE"},
		"offers none of it":          {func(in *window.OpenWindowInput) { in.Offers[0].Stock = new(delivery.Quantity(0)) }, "BAD_LIMIT"},
	} {
		n++
		fresh := saved(t, must(e.d.Window.SavePackages(ctx, e.shop, s.packages("N"+strconv.Itoa(n)))).BulkOutcome)[0]
		s.pack = fresh
		in := s.opening(e, nil)
		test.change(&in)
		p := must(e.d.Window.OpenWindow(ctx, e.shop, in))
		if len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != test.want {
			t.Errorf("a window that %s: got %v, want %s", name, p.UserErrors, test.want)
		}
	}
}

func must2[T any](v T, refused *delivery.Error) T {
	if refused != nil {
		panic(refused)
	}
	return v
}
