package live_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	count := func(s *live.Stream) (n int) {
		synctest.Wait()
		for s.Take().Step == live.Got {
			n++
		}
		return n
	}
	three := func() []*delivery.Event {
		return []*delivery.Event{moved(estate, "b0", "h0", "o0"), moved(estate, "b0", "h0", "o1"), moved(estate, "b0", "h0", "o2")}
	}
	unread := func(call string, _ int32) error {
		if call == "events" {
			return errDown
		}
		return nil
	}
	t.Run("what is offered needs no reading", func(t *testing.T) {
		inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
			s, events := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil), three()
			h.breaks(unread)
			h.append(events...)
			h.Committed(h.offer(events[:1]))
			h.Committed(h.offer(events[1:]))
			if n := count(s); n != 3 {
				t.Errorf("got %d events, want 3", n)
			}
			h.Grown(estate, 3) // known already
			if n := count(s); n != 0 {
				t.Errorf("got %d events more", n)
			}
		})
	})
	for claim, spoil := range map[string]func(*live.Commit){
		"of another epoch":     func(c *live.Commit) { c.Epoch++ },
		"that cannot be read":  func(c *live.Commit) { c.Events = func() ([]*delivery.Event, error) { return nil, errDown } },
		"that panics":          func(c *live.Commit) { c.Events = func() ([]*delivery.Event, error) { panic(errors.New("broken")) } },
		"of other numbers":     func(c *live.Commit) { c.Events = func() ([]*delivery.Event, error) { return three(), nil } },
		"without its events":   func(c *live.Commit) { c.Events = func() ([]*delivery.Event, error) { return nil, nil } },
		"that begins too late": func(c *live.Commit) { c.First++ },
	} {
		t.Run("an offer "+claim+" is read from the table", func(t *testing.T) {
			inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
				s, events := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil), three()
				h.append(events...)
				c := h.offer(events)
				spoil(&c)
				h.Committed(c)
				if n := count(s); n != 3 {
					t.Errorf("got %d events, want 3", n)
				}
			})
		})
	}
	t.Run("what was read before it is offered counts at once", func(t *testing.T) {
		var traces []live.CommitTrace
		inBubble(t, live.Options{Poll: time.Hour, Notified: func(p live.CommitTrace) { traces = append(traces, p) }}, func(t *testing.T, h *house) {
			s, events := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil), three()
			h.add(events...)
			if n := count(s); n != 3 {
				t.Fatalf("got %d events, want 3", n)
			}
			c := h.offer(events)
			c.Trace = "the trace"
			h.Committed(c)
			synctest.Wait()
			if stats := h.Stats(); stats.CommitToRing.Count != 3 || stats.Behind != 0 || len(traces) != 1 {
				t.Errorf("got %+v and traces %+v, want 3 events and one trace", stats, traces)
			}
		})
	})
	t.Run("more than are kept are read", func(t *testing.T) {
		inBubble(t, live.Options{Poll: time.Hour}, func(t *testing.T, h *house) {
			s := h.mustSubscribe(t, commander, delivery.EventFilter{}, nil)
			h.append(three()[0]) // another process's, of which Committed was not called
			for range 1500 {
				one := three()[:1]
				h.append(one...)
				h.Committed(h.offer(one))
			}
			if n := count(s); n != 1501 {
				t.Errorf("got %d events, want 1501", n)
			}
		})
	})
}
