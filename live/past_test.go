package live_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

// TestPastsGiveWay has one account resume a hundred times from the feed's beginning with a filter that matches nothing. Its
// reads are short and few at once, another account's resume is served meanwhile, resumes above the limit are refused, and
// streams that matched nothing for long then go on normally.
func TestPastsGiveWay(t *testing.T) {
	t.Parallel()
	const all, resumes = 100_000, 100
	synctest.Test(t, func(t *testing.T) {
		source := newTable(estate)
		one := some(1)[0]
		events := make([]delivery.Event, all)
		for i := range events {
			events[i] = *one
			source.append(&events[i])
		}
		var mu sync.Mutex
		running, most, longest, readings := 0, 0, int64(0), 0
		var last time.Time
		source.reading = func(scope delivery.Scope, after, upTo int64) {
			mu.Lock()
			if scope.Class == delivery.SeesAll {
				running++
				readings++
				most, longest = max(most, running), max(longest, upTo-after)
			}
			mu.Unlock()
			time.Sleep(time.Duration(upTo-after) * 10 * time.Microsecond)
			mu.Lock()
			if scope.Class == delivery.SeesAll {
				running--
				last = time.Now()
			}
			mu.Unlock()
		}
		h := run(live.Options{Resumes: resumes}, source)
		defer h.stop()
		synctest.Wait()

		nothing := delivery.EventFilter{Kinds: []delivery.EventKind{delivery.HoldEnded}}
		begun := time.Now()
		var reading sync.WaitGroup
		came := make([]int64, resumes)
		for i := range resumes {
			s := h.mustSubscribe(t, commander, nothing, at(0))
			reading.Go(func() {
				if e, err := s.Next(t.Context()); err != nil {
					t.Errorf("a stream that read nothing for long: %v", err)
				} else {
					came[i] = e.Seq
				}
			})
		}
		_, err := h.Subscribe(t.Context(), commander, estate, nothing, at(0))
		wantReason(t, err, live.ReasonManyResumes)
		if code := delivery.CodeOf(err); code != delivery.CodeUnavailable {
			t.Errorf("got %s, want a code on which clients try again", code)
		}
		h.mustSubscribe(t, commander, nothing, nil).Close() // from now on is no resume
		time.Sleep(time.Second)                             // the heavy account is at it

		light := h.mustSubscribe(t, volunteer("zhang", "E6"), delivery.EventFilter{}, at(all-10))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for seq := int64(all - 9); seq <= all; seq++ {
			if e, err := light.Next(ctx); err != nil || e.Seq != seq {
				t.Fatalf("another account: got %v, %v, want event %d within a second", e, err, seq)
			}
		}
		for range 100_000 { // until the heavy account is through
			mu.Lock()
			n := readings
			mu.Unlock()
			if time.Sleep(time.Minute); n > 0 {
				mu.Lock()
				same := n == readings
				mu.Unlock()
				if same {
					break
				}
			}
		}
		held := moved(estate, "E6", "1203", "o1")
		held.Kind = delivery.HoldEnded
		h.add(held)
		reading.Wait()
		for i, seq := range came {
			if seq != all+1 {
				t.Errorf("stream %d: got event %d, want %d", i, seq, all+1)
			}
		}
		if most > 2 || longest > 20_000 {
			t.Errorf("got %d readings at once, of up to %d positions; want 2 of one account, none of which takes long", most, longest)
		}
		if took, least := last.Sub(begun), resumes*all*10*time.Microsecond; took < least { // two at once: half of it without a rest
			t.Errorf("the readings took %v, want rests between them", took)
		}
		h.mustSubscribe(t, commander, nothing, at(0)).Close() // the others have caught up
		t.Logf("%d readings for %d resumes of %d events", readings, resumes, all)
	})
}

// TestLaggingReader checks a reader whom the server delays while the ring passes it: it continues from the table, and no event
// is lost. A reader that delays itself is too slow.
func TestLaggingReader(t *testing.T) {
	inBubble(t, live.Options{Ring: 64}, func(t *testing.T, h *house) {
		excused, slow := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil), h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
		h.add(some(1)...)
		synctest.Wait()
		mustDrain(t, excused, 1)
		mustDrain(t, slow, 1)
		excused.AllowLag()
		for range 10 {
			h.add(some(50)...)
			synctest.Wait()
		}
		mustDrain(t, excused, upTo(2, 501)...)
		if _, err := drain(t, slow); err != live.ErrSlow {
			t.Errorf("got %v, want too slow", err)
		}
		h.add(some(200)...) // it has joined the ring again
		synctest.Wait()
		if _, err := drain(t, excused); err != live.ErrSlow {
			t.Errorf("got %v, want too slow: the reader was not excused", err)
		}
	})
}
