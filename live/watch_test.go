package live_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

// board is a state that counts the events its scope sees, as a reading from the table would.
type board struct {
	*house
	mu    sync.Mutex
	loads []live.StateKey
	err   error
	takes time.Duration
	ended int // readings that were given up
}

func (b *board) load(ctx context.Context, key live.StateKey) (int, error) {
	b.mu.Lock()
	b.loads = append(b.loads, key)
	err, takes := b.err, b.takes
	b.mu.Unlock()
	events, readErr := b.Past(ctx, key.Scope, key.Community, delivery.EventFilter{}, 0, 1<<60, 1<<30)
	if takes > 0 {
		select {
		case <-time.After(takes):
		case <-ctx.Done():
			b.mu.Lock()
			b.ended++
			b.mu.Unlock()
			return 0, ctx.Err()
		}
	}
	return len(events), errors.Join(err, readErr)
}

func (b *board) set(err error, takes time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err, b.takes = err, takes
}

func (b *board) loaded() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.loads)
}

func watching(t *testing.T, test func(t *testing.T, b *board, w *live.States[int])) {
	inBubble(t, live.Options{}, func(t *testing.T, h *house) {
		b := &board{house: h}
		test(t, b, live.NewStates(h.Hub, live.MayChange, b.load))
	})
}

func mustWatch(t *testing.T, w *live.States[int], actor delivery.Actor, topic live.Target) *live.Watcher[int] {
	t.Helper()
	v, err := w.Watch(t.Context(), actor, topic)
	if err != nil {
		t.Fatalf("watch: %v", err)
	}
	t.Cleanup(v.Close)
	return v
}

func wantState(t *testing.T, v *live.Watcher[int], want int) {
	t.Helper()
	if got, err := v.Next(t.Context()); err != nil || got != want {
		t.Fatalf("got state %d, %v, want %d", got, err, want)
	}
}

func wantNothing(t *testing.T, v *live.Watcher[int]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := v.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got state %d, %v, want none", got, err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	whole := live.Target{Community: estate}

	t.Run("the present at once, then the newest after changes", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			b.append(some(3)...)
			began := time.Now()
			v := mustWatch(t, w, commander, whole)
			wantState(t, v, 3)
			if d := time.Since(began); d != 0 {
				t.Fatalf("the first state took %v", d)
			}
			wantNothing(t, v)
			b.add(some(2)...)
			wantState(t, v, 5)
			wantNothing(t, v)
		})
	})
	t.Run("at most one a tick, and the last one is never missed", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v := mustWatch(t, w, commander, whole)
			wantState(t, v, 0)
			writer := make(chan struct{})
			go func() {
				defer close(writer)
				for range 1000 {
					b.add(some(1)...)
					time.Sleep(7 * time.Millisecond)
				}
			}()
			last, states := time.Now(), 0
			for got := 0; got < 1000; states++ {
				var err error
				if got, err = v.Next(t.Context()); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(last); d < 250*time.Millisecond {
					t.Fatalf("state %d came %v after the last", got, d)
				}
				last = time.Now()
			}
			if <-writer; states < 25 {
				t.Fatalf("got %d states in 7 s", states)
			}
		})
	})
	t.Run("one reading serves all watchers with one view", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			var all []*live.Watcher[int]
			for i := range 100 {
				all = append(all, mustWatch(t, w, volunteer(name("v", i), "E6", "E7"), whole))
			}
			other := mustWatch(t, w, volunteer("x", "E9"), whole)
			for _, v := range all {
				wantState(t, v, 0)
			}
			wantState(t, other, 0)
			b.add(some(1)...)
			for _, v := range all {
				wantState(t, v, 1)
			}
			wantNothing(t, other)
			if got := b.loaded(); got != 3 {
				t.Fatalf("read %d times, want 3", got)
			}
		})
	})
	t.Run("one reading serves all watchers with one view and level; a change of the level moves the watcher", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			b := &board{house: h}
			w := live.NewStatesBy(h.Hub, delivery.Actor.AlertScope, live.ChangesAlerts, b.load)
			lead := func(n string) delivery.Actor {
				return delivery.Actor{Name: n, Role: delivery.RoleLead, Community: estate, UUID: delivery.UUID(n), Squad: delivery.SquadDuty}
			}
			var leads []*live.Watcher[int]
			for i := range 20 {
				leads = append(leads, mustWatch(t, w, lead(string(name("l", i))), whole))
			}
			boss := mustWatch(t, w, commander, whole)
			for _, v := range append(leads, boss) {
				wantState(t, v, 0)
			}
			if got := b.loaded(); got != 2 {
				t.Fatalf("read %d times, want once for the leads and once for the commander", got)
			}
			b.add(moved(estate, "E6", "h", "p")) // an order is in no alert
			wantNothing(t, boss)
			b.add(delivery.NewEvent(delivery.IncidentOpened, commander, time.Now(), delivery.Keys{Community: estate, Building: "E6"}, &delivery.IncidentBody{Incident: "i"}))
			for _, v := range append(leads, boss) {
				wantState(t, v, 1)
			}
			levels := map[delivery.EscalationLevel]int{}
			for _, key := range b.loads {
				levels[key.Scope.Level]++
			}
			if levels[delivery.LevelLead] != 2 || levels[delivery.LevelCommand] != 2 {
				t.Fatalf("read %v, want twice for each level", levels)
			}
			promoted := lead(string(name("l", 0)))
			promoted.Role = delivery.RoleCommander
			b.people.set(promoted)
			b.add(accessChanged(promoted.UUID))
			wantState(t, leads[0], 1) // read by the commander's level
			if last := b.loads[len(b.loads)-1].Scope.Level; last != delivery.LevelCommand {
				t.Fatalf("the last reading is at %s, want COMMAND", last)
			}
		})
	})
	t.Run("a joiner gets what was committed before it came, even while an older reading runs", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			b.set(nil, time.Second)
			first := mustWatch(t, w, commander, whole)
			synctest.Wait() // its reading runs
			b.append(some(4)...)
			second := mustWatch(t, w, commander, whole)
			wantState(t, second, 4)
			wantState(t, first, 4)
		})
	})
	t.Run("an order's watchers are not bothered by others' events", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v := mustWatch(t, w, commander, live.Target{Community: estate, Order: "o2"})
			wantState(t, v, 0)
			b.add(some(5)...)
			wantNothing(t, v)
			b.add(moved(estate, "E6", "h", "o2"))
			wantState(t, v, 6)
		})
	})
	t.Run("a row is read again after the events that its noun names, and after no other", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			b := &board{house: h}
			w := live.NewStates(h.Hub, func(e *delivery.Event, k *live.StateKey) bool {
				body := delivery.BodyOf[delivery.NounBody](e)
				return body != nil && body.Noun == k.Row
			}, b.load)
			v := mustWatch(t, w, commander, live.Target{Community: estate, Row: "r2"})
			wantState(t, v, 0)
			b.add(some(3)...)
			saved := func(row delivery.UUID) *delivery.Event {
				return &delivery.Event{CommunityID: estate, Kind: delivery.SupplierSaved, Body: &delivery.NounBody{Noun: row}}
			}
			b.add(saved("r1"))
			wantNothing(t, v)
			b.add(saved("r2"))
			wantState(t, v, 3) // the state counts the orders' events
		})
	})
	t.Run("what happens to no order concerns every board", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v := mustWatch(t, w, volunteer("x", "E9"), whole)
			wantState(t, v, 0)
			b.add(&delivery.Event{CommunityID: estate, Kind: delivery.DayStarted})
			wantState(t, v, 0)
		})
	})
	t.Run("events that are on no board, or of a household out of sight, change no board", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v, all := mustWatch(t, w, volunteer("x", "E9"), whole), mustWatch(t, w, commander, whole)
			wantState(t, v, 0)
			wantState(t, all, 0)
			for _, kind := range []delivery.EventKind{delivery.CodesIssued, delivery.CodesEnded, delivery.AccessChanged} {
				b.add(&delivery.Event{CommunityID: estate, Kind: kind})
			}
			wantNothing(t, all)
			e6, home := delivery.UUID("E6"), delivery.UUID("h")
			b.add(&delivery.Event{CommunityID: estate, Kind: delivery.HouseholdSaved, BuildingUUID: &e6, HouseholdUUID: &home})
			wantState(t, all, 0)
			wantNothing(t, v)
		})
	})
	t.Run("a refusal ends all, also in the middle", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v, u := mustWatch(t, w, commander, whole), mustWatch(t, w, commander, whole)
			wantState(t, v, 0)
			b.set(delivery.Refuse(delivery.ReasonNoSuch, "order"), 0)
			b.add(some(1)...)
			for _, v := range []*live.Watcher[int]{v, v} {
				_, err := v.Next(t.Context())
				wantReason(t, err, delivery.ReasonNoSuch)
			}
			wantReason(t, second(u.Next(t.Context())), delivery.ReasonNoSuch)
			_, err := w.Watch(t.Context(), stranger, whole)
			wantReason(t, err, delivery.ReasonNoSuch)
		})
	})
	t.Run("a failure is tried again", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v := mustWatch(t, w, commander, whole)
			wantState(t, v, 0)
			b.set(errDown, 0)
			b.add(some(1)...)
			before := b.loaded()
			wantNothing(t, v)
			if got := b.loaded() - before; got < 2 || got > 10 {
				t.Fatalf("tried %d times in 10 s", got)
			}
			joined := mustWatch(t, w, commander, whole)
			b.set(nil, 0)
			wantState(t, v, 1)
			wantState(t, joined, 1)
			wantNothing(t, v)
		})
	})
	t.Run("a change of access moves the watcher, or ends it", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			b.append(some(3)...)
			b.append(moved(estate, "E7", "h", "p"))
			v := mustWatch(t, w, volunteer("zhao", "E6"), whole)
			stays := mustWatch(t, w, volunteer("qian", "E6"), whole)
			wantState(t, v, 3)
			wantState(t, stays, 3)
			b.people.set(volunteer("zhao", "E7"))
			b.add(accessChanged("zhao"))
			wantState(t, v, 1)
			wantNothing(t, stays) // another's access is on no board
			b.people.fail(errDown)
			b.add(accessChanged("zhao"), moved(estate, "E7", "h", "p"))
			wantNothing(t, v)
			b.people.fail(delivery.Refuse(delivery.ReasonNoAccount))
			_, err := v.Next(t.Context())
			wantReason(t, err, delivery.ReasonNoSuch)
			b.people.fail(nil)
		})
	})
	t.Run("a new epoch is a change", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			b.append(some(3)...)
			v := mustWatch(t, w, commander, whole)
			wantState(t, v, 3)
			b.restore(estate, 2)
			wantState(t, v, 2)
		})
	})
	t.Run("when the last watcher leaves, nothing is read any more", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			b.set(nil, time.Hour)
			v := mustWatch(t, w, commander, whole)
			synctest.Wait()
			v.Close()
			synctest.Wait()
			b.mu.Lock()
			if b.ended != 1 {
				t.Fatal("the reading goes on")
			}
			b.mu.Unlock()
			before := b.loaded()
			b.add(some(3)...)
			time.Sleep(time.Minute)
			if got := b.loaded(); got != before {
				t.Fatalf("read %d times more", got-before)
			}
			if _, err := v.Next(t.Context()); err == nil {
				t.Fatal("got no error")
			}
		})
	})
	t.Run("a panic in the reading is a failure like others", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			tries := 0
			w := live.NewStates(h.Hub, live.MayChange, func(context.Context, live.StateKey) (int, error) {
				if tries++; tries < 3 {
					panic("no")
				}
				return 42, nil
			})
			wantState(t, mustWatch(t, w, commander, whole), 42)
		})
	})
	t.Run("the end of the hub ends watchers", func(t *testing.T) {
		watching(t, func(t *testing.T, b *board, w *live.States[int]) {
			v := mustWatch(t, w, commander, whole)
			wantState(t, v, 0)
			b.stop()
			wantReason(t, second(v.Next(t.Context())), delivery.ReasonUnavailable)
		})
	})
}

func second(_ int, err error) error { return err }
