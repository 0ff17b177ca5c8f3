package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/dispatch/intake"
	"baogong/dispatch/order"
	"baogong/dispatch/window"
	"baogong/reading"
	"baogong/reading/address"
)

// again opens a window for the package of a sale, and buys one for each household until so many are bought.
func (e *house) again(s *sale, name string, stock *delivery.Quantity, bought int) (next sale) {
	e.t.Helper()
	next = *s
	in := s.opening(e, &window.OfferInput{Stock: stock})
	in.Name = name
	p := must(e.d.Window.OpenWindow(e.t.Context(), e.shop, in))
	if len(p.UserErrors) > 0 {
		e.t.Fatal(p.UserErrors[0])
	}
	next.window = *p.WindowID
	for i := range bought {
		if _, refused := e.buy(e.commander, next.order(e.homes[i%len(e.homes)], 1)); refused != nil {
			e.t.Fatal(refused)
		}
	}
	return next
}

// gap is the only row of a window's gaps.
func (e *house) gap(s sale, share float64) string {
	e.t.Helper()
	w := must(e.db.WindowsByID(e.t.Context(), e.shop.Scope(), []delivery.ID{s.window}))[0]
	rows := delivery.NewGap(w, must(e.db.Gap(e.t.Context(), e.shop.Scope(), w, e.time())), share, e.time())
	if len(rows) != 1 {
		e.t.Fatalf("got %d rows", len(rows))
	}
	g := rows[0]
	gap := "unlimited"
	if g.Gap() != nil {
		gap = fmt.Sprint(*g.Gap())
	}
	return fmt.Sprintf("%s ordered %s of %d windows: %.3g and %.3g, gap %s", g.Method, g.Ordered, g.LikeWindows, g.Expected, g.Reserve, gap)
}

// TestSupplyGap compares gaps with figures that were computed by hand, while windows are open and after.
func TestSupplyGap(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	six := new(delivery.Quantity(6000))
	first := *e.sell(nil) // 6 packages on offer
	want("the first window", e.gap(first, 0.1), "FEW ordered 0 of 0 windows: 0 and 0, gap 0")
	for i, bought := range []int{3, 5, 7} {
		s := e.again(&first, []string{"周二蔬菜", " 周二蔬菜 ", "周二蔬菜"}[i], nil, bought)
		want("a window without a limit", e.gap(s, 0), []string{"FEW ordered 3 of 0 windows: 3", "FEW ordered 5 of 2 windows: 5", "MEAN ordered 7 of 3 windows: 7"}[i]+" and 0, gap unlimited")
		e.pass(24 * time.Hour)
	}
	called := e.again(&first, "周二蔬菜", nil, 8)
	e.pass(2 * time.Hour)
	if _, refused := e.decide(e.shop, &called, false); refused != nil {
		t.Fatal(refused)
	}
	e.again(&first, "周三蔬菜", nil, 8)
	e.pass(24 * time.Hour)
	// The windows alike sold 0, 3, 5 and 7: their mean is 3.75.
	s := e.again(&first, "周二蔬菜", six, 1)
	want("an open window", e.gap(s, 0), "MEAN ordered 1 of 4 windows: 3.75 and 0, gap 0")
	want("with a reserve of all", e.gap(s, 1), "MEAN ordered 1 of 4 windows: 3.75 and 3.75, gap 1.5")
	for i := range 4 {
		if _, refused := e.buy(e.commander, s.order(e.homes[i+1], 1)); refused != nil {
			t.Fatal(refused)
		}
	}
	want("with more orders than expected", e.gap(s, 0.5), "MEAN ordered 5 of 4 windows: 5 and 2.5, gap 1.5")
	e.pass(time.Hour)
	want("a closed window", e.gap(s, 0.1), "KNOWN ordered 5 of 4 windows: 5 and 0.5, gap 0")
}

// TestReach reaches each household in one way, and counts the others by building.
func TestReach(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	desks := e.desks(2, e.buildings[0])
	reach := func(a delivery.Actor) string {
		t.Helper()
		r := delivery.NewReach(a, e.community.Community, must(e.db.Reach(t.Context(), a.Scope(), e.community.Community, e.time().AddDate(0, 0, -delivery.ReachDays))))
		out := fmt.Sprintf("%d: %d ordered, %d answered, %d told, %d unreached;", r.Households, r.Ordered, r.Answered, r.Told, r.Unreached)
		for _, b := range r.Buildings {
			out += fmt.Sprintf(" %d/%d", b.Unreached, b.Households)
			if b.ElderlyAlone != nil {
				out += fmt.Sprintf(" %d elderly %d without a phone", *b.ElderlyAlone, *b.NoSmartphone)
			}
		}
		return out
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s\nwant %s", what, got, want)
		}
	}
	e.tell(`update households set needs = '{ELDERLY_ALONE,NO_SMARTPHONE}' where id = any(cast($1 as uuid[]))`,
		"{"+string(e.homes[0].UUID)+","+string(e.homes[3].UUID)+","+string(e.homes[7].UUID)+"}")
	closed := func(home delivery.ID, how delivery.EnquiryOutcome) {
		t.Helper()
		id := e.enquiry(e.commander, desk.LogEnquiryInput{HouseholdID: &home})
		if _, refused := e.pickUp(e.commander, id); refused != nil {
			t.Fatal(refused)
		}
		if refused := e.hangUp(e.commander, id, how); refused != nil {
			t.Fatal(refused)
		}
	}
	want("at first", reach(e.commander), "8: 0 ordered, 0 answered, 0 told, 8 unreached; 4/4 2 elderly 2 without a phone 4/4 1 elderly 1 without a phone")
	early, _ := e.publish(e.commander, nil)
	if refused := e.told(e.commander, *early, e.homes[6]); refused != nil {
		t.Fatal(refused)
	}
	e.pass(7*24*time.Hour + time.Hour) // too long ago
	_ = e.place(e.homes[0])
	e.move(e.commander, e.place(e.homes[4]), delivery.Cancelled)
	closed(e.homes[1], delivery.OutcomeAnswered)
	closed(e.homes[0], delivery.OutcomeAnswered) // is reached twice
	closed(e.homes[5], delivery.OutcomeUnreachable)
	closed(e.homes[6], delivery.OutcomePassedOn)
	id, _ := e.publish(e.commander, nil)
	if refused := e.told(e.commander, *id, e.homes[2], e.homes[4]); refused != nil {
		t.Fatal(refused)
	}
	if refused := e.saw(e.resident, *id); refused != nil { // of homes[0]
		t.Fatal(refused)
	}
	want("later", reach(e.commander), "8: 2 ordered, 2 answered, 3 told, 4 unreached; 1/4 1 elderly 1 without a phone 3/4 1 elderly 1 without a phone")
	want("for a lead, who does not see needs", reach(e.lead), "8: 2 ordered, 2 answered, 3 told, 4 unreached; 1/4 3/4")
	want("for the desk of one building", reach(desks[1]), "4: 1 ordered, 2 answered, 2 told, 1 unreached; 1/4 1 elderly 1 without a phone")
	e.tell(`update households set archived_at = $2 where id = cast($1 as uuid)`, string(e.homes[7].UUID), e.time())
	want("without an archived household", reach(e.lead), "7: 2 ordered, 2 answered, 3 told, 3 unreached; 1/4 2/3")
	for name, of := range map[string]delivery.Actor{"a city": {Role: delivery.RoleCity, Communities: []int32{0}}, "another community": e.another().commander} {
		if rows, err := e.db.Reach(t.Context(), of.Scope(), e.community.Community, e.time()); delivery.CodeOf(err) != delivery.CodeNotFound {
			t.Errorf("%s: got %v, %v", name, rows, err)
		}
	}
}

// TestHouseholdNeeds counts households by need, and lists the open orders with medicine.
func TestHouseholdNeeds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	desks := e.desks(2, e.buildings[1])
	e.tell(`update households set needs = '{ELDERLY_ALONE,DIALYSIS}' where id = cast($1 as uuid)`, string(e.homes[0].UUID))
	e.tell(`update households set needs = '{DIALYSIS}' where id = any(cast($1 as uuid[]))`, "{"+string(e.homes[1].UUID)+","+string(e.homes[4].UUID)+"}")
	needs := func(a delivery.Actor) (out []string) {
		t.Helper()
		c := must(e.db.CommunitiesByID(t.Context(), a.Scope(), []delivery.ID{e.community}))[0]
		targets := must(e.db.TargetsOf(t.Context(), a.Scope(), []delivery.ID{e.community}))
		n := delivery.NewHouseholdNeeds(e.community.Community, must(e.db.HouseholdNeeds(t.Context(), a.Scope(), e.community.Community)), delivery.NewTargets(c.TimeZone, targets), e.time())
		list := func(of []*delivery.NeedHouseholds) (out string) {
			for _, x := range of {
				out += fmt.Sprintf(" %s %d", x.Need, x.Households)
			}
			return out
		}
		out = append(out, fmt.Sprintf("%d:%s", n.Households, list(n.Needs)))
		for _, b := range n.Buildings {
			out = append(out, fmt.Sprintf("%d:%s", b.Households, list(b.Needs)))
		}
		for _, m := range n.Medicines {
			due := "no target"
			if m.DueAt != nil {
				due = c.Local(*m.DueAt).Format("01-02 15:04")
			}
			out = append(out, fmt.Sprintf("%d of %d due %s %t", m.Number, n.MedicinesDue, due, m.Overdue))
		}
		return out
	}
	want := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", what, got, want)
		}
	}
	want("without orders", needs(e.commander), "3: ELDERLY_ALONE 1 DIALYSIS 3", "2: ELDERLY_ALONE 1 DIALYSIS 2", "1: DIALYSIS 1")
	medicine := func(home delivery.ID) delivery.ID {
		t.Helper()
		p := must(e.d.Order.PlaceOrder(t.Context(), e.commander, order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelErrand, ErrandKind: new(delivery.ErrandMedicine),
			TakerID: new(e.team["S01"]), Lines: []*order.LineInput{{Item: "降压药", Quantity: 1000, Unit: "盒"}}}))
		if len(p.UserErrors) > 0 {
			t.Fatal(p.UserErrors[0])
		}
		return *p.OrderID
	}
	ended := medicine(e.homes[0])
	e.move(e.commander, ended, delivery.Cancelled)
	_ = e.place(e.homes[0]) // no medicine
	_ = medicine(e.homes[0])
	e.pass(11*time.Hour + time.Minute) // one minute past 20:00
	_ = medicine(e.homes[4])
	want("in the evening", needs(e.commander)[3:], "3 of 2 due 02-18 20:00 true", "4 of 2 due 02-19 20:00 false")
	want("for the desk of one building", needs(desks[1]), "1: DIALYSIS 1", "1: DIALYSIS 1", "4 of 1 due 02-19 20:00 false")
	if facts := must(e.db.HouseholdNeeds(t.Context(), e.shop.Scope(), e.community.Community)); len(facts.Counts) > 0 && facts.Counts[0].Households > 0 {
		t.Errorf("a supplier: got %+v", facts.Counts[0])
	}
}

// TestUnmetDemand counts what did not come to pass on two days.
func TestUnmetDemand(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	unmet := func() (out []string) {
		t.Helper()
		c := must(e.db.CommunitiesByID(t.Context(), e.lead.Scope(), []delivery.ID{e.community}))[0]
		from, _, _ := c.DayOf("2020-02-18")
		_, until, _ := c.DayOf("2020-02-20")
		counts, soldOut, err := e.db.Unmet(t.Context(), e.lead.Scope(), e.community.Community, from, until)
		if err != nil {
			t.Fatal(err)
		}
		u := delivery.NewUnmetDemand(delivery.DaysFrom("2020-02-18", "2020-02-20"), counts, soldOut)
		for _, d := range u.Days {
			out = append(out, strings.TrimPrefix(d.Day, "2020-02-")+fmt.Sprint(": ", d.OutOfStock, d.NoCapacity, d.SoldOut, d.Dropped, d.Unanswered(), d.PassedOn, d.Unreachable, d.NotNeeded))
		}
		for _, o := range u.SoldOut {
			out = append(out, fmt.Sprintf("%s of %s at %s", o.Item, o.Stock, c.Local(o.At).Format("02 15:04")))
		}
		return out
	}
	want := func(what string, want ...string) {
		t.Helper()
		if got := unmet(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", what, got, want)
		}
	}
	cancel := func(id delivery.ID, why delivery.MoveReason) {
		t.Helper()
		if refused := e.advance(e.commander, id, delivery.Cancelled, why); refused != nil {
			t.Fatal(refused)
		}
	}
	want("at first", "18: 0 0 0 0 0 0 0 0", "19: 0 0 0 0 0 0 0 0", "20: 0 0 0 0 0 0 0 0")
	again, undone := e.place(e.homes[0]), e.place(e.homes[0])
	cancel(again, delivery.MoveOutOfStock)
	cancel(undone, delivery.MoveNoCapacity)
	cancel(e.place(e.homes[1]), delivery.MoveNoCapacity)
	cancel(e.place(e.homes[1]), delivery.MoveDuplicate)
	e.pass(time.Minute)
	for _, id := range []delivery.ID{again, undone} {
		if refused := e.undo(e.commander, id); refused != nil {
			t.Fatal(refused)
		}
	}
	e.pass(time.Minute)
	cancel(again, delivery.MoveNoCapacity) // this time for another reason
	want("orders", "18: 0 2 0 0 0 0 0 0", "19: 0 0 0 0 0 0 0 0", "20: 0 0 0 0 0 0 0 0")

	// Six packages: the last goes at 9:03. It is given back, and taken again.
	s := *e.sell(nil)
	e.pass(time.Minute)
	var last *delivery.ID
	for i := range 3 {
		var refused *delivery.Error
		if last, refused = e.buy(e.commander, s.order(e.homes[i], 2)); refused != nil {
			t.Fatal(refused)
		}
	}
	e.pass(time.Minute)
	e.move(e.commander, *last, delivery.Cancelled)
	e.pass(time.Minute)
	if refused := e.undo(e.commander, *last); refused != nil {
		t.Fatal(refused)
	}
	// Of this one the last comes back by an undo.
	back := e.again(&s, "周三蔬菜", new(delivery.Quantity(2000)), 1)
	first, refused := e.buy(e.commander, back.order(e.homes[5], 1))
	if refused != nil {
		t.Fatal(refused)
	}
	e.tell(`update offers set sold_out_at = null where window_id = cast($1 as uuid)`, string(back.window.UUID))
	e.move(e.commander, *first, delivery.Cancelled)
	e.pass(24 * time.Hour)
	if refused := e.undo(e.commander, *first); refused != nil {
		t.Fatal(refused)
	}
	want("offers", "18: 0 2 1 0 0 0 0 0", "19: 0 0 1 0 0 0 0 0", "20: 0 0 0 0 0 0 0 0", "蔬菜包A of 2 at 19 09:05", "蔬菜包A of 6 at 18 09:03")

	for _, how := range []delivery.EnquiryOutcome{delivery.OutcomePassedOn, delivery.OutcomePassedOn, delivery.OutcomeUnreachable, delivery.OutcomeNotNeeded, delivery.OutcomeAnswered} {
		id := e.enquiry(e.commander, desk.LogEnquiryInput{})
		if _, refused := e.pickUp(e.commander, id); refused != nil {
			t.Fatal(refused)
		}
		if refused := e.hangUp(e.commander, id, how); refused != nil {
			t.Fatal(refused)
		}
	}
	unclear := func(number string) reading.Entry {
		x := entry(number, "不知道", 2)
		x.Address = address.Reading{Status: address.Review, Why: address.UnitMissing, Text: "不知道"}
		return x
	}
	e.entries(unclear("T-1"), unclear("T-2"), unclear("T-3"))
	i := e.imported(e.shop, e.importing(delivery.ImportCSV))
	e.pass(24 * time.Hour)
	settled := settledAs(must(e.d.Intake.SettleImportRows(t.Context(), e.shop, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{{Row: 1, Drop: new("重复")}, {Row: 3, Drop: new("重复")}}})))
	if !slices.Equal(settled, []string{"1 DROPPED", "3 DROPPED"}) {
		t.Fatalf("got %q", settled)
	}
	want("all", "18: 0 2 1 0 0 0 0 0", "19: 0 0 1 0 4 2 1 1", "20: 0 0 0 2 0 0 0 0", "蔬菜包A of 2 at 19 09:05", "蔬菜包A of 6 at 18 09:03")
}
