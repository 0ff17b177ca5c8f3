package dispatch_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/gate"
	"baogong/dispatch/plan"
	"baogong/rehearsal"
)

// planOf is the stored plan of a day, nil without one.
func (e *house) planOf(day string) *delivery.DayPlan {
	e.t.Helper()
	plans := must(e.db.Plans(e.t.Context(), e.commander.Scope(), e.community.Community, day))
	if len(plans) == 0 {
		return nil
	}
	return plans[0]
}

// planDay plans a day by hand, and returns why it was refused.
func (e *house) planDay(a delivery.Actor, in rehearsal.ScenarioInput) *delivery.Error {
	e.t.Helper()
	in.CommunityID, in.Replications = e.community, 20
	p := must(e.d.Plan.PlanDay(e.t.Context(), a, plan.PlanDayInput{CommunityID: e.community, Scenario: in}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	return nil
}

// TestPlanDayChecksItsScenario: planDay refuses what saveScenario refuses, at the field that the caller gave.
func TestPlanDayChecksItsScenario(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	_, tomorrow := must(e.db.CommunitiesByID(t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0].Today(e.time())
	for field, in := range map[string]rehearsal.ScenarioInput{
		"orders":                  {Orders: new(0), Replications: 2},
		"carts":                   {Carts: new(-1), Replications: 2},
		"replications":            {Replications: rehearsal.InputReplications + 1},
		"lastTruckEarlierMinutes": {LastTruckEarlierMinutes: new(math.MaxInt32), Replications: 2},
		"by":                      {By: new(tomorrow.AddDate(7000, 0, 0)), Replications: 2},
		"hands":                   {Hands: []*rehearsal.HandsInput{{Squad: delivery.SquadDuty, From: tomorrow.AddDate(-20, 0, 0), Hands: 3}}, Replications: 2},
		"heldBuildings":           {HeldBuildings: []*rehearsal.HeldInput{{From: tomorrow.Add(2 * time.Hour), Until: tomorrow.Add(time.Hour)}}, Replications: 2},
	} {
		in.CommunityID = e.community
		p := must(e.d.Plan.PlanDay(t.Context(), e.commander, plan.PlanDayInput{CommunityID: e.community, Scenario: in}))
		if len(p.UserErrors) != 1 || !slices.Equal(p.UserErrors[0].Field, []string{"scenario", field}) {
			t.Errorf("got %+v, want a refusal of %s", p.UserErrors, field)
		}
	}
}

// TestPlans: the plan of a day is made on the evening before, is replaced before the day and not after, and is compared with what happens.
func TestPlans(t *testing.T) {
	t.Parallel()
	e := newEstate(t) // on 18 February at nine o'clock
	e.tick()
	if e.planOf("2020-02-18") != nil {
		t.Fatal("a day without orders has a plan")
	}
	announce := func(hours time.Duration, orders int) {
		t.Helper()
		in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], ExpectedAt: new(e.time().Add(hours)), Atomic: true}
		for i := range orders {
			in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: e.place(e.homes[i%len(e.homes)])})
		}
		if p := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in)); len(p.UserErrors) > 0 || p.ArrivalID == nil {
			t.Fatalf("got %+v", p)
		}
	}
	announce(24*time.Hour, 30)
	e.pass(10 * time.Hour)
	e.tick()
	if e.planOf("2020-02-19") != nil {
		t.Error("a plan is made before eight in the evening")
	}
	e.pass(time.Hour + 11*time.Minute) // 20:11
	n := e.kinds(delivery.PlanChanged)
	e.tick()
	e.tick()
	p := e.planOf("2020-02-19")
	if p == nil || p.Orders != 30 || p.ByHand || len(p.Trucks) != 1 || len(p.Points) == 0 || len(p.Steps) != len(delivery.Steps) || p.ClearMedian == nil || p.NowAt != nil {
		t.Fatalf("in the evening: got %+v, want a plan of a truck with 30 orders", p)
	}
	if got := e.kinds(delivery.PlanChanged); got <= n {
		t.Errorf("got %d events PLAN_CHANGED, want more than %d", got, n)
	}
	announce(15*time.Hour, 20) // 11:11 tomorrow
	e.pass(delivery.PresentEvery)
	e.tick()
	if p = e.planOf("2020-02-19"); p.Orders != 50 {
		t.Errorf("after another truck: got %d orders, want 50", p.Orders)
	}
	for _, c := range []struct {
		what string
		by   delivery.Actor
		in   rehearsal.ScenarioInput
		want delivery.Reason
	}{
		{"a volunteer", e.duty, rehearsal.ScenarioInput{}, delivery.ReasonNotYours},
		{"a day that has begun", e.lead, rehearsal.ScenarioInput{Day: new("2020-02-18")}, plan.ReasonPlanBegun},
		{"a day far ahead", e.lead, rehearsal.ScenarioInput{Day: new("2020-03-18")}, delivery.ReasonBadValue},
		{"no hands", e.lead, rehearsal.ScenarioInput{AbsentShare: new(1.0)}, rehearsal.ReasonScenarioNoHands},
		{"a lead", e.lead, rehearsal.ScenarioInput{Orders: new(40)}, none},
	} {
		refused := e.planDay(c.by, c.in)
		if (refused == nil) != (c.want == none) || refused != nil && refused.Reason != c.want {
			t.Errorf("%s: got %v, want %v", c.what, refused, c.want)
		}
	}
	e.pass(delivery.PresentEvery)
	e.tick()
	if p = e.planOf("2020-02-19"); !p.ByHand || p.Orders < 35 || p.Orders > 45 {
		t.Errorf("by hand: got %+v, want about 40 orders and that the clock leaves it", p)
	}
	if refused := e.planDay(e.lead, rehearsal.ScenarioInput{}); refused != nil { // as the rows say
		t.Fatal(refused)
	}
	if p = e.planOf("2020-02-19"); p.Orders != 50 {
		t.Errorf("by hand, from the rows: got %d orders, want 50", p.Orders)
	}
	before := *p
	byClock := before
	byClock.ByHand, byClock.Orders = false, 7
	if err := e.db.InTx(t.Context(), func(tx *db.Tx) error { return tx.SavePlan(t.Context(), &byClock) }); err != nil {
		t.Fatal(err)
	}
	if p = e.planOf("2020-02-19"); !p.ByHand || p.Orders != 50 {
		t.Errorf("stored by the clock at the same moment: got %+v, want the plan by hand", p)
	}

	e.pass(12*time.Hour + 24*time.Minute) // 8:45
	e.tick()
	if refused := e.planDay(e.commander, rehearsal.ScenarioInput{Day: new("2020-02-19")}); refused == nil || refused.Reason != plan.ReasonPlanBegun {
		t.Errorf("on the day: got %v", refused)
	}
	p = e.planOf("2020-02-19")
	if p.NowAt == nil || p.ClearNow == nil || p.Behind != nil || p.Orders != before.Orders || !slices.Equal(p.Points, before.Points) {
		t.Errorf("in the morning: got %+v, want the same plan and the present", p)
	}
	// Orders at every post: at the gate, sorted, at the building and on the stairs.
	ids := e.atAll(12, delivery.AtGate)
	e.advanceAll(e.commander, delivery.Sorted, nil, ids[:9]...)
	e.advanceAll(e.commander, delivery.AtBuilding, nil, ids[:6]...)
	e.advanceAll(e.commander, delivery.OutForDelivery, nil, ids[:3]...)
	until := p.EndsAt
	rest := must(e.db.RestFacts(t.Context(), e.commander.Scope(), e.community.Community, p.StartsAt, until))
	standing := map[delivery.Stage]int{}
	for _, s := range rest.Standing {
		standing[s.Stage] += s.Orders
	}
	if fmt.Sprint(standing) != "map[AT_BUILDING:3 AT_GATE:3 OUT_FOR_DELIVERY:3 SORTED:3]" || len(rest.Trucks) != 2 || rest.Open != 62 || rest.Delivered != 0 {
		t.Errorf("got %v, %+v", standing, rest)
	}
	e.pass(7 * time.Hour) // 15:45: nothing came to a door
	e.tick()
	p = e.planOf("2020-02-19")
	late := p.ClearNow.Sub(*p.ClearMedian)
	if p.Behind == nil || *p.Behind < 60 || late < time.Hour {
		t.Errorf("in the afternoon: got %v minutes behind and %v late", p.Behind, late)
	}
	against := p.Against(0, e.time())
	if against.Planned() < 45 || against.Low() > against.Planned() || against.High() < against.Planned() || *against.BehindMinutes() != *p.Behind {
		t.Errorf("got %d planned of %d, %v behind", against.Planned(), p.Orders, *against.BehindMinutes())
	}
	changed := e.kinds(delivery.PlanChanged)
	e.advanceAll(e.commander, delivery.Delivered, nil, ids[:6]...)
	e.pass(delivery.PresentEvery)
	e.tick()
	if now := e.planOf("2020-02-19"); *now.Behind != *now.BehindOf(6, e.time()) || *now.Behind >= *now.BehindOf(0, e.time()) || e.kinds(delivery.PlanChanged) > changed+1 || !now.NowAt.After(*p.NowAt) {
		t.Errorf("after six orders: got %d minutes behind, and %d before", *now.Behind, *p.Behind)
	}
	if got := must(e.db.DeliveredOn(t.Context(), e.commander.Scope(), e.community.Community, p.StartsAt, until)); got != 6 {
		t.Errorf("got %d delivered, want 6", got)
	}
	e.pass(9 * time.Hour) // the next day
	e.tick()
	if p = e.planOf("2020-02-19"); p.MeasuredUntil == nil || !p.MeasuredUntil.Equal(p.EndsAt) {
		t.Errorf("after the day: measured until %v, want %v", p.MeasuredUntil, p.EndsAt)
	}
}

// TestPlanOfToday: a day that has begun without a plan gets one, of all that is known.
func TestPlanOfToday(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	_ = e.atAll(15, delivery.AtGate)
	e.tick()
	p := e.planOf("2020-02-18")
	if p == nil || p.Orders != 15 || !p.MadeAt.After(p.StartsAt) {
		t.Fatalf("got %+v, want a plan of 15 orders", p)
	}
	e.tick()
	if again := e.planOf("2020-02-18"); again.NowAt != nil {
		t.Errorf("the clock looks twice at the same instant: %+v", again)
	}
	e.pass(delivery.PresentEvery)
	e.tick()
	if again := e.planOf("2020-02-18"); again.NowAt == nil || !again.MadeAt.Equal(p.MadeAt) {
		t.Errorf("got %+v, want the same plan with the present", again)
	}
	_ = e.atAll(20, delivery.Dispatched)
	e.pass(delivery.PresentEvery)
	e.tick()
	if more := e.planOf("2020-02-18"); more.Orders != 35 || more.NowAt == nil || more.NowAt.Before(more.MadeAt) {
		t.Errorf("with 20 more orders: got %+v, want a plan of 35", more)
	}
}

// TestPlanWithoutHeldBuildings: a plan has no orders of a building that is held without an end, on announced trucks or in the chain, and says how many there are. They come again once the hold ends.
func TestPlanWithoutHeldBuildings(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := must(e.db.CommunitiesByID(t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0]
	from, until := c.Today(e.time())
	scope := e.commander.Scope()
	ids := e.atAll(20, delivery.AtGate)
	for range 4 {
		id := e.place(e.homes[len(e.homes)-1])
		e.move(e.commander, id, delivery.Dispatched)
		e.move(e.commander, id, delivery.AtGate)
		ids = append(ids, id)
	}
	in := gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], ExpectedAt: new(e.time().Add(time.Hour)), Atomic: true}
	for i := range 20 {
		in.Orders = append(in.Orders, &gate.AnnouncedOrderInput{OrderID: e.place(e.homes[i%len(e.homes)])})
	}
	must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, in))
	building := func(id delivery.ID) delivery.UUID { return e.row(id).BuildingUUID }
	at := delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: building(ids[23])}
	standing, onTruck := 0, 0
	for _, id := range ids {
		if building(id) == at.UUID {
			standing++
		}
	}
	for _, o := range in.Orders {
		if building(o.OrderID) == at.UUID {
			onTruck++
		}
	}
	if standing == 0 || standing == len(ids) || onTruck == 0 || onTruck == len(in.Orders) {
		t.Fatalf("%d of %d orders at the gate and %d of %d on the truck are of one building", standing, len(ids), onTruck, len(in.Orders))
	}
	held := e.hold(nil, at)
	facts := must(e.db.DayRows(t.Context(), scope, e.community.Community, from, until, e.time()))
	rest := must(e.db.RestFacts(t.Context(), scope, e.community.Community, from, until))
	if len(facts.Trucks) != 1 || facts.Trucks[0].Orders != 20 || facts.Trucks[0].Held != onTruck || rest.Trucks[0].Held != onTruck || rest.LeftOut != standing+onTruck {
		t.Errorf("got %+v, %+v and %d left out; want %d on the truck and %d at the gate", facts.Trucks, rest.Trucks, rest.LeftOut, onTruck, standing)
	}
	if got := must(e.db.LeftOutOrders(t.Context(), scope, e.community.Community)); got != standing+onTruck {
		t.Errorf("got %d orders left out, want %d", got, standing+onTruck)
	}
	e.tick()
	p := e.planOf("2020-02-18")
	if want := 44 - standing - onTruck; p == nil || p.Orders != want {
		t.Fatalf("got %+v, want a plan of %d orders", p, want)
	}
	e.pass(delivery.PresentEvery)
	e.tick()
	if p = e.planOf("2020-02-18"); p.Expected == nil || *p.Expected != p.Orders {
		t.Errorf("got %v orders expected, want the %d of the plan", p.Expected, p.Orders)
	}
	e.release(held...)
	e.pass(delivery.PresentEvery)
	e.tick()
	if p = e.planOf("2020-02-18"); *p.Expected != 44 {
		t.Errorf("after the hold: got %d orders expected, want 44", *p.Expected)
	}
}

// TestMeasuredOnTheDay: the times of the day stand beside those of the plan.
func TestMeasuredOnTheDay(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := e.atAll(14, delivery.AtBuilding)
	e.tick()
	for _, id := range ids {
		e.pass(2 * time.Minute)
		e.move(e.commander, id, delivery.Delivered)
	}
	e.pass(2 * time.Minute)
	e.tick()
	p := e.planOf("2020-02-18").Against(14, e.time())
	wrong := p.WrongTimes()
	if len(wrong) != 1 || wrong[0].Step != delivery.StepDoor || wrong[0].Sample != 13 || math.Abs(wrong[0].MeasuredMinutes-2) > 0.1 || wrong[0].PlannedMinutes != 1.2 || !wrong[0].Assumed || wrong[0].DifferencePercent < 60 {
		t.Errorf("got %+v, want 2 minutes at the door instead of 1.2", wrong)
	}
}
