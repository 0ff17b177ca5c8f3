package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Rehearse simulates the scenario's day in all its replications. The same scenario gives the same result.
// It fails with a refusal if Check does, and with the context's error if ctx ends first. A panic in a replication, or in Progress, ends all its goroutines and is
// returned as an internal error.
func Rehearse(ctx context.Context, s Scenario) (_ *Outlook, err error) {
	defer rescue(&err)
	if err := s.Check(); err != nil {
		return nil, err
	}
	done, all := 0, s.runs()
	tick := func() {
		if done++; s.Progress != nil {
			s.Progress(done, all)
		}
	}
	base, err := play(ctx, &s, tick)
	if err != nil {
		return nil, err
	}
	r := base.result(&s)
	for _, day := range base.outcomes {
		r.minutesOfDays = append(r.minutesOfDays, day.minutes)
	}
	if s.OneMore {
		for _, post := range posts {
			variant := s.oneMore(post)
			variant.Replications = s.compared()
			with, err := play(ctx, &variant, tick)
			if err != nil {
				return nil, err
			}
			r.OneMore = append(r.OneMore, base.saved(with, &s, post))
		}
	}
	if s.WhatIfs {
		for _, q := range questions {
			variant, words := q(s, r)
			if words.What == "" {
				for range s.compared() {
					tick()
				}
				continue
			}
			variant.Replications = s.compared()
			with, err := play(ctx, &variant, tick)
			if err != nil {
				return nil, err
			}
			r.WhatIfs = append(r.WhatIfs, with.whatIf(&s, base, words))
		}
	}
	r.Advice = advice(&s, r)
	return r, nil
}

// oneMore returns the scenario with one more hand at a post. This person comes: absent people are taken off before.
func (s Scenario) oneMore(post LinkName) Scenario {
	staff := s.staff()
	s.Gate.Hands, s.Sort.Hands, s.Carts.Count, s.Doors.Hands, s.Absent = staff[Gate], staff[Sorting], staff[Cart], staff[Door], 0
	switch post {
	case Gate:
		s.Gate.Hands = s.Gate.Hands.Plus(1)
	case Sorting:
		s.Sort.Hands = s.Sort.Hands.Plus(1)
	case Cart:
		s.Carts.Count = s.Carts.Count.Plus(1)
	case Door:
		s.Doors.Hands = s.Doors.Hands.Plus(1)
	}
	return s
}

// saved compares the same replications with one more hand at a post.
func (t *total) saved(with *total, s *Scenario, post LinkName) OneMore {
	minutes := make([]float64, len(with.outcomes)) // the same days
	for i := range minutes {
		minutes[i] = t.outcomes[i].minutes - with.outcomes[i].minutes
	}
	share := with.chance(s).Share
	return OneMore{Link: post, Saves: meanInterval(minutes), ClearMedian: medianOf(with.clears()), Share: share, Gains: share - t.firstDays(len(with.outcomes)).chance(s).Share}
}

// rescue turns a panic of the function that defers it into its error, with the stack.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("rehearse a day: panic: %v\n%s", p, debug.Stack())
	}
}

// play runs all replications of a scenario on its workers. If one fails, the others stop after their present replication.
func play(ctx context.Context, s *Scenario, tick func()) (*total, error) {
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, s.Replications)
	outcomes := make([]played, s.Replications)
	var next atomic.Int64
	var mu sync.Mutex
	var sum *total
	var failure error // the first
	locked := func(do func()) {
		mu.Lock()
		defer mu.Unlock()
		do()
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	work := func() (err error) {
		defer rescue(&err)
		r := newReplayer(s)
		for running.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= s.Replications {
				break
			}
			outcomes[i] = r.play(i)
			locked(tick)
		}
		locked(func() {
			if sum == nil {
				sum = &r.total
			} else {
				sum.merge(&r.total)
			}
		})
		return nil
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			if err := work(); err != nil {
				stop()
				locked(func() { failure = cmp.Or(failure, err) })
			}
		})
	}
	group.Wait()
	if err := cmp.Or(failure, ctx.Err()); err != nil {
		return nil, err
	}
	sum.outcomes = outcomes
	return sum, nil
}

// replayer plays replications of one scenario, one after the other.
type replayer struct {
	day      day
	trucks   *trucks
	total    total
	scenario *Scenario
	now      *played
	slotAt   int
}

func newReplayer(s *Scenario) *replayer {
	r := &replayer{trucks: newTrucks(s), scenario: s}
	r.day.unload = r.trucks.unload
	r.day.links = s.links()
	r.day.start, r.day.until, r.day.docked = s.Start, span, s.Unload.Round(time.Millisecond)
	if len(s.Standing) > 0 {
		r.day.stand = r.trucks.stand
	}
	r.day.left = r.delivered
	r.day.sample = r.sample
	for _, l := range r.day.links {
		l.watched().linkTally = new(linkTally)
		r.total.links = append(r.total.links, l.watched().linkTally)
	}
	return r
}

// links builds the chain.
func (s *Scenario) links() []chainLink {
	staff := s.staff()
	building, units := s.Estate.unitsOf()
	held := newHolds(len(s.Estate.Buildings), s.Held)
	carried, climbed := s.Carts, s.Doors
	carried.Count, climbed.Hands = staff[Cart], staff[Door]
	return []chainLink{
		&station{watch: watch{link: 0}, work: workGate, staff: staff[Gate]},
		&settleWait{watch: watch{link: 1}, wait: s.Settle.Round(time.Millisecond)},
		&station{watch: watch{link: 2}, work: workSort, staff: staff[Sorting]},
		&carts{watch: watch{link: 3}, Carts: carried, building: building, holds: held},
		&doors{watch: watch{link: 4}, Doors: climbed, estate: &s.Estate, flat: s.Estate.flat(), building: building, units: units, holds: held},
	}
}

// play plays one replication.
func (r *replayer) play(i int) played {
	d := &r.day
	d.arrivals = r.trucks.arrive(i, d.arrivals)
	done := make([]uint32, slots)
	out := played{done: done}
	r.now = &out
	r.slotAt = int(r.scenario.Start / slot)
	d.run()
	r.sample(span)
	for _, a := range d.arrivals {
		r.total.arrived[min(int(a.at/time.Hour), hours-1)] += int64(r.scenario.Trucks[a.truck].Orders)
	}
	if len(d.arrivals) > 0 && len(r.scenario.Standing) == 0 {
		r.total.first += d.arrivals[0].at.Milliseconds()
	} else {
		r.total.first += d.start.Milliseconds()
	}
	out.clear, out.left = d.clear, d.in-d.out
	if out.left > 0 {
		out.clear = never
	}
	if d.out > 0 {
		out.minutes = float64(d.spent) / float64(d.out) / 60_000
	}
	for _, l := range d.links {
		l.watched().end()
	}
	return out
}

// delivered counts an order at its door.
func (r *replayer) delivered(d *day, o int32) {
	r.now.done[min(int(d.now/slot), slots-1)]++
	r.total.done[min(int(d.now/time.Hour), hours-1)]++
	r.total.inside.add(d.now - d.orders[o].came)
}

// sample records the queues at the ends of the slots up to a time.
func (r *replayer) sample(now time.Duration) {
	for ; r.slotAt < slots && time.Duration(r.slotAt+1)*slot <= now; r.slotAt++ {
		for _, l := range r.day.links {
			w := l.watched()
			w.curve[r.slotAt] += int64(w.queue)
		}
	}
}
