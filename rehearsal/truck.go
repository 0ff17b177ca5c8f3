package rehearsal

import (
	"cmp"
	"slices"
	"time"
)

// Truck brings orders to the gate.
type Truck struct {
	Due    time.Duration // since midnight
	Orders int
	Bags   int           // at least one for each order; 0: one for each
	Late   time.Duration // how much later than due it is expected; the random delay is added
}

// trucks make the arrivals and orders of a replication.
type trucks struct {
	scenario    *Scenario
	households  []int32 // the unit of each household of the estate, and its floor
	floors      []int16
	sort, door  sampler
	lateness    float64 // ms
	streams     []stream
	replication int
}

func newTrucks(s *Scenario) *trucks {
	t := &trucks{scenario: s, sort: s.Sort.Work.sampler(), door: s.Doors.Door.sampler(), lateness: float64(s.Lateness.Milliseconds()), streams: make([]stream, len(s.Trucks))}
	for u, unit := range s.Estate.flat() {
		for h := range unit.Households {
			t.households = append(t.households, int32(u))
			t.floors = append(t.floors, int16(h*unit.Floors/unit.Households))
		}
	}
	return t
}

// arrive draws when each truck comes.
func (t *trucks) arrive(replication int, into []truckIn) []truckIn {
	into = into[:0]
	t.replication = replication
	for i, truck := range t.scenario.Trucks {
		t.streams[i] = newStream(t.scenario.Seed, replication, uint64(i))
		late := milliseconds(t.lateness * t.streams[i].normal())
		into = append(into, truckIn{at: max(truck.Due+truck.Late+late, t.scenario.Earliest), truck: i})
	}
	slices.SortStableFunc(into, func(a, b truckIn) int { return cmp.Compare(a.at, b.at) })
	return into
}

// unload draws the orders of a truck. Each order draws equally many numbers, so that a scenario with more orders
// contains the orders of one with fewer.
func (t *trucks) unload(_ *day, i int, into []playedOrder) []playedOrder {
	truck, s := t.scenario.Trucks[i], &t.streams[i]
	perBag := t.scenario.Gate.Work.Mean
	bags := max(truck.Bags, truck.Orders)
	for n := range truck.Orders {
		household := s.below(len(t.households))
		o := playedOrder{unit: t.households[household], floor: t.floors[household], class: t.class(s.uniform())}
		o.bags = int32((n+1)*bags/truck.Orders - n*bags/truck.Orders)
		o.work[workGate] = time.Duration(o.bags) * perBag
		o.work[workSort] = t.sort.draw(s)
		o.work[workDoor] = t.door.draw(s)
		into = append(into, o)
	}
	return into
}

func (t *trucks) class(u float64) urgency {
	switch {
	case u < t.scenario.Medicine:
		return medicine
	case u < t.scenario.Medicine+t.scenario.Cold:
		return cold
	}
	return other
}
