package rehearsal

import (
	"slices"
	"testing"
	"time"

	"baogong/delivery"
)

// TestExpect: what announced trucks do not bring comes on the assumed ones.
func TestExpect(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	facts := func(orders int) *delivery.DayFacts {
		return &delivery.DayFacts{Trucks: []delivery.TruckFact{{DueAt: day.Add(9 * time.Hour), Orders: orders}}, PerDay: 70}
	}
	fit := func(f *delivery.DayFacts) Scenario {
		s, _, err := Fit(f, &ScenarioInput{}, day)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct{ announced, expected, orders, trucks int }{{60, 100, 60, 1}, {40, 100, 100, 1 + len(shares)}, {100, 0, 100, 1}} {
		s := fit(facts(c.announced))
		if s.Expect(facts(c.announced), &ScenarioInput{}, c.expected, 0); s.Orders() != c.orders || len(s.Trucks) != c.trucks {
			t.Errorf("%+v: got %d orders on %d trucks", c, s.Orders(), len(s.Trucks))
		}
	}
	due := func(s Scenario, from, until int) (n int) {
		for _, truck := range s.Trucks {
			if truck.Due > time.Duration(from)*time.Hour && truck.Due <= time.Duration(until)*time.Hour {
				n += truck.Orders
			}
		}
		return n
	}
	s := fit(facts(40)) // noon: 70 have come, of 100
	if s.ExpectBegun(facts(40), 100, 70, 12*time.Hour); due(s, 0, 12) != 70 || due(s, 12, 24) != 30 {
		t.Errorf("at noon: got %v", s.Trucks)
	}
	s = fit(facts(40))
	if s.ExpectBegun(facts(40), 100, 70, 20*time.Hour); due(s, 0, 24) != 70 {
		t.Errorf("at night: got %v, want no more trucks", s.Trucks)
	}
}

// TestFitRest puts orders where they stand.
func TestFitRest(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	now := day.Add(10 * time.Hour)
	e1, e2, run := delivery.UUID("00000000-0000-7000-8000-000000000001"), delivery.UUID("00000000-0000-7000-8000-000000000002"), delivery.UUID("00000000-0000-7000-8000-000000000003")
	facts := &delivery.DayFacts{
		Units: []delivery.UnitFact{{BuildingUUID: e1, BuildingCode: "E1", Floors: 9, Households: 20}, {BuildingUUID: e2, BuildingCode: "E2", Floors: 9, Households: 20}},
		Holds: []delivery.HoldFact{{BuildingUUID: e2, From: day}},
	}
	rest := &delivery.RestFacts{
		Standing: []delivery.StandingFact{
			{Stage: delivery.AtGate, BuildingUUID: e1, Orders: 3, Bags: 4, Since: now.Add(-time.Hour), SettledAt: new(now.Add(20 * time.Minute))},
			{Stage: delivery.AtGate, BuildingUUID: e1, Orders: 2, Bags: 2, Since: now.Add(-time.Hour), SettledAt: new(now.Add(-time.Minute))},
			{Stage: delivery.Sorted, BuildingUUID: e1, Orders: 1, Bags: 1, Since: now.Add(-5 * time.Minute), Trip: &run},
			{Stage: delivery.AtBuilding, BuildingUUID: e2, Orders: 9, Bags: 9, Since: now}, // it is held without an end
		},
		Trucks: []delivery.TruckFact{{DueAt: now.Add(-5 * time.Hour), Orders: 7}, {DueAt: now.Add(time.Hour), Orders: 10, Bags: 12}}, // the first never came
		AtGate: delivery.TruckFact{Bags: 5}, Delivered: 20, Loose: 4, Held: 6,
	}
	plan := &delivery.DayPlan{StartsAt: day, Orders: 100, Trucks: []delivery.PlanTruck{{Due: 9 * time.Hour, Orders: 50}, {Due: 15 * time.Hour, Orders: 25}, {Due: 16 * time.Hour, Orders: 25}}}
	s, err := FitRest(facts, rest, &ScenarioInput{Replications: 5}, plan, now)
	if err != nil {
		t.Fatal(err)
	}
	want := []Standing{
		{Link: Gate, Building: AnyBuilding, Orders: 3, Bags: 3}, // of 5, half are for the building that is held
		{Link: Settling, Building: 0, Orders: 3, Bags: 4, Waited: time.Hour, Left: 20 * time.Minute},
		{Link: Sorting, Building: 0, Orders: 2, Bags: 2, Waited: time.Hour},
		{Link: Cart, Building: 0, Orders: 1, Bags: 1, Waited: 5 * time.Minute, Trip: 1},
	}
	if !slices.Equal(s.Standing, want) {
		t.Errorf("got %+v\nwant %+v", s.Standing, want)
	}
	if want := []Truck{{Due: 11 * time.Hour, Orders: 10, Bags: 12}, {Due: 15 * time.Hour, Orders: 11}, {Due: 16 * time.Hour, Orders: 11}}; !slices.Equal(s.Trucks, want) {
		t.Errorf("got %+v\nwant %+v: of 100 orders 56 are known, with 9 of a building that is held and 6 that are held by themselves; half of the others are for that building", s.Trucks, want)
	}
	before := *plan
	before.MadeAt = day.Add(time.Hour) // after the hold was placed: the plan has none of the building's orders
	if s, err := FitRest(facts, rest, &ScenarioInput{Replications: 5}, &before, now); err != nil || s.Orders() != 3+3+2+1+10+55 {
		t.Errorf("held before the plan was made: got %d orders, %v; want 55 that are missing, since 45 are known", s.Orders(), err)
	}
	r, err := Rehearse(t.Context(), s)
	if err != nil || r.Undelivered != 0 || r.ClearMedian < 16*time.Hour || r.ClearMedian > 18*time.Hour {
		t.Errorf("got %+v, %v", r, err)
	}
	plan.Orders = 0
	if s, err = FitRest(facts, rest, &ScenarioInput{Replications: 5}, plan, now); err != nil || len(s.Trucks) != 1 || s.Standing[len(s.Standing)-1] != (Standing{Link: Gate, Building: AnyBuilding, Orders: 4}) {
		t.Errorf("nothing is missing: got %+v, %v; want the orders without a truck at the gate", s.Standing, err)
	}
}

// TestFitPlan: the last truck is moved also where the expected orders come on assumed trucks, and nothing comes for a building that is held without an end.
func TestFitPlan(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	e1, e2 := delivery.UUID("00000000-0000-7000-8000-000000000001"), delivery.UUID("00000000-0000-7000-8000-000000000002")
	facts := &delivery.DayFacts{
		Units: []delivery.UnitFact{{BuildingUUID: e1, BuildingCode: "E1", Floors: 9, Households: 20}, {BuildingUUID: e2, BuildingCode: "E2", Floors: 9, Households: 20}},
		Holds: []delivery.HoldFact{{BuildingUUID: e2, From: day}}, Trucks: []delivery.TruckFact{{DueAt: day.Add(9 * time.Hour), Orders: 10}},
	}
	fit := func(in *ScenarioInput) Scenario {
		s, _, err := FitPlan(facts, in, day, func(s *Scenario) { s.Expect(facts, in, 100, 0) })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	in := &ScenarioInput{Replications: 5}
	was := fit(in)
	in.LastTruckEarlierMinutes = new(60)
	s := fit(in)
	if last := was.lastTruck(); s.Trucks[last].Due != was.Trucks[last].Due-time.Hour {
		t.Errorf("got %v, want the last truck an hour before that of %v", s.Trucks, was.Trucks)
	}
	if r, err := Rehearse(t.Context(), s); err != nil || r.Undelivered != 0 || r.ClearMedian == Never {
		t.Errorf("with a building that is held: got %+v, %v", r, err)
	}
}

// TestFitExpected: few announced trucks are not all trucks of the day, and a building that is held without an end is left out, which the advice says.
func TestFitExpected(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	e1, e2 := delivery.UUID("00000000-0000-7000-8000-000000000001"), delivery.UUID("00000000-0000-7000-8000-000000000002")
	facts := &delivery.DayFacts{
		Units: []delivery.UnitFact{{BuildingUUID: e1, BuildingCode: "E1", Floors: 9, Households: 20}, {BuildingUUID: e2, BuildingCode: "E2", Floors: 9, Households: 20}},
		Holds: []delivery.HoldFact{{BuildingUUID: e2, From: day}}, Trucks: []delivery.TruckFact{{DueAt: day.Add(9 * time.Hour), Orders: 100}}, Forecast: new(1230.0),
	}
	in := &ScenarioInput{CommunityID: delivery.ID{Kind: delivery.KindCommunity, Community: 1}, Replications: 5,
		HeldBuildings: []*HeldInput{{delivery.ID{Kind: delivery.KindBuilding, Community: 1, UUID: e1}, day.Add(9 * time.Hour), day.Add(10 * time.Hour)}}}
	s, _, err := FitExpected(facts, in, day)
	if err != nil || s.Orders() < 612 || s.Orders() > 618 || s.LeftOutOrders != 615 || !slices.Equal(s.Held, []Held{{0, 9 * time.Hour, 10 * time.Hour}}) {
		t.Fatalf("got %d orders without %d, held %v, %v; want half of 1,230", s.Orders(), s.LeftOutOrders, s.Held, err)
	}
	r, err := Rehearse(t.Context(), s)
	if err != nil || r.Undelivered != 0 || r.ClearMedian == Never {
		t.Fatalf("got %+v, %v", r, err)
	}
	if a := r.Advice[0]; a.English != "One building is left out, because it is held without an end (about 615 orders)." || a.Chinese != "有 1 栋楼一直暂停，未计入（约 615 单）。" || r.LeftOutBuildings != 1 || r.LeftOutOrders != 615 {
		t.Errorf("got the advice %+v", a)
	}
	in.Trucks = []*TruckInput{{At: day.Add(9 * time.Hour), Orders: 30}}
	if s, _, err = FitExpected(facts, in, day); err != nil || s.Orders() != 30 || s.LeftOutOrders != 0 {
		t.Errorf("with the caller's trucks: got %d orders, %v", s.Orders(), err)
	}
	in.Trucks, facts.Forecast, facts.Trucks[0].Held = nil, nil, 30
	if s, _, err = FitExpected(facts, in, day); err != nil || s.Orders() != 70 || s.LeftOutOrders != 30 {
		t.Errorf("an announced truck of which 30 of 100 orders are for the building: got %d orders without %d, %v", s.Orders(), s.LeftOutOrders, err)
	}
	facts.Holds = append(facts.Holds, delivery.HoldFact{BuildingUUID: e1, From: day})
	for _, trucks := range [][]*TruckInput{nil, {{At: day.Add(9 * time.Hour), Orders: 30}}} {
		in := ScenarioInput{Replications: 5, Trucks: trucks}
		if s, _, err = FitExpected(facts, &in, day); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(); delivery.AsError(err) == nil || delivery.AsError(err).Reason != ReasonScenarioAllHeld {
			t.Errorf("all buildings are held, %d trucks: got %v", len(trucks), err)
		}
	}
}

// TestToldLateness: the lateness that a person told of a truck counts once in the rest of the day, and where the last truck is looked for.
func TestToldLateness(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	facts := &delivery.DayFacts{Steps: []delivery.StepFact{{Step: delivery.StepDelay, Sample: 60, Mean: 3600, Spread: 60}}}
	in := &ScenarioInput{Replications: 5, Trucks: []*TruckInput{{At: day.Add(15 * time.Hour), Orders: 30}, {At: day.Add(15 * time.Hour), Orders: 30, LateByMinutes: new(30)}}}
	s, _, err := Fit(facts, in, day)
	if err != nil || s.lastTruck() != 0 {
		t.Fatalf("got truck %d last, %v; want the one that is an hour late as others are", s.lastTruck(), err)
	}
	plan := &delivery.DayPlan{StartsAt: day, Orders: 60, Trucks: s.Planned()}
	rest, err := FitRest(facts, &delivery.RestFacts{}, in, plan, day.Add(10*time.Hour))
	if want := []Truck{{Due: 15 * time.Hour, Orders: 30}, {Due: 15*time.Hour + 30*time.Minute, Orders: 30, Told: true}}; err != nil || !slices.Equal(rest.Trucks, want) {
		t.Errorf("got %+v, %v, want %+v", rest.Trucks, err, want)
	}
	if rest, err = FitRest(facts, &delivery.RestFacts{}, in, plan, day.Add(15*time.Hour+45*time.Minute)); err != nil || len(rest.Trucks) != 1 || rest.Trucks[0].Orders != 60 {
		t.Errorf("at 15:45: got %+v, %v, want all on the truck that may still come", rest.Trucks, err)
	}
}
