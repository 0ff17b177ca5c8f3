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
	Late   time.Duration // how much later than due it is expected, if it is told; the random delay is added
	Told   bool          // Late is told, also if it is 0; else the truck is as late as others are
}

// trucks make the arrivals and orders of a replication.
type trucks struct {
	scenario    *Scenario
	households  []int32 // the unit of each household of the estate, and its floor
	floors      []int16
	firsts      []int // the first household of each building, and the end
	standing    []Standing
	sort, door  sampler
	lateness    float64 // ms
	streams     []stream
	replication int
}

func newTrucks(s *Scenario) *trucks {
	t := &trucks{scenario: s, sort: s.Sort.Work.sampler(), door: s.Doors.Door.sampler(), lateness: float64(s.Lateness.Milliseconds()), streams: make([]stream, len(s.Trucks)), standing: s.standing()}
	u := int32(0)
	for _, b := range s.Estate.Buildings {
		t.firsts = append(t.firsts, len(t.households))
		for _, unit := range b.Units {
			for h := range unit.Households {
				t.households = append(t.households, u)
				t.floors = append(t.floors, int16(h*unit.Floors/unit.Households))
			}
			u++
		}
	}
	t.firsts = append(t.firsts, len(t.households))
	return t
}

// arrive draws when each truck comes.
func (t *trucks) arrive(replication int, into []truckIn) []truckIn {
	into = into[:0]
	t.replication = replication
	for i, truck := range t.scenario.Trucks {
		t.streams[i] = newStream(t.scenario.Seed, replication, uint64(i))
		at := max(truck.Due+t.scenario.late(truck)+milliseconds(t.lateness*t.streams[i].normal()), t.scenario.Earliest)
		if at < t.scenario.Start {
			at = t.notYet(i, truck)
		}
		into = append(into, truckIn{at: at, truck: i})
	}
	slices.SortStableFunc(into, func(a, b truckIn) int { return cmp.Compare(a.at, b.at) })
	return into
}

// late returns how late a truck comes on average.
func (s *Scenario) late(truck Truck) time.Duration {
	if truck.Told {
		return truck.Late
	}
	return s.LateBy
}

// mostDraws is how often the delay of a truck is drawn until it is one that has not passed yet.
const mostDraws = 64

// notYet returns when a truck comes that is overdue at the start of the rest of a day. It draws the delay again until the truck comes after the start. If
// mostDraws draws find no such delay, the truck comes at once.
func (t *trucks) notYet(i int, truck Truck) time.Duration {
	again := newStream(t.scenario.Seed, t.replication, standingSource-1-uint64(i))
	for range mostDraws {
		if at := truck.Due + t.scenario.late(truck) + milliseconds(t.lateness*again.normal()); at >= t.scenario.Start {
			return max(at, t.scenario.Earliest)
		}
	}
	return max(t.scenario.Start, t.scenario.Earliest)
}

// unload draws the orders of a truck. Each order draws equally many numbers, so that a scenario with more orders
// contains the orders of one with fewer.
func (t *trucks) unload(_ *day, i int, into []playedOrder) []playedOrder {
	truck := t.scenario.Trucks[i]
	first := len(into)
	into = t.draw(&t.streams[i], 0, len(t.households), truck.Orders, truck.Bags, into)
	if overlooked := t.scenario.Overlooked; overlooked.Share > 0 {
		luck := newStream(t.scenario.Seed, t.replication, overlookedSource+uint64(i)) // of its own, so that the other draws of the day stay the same
		for o := range into[first:] {
			if luck.uniform() < overlooked.Share {
				into[first+o].lost = overlooked.For
			}
		}
	}
	return into
}

// draw draws orders of a number of households of the estate, from the one numbered from on.
func (t *trucks) draw(s *stream, from, households, orders, bags int, into []playedOrder) []playedOrder {
	perBag := t.scenario.Gate.Work.Mean
	bags = max(bags, orders)
	for n := range orders {
		household := from + s.below(households)
		o := playedOrder{unit: t.households[household], floor: t.floors[household], class: t.class(s.uniform())}
		o.bags = int32((n+1)*bags/orders - n*bags/orders)
		o.work[workGate] = time.Duration(o.bags) * perBag
		o.work[workSort] = t.sort.draw(s)
		o.work[workDoor] = t.door.draw(s)
		into = append(into, o)
	}
	return into
}

// overlookedSource is the first of the streams that say which orders are overlooked, one for each truck.
const overlookedSource = 1 << 32

func (t *trucks) class(u float64) urgency {
	switch {
	case t.scenario.FirstCome:
		return other
	case u < t.scenario.Medicine:
		return medicine
	case u < t.scenario.Medicine+t.scenario.Cold:
		return cold
	}
	return other
}
