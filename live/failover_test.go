package live_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"baogong/delivery"
	"baogong/live"
)

// failOver moves the table to another server of the same epoch, which has lost the last events.
func (t *table) failOver(community int32, keep int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.feeds[community]
	r.events = slices.Clone(r.events[:keep])
	r.server++
}

// timed returns n events of an order at different instants, as real ones have.
func timed(from time.Time, n int) []*delivery.Event {
	out := some(n)
	for i := range out {
		out[i].At = from.Add(time.Duration(i) * time.Millisecond)
	}
	return out
}

// TestFailover has another server take over without a new epoch. If it has lost delivered events, streams end with
// RESYNC_REQUIRED, even if as many new events have come by the next look. If it has all of them the streams go on.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keep, more int
		local      bool // the new events are this process's own
		ends       bool
	}{
		"nothing is lost":                         {10, 5, false, false},
		"nothing is lost nor new":                 {10, 0, false, false},
		"as many new as were lost":                {7, 3, false, true},
		"more than the ring has":                  {7, 20, false, true},
		"more than the ring has, far behind":      {2, 20, false, true},
		"fewer than were lost":                    {7, 1, false, true},
		"more than the ring has, and then others": {7, 20, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, live.Options{}, func(t *testing.T, h *house) {
				begun := time.Now()
				h.add(timed(begun, 10)...)
				s := h.mustSubscribe(t, commander, delivery.EventFilter{}, at(0))
				time.Sleep(3 * time.Second) // the hub has looked since
				mustDrain(t, s, upTo(1, 10)...)

				h.failOver(estate, c.keep)
				if c.more > 0 {
					h.append(timed(begun.Add(time.Hour), c.more)...)
				}
				if c.local {
					mine := timed(begun.Add(2*time.Hour), 1)
					h.append(mine...)
					h.Committed(h.offer(mine))
				}
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if c.ends {
					_, err := drain(t, s)
					wantReason(t, err, live.ReasonResync)
					return
				}
				mustDrain(t, s, upTo(11, int64(10+c.more))...)
			})
		})
	}
}

// TestSlowLink makes reads of a full chunk time out. The hub reads smaller chunks, makes progress, and reads larger ones again
// once the link is quick.
func TestSlowLink(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := newTable(estate)
		slow, asked := true, 0
		source.looking = func(limit int) error {
			asked = limit
			if took := time.Duration(limit) * 20 * time.Millisecond; slow && took > 10*time.Second {
				time.Sleep(10 * time.Second)
				return context.DeadlineExceeded
			} else if slow {
				time.Sleep(took)
			}
			return nil
		}
		h := run(live.Options{Poll: time.Second}, source)
		defer h.stop()
		synctest.Wait()
		h.add(some(3000)...)
		time.Sleep(3 * time.Minute)
		if head, _ := h.Head(estate); head.Seq != 3000 {
			t.Fatalf("got to %d of 3000 events in three minutes, last asking for %d at once", head.Seq, asked)
		}
		slow = false
		h.add(some(20_000)...)
		time.Sleep(10 * time.Second)
		if head, _ := h.Head(estate); head.Seq != 23_000 || asked < 2000 {
			t.Errorf("got to %d, last asking for %d at once; want everything, in full chunks again", head.Seq, asked)
		}
	})
}
