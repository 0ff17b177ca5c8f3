package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

func TestSubscribe(t *testing.T) {
	t.Parallel()
	t.Run("from now on gives what is committed after the call and nothing before, woken or not", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.append(some(3)...) // committed, and the hub has not heard of it
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.append(some(1)...)
			e, err := s.Next(t.Context())
			if err != nil || e.Seq != 4 {
				t.Fatalf("got %v, %v, want event 4", e, err)
			}
		})
	})
	t.Run("from now on, even while the hub looks at what was there before", func(t *testing.T) {
		inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
			slow := make(chan struct{})
			h.table.mu.Lock()
			h.table.slow = slow
			h.table.mu.Unlock()
			h.Wake(estate)
			synctest.Wait() // it has seen nothing, and hangs
			h.append(some(1)...)
			time.AfterFunc(time.Second, func() { close(slow) })
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.add(some(1)...)
			synctest.Wait()
			mustDrain(t, s, 2)
		})
	})
	t.Run("refuses what it cannot serve", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.append(some(10)...)
			h.purge(estate, 5)
			for what, c := range map[string]struct {
				actor     delivery.Actor
				community int32
				after     *delivery.Position
				want      delivery.Reason
			}{
				"no actor":            {delivery.Actor{}, estate, nil, delivery.ReasonNoSuch},
				"stranger":            {stranger, estate, nil, delivery.ReasonNoSuch},
				"stranger's cursor":   {stranger, estate, &delivery.Position{Community: 2}, delivery.ReasonNoSuch},
				"unknown community":   {delivery.Actor{Role: delivery.RoleAdmin}, 5, nil, delivery.ReasonNoSuch},
				"another community's": {commander, estate, &delivery.Position{Community: 2, Epoch: 7, Seq: 6}, delivery.ReasonBadFeedCursor},
				"another epoch":       {commander, estate, &delivery.Position{Community: estate, Epoch: 8, Seq: 6}, live.ReasonResync},
				"past the head":       {commander, estate, at(11), live.ReasonResync},
				"purged":              {commander, estate, at(3), live.ReasonResync},
				"negative":            {commander, estate, at(-1), live.ReasonResync},
			} {
				s, err := h.Subscribe(t.Context(), c.actor, c.community, delivery.EventFilter{}, c.after)
				if s != nil {
					t.Errorf("%s: got a stream", what)
				}
				if e := delivery.AsError(err); e == nil || e.Reason != c.want {
					t.Errorf("%s: got %v, want %s", what, err, c.want)
				}
			}
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, at(4)), upTo(5, 10)...)
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, at(10)))
		})
	})
	t.Run("a community made a moment ago is known", func(t *testing.T) {
		inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
			h.table.mu.Lock()
			h.feeds[2] = &rows{epoch: 9, oldest: 1, first: 1}
			h.table.mu.Unlock()
			s, err := h.Subscribe(t.Context(), delivery.Actor{Role: delivery.RoleAdmin}, 2, delivery.EventFilter{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if head, ok := h.Head(2); !ok || head.Epoch != 9 {
				t.Fatalf("got head %v, %v", head, ok)
			}
		})
	})
	t.Run("an actor as old as its connection is read again", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.people.set(volunteer("zhao", "E7"))
			s := h.mustSubscribe(t, volunteer("zhao", "E6"), delivery.EventFilter{}, nil)
			h.add(moved(estate, "E6", "h", "o"), moved(estate, "E7", "h", "p"))
			synctest.Wait()
			mustDrain(t, s, 2)
			h.people.fail(delivery.Refuse(delivery.ReasonNoAccount))
			_, err := h.Subscribe(t.Context(), volunteer("zhao", "E6"), estate, delivery.EventFilter{}, nil)
			wantReason(t, err, delivery.ReasonNoSuch)
			h.people.fail(errDown)
			_, err = h.Subscribe(t.Context(), volunteer("zhao", "E6"), estate, delivery.EventFilter{}, nil)
			wantReason(t, err, delivery.ReasonUnavailable)
		})
	})
	t.Run("members that come at once with one sign-in share one reading", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.people.set(volunteer("zhao", "E6"))
			slow := h.people.delay()
			done := make(chan error)
			const many = 50
			for range many {
				go func() {
					s, err := h.Subscribe(t.Context(), volunteer("zhao", "E6"), estate, delivery.EventFilter{}, nil)
					if err == nil {
						t.Cleanup(s.Close)
					}
					done <- err
				}()
				synctest.Wait() // the first is being read, and hangs
			}
			close(slow)
			for range many {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			if got := h.people.read("zhao"); got != 2 {
				t.Errorf("%d came and were read %d times, want 2", many, got)
			}
		})
	})
	t.Run("a source that is down is UNAVAILABLE, and a caller who leaves gets the context's error", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.breaks(func(string, int32) error { return errDown })
			_, err := h.Subscribe(t.Context(), commander, estate, delivery.EventFilter{}, nil)
			wantReason(t, err, delivery.ReasonUnavailable)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err = h.Subscribe(ctx, commander, estate, delivery.EventFilter{}, nil); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
		})
	})
}

func TestStream(t *testing.T) {
	t.Parallel()
	t.Run("joins table and ring without a gap", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 16}, func(t *testing.T, h *house) {
			h.add(some(1500)...)
			synctest.Wait()
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
			var got []int64
			for range 100 {
				for range 30 {
					e, err := s.Next(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, e.Seq)
				}
				h.add(some(7)...)
				synctest.Wait()
				if len(got) >= 1500 {
					break
				}
			}
			head, _ := h.Head(estate)
			rest, err := drain(t, s)
			if got = append(got, rest...); err != nil || !slices.Equal(got, upTo(1, head.Seq)) {
				t.Fatalf("got %d events of %d, error %v", len(got), head.Seq, err)
			}
		})
	})
	t.Run("its position passes over what does not concern it", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, resident("77"), delivery.EventFilter{}, nil)
			h.add(some(40)...)
			synctest.Wait()
			if got := *at(s.Position().Seq); got != *at(40) {
				t.Fatalf("got position %v, want 40", got)
			}
			h.add(moved(estate, "E6", "77", "x"), moved(estate, "E6", "78", "y"))
			synctest.Wait()
			if got := s.Position(); got != *at(40) {
				t.Fatalf("got position %v before the event is taken, want 40", got)
			}
			mustDrain(t, s, 41)
			if got := s.Position(); got != *at(42) {
				t.Fatalf("got position %v, want 42", got)
			}
		})
	})
	t.Run("unknown kinds and events of no order are passed over", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			id := delivery.UUID("o9")
			h.add(&delivery.Event{CommunityID: estate, Kind: "DRONE_LANDED", OrderUUID: &id},
				&delivery.Event{CommunityID: estate, Kind: delivery.DayStarted},
				&delivery.Event{CommunityID: estate, Kind: delivery.AccessChanged})
			h.add(some(1)...)
			synctest.Wait()
			mustDrain(t, s, 4)
		})
	})
	t.Run("Close ends a waiting Next", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			done := make(chan error)
			go func() {
				_, err := s.Next(context.Background())
				done <- err
			}()
			synctest.Wait()
			s.Close()
			if err := <-done; err == nil {
				t.Fatal("got no error")
			}
			s.Close()
		})
	})
	t.Run("an end of the hub ends a waiting Next with UNAVAILABLE", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.stop()
			_, err := s.Next(t.Context())
			wantReason(t, err, delivery.ReasonUnavailable)
			_, err = h.Subscribe(t.Context(), commander, estate, delivery.EventFilter{}, nil)
			wantReason(t, err, delivery.ReasonUnavailable)
			if h.Ready() {
				t.Fatal("ready after the end")
			}
		})
	})
	t.Run("goes on after the table was down, in the middle of the past", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 4}, func(t *testing.T, h *house) {
			h.add(some(1200)...)
			synctest.Wait()
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
			for range 500 {
				if _, err := s.Next(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			h.breaks(func(call string, _ int32) error {
				if call == "past" {
					return errDown
				}
				return nil
			})
			time.AfterFunc(20*time.Second, func() { h.breaks(nil) })
			if e, err := s.Next(t.Context()); err != nil || e.Seq != 501 {
				t.Fatalf("got %v, %v, want event 501", e, err)
			}
			mustDrain(t, s, upTo(502, 1200)...)
		})
	})
}

func TestSlow(t *testing.T) {
	t.Parallel()
	t.Run("a reader for whom nothing waits may stay away", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 8}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, resident("77"), delivery.EventFilter{}, nil)
			staged := h.mustSubscribe(t, commander, delivery.EventFilter{Stages: []delivery.Stage{delivery.Delivered}}, nil)
			h.add(some(100)...)
			time.Sleep(time.Minute)
			mustDrain(t, s)
			mustDrain(t, staged)
		})
	})
	t.Run("the ring passes a reader who is too far behind", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 8}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			mustDrain(t, s)
			h.add(some(9)...)
			synctest.Wait()
			if _, err := s.Next(t.Context()); !errors.Is(err, live.ErrSlow) {
				t.Fatalf("got %v, want ErrSlow", err)
			}
			if got := s.Position(); got != *at(0) {
				t.Fatalf("got position %v, want 0", got)
			}
			p := s.Position()
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, &p), upTo(1, 9)...)
		})
	})
	t.Run("ten of the largest calls back to back end no stream that reads", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			mustDrain(t, s)
			for range 10 {
				h.add(some(delivery.MaxBulk)...)
			}
			synctest.Wait()
			mustDrain(t, s, upTo(1, 10*delivery.MaxBulk)...)
		})
	})
}

func TestAccess(t *testing.T) {
	t.Parallel()
	both := func() []*delivery.Event {
		return []*delivery.Event{moved(estate, "E6", "a", "x"), moved(estate, "E7", "b", "y")}
	}
	t.Run("narrows and widens exactly at the event's position", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			zhao := volunteer("zhao", "E6", "E7")
			s := h.mustSubscribe(t, zhao, delivery.EventFilter{}, nil)
			other := h.mustSubscribe(t, volunteer("qian", "E7"), delivery.EventFilter{}, nil)
			h.people.set(volunteer("zhao", "E6"))
			h.add(slices.Concat(both(), []*delivery.Event{accessChanged("zhao")}, both())...)
			synctest.Wait()
			mustDrain(t, s, 1, 2, 4)
			mustDrain(t, other, 2, 5)
			h.people.set(volunteer("zhao", "E7"))
			h.add(slices.Concat(both(), []*delivery.Event{accessChanged("zhao")}, both())...)
			synctest.Wait()
			mustDrain(t, s, 6, 10)
			if got := s.Position(); got != *at(10) {
				t.Fatalf("got position %v, want 10", got)
			}
		})
	})
	t.Run("also in the past and with a small ring", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 4}, func(t *testing.T, h *house) {
			for range 20 {
				h.append(both()...)
			}
			s := h.mustSubscribe(t, volunteer("zhao", "E6", "E7"), delivery.EventFilter{}, at(0))
			h.people.set(volunteer("zhao", "E6"))
			h.add(accessChanged("zhao")) // 41
			for range 10 {
				h.add(both()...)
			}
			synctest.Wait()
			want := upTo(1, 40)
			for seq := int64(42); seq <= 60; seq += 2 {
				want = append(want, seq)
			}
			mustDrain(t, s, want...)
		})
	})
	t.Run("ends the stream when there is nothing to see any more, after what came before", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			for i, end := range []func(){
				func() { h.people.fail(delivery.Refuse(delivery.ReasonNoAccount)) },
				func() { h.people.set(delivery.Actor{UUID: "wang", Role: delivery.RoleCommander, Community: 99}) },
			} {
				s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
				end()
				h.add(append(some(1), accessChanged("wang"), some(1)[0])...)
				synctest.Wait()
				got, err := drain(t, s)
				if want := int64(3*i + 1); len(got) != 1 || got[0] != want {
					t.Fatalf("got %v, want %d", got, want)
				}
				wantReason(t, err, delivery.ReasonNoSuch)
				h.people.fail(nil)
			}
		})
	})
	t.Run("a change while the stream starts is not lost, nor what came before it", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.append(both()...)
			h.people.set(volunteer("zhao", "E6"))
			slow := h.people.delay()
			started := make(chan *live.Stream)
			go func() {
				s, _ := h.Subscribe(t.Context(), volunteer("zhao"), estate, delivery.EventFilter{}, at(0))
				started <- s
			}()
			synctest.Wait() // it has read E6
			h.people.set(volunteer("zhao", "E7"))
			h.add(append([]*delivery.Event{accessChanged("zhao")}, both()...)...)
			synctest.Wait()
			close(slow)
			s := <-started
			defer s.Close()
			mustDrain(t, s, 1, 5)
			h.add(both()...)
			synctest.Wait()
			mustDrain(t, s, 7)
		})
	})
	t.Run("a change while the scope is read is read too", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, volunteer("zhao", "E6"), delivery.EventFilter{}, nil)
			slow := h.people.delay()
			h.add(accessChanged("zhao"), both()[1])
			synctest.Wait()
			if got := *at(s.Position().Seq); got != *at(1) {
				t.Fatalf("got position %v of a stream that waits for its scope, want 1", got)
			}
			h.people.set(volunteer("zhao", "E7"))
			h.add(append([]*delivery.Event{accessChanged("zhao")}, both()...)...)
			synctest.Wait()
			close(slow)
			synctest.Wait()
			mustDrain(t, s, 2, 5)
		})
	})
	t.Run("is not read for streams that have left", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.people.fail(errDown)
			h.add(accessChanged("wang"))
			time.Sleep(time.Minute)
			s.Close()
			time.Sleep(time.Minute)
			before := h.people.read("wang")
			time.Sleep(time.Minute)
			if got := h.people.read("wang") - before; got != 0 {
				t.Fatalf("read %d times more", got)
			}
		})
	})
	t.Run("is read once for all streams of an actor", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			for range 10 {
				h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			}
			before := h.people.read("wang")
			h.add(accessChanged("wang"))
			h.add(accessChanged("stranger"))
			synctest.Wait()
			if got := h.people.read("wang") - before; got != 1 {
				t.Fatalf("read %d times, want 1", got)
			}
			if got := h.people.read("stranger"); got != 0 {
				t.Fatalf("read the stranger %d times", got)
			}
		})
	})
	t.Run("shows nothing while it cannot be read, and all of it after", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.people.fail(errDown)
			h.add(append(some(1), accessChanged("wang"), some(1)[0])...)
			synctest.Wait()
			mustDrain(t, s, 1)
			if got := s.Position(); got != *at(2) {
				t.Fatalf("got position %v, want 2", got)
			}
			time.Sleep(20 * time.Second) // away, and not to blame
			mustDrain(t, s)
			h.people.fail(nil)
			if e, err := s.Next(t.Context()); err != nil || e.Seq != 3 {
				t.Fatalf("got %v, %v, want event 3", e, err)
			}
		})
	})
}

func TestFeed(t *testing.T) {
	t.Parallel()
	t.Run("another epoch ends the streams with RESYNC_REQUIRED and new ones start", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.add(some(10)...)
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.restore(estate, 5)
			_, err := s.Next(t.Context())
			wantReason(t, err, live.ReasonResync)
			if got := s.Position(); got != *at(10) {
				t.Fatalf("got position %v, want 10 of the old epoch", got)
			}
			s = h.mustSubscribe(t, commander, delivery.EventFilter{}, &delivery.Position{Community: estate, Epoch: 8, Seq: 3})
			h.add(some(1)...)
			synctest.Wait()
			mustDrain(t, s, 4, 5, 6)
		})
	})
	t.Run("another epoch that has more events", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.add(some(10)...)
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.restore(estate, 5)
			h.add(some(10)...)
			_, err := s.Next(t.Context())
			wantReason(t, err, live.ReasonResync)
		})
	})
	t.Run("another epoch in the middle of the past", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 4, Poll: time.Hour}, func(t *testing.T, h *house) {
			h.add(some(1000)...)
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
			if _, err := s.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.restore(estate, 900)
			got, err := drain(t, s)
			wantReason(t, err, live.ReasonResync)
			if n := len(got); n != 499 {
				t.Fatalf("got %d events, want the 499 read before", n)
			}
		})
	})
	t.Run("a purge under a reader of the past", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 4}, func(t *testing.T, h *house) {
			h.add(some(1000)...)
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
			if _, err := s.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.purge(estate, 990)
			_, err := drain(t, s)
			wantReason(t, err, live.ReasonResync)
		})
	})
	t.Run("a hole that a purge left is not jumped over", func(t *testing.T) {
		inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
			for i, oldest := range []int64{8, 21} {
				s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
				h.append(some(10)...)
				h.purge(estate, oldest)
				h.Wake(estate)
				_, err := s.Next(t.Context())
				wantReason(t, err, live.ReasonResync)
				if head, _ := h.Head(estate); head.Seq != int64(10*(i+1)) || head.Oldest != oldest {
					t.Fatalf("got head %v", head)
				}
			}
		})
	})
	t.Run("the poll finds events without a Wake", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.append(some(5000)...)
			time.Sleep(time.Second)
			synctest.Wait()
			mustDrain(t, s, upTo(1, 5000)...)
			h.append(some(1)...)
			h.Wake() // as after LISTEN came back
			synctest.Wait()
			mustDrain(t, s, 5001)
		})
	})
	t.Run("a community that fails, or hangs, stops no other", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := run(live.Options{}, newTable(1, 2))
			defer h.stop()
			synctest.Wait()
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.breaksEvents(2)
			h.append(moved(2, "B", "b", "b"))
			h.append(some(1)...)
			time.Sleep(2 * time.Second)
			mustDrain(t, s, 1)
			if !h.Ready() {
				t.Fatal("not ready because of one community")
			}
			h.breaks(nil)
			time.Sleep(2 * time.Second)
			if head, _ := h.Head(2); head.Seq != 1 {
				t.Fatalf("got head %v of the other, want 1", head)
			}
		})
	})
	t.Run("is ready once the heads were read and while they are", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			source := newTable(estate)
			source.breaks(func(string, int32) error { return errDown })
			h := run(live.Options{}, source)
			defer h.stop()
			for _, want := range []bool{false, true, false} {
				time.Sleep(7 * time.Second)
				if got := h.Ready(); got != want {
					t.Fatalf("got ready %v, want %v", got, want)
				}
				if want {
					source.breaks(func(string, int32) error { return errDown })
				} else {
					source.breaks(nil)
				}
			}
		})
	})
	t.Run("the ring forgets what is old, and the table still has it", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.add(some(100)...)
			time.Sleep(11 * time.Minute)
			before := h.count("past")
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0)), upTo(1, 100)...)
			if h.count("past") == before {
				t.Fatal("read from memory")
			}
			before = h.count("past")
			h.add(some(100)...)
			mustDrain(t, h.mustSubscribe(t, commander, delivery.EventFilter{}, at(100)), upTo(101, 200)...)
			if h.count("past") != before {
				t.Fatal("read from the table")
			}
		})
	})
	t.Run("a wake-up never blocks and many are one", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			before := h.count("events")
			for range 1000 {
				h.Wake(estate)
			}
			synctest.Wait()
			if got := h.count("events") - before; got > 100 {
				t.Fatalf("looked %d times", got)
			}
			h.Wake(12345)
		})
	})
	t.Run("160 communities", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			source := newTable()
			for c := int32(1); c <= 160; c++ {
				source.feeds[c] = &rows{epoch: 7, oldest: 1, first: 1}
			}
			h := run(live.Options{}, source)
			defer h.stop()
			synctest.Wait()
			admin := delivery.Actor{Role: delivery.RoleAdmin}
			for c := int32(1); c <= 160; c++ {
				s, err := h.Subscribe(t.Context(), admin, c, delivery.EventFilter{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				h.append(moved(c, "B", "b", name("o", int(c))))
				e, err := s.Next(t.Context())
				if err != nil || *e.OrderUUID != name("o", int(c)) {
					t.Fatalf("got %v, %v", e, err)
				}
			}
		})
	})
}

func ExampleHub() {
	source := newTable(estate)
	hub := live.New(source, live.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- hub.Run(ctx) }()

	stream, _ := hub.Subscribe(ctx, commander, estate, delivery.EventFilter{}, nil)
	source.append(moved(estate, "E6", "1203", "o1"))
	hub.Wake(estate)
	event, _ := stream.Next(ctx)
	fmt.Println(event.Seq, event.Kind, event.Order.Stage)
	stream.Close()
	cancel()
	<-done
	// Output: 1 ORDER_MOVED AT_GATE
}
