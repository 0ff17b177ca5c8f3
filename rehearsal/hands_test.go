package rehearsal

import (
	"math"
	"testing"
	"time"

	"baogong/delivery"
)

// TestHands compares the work of a day with figures that were computed by hand: 600 orders take 24 s each at the gate, and 60 s each at the tables, as measured.
func TestHands(t *testing.T) {
	t.Parallel()
	community := delivery.ID{Kind: delivery.KindCommunity, Community: 1}
	day := time.Date(2022, 4, 12, 0, 0, 0, 0, time.UTC)
	building := delivery.UUID("00000000-0000-7000-8000-000000000001")
	facts := &delivery.DayFacts{
		Units: []delivery.UnitFact{{BuildingUUID: building, BuildingCode: "E1", Floors: 0, Lift: true, Households: 100}},
		Steps: []delivery.StepFact{{Step: delivery.StepSort, Sample: 50, Mean: math.Log(60)}, {Step: delivery.StepDoor, Sample: 50, Mean: math.Log(30)}},
		// No one is planned, and the building is held: the work is the same.
		Holds: []delivery.HoldFact{{BuildingUUID: building, From: day}}, PerDay: 77, Forecast: new(599.6),
	}
	s, times, err := HandsScenario(facts, community, day)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Rehearse(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	got := r.Hands(facts, &s, times)
	if got.Orders != 600 || !got.Forecast || len(got.Links) != 4 {
		t.Fatalf("got %+v", got)
	}
	near := func(what string, got, want, within float64) {
		t.Helper()
		if math.Abs(got-want) > within {
			t.Errorf("%s: got %.3f, want %.3f", what, got, want)
		}
	}
	near("hours at the gate", got.Links[0].PersonHours, 4, 0.001)     // 600 × 24 s
	near("hours of sorting", got.Links[1].PersonHours, 10, 0.001)     // 600 × 60 s
	near("minutes of sorting", got.Links[1].MinutesPerOrder, 1, 1e-6) //
	near("hours of calls", got.PhoneHours, 10.8, 0.001)               // 18 % of 600, six minutes each
	// A full cart takes 4 min, one stop of 90 s, and 20 × 6 s: 7.5 min for 20 orders. Carts that leave early take longer.
	if c := got.Links[2]; c.MinutesPerOrder < 7.5/20 || c.MinutesPerOrder > 3*7.5/20 || !c.Assumed {
		t.Errorf("carts: got %+v", c)
	}
	// On the ground floor a climb of eight orders is two minutes of waiting and 8 × 30 s: 0.75 min each.
	if d := got.Links[3]; d.MinutesPerOrder < 0.75 || d.MinutesPerOrder > 2.5 || d.Assumed {
		t.Errorf("doors: got %+v", d)
	}
	near("all", got.PersonHours(), got.Links[0].PersonHours+got.Links[1].PersonHours+got.Links[2].PersonHours+got.Links[3].PersonHours, 1e-9)

	facts.Forecast = nil
	if got := NoHands(facts); got.Orders != 77 || got.Forecast {
		t.Errorf("without a forecast: got %+v, want the orders of a day lately", got)
	}
	fitted, _, err := Fit(&delivery.DayFacts{Units: facts.Units, PerDay: 77, Forecast: new(200.4)}, &ScenarioInput{CommunityID: community, Replications: 1}, day)
	if err != nil || fitted.Orders() != 200 {
		t.Errorf("a scenario without trucks: got %d orders, %v; want the forecast of 200", fitted.Orders(), err)
	}
}
