package rehearsal

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
)

// smallDay draws a day of a small estate.
func smallDay(t *rapid.T) Scenario {
	s := Assumed()
	s.OneMore, s.WhatIfs = false, false
	s.Estate = Uniform(rapid.IntRange(1, 5).Draw(t, "buildings"), rapid.IntRange(5, 9).Draw(t, "units"), Staircase{Households: rapid.IntRange(1, 40).Draw(t, "households"), Floors: rapid.IntRange(1, 30).Draw(t, "floors"), Lift: rapid.Bool().Draw(t, "lift")})
	s.Trucks = nil
	for range rapid.IntRange(1, 4).Draw(t, "trucks") {
		orders := rapid.IntRange(1, 60).Draw(t, "orders")
		s.Trucks = append(s.Trucks, Truck{Due: time.Duration(rapid.IntRange(420, 1000).Draw(t, "due")) * time.Minute, Orders: orders, Bags: orders + rapid.IntRange(0, orders).Draw(t, "bags")})
	}
	hands := func(name string) Staffing {
		return Staffing{{0, rapid.IntRange(1, 6).Draw(t, name)}, {12 * time.Hour, rapid.IntRange(0, 6).Draw(t, name)}, {15 * time.Hour, rapid.IntRange(0, 6).Draw(t, name)}}
	}
	s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands = hands("gate"), hands("sort"), hands("carts"), hands("doors")
	s.Carts.Room, s.Doors.Basket = rapid.IntRange(1, 25).Draw(t, "room"), rapid.IntRange(1, 10).Draw(t, "basket")
	s.Carts.Together, s.Doors.Together = rapid.Bool().Draw(t, "together"), rapid.Bool().Draw(t, "back")
	s.Medicine, s.Cold = 0.1, 0.2
	s.Unload = time.Duration(rapid.IntRange(0, 20).Draw(t, "unload")) * time.Minute
	for range rapid.IntRange(0, 3).Draw(t, "held") {
		from := time.Duration(rapid.IntRange(0, 1400).Draw(t, "from")) * time.Minute
		s.Held = append(s.Held, Held{rapid.IntRange(0, len(s.Estate.Buildings)-1).Draw(t, "which"), from, from + time.Duration(rapid.IntRange(1, 600).Draw(t, "long"))*time.Minute})
	}
	s.Seed, s.Replications = rapid.Uint64().Draw(t, "seed"), 2
	return s
}

// TestConservation: at every event, the orders in are the orders out and those inside; and Little's law holds exactly.
func TestConservation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := smallDay(t)
		r := newReplayer(&s)
		r.day.after = func(d *day) {
			inside := 0
			for _, l := range d.links {
				inside += l.inside()
			}
			if d.in != d.out+inside {
				t.Fatalf("at %s: %d in, %d out, %d inside", Clock(d.now), d.in, d.out, inside)
			}
		}
		held := newHolds(len(s.Estate.Buildings), s.Held)
		building, _ := s.Estate.unitsOf()
		count := r.day.left
		r.day.left = func(d *day, o int32) {
			if b := building[d.orders[o].unit]; held.at(b, d.now) {
				t.Fatalf("an order is delivered at %s in building %d, which is held", Clock(d.now), b)
			}
			count(d, o)
		}
		for i := range s.Replications {
			r.play(i)
			d := &r.day
			if d.in == d.out {
				if d.area != d.spent {
					t.Fatalf("the integral of the orders inside is %d order·ms, and they spent %d", d.area, d.spent)
				}
			} else if d.area < d.spent {
				t.Fatalf("orders stay, but the integral is %d and %d was spent", d.area, d.spent)
			}
		}
	})
}

// TestLittlesLaw plays the day of the estate.
func TestLittlesLaw(t *testing.T) {
	t.Parallel()
	s := Assumed()
	r := newReplayer(&s)
	r.play(0)
	if d := &r.day; d.area != d.spent || d.in != 1232 || d.out != 1232 {
		t.Errorf("in %d, out %d, integral %d, spent %d", d.in, d.out, d.area, d.spent)
	}
}

// TestOneMoreHandIsNeverLater compares a first-come station with itself and one more hand, on the same orders.
func TestOneMoreHandIsNeverLater(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hands := rapid.IntRange(1, 6).Draw(t, "hands")
		gaps := rapid.SliceOfN(rapid.IntRange(0, 90), 1, 80).Draw(t, "gaps")
		work := rapid.SliceOfN(rapid.IntRange(0, 600), len(gaps), len(gaps)).Draw(t, "work")
		play := func(hands int) []time.Duration {
			d := &day{links: []chainLink{atPost(0, 0, hands)}, until: never}
			at := time.Duration(0)
			for i, gap := range gaps {
				at += time.Duration(gap) * time.Second
				d.arrivals = append(d.arrivals, truckIn{at, i})
			}
			d.unload = func(_ *day, i int, into []playedOrder) []playedOrder {
				return append(into, playedOrder{work: [works]time.Duration{time.Duration(work[i]) * time.Second}})
			}
			done := make([]time.Duration, len(gaps))
			d.left = func(d *day, o int32) { done[o] = d.now }
			d.run()
			return done
		}
		few, more := play(hands), play(hands+1)
		for i := range few {
			if more[i] > few[i] {
				t.Fatalf("order %d: %v with %d hands, %v with one more", i, few[i], hands, more[i])
			}
		}
	})
}

func TestRehearse(t *testing.T) {
	t.Parallel()
	t.Run("the same seed gives the same answer with any number of workers", func(t *testing.T) {
		t.Parallel()
		s := Assumed()
		s.SetOrders(300)
		s.Replications = 12
		s.Workers = 1
		one, err := Rehearse(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		s.Workers = 5
		if five, err := Rehearse(t.Context(), s); err != nil || !reflect.DeepEqual(one, five) {
			t.Errorf("got %+v, %v\nwant %+v", five, err, one)
		}
		s.Seed = 2
		if other, err := Rehearse(t.Context(), s); err != nil || reflect.DeepEqual(one.Band, other.Band) {
			t.Error("another seed gives the same answer", err)
		}
	})
	t.Run("the hours sum to the day", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			s := smallDay(t)
			r, err := Rehearse(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			var arrived, delivered float64
			for _, h := range r.Hours {
				arrived += h.Arrived
				delivered += h.Delivered
			}
			if math.Abs(arrived-float64(r.Orders)) > 1e-6 || math.Abs(delivered+r.Undelivered-float64(r.Orders)) > 1e-6 {
				t.Fatalf("%v arrived and %v were delivered, %v not, of %d", arrived, delivered, r.Undelivered, r.Orders)
			}
			if n := len(r.Band); n > 0 && r.Undelivered == 0 && r.Band[n-1].Low != r.Orders {
				t.Fatalf("the band ends at %+v of %d", r.Band[n-1], r.Orders)
			}
		})
	})
	t.Run("it stops when it is no longer wanted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := Assumed()
		s.Replications = 5000
		s.Progress = func(done, all int) {
			if done == 3 {
				cancel()
			}
		}
		if _, err := Rehearse(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestPanicInAReplication: a panic in a goroutine is an internal error. All goroutines end, and the next rehearsal is as before.
func TestPanicInAReplication(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
			s := Assumed()
			s.SetOrders(50)
			s.OneMore, s.WhatIfs, s.Replications, s.Workers = false, false, 40, workers
			most := 0
			s.Progress = func(done, _ int) {
				if most = done; done == 3 {
					panic("out of paper")
				}
			}
			r, err := Rehearse(t.Context(), s)
			if r != nil || err == nil || delivery.AsError(err) != nil || !strings.Contains(err.Error(), "out of paper") || !strings.Contains(err.Error(), "rehearse_test.go") {
				t.Errorf("%d workers: got %v, %v; want an internal error with the panic and its stack", workers, r, err)
			}
			if most > 3+workers {
				t.Errorf("%d workers: %d replications were played, want none after those that had begun", workers, most)
			}
			s.Progress = nil
			if _, err := Rehearse(t.Context(), s); err != nil {
				t.Errorf("after a panic: %v", err)
			}
		})
	}
	s := Assumed()
	s.OneMore, s.WhatIfs, s.Replications, s.Workers = false, false, 8, 4
	s.Standing = []Standing{{Link: "NOWHERE", Orders: 1, Building: AnyBuilding}} // Check refuses it; without that every replication panics
	if _, err := play(t.Context(), &s, func() {}); err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("a replication of its own: got %v, want the panic as an error", err)
	}
}

// TestClasses: medicine goes before what must stay cold, and both before the rest.
func TestClasses(t *testing.T) {
	t.Parallel()
	d := &day{links: []chainLink{atPost(0, 0, 1)}, until: never, arrivals: []truckIn{{}}}
	d.unload = func(_ *day, _ int, into []playedOrder) []playedOrder {
		for _, c := range []urgency{other, cold, other, medicine, cold, medicine} {
			into = append(into, playedOrder{class: c, work: [works]time.Duration{time.Minute}})
		}
		return into
	}
	var got []int32
	d.left = func(_ *day, o int32) { got = append(got, o) }
	d.run()
	if want := []int32{3, 5, 1, 4, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestPhone has the figures of the phone desk: calls of 6 minutes, 80 % answered within 1 minute.
func TestPhone(t *testing.T) {
	t.Parallel()
	p := PhoneDesk{Talk: 6 * time.Minute, Target: 0.8, Within: time.Minute}
	for _, c := range []struct {
		calls    float64
		hands    int
		answered float64
	}{{60, 9, 0.8811}, {20, 4, 0.8754}, {0, 0, 0}} {
		hands := p.Hands(c.calls)
		if hands != c.hands || hands > 0 && math.Abs(p.Answered(c.calls, hands)-c.answered) > 0.00005 {
			t.Errorf("%v calls: got %d hands, %v answered; want %d, %v", c.calls, hands, p.Answered(c.calls, hands), c.hands, c.answered)
		}
	}
	if got := ErlangC(2.5, 3); math.Abs(got-0.702247) > 1e-6 {
		t.Errorf("got %v, want 0.702247", got)
	}
	if p.Answered(100, 3) != 0 || ErlangC(3, 3) != 1 {
		t.Error("too few hands answer in time")
	}
}

// TestRandom compares the functions of our own with those of package math.
func TestRandom(t *testing.T) {
	t.Parallel()
	for x := -30.0; x < 30; x += 0.0137 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-14 {
			t.Fatalf("exp %v: got %v, want %v", x, got, want)
		}
		if v := math.Exp(x); math.Abs(ln(v)-x) > 1e-13*max(1, math.Abs(x)) {
			t.Fatalf("ln %v: got %v, want %v", v, ln(v), x)
		}
	}
	for p := 0.0005; p < 1; p += 0.0005 {
		if got := math.Erfc(-quantile(p)/math.Sqrt2) / 2; math.Abs(got-p) > 1e-8 {
			t.Fatalf("the quantile of %v has a probability of %v", p, got)
		}
	}
}

func TestScenarioRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Scenario)
		want   delivery.Reason
	}{
		"no trucks":            {func(s *Scenario) { s.Trucks = nil }, ReasonScenarioNoOrders},
		"no households":        {func(s *Scenario) { s.Estate = Site{} }, ReasonScenarioNoHouseholds},
		"no sorters":           {func(s *Scenario) { s.Sort.Hands = Always(0) }, ReasonScenarioNoHands},
		"no carts":             {func(s *Scenario) { s.Carts.Count = nil }, ReasonScenarioNoHands},
		"all absent":           {func(s *Scenario) { s.Absent = 1 }, ReasonScenarioNoHands},
		"too many orders":      {func(s *Scenario) { s.SetOrders(2 * MaxOrders) }, ReasonScenarioRange},
		"too long":             {func(s *Scenario) { s.SetOrders(MaxOrders - 100); s.Replications = MaxReplications }, ReasonScenarioTooLarge},
		"no replication":       {func(s *Scenario) { s.Replications = 0 }, ReasonScenarioRange},
		"a time below zero":    {func(s *Scenario) { s.Carts.Stop = -1 }, ReasonScenarioRange},
		"not a number":         {func(s *Scenario) { s.Absent = math.NaN() }, ReasonScenarioRange},
		"a truck of yesterday": {func(s *Scenario) { s.Trucks[0].Due = -1 }, ReasonScenarioTruck},
		"an unknown building":  {func(s *Scenario) { s.Held = []Held{{Building: 99}} }, ReasonScenarioRange},
		"all held all day": {func(s *Scenario) {
			for b := range s.Estate.Buildings {
				s.Held = append(s.Held, Held{b, 0, 10 * time.Hour}, Held{b, 9 * time.Hour, 24 * time.Hour})
			}
		}, ReasonScenarioAllHeld},
		"hands below zero":      {func(s *Scenario) { s.Gate.Hands = Staffing{{0, 3}, {time.Hour, -3}} }, ReasonScenarioRange},
		"a cart without room":   {func(s *Scenario) { s.Carts.Room = 0 }, ReasonScenarioRange},
		"a basket without room": {func(s *Scenario) { s.Doors.Basket = 0 }, ReasonScenarioRange},
	} {
		s := Assumed()
		c.change(&s)
		if _, err := Rehearse(t.Context(), s); delivery.AsError(err) == nil || delivery.AsError(err).Reason != c.want {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestAffordable: as many replications as Affordable says cost no more than asked, and one more costs more.
func TestAffordable(t *testing.T) {
	t.Parallel()
	for _, orders := range []int{300, 1230, 6000, 50_000} {
		for _, compared := range []int{0, 50} {
			s := Assumed()
			s.SetOrders(orders)
			s.OneMore, s.WhatIfs, s.Compared = true, true, compared
			s.Replications = s.Affordable(3_000_000)
			if s.Cost() > 3_000_000 && s.Replications > 1 {
				t.Errorf("%d orders: %d replications cost %d", orders, s.Replications, s.Cost())
			}
			if s.Replications++; s.Cost() <= 3_000_000 {
				t.Errorf("%d orders: %d replications cost only %d", orders, s.Replications, s.Cost())
			}
		}
	}
}

// TestHoldsCost: a day of few orders and many holds costs more than its orders, and as many replications are allowed as that.
func TestHoldsCost(t *testing.T) {
	t.Parallel()
	s := Assumed()
	s.SetOrders(100)
	s.OneMore, s.WhatIfs, s.Replications = false, false, 10
	orders, before := s.Orders(), s.Cost()
	for i := range MaxHeld {
		s.Held = append(s.Held, Held{i % 25, time.Duration(i) * time.Minute, time.Duration(i)*time.Minute + time.Second})
	}
	if got, want := s.Cost(), before+10*MaxHeld; got != want {
		t.Errorf("got a cost of %d, want %d", got, want)
	}
	if got, want := s.Affordable(3_000_000), 3_000_000/(orders+MaxHeld); got != want {
		t.Errorf("got %d replications, want %d", got, want)
	}
	s.Replications = MaxReplications
	s.SetOrders(9_000)
	if err := s.Check(); delivery.AsError(err) == nil || delivery.AsError(err).Reason != ReasonScenarioTooLarge || !strings.Contains(err.Error(), "2000 holds") {
		t.Errorf("got %v, want that the day with its holds is too large", err)
	}
}

// TestHolds looks at many holds of a building as if one after the other.
func TestHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var held []Held
		for range rapid.IntRange(0, 30).Draw(t, "holds") {
			from := time.Duration(rapid.IntRange(0, 60).Draw(t, "from")) * time.Minute
			held = append(held, Held{0, from, from + time.Duration(rapid.IntRange(0, 5).Draw(t, "long"))*time.Minute})
		}
		h := newHolds(1, held)
		from := time.Duration(rapid.IntRange(0, 70).Draw(t, "at")) * time.Minute
		until := from + time.Duration(rapid.IntRange(0, 5).Draw(t, "for"))*time.Minute
		during, free := false, from
		for _, of := range h[0] {
			during = during || of.From <= until && from < of.Until
			if of.From <= from && from < of.Until {
				free = of.Until
			}
		}
		if h.during(0, from, until) != during || h.free(0, from) != free {
			t.Fatalf("from %v to %v of %v: got %v and %v, want %v and %v", from, until, h[0], h.during(0, from, until), h.free(0, from), during, free)
		}
	})
}

// TestFewerAtOnePost: only a post of two hands or more can have fewer. Without one there is no such what-if, and the progress still becomes whole.
func TestFewerAtOnePost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		carts int
		post  LinkName
	}{{2, Cart}, {1, ""}} {
		s := Assumed()
		s.SetOrders(20)
		s.Replications, s.OneMore = 4, false
		s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands = Always(1), Always(1), Always(c.carts), Always(1)
		done, all := 0, -1
		s.Progress = func(d, a int) { done, all = d, a }
		r, err := Rehearse(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		var post LinkName
		for _, w := range r.WhatIfs {
			if w.What == FewerAtOnePost {
				post = w.post
				if w.fewer != 1 {
					t.Errorf("%d carts: got %d fewer, want 1", c.carts, w.fewer)
				}
			}
		}
		if post != c.post || done != all {
			t.Errorf("%d carts: fewer at %q, want %q; progress %d of %d", c.carts, post, c.post, done, all)
		}
	}
}

// TestUnusualDays are days that are not refused.
func TestUnusualDays(t *testing.T) {
	t.Parallel()
	plain := func() Scenario {
		s := Assumed()
		s.Replications, s.OneMore, s.WhatIfs = 4, false, false
		return s
	}
	t.Run("a building held all day", func(t *testing.T) {
		t.Parallel()
		s := plain()
		s.Held = []Held{{5, 0, 48 * time.Hour}, {5, 3 * time.Hour, 9 * time.Hour}}
		r, err := Rehearse(t.Context(), s)
		if err != nil || r.ClearMedian != Never || r.Chance.Share != 0 || r.Undelivered < 20 || len(r.Advice) == 0 {
			t.Errorf("got %+v, %v", r, err)
		}
	})
	t.Run("100,000 orders", func(t *testing.T) {
		t.Parallel()
		s := plain()
		s.SetOrders(MaxOrders)
		s.Replications = 1
		r, err := Rehearse(t.Context(), s)
		if err != nil || r.ClearMedian != Never || r.Undelivered < 50_000 {
			t.Errorf("got %v, %v", r, err)
		}
	})
	t.Run("the sorters go home", func(t *testing.T) {
		t.Parallel()
		s := plain()
		s.Sort.Hands = Staffing{{0, 10}, {16 * time.Hour, 0}}
		if r, err := Rehearse(t.Context(), s); err != nil || r.Undelivered < 100 {
			t.Errorf("got %v, %v", r, err)
		}
	})
	t.Run("one order, larger than a cart and a basket", func(t *testing.T) {
		t.Parallel()
		s := plain()
		s.Trucks = []Truck{{Due: 9 * time.Hour, Orders: 1, Bags: 60}}
		if r, err := Rehearse(t.Context(), s); err != nil || r.Undelivered != 0 {
			t.Errorf("got %v, %v", r, err)
		}
	})
}

func FuzzScenario(f *testing.F) {
	f.Add(uint64(1), 1230, 10, 6, 4, 66, 20, 8, 30, 0.0, 5, 16, 2, 3)
	f.Add(uint64(2), 0, 0, 0, 0, 0, 0, 0, 0, 1.0, -1, 0, 0, 0)
	f.Add(uint64(3), 100_000, 1, 1, 1, 1, 1, 1, 0, 0.5, 0, 0, 48, 1)
	f.Fuzz(func(t *testing.T, seed uint64, orders, sorters, gate, carts, doors, room, basket, settle int, absent float64, held, from, long, buildings int) {
		s := Assumed()
		s.Seed, s.Replications, s.OneMore, s.WhatIfs, s.Absent = seed, 1, seed%8 == 0, seed%16 == 0, absent
		s.Estate = Uniform(max(1, buildings%30), max(1, buildings%50), Staircase{Households: orders % 200, Floors: 9})
		s.SetOrders(orders % 120_000)
		s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands = Always(gate), Staffing{{0, sorters}, {12 * time.Hour, sorters / 2}}, Always(carts), Always(doors)
		s.Carts.Room, s.Doors.Basket, s.Settle = room, basket, time.Duration(settle)*time.Minute
		s.Held = []Held{{held, time.Duration(from%48) * time.Hour, time.Duration(from%48+long%48) * time.Hour}}
		began := time.Now()
		r, err := Rehearse(t.Context(), s)
		switch {
		case err != nil:
			if delivery.AsError(err) == nil {
				t.Fatalf("got %v, want a refusal", err)
			}
		case r.Chance.Share < 0 || r.Chance.Share > 1 || r.Undelivered < 0 || r.ClearP95 < r.ClearMedian || len(r.Links) != len(chain):
			t.Fatalf("got %+v", r)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}

// TestUnloading: with hands enough, each order takes longer from the gate to the door by the time that unloading takes.
func TestUnloading(t *testing.T) {
	t.Parallel()
	s := Assumed()
	s.OneMore, s.WhatIfs, s.Replications = false, false, 20
	s.Trucks = s.Trucks[:1]
	s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands = Always(1000), Always(1000), Always(1000), Always(1000)
	s.Carts.Patience = 0
	var minutes [2]float64
	for i, d := range []time.Duration{0, 10 * time.Minute} {
		s.Unload = d
		r, err := Rehearse(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		minutes[i] = r.Minutes.Mean
	}
	if got := minutes[1] - minutes[0]; math.Abs(got-10) > 1e-6 {
		t.Errorf("got %v minutes more, want 10", got)
	}
}

// TestLateTrucks: a truck that tells how late it comes is as late as it says, also if it says that it is on time; the others are as late as trucks are.
func TestLateTrucks(t *testing.T) {
	t.Parallel()
	s := Assumed()
	s.Lateness, s.LateBy = 0, 30*time.Minute
	s.Trucks = []Truck{{Due: 9 * time.Hour, Orders: 1}, {Due: 10 * time.Hour, Orders: 1, Told: true}, {Due: 11 * time.Hour, Orders: 1, Late: time.Hour, Told: true}}
	var came []time.Duration
	for _, truck := range newTrucks(&s).arrive(0, nil) {
		came = append(came, truck.at)
	}
	if want := []time.Duration{9*time.Hour + 30*time.Minute, 10 * time.Hour, 12 * time.Hour}; !slices.Equal(came, want) {
		t.Errorf("got %v, want %v", came, want)
	}
}

// TestOneMoreOfAnAbsentShare: one more person comes, however the share of absent people is rounded, and the others stay.
func TestOneMoreOfAnAbsentShare(t *testing.T) {
	t.Parallel()
	s := Assumed()
	s.Absent = 0.5
	s.Sort.Hands = Staffing{{12 * time.Hour, 10}, {0, 3}} // 4 would also be 2 without a half
	was := s.staff()
	for _, post := range posts {
		variant := s.oneMore(post)
		for _, other := range posts {
			want := was[other]
			if other == post {
				want = want.Plus(1)
			}
			if got := variant.staff()[other]; !slices.Equal(got, want) {
				t.Errorf("one more at %s: got %v at %s, want %v", post, got, other, want)
			}
		}
	}
}
