package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"baogong/delivery"
	"baogong/live"
)

// reader is a stream and what it must return: the table's events from next on, each under its scope.
type reader struct {
	stream *live.Stream
	who    delivery.UUID
	filter delivery.EventFilter
	scope  delivery.Scope
	next   int64           // the first number the model has not looked at
	fenced int64           // the first change of access it has not passed
	fresh  *delivery.Scope // what holds after it
}

// step returns the next event the reader must get, nil if there is none, and false if the stream must have ended.
func (r *reader) step(events []*delivery.Event) (*delivery.Event, bool) {
	for {
		if r.fenced != 0 && r.next > r.fenced {
			r.scope, r.fenced, r.fresh = *r.fresh, 0, nil
			if r.scope.Class == delivery.SeesNothing {
				return nil, false
			}
		}
		if r.next > int64(len(events)) {
			return nil, true
		}
		e := events[r.next-1]
		r.next++
		if e.OfOrder() && r.scope.Sees(e.Keys()) && r.filter.Matches(e) {
			return e, true
		}
	}
}

// TestEveryEventOnce draws events, scopes, filters, positions, ring sizes and interleavings, and compares what streams
// return with the table: exactly that, in order, across resumptions, from memory or not.
func TestEveryEventOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { rapid.Check(inBubbleT{t}, everyEventOnce) })
}

// inBubbleT hides the deadline, which a bubble with a clock of its own cannot tell.
type inBubbleT struct{ *testing.T }

func (inBubbleT) Deadline() (time.Time, bool) { return time.Time{}, false }

func everyEventOnce(t *rapid.T) {
	pick := func(kind string, n int) *rapid.Generator[delivery.UUID] {
		return rapid.Custom(func(t *rapid.T) delivery.UUID { return name(kind, rapid.IntRange(0, n-1).Draw(t, kind)) })
	}
	someOf := func(kind string, n int) []delivery.UUID {
		if rapid.IntRange(0, 2).Draw(t, "narrow "+kind) > 0 {
			return nil
		}
		return rapid.SliceOfN(pick(kind, n), 1, 3).Draw(t, kind)
	}
	actorOf := func(row delivery.UUID) delivery.Actor {
		switch rapid.IntRange(0, 4).Draw(t, "role") {
		case 0:
			a := commander
			a.UUID = row
			return a
		case 1:
			return resident(row)
		case 2:
			a := delivery.Actor{Role: delivery.RoleSupplier, Community: estate, UUID: row}
			return a
		}
		return volunteer(row, someOf("b", 3)...)
	}
	rows := []delivery.UUID{"h0", "h1", "s0", "v0"}

	h := run(live.Options{Ring: rapid.IntRange(1, 40).Draw(t, "ring")}, newTable(estate))
	defer h.stop()
	for _, row := range rows {
		h.people.set(actorOf(row))
	}
	var readers []*reader
	subscribe := func(r *reader, after *delivery.Position) {
		actor := h.people.by[r.who]
		s, err := h.Subscribe(context.Background(), actor, estate, r.filter, after)
		if !actor.Scope().SeesCommunity(estate) {
			wantRefusal(t, err, delivery.ReasonNoSuch)
			readers = slices.DeleteFunc(readers, func(o *reader) bool { return o == r })
			return
		}
		if err != nil {
			t.Fatalf("subscribe: %v", err)
		}
		r.stream, r.scope, r.fenced, r.fresh = s, actor.Scope(), 0, nil
		if !slices.Contains(readers, r) {
			readers = append(readers, r)
		}
	}
	leave := func(r *reader) {
		r.stream.Close()
		readers = slices.DeleteFunc(readers, func(o *reader) bool { return o == r })
	}
	log := func() []*delivery.Event { return h.feeds[estate].events }

	// read takes one event and reports whether there may be more.
	read := func(r *reader) bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Microsecond)
		defer cancel()
		e, err := r.stream.Next(ctx)
		if errors.Is(err, live.ErrSlow) { // passed by the ring: come back, as a client would
			p := r.stream.Position()
			if p.Seq < r.next-1 {
				t.Fatalf("would see events again: position %d, read up to %d", p.Seq, r.next-1)
			}
			for want := r.next; want <= p.Seq; want++ {
				r.next = want
				if missed, _ := r.step(log()[:want]); missed != nil {
					t.Fatalf("position %d is past event %d, which was not seen", p.Seq, missed.Seq)
				}
			}
			r.next = p.Seq + 1
			subscribe(r, &p)
			return slices.Contains(readers, r)
		}
		want, open := r.step(log())
		switch {
		case !open:
			wantRefusal(t, err, delivery.ReasonNoSuch)
			leave(r)
			return false
		case want == nil:
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v, %v, want nothing", e, err)
			}
			if got := r.stream.Position().Seq; got != int64(len(log())) {
				t.Fatalf("got position %d of an idle stream, want %d", got, len(log()))
			}
			return false
		case err != nil || e.Seq != want.Seq:
			t.Fatalf("got %v, %v, want event %d", e, err, want.Seq)
		}
		return true
	}
	one := func(t *rapid.T) *reader {
		if len(readers) == 0 {
			t.Skip("no reader")
		}
		return rapid.SampledFrom(readers).Draw(t, "reader")
	}
	t.Repeat(map[string]func(*rapid.T){
		"append": func(t *rapid.T) {
			events := []*delivery.Event{}
			for range rapid.IntRange(1, 30).Draw(t, "events") {
				if rapid.IntRange(0, 9).Draw(t, "sort") == 0 {
					events = append(events, &delivery.Event{CommunityID: estate, Kind: "UNKNOWN"})
					continue
				}
				e := moved(estate, pick("b", 3).Draw(t, "b"), pick("h", 4).Draw(t, "h"), pick("o", 6).Draw(t, "o"))
				if supplier := pick("s", 3).Draw(t, "s"); supplier != "s2" {
					e.SupplierUUID, e.Order.SupplierUUID = &supplier, &supplier
				}
				e.Order.Stage = rapid.SampledFrom([]delivery.Stage{delivery.Placed, delivery.AtGate}).Draw(t, "stage")
				events = append(events, e)
			}
			// Commits of this process and of others. What this one offers is told of in any order, and is enough to find the rest.
			var offers []live.Commit
			others := true // the last is not ours
			for len(events) > 0 {
				n := rapid.IntRange(1, len(events)).Draw(t, "commit")
				h.append(events[:n]...)
				if others = rapid.Bool().Draw(t, "others"); !others {
					offers = append(offers, h.offer(events[:n]))
				}
				events = events[n:]
			}
			for _, c := range rapid.Permutation(offers).Draw(t, "told") {
				h.Committed(c)
				if rapid.Bool().Draw(t, "at once") {
					synctest.Wait()
				}
			}
			if others {
				h.Wake(estate)
			}
			synctest.Wait()
		},
		"subscribe": func(t *rapid.T) {
			r := &reader{who: rapid.SampledFrom(rows).Draw(t, "who"), filter: delivery.EventFilter{
				Buildings: someOf("b", 3), Households: someOf("h", 4), Suppliers: someOf("s", 3), Orders: someOf("o", 6)}}
			if rapid.Bool().Draw(t, "stages") {
				r.filter.Stages = []delivery.Stage{delivery.AtGate}
			}
			r.next = int64(len(log())) + 1
			var after *delivery.Position
			if rapid.Bool().Draw(t, "from a position") {
				after = at(rapid.Int64Range(0, int64(len(log()))).Draw(t, "after"))
				r.next = after.Seq + 1
			}
			subscribe(r, after)
		},
		"access": func(t *rapid.T) {
			row := rapid.SampledFrom(rows).Draw(t, "row")
			fresh := actorOf(row)
			if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
				fresh.Community = 99
			}
			h.people.set(fresh)
			h.add(accessChanged(row))
			scope := fresh.Scope()
			if !scope.SeesCommunity(estate) {
				scope = delivery.Scope{}
			}
			for _, r := range readers {
				if r.who == row {
					if r.fresh = &scope; r.fenced == 0 {
						r.fenced = int64(len(log()))
					}
				}
			}
			synctest.Wait()
		},
		"read some": func(t *rapid.T) {
			r := one(t)
			for range rapid.IntRange(1, 20).Draw(t, "reads") {
				if !read(r) {
					return
				}
			}
		},
		"read all": func(t *rapid.T) {
			for r := one(t); read(r); {
			}
		},
		"close": func(t *rapid.T) { leave(one(t)) },
	})
	for len(readers) > 0 {
		for r := readers[0]; read(r); {
		}
		if len(readers) > 0 {
			leave(readers[0])
		}
	}
}

func wantRefusal(t *rapid.T, err error, want delivery.Reason) {
	if e := delivery.AsError(err); e == nil || e.Reason != want {
		t.Fatalf("got %v, want a refusal because of %s", err, want)
	}
}

// TestManyAtOnce runs writers, returning readers, watchers and changes of access against each other in real time, with a
// ring that is too small for them.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const writers, calls = 4, 250
	h := run(live.Options{Ring: 256, Poll: 5 * time.Millisecond, Tick: time.Millisecond}, newTable(estate))
	defer h.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	state := live.NewStates(h.Hub, live.MayChange, func(context.Context, live.StateKey) (int64, error) {
		h.table.mu.Lock()
		defer h.table.mu.Unlock()
		return int64(len(h.feeds[estate].events)), nil
	})
	who := func(n int) delivery.Actor { return volunteer(name("v", n), name("b", n%3)) }
	plan, total := make([][][]*delivery.Event, writers), int64(0)
	for w := range plan {
		random := rand.New(rand.NewPCG(1, uint64(w)))
		for range calls {
			var call []*delivery.Event
			for range random.IntN(20) {
				call = append(call, moved(estate, name("b", random.IntN(3)), name("h", random.IntN(9)), name("o", random.IntN(30))))
			}
			call = append(call, accessChanged(name("v", random.IntN(9))))
			plan[w] = append(plan[w], call)
			total += int64(len(call))
		}
	}
	total++ // the last event is DAY_STARTED, after which every state is read
	start := make(chan struct{})
	var writing, reading sync.WaitGroup
	for w := range plan {
		writing.Go(func() {
			<-start
			for i, call := range plan[w] {
				h.append(call...)
				switch i % 3 {
				case 0:
					h.Wake(estate)
				case 1:
					h.Committed(h.offer(call))
				}
				time.Sleep(time.Duration(i%3) * time.Millisecond) // a pace, so that readers are here and there
			}
		})
	}
	all := make(chan struct{}) // closed when the log is complete
	follow := func(n int) error {
		random := rand.New(rand.NewPCG(2, uint64(n)))
		actor, filter := who(n), delivery.EventFilter{}
		if n%2 == 0 {
			filter.Orders = []delivery.UUID{name("o", n)}
		}
		got, position := []int64{}, at(0)
		for {
			s, err := h.Subscribe(ctx, actor, estate, filter, position)
			if err != nil {
				return err
			}
			wait, stop := context.WithCancel(ctx)
			go func() {
				select {
				case <-all:
					for s.Position().Seq < total && wait.Err() == nil {
						time.Sleep(time.Millisecond)
					}
					stop()
				case <-wait.Done():
				}
			}()
			for err == nil && random.IntN(200) > 0 { // now and then it leaves and comes back
				var e *delivery.Event
				if e, err = s.Next(wait); err == nil {
					got = append(got, e.Seq)
				}
			}
			p := s.Position()
			position = &p
			stop()
			s.Close()
			if ctx.Err() != nil {
				return fmt.Errorf("after %d events, at %d: %w", len(got), p.Seq, ctx.Err())
			}
			if errors.Is(err, context.Canceled) {
				break
			}
			if err != nil && !errors.Is(err, live.ErrSlow) {
				return err
			}
		}
		want := []int64{}
		for _, e := range h.feeds[estate].events {
			if e.OfOrder() && actor.Scope().Sees(e.Keys()) && filter.Matches(e) {
				want = append(want, e.Seq)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("got %d events, want %d", len(got), len(want))
		}
		return nil
	}
	look := func(n int) error {
		for {
			v, err := state.Watch(ctx, who(n), live.Target{Community: estate})
			if err != nil {
				return err
			}
			for range 30 { // now and then it leaves and comes back
				got, err := v.Next(ctx)
				if err != nil {
					v.Close()
					return err
				}
				if got > total {
					return fmt.Errorf("got state %d of %d", got, total)
				}
				if got == total {
					v.Close()
					return nil
				}
			}
			v.Close()
		}
	}
	for n := range 24 {
		reading.Go(func() {
			if err := follow(n); err != nil {
				t.Errorf("reader %d: %v", n, err)
			}
		})
		reading.Go(func() {
			if err := look(n); err != nil {
				t.Errorf("watcher %d: %v", n, err)
			}
		})
	}
	close(start)
	writing.Wait()
	h.append(&delivery.Event{CommunityID: estate, Kind: delivery.DayStarted})
	h.Wake(estate)
	for mustHead(h) < total {
		if ctx.Err() != nil {
			t.Fatal("the feed does not keep up")
		}
		time.Sleep(time.Millisecond)
	}
	close(all)
	reading.Wait()
}

func mustHead(h *house) int64 {
	head, _ := h.Head(estate)
	return head.Seq
}
