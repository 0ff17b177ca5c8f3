package rehearsal

import (
	"math"
	"slices"
	"testing"
	"time"

	"baogong/delivery"
)

func TestFit(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	hour := func(h int) time.Time { return day.Add(time.Duration(h) * time.Hour) }
	e1, e2 := delivery.UUID("00000000-0000-7000-8000-000000000001"), delivery.UUID("00000000-0000-7000-8000-000000000002")
	facts := func() *delivery.DayFacts {
		return &delivery.DayFacts{
			Units:   []delivery.UnitFact{{BuildingUUID: e1, BuildingCode: "E1", Floors: 9, Households: 20}, {BuildingUUID: e1, BuildingCode: "E1", Floors: 9, Households: 30}, {BuildingUUID: e2, BuildingCode: "E2", Floors: 27, Lift: true, Households: 50}},
			Trucks:  []delivery.TruckFact{{DueAt: hour(9), Orders: 20, Bags: 30}, {DueAt: hour(15), Bags: 12}},
			Shifts:  []delivery.ShiftFact{{Squad: delivery.SquadDuty, StartsAt: hour(-2), EndsAt: hour(12), Members: 8}, {Squad: delivery.SquadDuty, StartsAt: hour(12), EndsAt: hour(20), Members: 1}, {Squad: delivery.SquadTransport, StartsAt: hour(8), EndsAt: hour(18), Members: 3}, {Squad: delivery.SquadTransport, StartsAt: hour(10), EndsAt: hour(12), Members: 2}},
			Members: []delivery.SquadFact{{Squad: delivery.SquadSupply, Members: 5}, {Squad: delivery.SquadTransport, Members: 40}},
			Holds:   []delivery.HoldFact{{BuildingUUID: e2, From: hour(-30), Until: new(hour(11))}, {BuildingUUID: "00000000-0000-7000-8000-000000000009", From: hour(1)}},
			Steps: []delivery.StepFact{{Step: delivery.StepDoor, Sample: 50, Mean: math.Log(60), Share: 1}, {Step: delivery.StepSort, Sample: 49, Mean: math.Log(600), Spread: 0.3, Share: 1},
				{Step: delivery.StepGate, Sample: 200, Mean: math.Log(6), Share: 1}, {Step: delivery.StepOverlooked, Sample: 500, Mean: math.Log(2700), Share: 0.02},
				{Step: delivery.StepDelay, Sample: 60, Mean: 1200, Spread: 1500, Share: 1}},
			PerDay: 77,
		}
	}
	fit := func(in ScenarioInput) (Scenario, []delivery.StepTime) {
		t.Helper()
		in.CommunityID, in.Replications = delivery.ID{Kind: delivery.KindCommunity, Community: 1}, 10
		s, times, err := Fit(facts(), &in, day)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Rehearse(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		return s, times
	}

	s, times := fit(ScenarioInput{})
	if s.Estate.Households() != 100 || len(s.Estate.Buildings) != 2 || s.Estate.Buildings[0].Units[1].Lift || !s.Estate.Buildings[1].Units[0].Lift {
		t.Errorf("got the estate %+v", s.Estate)
	}
	if want := []Truck{{Due: 9 * time.Hour, Orders: 20, Bags: 30}, {Due: 15 * time.Hour, Orders: 12, Bags: 12}}; !slices.Equal(s.Trucks, want) {
		t.Errorf("got %v, want %v", s.Trucks, want)
	}
	for _, c := range []struct {
		what      string
		got, want Staffing
	}{
		{"gate", s.Gate.Hands, Staffing{{0, 3}, {12 * time.Hour, 1}, {20 * time.Hour, 0}}},
		{"sorting", s.Sort.Hands, Staffing{{0, 5}, {12 * time.Hour, 1}, {20 * time.Hour, 0}}},
		{"carts", s.Carts.Count, Staffing{{8 * time.Hour, 3}, {10 * time.Hour, 5}, {12 * time.Hour, 3}, {18 * time.Hour, 0}}},
		{"doors, without shifts", s.Doors.Hands, Staffing{{0, 5}}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
	if want := []Held{{1, 0, 11 * time.Hour}}; !slices.Equal(s.Held, want) {
		t.Errorf("got %v, want %v", s.Held, want)
	}
	if s.Doors.Door.Mean != time.Minute || s.Doors.Door.CV != 0 || s.Sort.Work.Mean != 90*time.Second {
		t.Errorf("got %v at a door and %v to sort, want 1m measured and 1m30s assumed", s.Doors.Door, s.Sort.Work)
	}
	if want := []delivery.StepTime{
		{Step: delivery.StepDelay, Minutes: 20, Spread: 25, Sample: 60, Share: 1},
		{Step: delivery.StepUnload, Share: 1, Assumed: true},
		{Step: delivery.StepGate, Minutes: 0.1, Sample: 200, Share: 1},
		{Step: delivery.StepSettle, Minutes: 30, Share: 1, Assumed: true},
		{Step: delivery.StepSort, Minutes: 1.5, Spread: 0.5, Sample: 49, Share: 1, Assumed: true},
		{Step: delivery.StepOverlooked, Minutes: 45, Sample: 500, Share: 0.02},
		{Step: delivery.StepTravel, Minutes: 4, Share: 1, Assumed: true},
		{Step: delivery.StepStop, Minutes: 1.5, Share: 1, Assumed: true},
		{Step: delivery.StepDoor, Minutes: 1, Sample: 50, Share: 1},
	}; !slices.Equal(times, want) {
		t.Errorf("got %+v, want %+v", times, want)
	}

	s, _ = fit(ScenarioInput{Orders: new(200), Carts: new(2), CartBags: new(9), SettleMinutes: new(5), AbsentShare: new(0.5), By: new(hour(17)), Seed: new(7), LiftsOut: true,
		Hands:         []*HandsInput{{delivery.SquadSupply, hour(13), 4}, {delivery.SquadSupply, hour(8), 2}},
		HeldBuildings: []*HeldInput{{delivery.ID{Kind: delivery.KindBuilding, Community: 1, UUID: e1}, hour(14), hour(16)}}})
	if s.Orders() != 200 || s.Carts.Room != 9 || s.Settle != 5*time.Minute || s.Absent != 0.5 || s.By != 17*time.Hour || s.Seed != 7 || !s.Doors.LiftsOut || s.Held[1] != (Held{0, 14 * time.Hour, 16 * time.Hour}) {
		t.Errorf("got %+v", s)
	}
	if want := (Staffing{{8 * time.Hour, 2}, {13 * time.Hour, 4}}); !slices.Equal(s.Doors.Hands, want) || s.Carts.Count.Most() != 2 {
		t.Errorf("got %v, %v", s.Doors.Hands, s.Carts.Count)
	}
	s, _ = fit(ScenarioInput{Trucks: []*TruckInput{{At: hour(10), Orders: 30, LateByMinutes: new(60)}}})
	if want := []Truck{{Due: 10 * time.Hour, Orders: 30, Late: time.Hour, Told: true}}; !slices.Equal(s.Trucks, want) {
		t.Errorf("got %v, want %v", s.Trucks, want)
	}
	asked := ScenarioInput{CommunityID: delivery.ID{Kind: delivery.KindCommunity, Community: 1}, Replications: 1, Hands: []*HandsInput{{delivery.SquadSupply, day, 0}}}
	s, _, err := Fit(facts(), &asked, day)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = Rehearse(t.Context(), s); delivery.AsError(err) == nil || delivery.AsError(err).Reason != ReasonScenarioNoHands {
		t.Errorf("no one at the doors, as the caller asks: got %v", err)
	}
	other := ScenarioInput{CommunityID: delivery.ID{Community: 1}, HeldBuildings: []*HeldInput{{BuildingID: delivery.ID{Kind: delivery.KindBuilding, Community: 2, UUID: e1}}}}
	if _, _, err := Fit(facts(), &other, day); delivery.AsError(err) == nil || delivery.AsError(err).Reason != ReasonScenarioBuilding {
		t.Errorf("a building of another community: got %v", err)
	}
}

// TestMeasuredGate: the measured time of a bag is that of the community's own people, so that more of them are faster.
func TestMeasuredGate(t *testing.T) {
	t.Parallel()
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	facts := &delivery.DayFacts{Members: []delivery.SquadFact{{Squad: delivery.SquadDuty, Members: 16}}, Steps: []delivery.StepFact{{Step: delivery.StepGate, Sample: 200, Mean: math.Log(6), Share: 1}}}
	for _, c := range []struct{ duty, gate int }{{8, 3}, {16, 6}, {32, 12}} {
		s, times, err := Fit(facts, &ScenarioInput{Hands: []*HandsInput{{delivery.SquadDuty, day, c.duty}}}, day)
		if err != nil || s.Gate.Hands.Most() != c.gate || s.Gate.Work.Mean.Round(time.Millisecond) != 36*time.Second { // 6 s by six people
			t.Errorf("%d on duty: got %v of %v a bag, %v; want %d of 36s", c.duty, s.Gate.Hands, s.Gate.Work.Mean, err, c.gate)
		}
		for _, step := range times {
			if step.Step == delivery.StepGate && math.Abs(step.Minutes-0.1) > 1e-9 {
				t.Errorf("%d on duty: got %v minutes as measured, want 0.1", c.duty, step.Minutes)
			}
		}
	}
}
