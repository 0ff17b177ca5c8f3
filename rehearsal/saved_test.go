package rehearsal

import (
	"math"
	"testing"
	"time"

	"baogong/delivery"
)

func TestSavedInput(t *testing.T) {
	t.Parallel()
	c := &delivery.Community{CommunityID: 7, TimeZone: "Asia/Shanghai"}
	midnight := func(day string) time.Time {
		from, _, refusal := c.DayOf(day)
		if refusal != nil {
			t.Fatal(refusal)
		}
		return from
	}
	first, later := midnight("2022-04-12"), midnight("2022-05-01")
	building := delivery.ID{Kind: delivery.KindBuilding, Community: 7, UUID: "01926f3e-7c1a-7000-8000-0000000000b1"}
	in := &ScenarioInput{
		CommunityID: c.ID(), Orders: new(1230), Carts: new(6), CartBags: new(25), SettleMinutes: new(10), LiftsOut: true, AbsentShare: new(0.2), MedicineShare: new(0.25), ColdShare: new(0.75), FirstComeFirstServed: true, Seed: new(-3), LastTruckEarlierMinutes: new(60), Replications: 60, Compare: true,
		Trucks:        []*TruckInput{{At: first.Add(8*time.Hour + 5*time.Minute), Orders: 100, Bags: new(120), LateByMinutes: new(-60)}, {At: first.Add(25 * time.Hour), Orders: 3}},
		Hands:         []*HandsInput{{Squad: delivery.SquadDuty, From: first.Add(8 * time.Hour), Hands: 10}},
		HeldBuildings: []*HeldInput{{BuildingID: building, From: first.Add(16 * time.Hour), Until: first.Add(18 * time.Hour)}},
		By:            new(first.Add(18 * time.Hour)),
	}
	longest := *in
	longest.SettleMinutes = new(int(delivery.MaxSettling.Minutes())) // what can be rehearsed can be saved
	for _, in := range []*ScenarioInput{in, &longest} {
		if refusal := in.Check(first); refusal != nil {
			t.Fatal(refusal)
		}
	}
	text, err := new(in.Body(c, first)).Text()
	if err != nil {
		t.Fatal(err)
	}
	var body delivery.ScenarioBody
	if err := body.Scan([]byte(text)); err != nil {
		t.Fatal(err)
	}
	for _, day := range []time.Time{first, later} {
		got := SavedInput(c, &body, day)
		if again, err := new(got.Body(c, day)).Text(); err != nil || again != text {
			t.Errorf("saved again: got %s (%v), want %s", again, err, text)
		}
		if at := got.Trucks[0].At.Sub(day); at != 8*time.Hour+5*time.Minute {
			t.Errorf("the first truck: got %v after midnight", at)
		}
		if got.Trucks[1].At.Sub(day) != 25*time.Hour || got.By.Sub(day) != 18*time.Hour || got.HeldBuildings[0].BuildingID != building {
			t.Errorf("got %+v", got)
		}
	}

	t.Run("a day of 23 hours keeps what clocks show", func(t *testing.T) {
		berlin := &delivery.Community{CommunityID: 7, TimeZone: "Europe/Berlin"}
		short, _, refusal := berlin.DayOf("2022-03-27")
		if refusal != nil {
			t.Fatal(refusal)
		}
		if got, want := berlin.AtWallTime(18*3600, short).Sub(short), 17*time.Hour; got != want {
			t.Errorf("18:00 is %v after midnight, want %v", got, want)
		}
		if got := berlin.WallTime(short.Add(17*time.Hour), short); got != 18*3600 {
			t.Errorf("got %d, want 18:00", got)
		}
	})
	twice := SavedInput(c, &body, first)
	twice.HeldBuildings = append(twice.HeldBuildings, &HeldInput{building, twice.HeldBuildings[0].Until, twice.HeldBuildings[0].Until.Add(time.Hour)})
	if refusal := twice.Check(first); refusal != nil {
		t.Errorf("a building at two times: got %v", refusal)
	}
	for name, change := range map[string]func(*ScenarioInput){
		"no orders":              func(in *ScenarioInput) { in.Orders = new(0) },
		"an order too many":      func(in *ScenarioInput) { in.Orders = new(MaxOrders + 1) },
		"a truck of today":       func(in *ScenarioInput) { in.Trucks[0].At = first.Add(-time.Hour) },
		"a truck in 3 days":      func(in *ScenarioInput) { in.Trucks[0].At = first.Add(72 * time.Hour) },
		"a truck too late":       func(in *ScenarioInput) { in.Trucks[0].LateByMinutes = new(24*60 + 1) },
		"too many trucks":        func(in *ScenarioInput) { in.Trucks = make([]*TruckInput, delivery.MaxScenarioEntries+1) },
		"hands of another":       func(in *ScenarioInput) { in.Hands[0].From = first.Add(49 * time.Hour) },
		"less than no hands":     func(in *ScenarioInput) { in.Hands[0].Hands = -1 },
		"a hold of yesterday":    func(in *ScenarioInput) { in.HeldBuildings[0].From = first.Add(-1) },
		"a hold that ends first": func(in *ScenarioInput) { in.HeldBuildings[0].Until = in.HeldBuildings[0].From.Add(-time.Hour) },
		"a hold of no time":      func(in *ScenarioInput) { in.HeldBuildings[0].Until = in.HeldBuildings[0].From },
		"a building twice":       func(in *ScenarioInput) { in.HeldBuildings = append(in.HeldBuildings, in.HeldBuildings[0]) },
		"too long settling":      func(in *ScenarioInput) { in.SettleMinutes = new(2881) },
		"no share":               func(in *ScenarioInput) { in.AbsentShare = new(math.NaN()) },
		"more than all orders":   func(in *ScenarioInput) { in.ColdShare = new(0.76) },
		"less than no medicine":  func(in *ScenarioInput) { in.MedicineShare = new(-0.1) },
		"by next week":           func(in *ScenarioInput) { in.By = new(first.Add(170 * time.Hour)) },
		"no replications":        func(in *ScenarioInput) { in.Replications = 0 },
		"too many":               func(in *ScenarioInput) { in.Replications = InputReplications + 1 },
		"a truck of last week":   func(in *ScenarioInput) { in.LastTruckEarlierMinutes = new(7 * 24 * 60) },
		"carts of nothing":       func(in *ScenarioInput) { in.CartBags = new(0) },
	} {
		bad := SavedInput(c, &body, first)
		change(bad)
		if refusal := bad.Check(first); refusal == nil || refusal.Code() != delivery.CodeBadUserInput {
			t.Errorf("%s: got %v", name, refusal)
		}
	}
}
