package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	t.Run("resumes by what they are served from", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 8}, func(t *testing.T, h *house) {
			h.add(some(20)...)
			synctest.Wait() // 13 … 20 are in the ring, what was there before only in the table
			for _, after := range []int64{20, 12, 11} {
				h.mustSubscribe(t, commander, delivery.EventFilter{}, at(after))
			}
			h.mustSubscribe(t, commander, delivery.EventFilter{}, nil) // resumes nothing
			if _, err := h.Subscribe(t.Context(), commander, estate, delivery.EventFilter{}, at(99)); delivery.CodeOf(err) != delivery.CodeResyncRequired {
				t.Errorf("got %v, want RESYNC_REQUIRED", err)
			}
			want := map[string]int64{"ring": 2, "table": 1, "reset": 1}
			for i, source := range live.ResumeSources {
				if got := h.Stats().Resumed[i]; got != want[source] {
					t.Errorf("%s: got %d, want %d", source, got, want[source])
				}
			}
		})
	})
	t.Run("an event counts from its commit, or from when it was read", func(t *testing.T) {
		var traces []live.CommitTrace
		inBubble(t, live.Options{Poll: time.Hour, Notified: func(p live.CommitTrace) { traces = append(traces, p) }}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			began := time.Now()
			h.append(some(2)...)
			h.Committed(live.Commit{Community: estate, First: 1, Last: 2, Trace: "the trace"})
			time.Sleep(3 * time.Millisecond)
			h.append(some(1)...) // another replica's
			h.Wake(estate)
			synctest.Wait()
			time.Sleep(time.Millisecond)
			for _, want := range []struct {
				ago  time.Duration
				read bool
			}{{4 * time.Millisecond, false}, {4 * time.Millisecond, false}, {time.Millisecond, true}} {
				got := s.Take().Since
				if !got.Known() || got.Read() != want.read || got.Until(time.Now()) != want.ago {
					t.Errorf("got %s ago, read %t, want %s, %t", got.Until(time.Now()), got.Read(), want.ago, want.read)
				}
			}
			c := h.Stats()
			if c.Events != 3 || c.CommitToRing.Count != 2 || c.CommitToRing.Sum != 6*time.Millisecond {
				t.Errorf("got %+v, want 2 of 3 events with 3 ms each", c)
			}
			if len(traces) != 1 || traces[0].Trace != "the trace" || traces[0].Events != 2 || traces[0].Notified.Sub(began) != 3*time.Millisecond {
				t.Errorf("got %+v, want one trace of 2 events in 3 ms", traces)
			}

			h.append(some(1)...)
			h.Wake(estate)
			synctest.Wait()
			h.Committed(live.Commit{Community: estate, First: 4, Last: 4}) // told after it was read
			h.Wake(estate)
			synctest.Wait()
			if c := h.Stats(); c.CommitToRing.Count != 3 || c.CommitToRing.Sum != 6*time.Millisecond || len(traces) != 1 {
				t.Errorf("got %+v, want one more event that took no time", c)
			}
		})
	})
	t.Run("what was there before the stream counts from nothing", func(t *testing.T) {
		inBubble(t, live.Options{Ring: 8}, func(t *testing.T, h *house) {
			h.add(some(20)...)
			synctest.Wait()
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
			h.add(some(1)...)
			synctest.Wait()
			for n := 0; n < 21; {
				switch got := s.Take(); got.Step {
				case live.Behind:
					s.Fetch(t.Context())
				case live.Got:
					if n++; got.Since.Known() != (n == 21) { // 12 from the table, 8 from the ring, and a new one
						t.Errorf("event %d: got %d", n, got.Since)
					}
				default:
					t.Fatalf("got %+v, want an event", got)
				}
			}
		})
	})
	t.Run("behind while the feed cannot be read", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.breaks(func(call string, _ int32) error {
				if call == "events" {
					return errDown
				}
				return nil
			})
			h.append(some(2)...)
			h.Committed(live.Commit{Community: estate, First: 1, Last: 2})
			time.Sleep(5 * time.Second)
			if c := h.Stats(); c.Feeds != 1 || c.Behind != 2 || c.Late != 5*time.Second {
				t.Errorf("got %+v, want 2 events behind since 5 s", c)
			}
			h.breaks(nil)
			time.Sleep(2 * time.Second)
			if c := h.Stats(); c.Behind != 0 || c.Late != 0 {
				t.Errorf("got %+v, want nothing behind", c)
			}
			h.breaks(func(string, int32) error { return errDown })
			time.Sleep(10 * time.Second)
			if c := h.Stats(); c.Late < 7*time.Second {
				t.Errorf("got %+v, want the heads unread for about 8 s", c)
			}
		})
	})
	t.Run("a new epoch forgets what was committed in the one before", func(t *testing.T) {
		inBubble(t, live.Options{}, func(t *testing.T, h *house) {
			h.append(some(3)...)
			h.Committed(live.Commit{Community: estate, First: 1, Last: 900})
			h.restore(estate, 1)
			time.Sleep(2 * time.Second)
			if c := h.Stats(); c.Behind != 0 || c.Late != 0 {
				t.Errorf("got %+v, want nothing behind", c)
			}
		})
	})
}

func TestDelays(t *testing.T) {
	t.Parallel()
	var d live.Delays
	d.Add(2, time.Millisecond)
	d.Add(1, -time.Second)
	d.Add(3, time.Hour)
	got := d.Read()
	if got.Count != 6 || got.Within[0] != 1 || got.Within[2] != 3 || got.Within[len(got.Within)-1] != 3 || got.Sum != 3*time.Hour+2*time.Millisecond {
		t.Errorf("got %+v", got)
	}
}
