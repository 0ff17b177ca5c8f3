package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"baogong/delivery"
)

// enough is the part of the expected orders from which the announced trucks count as all trucks of the day.
const enough = 0.5

// Expect raises the orders of the scenario to the given number, without the orders that are left out: the orders that the announced trucks do not bring come on the assumed trucks. It changes nothing if the
// caller gave trucks or orders, or if the announced trucks bring enough.
func (s *Scenario) Expect(facts *delivery.DayFacts, in *ScenarioInput, orders, leftOut int) {
	if in.Orders != nil || len(in.Trucks) > 0 {
		return
	}
	announced, brings := s.announced(facts)
	if float64(brings) < enough*float64(orders) {
		s.SetOrders(orders) // the calls, and the assumed trucks
		s.Trucks = inOrder(announced, share(orders-brings, s.Planned()))
		s.LeftOutOrders = max(s.LeftOutOrders, leftOut)
	}
}

// ExpectBegun raises the orders of a day that has begun to the given number. Orders that have come to the gate by now without an announced truck are spread over the assumed trucks
// that were due by now, and the missing ones over those that are due later. After the last assumed truck nothing more is expected.
func (s *Scenario) ExpectBegun(facts *delivery.DayFacts, orders, came int, now time.Duration) {
	announced, _ := s.announced(facts)
	brought, coming := 0, 0
	for _, t := range announced {
		if t.Due <= now {
			brought += t.Orders
		} else {
			coming += t.Orders
		}
	}
	s.SetOrders(max(orders, brought+coming))
	var before, after []delivery.PlanTruck
	for _, t := range s.Planned() {
		if t.Due <= now {
			before = append(before, t)
		} else {
			after = append(after, t)
		}
	}
	missed, missing := max(came-brought, 0), max(orders-max(came, brought)-coming, 0)
	if len(before) == 0 {
		missed, missing = 0, missing+missed
	}
	s.Trucks = inOrder(announced, share(missed, before), share(missing, after))
}

// announced returns the trucks that are announced, and how many orders they bring.
func (s *Scenario) announced(facts *delivery.DayFacts) ([]Truck, int) {
	if len(facts.Trucks) == 0 {
		return nil, 0
	}
	return s.Trucks, s.Orders()
}

// inOrder joins trucks in the order in which they are due.
func inOrder(trucks ...[]Truck) []Truck {
	out := slices.Concat(trucks...)
	slices.SortStableFunc(out, func(a, b Truck) int { return cmp.Compare(a.Due, b.Due) })
	return out
}

// Planned returns the trucks of the scenario as a plan keeps them.
func (s *Scenario) Planned() []delivery.PlanTruck {
	out := make([]delivery.PlanTruck, 0, len(s.Trucks))
	for _, t := range s.Trucks {
		out = append(out, delivery.PlanTruck{Due: t.Due + t.Late, Orders: t.Orders, Bags: t.Bags, Told: t.Told})
	}
	return out
}

// overdueFor is how long an announced truck that has not come is waited for. After that its orders are missing as those of no truck are.
const overdueFor = 4 * time.Hour

// FitRest returns the scenario of the rest of a planned day from an instant on, made from the community's rows, from where its orders stand, and from the
// caller's input of the plan. Trucks are those that are announced and have not come. If with them, with what stands and with what is delivered the day has fewer orders than
// planned, the missing ones come on the plan's later trucks. Orders of buildings that are held without an end are left out. The plan has none of those that were held when it was made; those
// of buildings that were held later count as known, and none of them is missing. FitRest fails as Fit does.
func FitRest(facts *delivery.DayFacts, rest *delivery.RestFacts, in *ScenarioInput, plan *delivery.DayPlan, now time.Time) (Scenario, error) {
	own := *in
	own.Trucks, own.Orders, own.Compare = nil, nil, false
	s, _, err := Fit(facts, &own, plan.StartsAt)
	if err != nil {
		return s, err
	}
	later := func(building delivery.UUID) bool { // held without an end since the plan was made
		since := facts.HeldSince(building)
		return since != nil && since.After(plan.MadeAt)
	}
	anyLater := slices.ContainsFunc(facts.Holds, func(h delivery.HoldFact) bool { return later(h.BuildingUUID) })
	s.Start = min(max(now.Sub(plan.StartsAt).Truncate(time.Millisecond), 0), span-1)
	s.Trucks = nil
	known := rest.Delivered + rest.Held
	for _, t := range rest.Trucks {
		if now.Sub(t.DueAt) > overdueFor {
			continue
		}
		orders, bags, leftOut := facts.Brings(t)
		if known += orders; anyLater {
			known += leftOut
		}
		if orders > 0 {
			s.Trucks = append(s.Trucks, Truck{Due: max(t.DueAt.Sub(plan.StartsAt), 0), Orders: orders, Bags: bags})
		}
	}
	for building, orders := range s.stands(facts, rest, now) {
		if later(building) || building == "" && anyLater {
			known += orders
		}
	}
	for _, g := range s.Standing {
		known += g.Orders
	}
	var coming []delivery.PlanTruck
	for _, t := range plan.Trucks {
		if t.Due+s.late(Truck{Told: t.Told}) > s.Start {
			coming = append(coming, t)
		}
	}
	switch missing := plan.Orders - known; {
	case missing > 0 && len(coming) > 0:
		s.Trucks = append(s.Trucks, share(facts.Deliverable(missing, plan.MadeAt), coming)...)
	case rest.Loose > 0:
		s.Standing = append(s.Standing, Standing{Link: Gate, Building: AnyBuilding, Orders: rest.Loose})
	}
	return s, nil
}

// leaveOut makes the buildings that are held without an end uninhabited, so that no orders come for them, and counts them.
func (s *Scenario) leaveOut(facts *delivery.DayFacts) {
	index := s.index(facts)
	for _, h := range facts.Holds {
		b, known := index[h.BuildingUUID]
		if !known || h.Until != nil {
			continue
		}
		if s.Estate.Buildings[b].households() > 0 {
			s.LeftOut++
		}
		for u := range s.Estate.Buildings[b].Units {
			s.Estate.Buildings[b].Units[u].Households = 0
		}
		s.Held = slices.DeleteFunc(s.Held, func(held Held) bool { return held.Building == b })
	}
}

// index returns the index of each building in the estate, as live numbers them.
func (*Scenario) index(facts *delivery.DayFacts) map[delivery.UUID]int {
	index := map[delivery.UUID]int{}
	for _, u := range facts.Units {
		if _, known := index[u.BuildingUUID]; !known {
			index[u.BuildingUUID] = len(index)
		}
	}
	return index
}

// share spreads orders over trucks in proportion to what they were to bring.
func share(orders int, trucks []delivery.PlanTruck) []Truck {
	sum := 0
	for _, t := range trucks {
		sum += t.Orders
	}
	var out []Truck
	done, seen := 0, 0
	for _, t := range trucks {
		seen += t.Orders
		n := orders*seen/max(sum, 1) - done
		if n > 0 {
			out = append(out, Truck{Due: t.Due, Orders: n, Told: t.Told})
		}
		done += n
	}
	return out
}

// stands puts the orders where they stand, and returns how many of each building are left out, because it is held without an end. Those on trucks at the gate are of no building.
func (s *Scenario) stands(facts *delivery.DayFacts, rest *delivery.RestFacts, now time.Time) map[delivery.UUID]int {
	index := s.index(facts)
	orders, bags, leftAtGate := facts.Brings(rest.AtGate)
	leftOut := map[delivery.UUID]int{"": leftAtGate}
	if orders > 0 {
		g := Standing{Link: Gate, Building: AnyBuilding, Orders: orders, Bags: bags}
		if s.Unload > 0 { // most of the time at the gate is unloading, which is half done on average
			g.Link, g.Left = Settling, s.Unload/2+s.Settle
		}
		s.Standing = append(s.Standing, g)
	}
	trips := map[delivery.UUID]int{}
	for _, f := range rest.Standing {
		g := Standing{Building: AnyBuilding, Orders: f.Orders, Bags: min(max(f.Bags, f.Orders), f.Orders*delivery.MaxBags), Waited: max(now.Sub(f.Since), 0)}
		if b, known := index[f.BuildingUUID]; known {
			if s.Estate.Buildings[b].households() == 0 {
				leftOut[f.BuildingUUID] += f.Orders // it is held without an end
				continue
			}
			g.Building = b
		}
		switch f.Stage {
		case delivery.AtGate:
			g.Link = Sorting
			if f.SettledAt != nil && f.SettledAt.After(now) {
				g.Link, g.Left = Settling, min(f.SettledAt.Sub(now), 24*time.Hour)
			}
		case delivery.Sorted:
			g.Link = Cart
		case delivery.AtBuilding, delivery.OutForDelivery:
			g.Link = Door
		default:
			continue
		}
		if f.Trip != nil {
			if trips[*f.Trip] == 0 {
				trips[*f.Trip] = len(trips) + 1
			}
			g.Trip = trips[*f.Trip]
		}
		s.Standing = append(s.Standing, g)
	}
	return leftOut
}
