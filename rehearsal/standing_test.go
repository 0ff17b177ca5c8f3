package rehearsal

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

// smallRest draws the rest of a day of a small estate. People are at every post all day and no hold lasts longer than the day, so that everything can be delivered.
func smallRest(t *rapid.T) Scenario {
	s := smallDay(t)
	for _, hands := range []*Staffing{&s.Gate.Hands, &s.Sort.Hands, &s.Carts.Count} {
		*hands = Always((*hands)[0].Count)
	}
	s.Doors.Hands = Always(len(s.Estate.Buildings) * s.Doors.Hands[0].Count)
	s.Start = time.Duration(rapid.IntRange(0, 1300).Draw(t, "start")) * time.Minute
	for range rapid.IntRange(0, 12).Draw(t, "groups") {
		orders := rapid.IntRange(0, 20).Draw(t, "standing")
		minutes := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
		}
		s.Standing = append(s.Standing, Standing{
			Link: rapid.SampledFrom(chain).Draw(t, "link"), Building: rapid.IntRange(AnyBuilding, len(s.Estate.Buildings)-1).Draw(t, "building"),
			Orders: orders, Bags: orders + rapid.IntRange(0, orders).Draw(t, "more bags"), Waited: minutes("waited", 300), Left: minutes("left", 60), Trip: rapid.IntRange(0, 3).Draw(t, "trip"),
		})
	}
	if s.Orders() == 0 {
		s.Standing = append(s.Standing, Standing{Link: Door, Building: AnyBuilding, Orders: 1})
	}
	return s
}

// TestRest: of the rest of a day, everything is delivered, nothing before it begins, and at every event the orders in are those out and those inside.
func TestRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := smallRest(t)
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		r := newReplayer(&s)
		r.day.after = func(d *day) {
			inside := 0
			for _, l := range d.links {
				inside += l.inside()
			}
			if d.in != d.out+inside || d.now < s.Start {
				t.Fatalf("at %s: %d in, %d out, %d inside", Clock(d.now), d.in, d.out, inside)
			}
		}
		count := r.day.left
		r.day.left = func(d *day, o int32) {
			if d.now < s.Start || d.orders[o].came < s.Start {
				t.Fatalf("an order came at %s and is delivered at %s, before %s", Clock(d.orders[o].came), Clock(d.now), Clock(s.Start))
			}
			count(d, o)
		}
		for i := range s.Replications {
			out := r.play(i)
			if d := &r.day; d.in != s.Orders() || d.out != d.in || d.area != d.spent || out.clear < s.Start || out.left != 0 {
				t.Fatalf("%d in and %d out of %d; integral %d, spent %d; clear at %s", d.in, d.out, s.Orders(), d.area, d.spent, Clock(out.clear))
			}
		}
		for _, l := range r.day.links {
			if c, ok := l.(*carts); ok && (c.away != 0 || c.aboard != 0 || len(c.free) != len(c.trips)) {
				t.Fatalf("%d carts are away with %d orders", c.away, c.aboard)
			}
			if c, ok := l.(*doors); ok && slices.ContainsFunc(c.busy, func(n int32) bool { return n != 0 }) {
				t.Fatalf("volunteers are on the stairs: %v", c.busy)
			}
		}
	})
}

// TestRestFromMidnight: a rest that begins before anything happens is the whole day.
func TestRestFromMidnight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := smallDay(t)
		whole, err := Rehearse(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		s.Standing = []Standing{} // none
		midnight, err := Rehearse(t.Context(), s)
		if err != nil || !reflect.DeepEqual(whole, midnight) {
			t.Fatalf("from midnight: got %+v, %v\nwant %+v", midnight, err, whole)
		}
		s.Start = time.Duration(rapid.IntRange(0, 419).Draw(t, "start")) * time.Minute // no truck is unloaded before seven
		early, err := Rehearse(t.Context(), s)
		if err != nil || !reflect.DeepEqual(whole.Band, early.Band) || whole.Minutes != early.Minutes || whole.ClearP95 != early.ClearP95 {
			t.Fatalf("from %s: got %+v, %v\nwant %+v", Clock(s.Start), early, err, whole)
		}
	})
}

// TestRestOfTheAssumedDay: the day goes on from half past ten as it does when it is rehearsed as a whole.
func TestRestOfTheAssumedDay(t *testing.T) {
	t.Parallel()
	const start = 10*time.Hour + 30*time.Minute
	s := Assumed()
	s.Carts.Together, s.Doors.Together, s.OneMore, s.WhatIfs = false, false, false, false
	s.Lateness = 0
	whole, err := Rehearse(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	rest := s
	rest.Start = start
	rest.Trucks = nil
	for _, truck := range s.Trucks {
		if truck.Due > start {
			rest.Trucks = append(rest.Trucks, truck)
		}
	}
	// The orders of the trucks of the morning, where they stand then in one replication.
	r := newReplayer(&s)
	at := map[int32]int{}
	for i, l := range r.day.links {
		r.day.links[i] = counted{l, i, at}
	}
	r.day.until = start
	r.day.arrivals = r.trucks.arrive(0, nil)
	r.day.arrivals = slices.DeleteFunc(r.day.arrivals, func(a truckIn) bool { return a.at > start })
	r.day.left = func(_ *day, o int32) { delete(at, o) }
	r.day.sample = nil
	r.day.run()
	building, _ := s.Estate.unitsOf()
	for o, link := range at {
		rest.Standing = append(rest.Standing, Standing{Link: chain[link], Building: int(building[r.day.orders[o].unit]), Orders: 1, Left: 10 * time.Minute})
	}
	slices.SortFunc(rest.Standing, func(a, b Standing) int { return a.Building - b.Building })
	got, err := Rehearse(t.Context(), rest)
	if err != nil {
		t.Fatal(err)
	}
	if len(rest.Standing) < 20 || got.Orders+r.day.out != whole.Orders || (got.ClearMedian-whole.ClearMedian).Abs() > 2*time.Minute {
		t.Errorf("%d orders stand, %d were delivered, and %d come; clear at %s, want %s", len(rest.Standing), r.day.out, got.Orders-len(rest.Standing), Clock(got.ClearMedian), Clock(whole.ClearMedian))
	}
	rest.Trucks = nil
	if got, err = Rehearse(t.Context(), rest); err != nil || got.ClearMedian < start || got.ClearMedian > 14*time.Hour || len(got.Band) == 0 || got.Band[int(start/slot)-1].High != 0 {
		t.Errorf("without trucks: clear at %s, %v; band %v", Clock(got.ClearMedian), err, got.Band)
	}
}

// counted notes the link that each order is in.
type counted struct {
	chainLink
	number int
	at     map[int32]int
}

func (c counted) enter(d *day, o int32) {
	c.at[o] = c.number
	c.chainLink.enter(d, o)
}

// TestLateTruck: a truck that is overdue comes after the start, and not always at once.
func TestLateTruck(t *testing.T) {
	t.Parallel()
	s := Assumed()
	s.Start, s.Trucks = 10*time.Hour, []Truck{{Due: 10*time.Hour - 10*time.Minute, Orders: 5}, {Due: 8 * time.Hour, Orders: 5}}
	r := newTrucks(&s)
	later := 0
	for i := range 200 {
		for _, a := range r.arrive(i, nil) {
			if a.at < s.Start {
				t.Fatalf("truck %d comes at %s", a.truck, Clock(a.at))
			}
			if a.truck == 0 && a.at > s.Start+time.Minute {
				later++
			}
		}
	}
	if later < 150 {
		t.Errorf("the truck that is ten minutes late comes more than a minute later in %d of 200 replications", later)
	}
}

func TestStandingRefusals(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Scenario){
		"before midnight":     func(s *Scenario) { s.Start = -1 },
		"after the end":       func(s *Scenario) { s.Start = span },
		"an unknown building": func(s *Scenario) { s.Standing = []Standing{{Link: Gate, Building: 26, Orders: 1}} },
		"an unknown link":     func(s *Scenario) { s.Standing = []Standing{{Link: "ROOF", Orders: 1}} },
		"orders below zero":   func(s *Scenario) { s.Standing = []Standing{{Link: Gate, Orders: -1}} },
		"too many bags":       func(s *Scenario) { s.Standing = []Standing{{Link: Gate, Orders: 1, Bags: 201}} },
		"two days to settle":  func(s *Scenario) { s.Standing = []Standing{{Link: Settling, Orders: 1, Left: 48 * time.Hour}} },
	} {
		s := Assumed()
		change(&s)
		if _, err := Rehearse(t.Context(), s); delivery.AsError(err) == nil || delivery.AsError(err).Reason != ReasonScenarioRange {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
