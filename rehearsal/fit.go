package rehearsal

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"baogong/delivery"
)

// ScenarioInput is the caller's part of a scenario. Fields that it leaves out are taken from the community's rows. It is a part of the input of planDay, whose JSON is hashed for
// retries and stored with the plan: a new field needs json:",omitempty".
type ScenarioInput struct {
	CommunityID             delivery.ID
	Day                     *string
	Orders                  *int
	Trucks                  []*TruckInput
	LastTruckEarlierMinutes *int `json:",omitempty"`
	Hands                   []*HandsInput
	Carts                   *int
	CartBags                *int
	SettleMinutes           *int
	HeldBuildings           []*HeldInput
	LiftsOut                bool
	AbsentShare             *float64
	MedicineShare           *float64 `json:",omitempty"`
	ColdShare               *float64 `json:",omitempty"`
	FirstComeFirstServed    bool     `json:",omitempty"`
	By                      *time.Time
	Seed                    *int
	Replications            int
	Compare                 bool
}

// TruckInput is a truck of a scenario.
type TruckInput struct {
	At            time.Time
	Orders        int
	Bags          *int
	LateByMinutes *int
}

// HandsInput is how many people of a squad are there from a time on.
type HandsInput struct {
	Squad delivery.Squad
	From  time.Time
	Hands int
}

// HeldInput is a building that is held for a time.
type HeldInput struct {
	BuildingID  delivery.ID
	From, Until time.Time
}

// ReasonScenarioBuilding refuses a building that is not of the community.
var ReasonScenarioBuilding = delivery.NewReason("SCENARIO_BUILDING", delivery.CodeNotFound,
	"The community has no such building.", "小区没有这栋楼。")

// compared is how many replications a comparison of the API uses.
const compared = 50

// gateShare is the part of the duty squad that stands at the gate; the others sort.
const gateShare = 6.0 / 16

// Fit returns the scenario of a day, made from a community's rows and the caller's input, and the times that it uses. The day begins
// at from. Buildings that are held without an end are left out. It fails with NOT_FOUND if the input names a building that the community does not have. Rehearse checks the other values.
func Fit(facts *delivery.DayFacts, in *ScenarioInput, from time.Time) (Scenario, []delivery.StepTime, error) {
	s := Assumed()
	s.OneMore, s.WhatIfs, s.Compared = in.Compare, in.Compare, compared
	s.Carts.Together, s.Doors.Together = false, false
	s.Replications = in.Replications
	buildings := s.live(facts)
	s.staffed(facts, in, from)
	times := s.measured(facts, in, counting(facts, from))
	s.loaded(facts, in, from)
	s.moveLast(in)
	since := func(t time.Time) time.Duration { return min(max(t.Sub(from).Truncate(time.Second), 0), span) }
	for _, h := range facts.Holds {
		if b, known := buildings[h.BuildingUUID]; known {
			held := Held{Building: b, From: since(h.From), Until: span}
			if h.Until != nil {
				held.Until = since(*h.Until)
			}
			s.Held = append(s.Held, held)
		}
	}
	for i, h := range in.HeldBuildings {
		b, known := buildings[h.BuildingID.UUID]
		if !known || h.BuildingID.Kind != delivery.KindBuilding || h.BuildingID.Community != in.CommunityID.Community {
			return s, nil, delivery.Refuse(ReasonScenarioBuilding).At("heldBuildings", strconv.Itoa(i), "buildingId")
		}
		s.Held = append(s.Held, Held{Building: b, From: since(h.From), Until: since(h.Until)})
	}
	if in.CartBags != nil {
		s.Carts.Room = *in.CartBags
	}
	s.FirstCome = in.FirstComeFirstServed
	for _, c := range ClassShares(facts, in) {
		if c.Mark == delivery.MarkMedicine {
			s.Medicine = c.Share
		} else {
			s.Cold = c.Share
		}
	}
	if in.AbsentShare != nil {
		s.Absent = *in.AbsentShare
	}
	if in.By != nil {
		s.By = since(*in.By)
	}
	if in.Seed != nil {
		s.Seed = uint64(*in.Seed)
	}
	s.Doors.LiftsOut = in.LiftsOut
	s.leaveOut(facts)
	return s, times, nil
}

// moveLast moves the last truck as the caller asks.
func (s *Scenario) moveLast(in *ScenarioInput) {
	if in.LastTruckEarlierMinutes != nil && len(s.Trucks) > 0 {
		last := &s.Trucks[s.lastTruck()]
		last.Due = max(last.Due-ofMinutes(*in.LastTruckEarlierMinutes), 0)
	}
}

// FitPlan returns the scenario of a day to plan, as Fit does. The last truck is moved once expect has raised the orders.
func FitPlan(facts *delivery.DayFacts, in *ScenarioInput, from time.Time, expect func(*Scenario)) (Scenario, []delivery.StepTime, error) {
	own := *in
	own.LastTruckEarlierMinutes = nil
	s, times, err := Fit(facts, &own, from)
	if err != nil {
		return s, nil, err
	}
	expect(&s)
	s.moveLast(in)
	return s, times, nil
}

// FitExpected returns the scenario of a whole day, with as many orders as are expected, as FitPlan does.
func FitExpected(facts *delivery.DayFacts, in *ScenarioInput, from time.Time) (Scenario, []delivery.StepTime, error) {
	return FitPlan(facts, in, from, func(s *Scenario) { s.Expect(facts, in, facts.Expected(), facts.Orders()-facts.Expected()) })
}

// live sets the estate from the rows, and returns the index of each building.
func (s *Scenario) live(facts *delivery.DayFacts) map[delivery.UUID]int {
	s.Estate = Site{}
	index := map[delivery.UUID]int{}
	for _, u := range facts.Units {
		b, known := index[u.BuildingUUID]
		if !known {
			b = len(s.Estate.Buildings)
			index[u.BuildingUUID] = b
			s.Estate.Buildings = append(s.Estate.Buildings, Block{Name: u.BuildingCode})
		}
		s.Estate.Buildings[b].Units = append(s.Estate.Buildings[b].Units, Staircase{Households: u.Households, Floors: u.Floors, Lift: u.Lift})
	}
	return index
}

// counting returns how many people count at the gate by the community's own roster, whose time for a bag is measured: not those of the caller, who make a truck faster or slower.
func counting(facts *delivery.DayFacts, from time.Time) int {
	own := Assumed()
	own.staffed(facts, &ScenarioInput{}, from)
	return max(own.Gate.Hands.Most(), 1)
}

// measured replaces the assumed times of which the sample is large enough. The time of a bag at the gate is that of so many people who count.
func (s *Scenario) measured(facts *delivery.DayFacts, in *ScenarioInput, counting int) []delivery.StepTime {
	uses := map[delivery.ChainStep]struct {
		mean *time.Duration
		cv   *float64
	}{
		delivery.StepSort: {&s.Sort.Work.Mean, &s.Sort.Work.CV}, delivery.StepDoor: {&s.Doors.Door.Mean, &s.Doors.Door.CV},
		delivery.StepTravel: {&s.Carts.Travel, nil}, delivery.StepStop: {&s.Carts.Stop, nil}, delivery.StepSettle: {&s.Settle, nil},
		delivery.StepDelay: {&s.LateBy, nil}, delivery.StepUnload: {&s.Unload, nil}, delivery.StepGate: {&s.Gate.Work.Mean, nil}, delivery.StepOverlooked: {&s.Overlooked.For, nil},
	}
	var out []delivery.StepTime
	for _, step := range delivery.Steps {
		t := delivery.StepTime{Step: step, Share: 1, Assumed: true}
		if step == delivery.StepOverlooked {
			t.Share = 0
		}
		use := uses[step]
		for _, f := range facts.Steps {
			if f.Step != step {
				continue
			}
			if t.Sample = f.Sample; f.Sample >= delivery.MeasuredSample && step == delivery.StepDelay {
				t.Assumed, s.LateBy, s.Lateness = false, milliseconds(1000*f.Mean), milliseconds(1000*f.Spread)
			} else if f.Sample >= delivery.MeasuredSample {
				t.Assumed, t.Share = false, f.Share
				square := f.Spread * f.Spread
				*use.mean = milliseconds(1000 * math.Exp(f.Mean+square/2))
				if use.cv != nil {
					*use.cv = min(math.Sqrt(math.Exp(square)-1), 5)
				}
				if step == delivery.StepDoor {
					s.Doors.Measured = true
				}
				if step == delivery.StepGate { // a truck takes as long as it did, with as many people as then
					*use.mean *= time.Duration(counting)
				}
			}
		}
		if step == delivery.StepSettle && in.SettleMinutes != nil {
			s.Settle, t.Assumed = ofMinutes(*in.SettleMinutes), true
		}
		t.Minutes = use.mean.Minutes()
		if step == delivery.StepGate {
			t.Minutes = (*use.mean / time.Duration(counting)).Minutes()
		}
		if use.cv != nil {
			t.Spread = *use.cv
		}
		if step == delivery.StepDelay {
			t.Spread = s.Lateness.Minutes()
		}
		if step == delivery.StepOverlooked {
			s.Overlooked.Share = t.Share
		}
		out = append(out, t)
	}
	s.Carts.measured(out)
	return out
}

// measured takes out of the times of the carts what the measured ones contain already: the time to a stop ends when its bags are unloaded, and the time to the first stop contains that stop.
func (c *Carts) measured(times []delivery.StepTime) {
	for _, t := range times {
		switch {
		case t.Assumed:
		case t.Step == delivery.StepStop:
			c.Handling = 0
		case t.Step == delivery.StepTravel:
			c.Travel, c.Handling = max(c.Travel-c.Stop, 0), 0
		}
	}
}

// ofMinutes returns a caller's minutes without overflow; Check refuses what is out of range.
func ofMinutes(n int) time.Duration {
	const most = 1 << 20
	return time.Duration(min(max(n, -most), most)) * time.Minute
}

// staffed takes the hands of each post from the caller, else from the shifts, else from the squads as they are, else as assumed.
func (s *Scenario) staffed(facts *delivery.DayFacts, in *ScenarioInput, from time.Time) {
	if duty, asked := squadHands(facts, in, delivery.SquadDuty, from); asked || duty.Most() > 0 {
		s.Gate.Hands, s.Sort.Hands = slices.Clone(duty), slices.Clone(duty)
		for i, h := range duty {
			gate := min(h.Count, max(1, int(math.Round(float64(h.Count)*gateShare))))
			s.Gate.Hands[i].Count = gate
			s.Sort.Hands[i].Count = max(h.Count-gate, min(h.Count, 1)) // one person does both
		}
	}
	if carts, asked := squadHands(facts, in, delivery.SquadTransport, from); asked || carts.Most() > 0 {
		s.Carts.Count = carts
	}
	if doors, asked := squadHands(facts, in, delivery.SquadSupply, from); asked || doors.Most() > 0 {
		s.Doors.Hands = doors
	}
	if in.Carts != nil {
		s.Carts.Count = Always(*in.Carts)
	}
}

// squadHands returns the hands of a squad, and whether the caller asked for them.
func squadHands(facts *delivery.DayFacts, in *ScenarioInput, squad delivery.Squad, from time.Time) (hands Staffing, given bool) {
	var asked Staffing
	for _, h := range in.Hands {
		if h.Squad == squad {
			asked = append(asked, Hands{From: max(h.From.Sub(from), 0), Count: h.Hands})
		}
	}
	if len(asked) > 0 {
		return asked.sorted(), true
	}
	var changes []Hands
	onDay := false // those of the next day alone say nothing about this one
	for _, shift := range facts.Shifts {
		if shift.Squad == squad && shift.Members > 0 {
			onDay = onDay || shift.StartsAt.Sub(from) < 24*time.Hour
			changes = append(changes, Hands{max(shift.StartsAt.Sub(from), 0), shift.Members}, Hands{min(max(shift.EndsAt.Sub(from), 0), span), -shift.Members})
		}
	}
	if onDay {
		slices.SortStableFunc(changes, func(a, b Hands) int { return cmp.Compare(a.From, b.From) })
		var out Staffing
		count := 0
		for _, c := range changes {
			count += c.Count
			if last := len(out) - 1; last >= 0 && out[last].From == c.From {
				out[last].Count = count
			} else {
				out = append(out, Hands{c.From, count})
			}
		}
		return out, false
	}
	for _, m := range facts.Members {
		if m.Squad == squad {
			return Always(m.Members), false
		}
	}
	return nil, false
}

// loaded takes the trucks from the caller, else those that are announced, else as many orders as are forecast, else as many as lately.
func (s *Scenario) loaded(facts *delivery.DayFacts, in *ScenarioInput, from time.Time) {
	switch {
	case len(in.Trucks) > 0:
		s.SetOrders(0)
		s.Trucks = nil
		for _, t := range in.Trucks {
			truck := Truck{Due: t.At.Sub(from), Orders: t.Orders}
			if t.Bags != nil {
				truck.Bags = *t.Bags
			}
			if t.LateByMinutes != nil {
				truck.Late, truck.Told = ofMinutes(*t.LateByMinutes), true
			}
			s.Trucks = append(s.Trucks, truck)
		}
	case in.Orders != nil:
		s.SetOrders(*in.Orders)
		return
	default:
		s.Trucks = nil
		for _, t := range facts.Trucks {
			orders, bags, leftOut := facts.Brings(t)
			if s.LeftOutOrders += leftOut; orders > 0 {
				s.Trucks = append(s.Trucks, Truck{Due: t.DueAt.Sub(from), Orders: orders, Bags: bags})
			}
		}
	}
	if len(s.Trucks) == 0 {
		s.LeftOutOrders = facts.Orders() - facts.Expected()
		s.SetOrders(facts.Expected())
		return
	}
	trucks := s.Trucks
	s.SetOrders(s.Orders()) // the calls of so many orders
	s.Trucks = trucks
}
