package live

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// hubCounters are the hub's counters since it began.
type hubCounters struct {
	events       atomic.Int64 // read from the source into rings
	commitToRing Delays
	resumed      [len(ResumeSources)]atomic.Int64
}

// ResumeSources name where a stream that resumes after a position gets its events: from the ring, first from the table, or
// from neither, since it must read its list again.
var ResumeSources = [...]string{"ring", "table", "reset"}

const (
	resumedFromRing = iota
	resumedFromTable
	resumedFromNothing
)

// HubStats are the hub's counters since it began, and its present state.
type HubStats struct {
	Feeds        int
	Events       int64         // read from the source into rings
	Behind       int64         // events known to be in the source and not in a ring yet, of all feeds together
	Late         time.Duration // the longest time that a feed has been behind, or that the heads have not been read
	Unread       time.Duration // time since the last successful read of the heads, or since reads of a feed began to fail, if that is longer
	CommitToRing DelayCounts   // of events committed by this process
	Resumed      [len(ResumeSources)]int64
}

// Stats returns the counters. It locks each feed briefly.
func (h *Hub) Stats() HubStats {
	c := HubStats{Events: h.counters.events.Load(), CommitToRing: h.counters.commitToRing.Read()}
	for i := range c.Resumed {
		c.Resumed[i] = h.counters.resumed[i].Load()
	}
	h.mu.Lock()
	began, polled, feeds := h.began, h.polled, slices.Collect(maps.Values(h.feeds))
	h.mu.Unlock()
	now := h.now()
	if began.Before(polled) {
		began = polled
	}
	if !began.IsZero() {
		c.Unread = now.Sub(began)
	}
	if c.Feeds = len(feeds); !polled.IsZero() {
		c.Late = max(now.Sub(polled)-2*h.options.Poll, 0)
	}
	for _, f := range feeds {
		events, since := f.lag()
		if c.Behind += events; !since.IsZero() {
			c.Late = max(c.Late, now.Sub(since))
		}
		c.Unread = max(c.Unread, f.unread())
		if f.failing.Load() {
			c.Late = max(c.Late, f.unread())
		}
	}
	return c
}

// lag returns how many events the feed is known to be behind, and since when; zeros if it is not.
func (f *feed) lag() (events int64, since time.Time) {
	committed, last := f.local.oldest()
	f.mu.Lock()
	defer f.mu.Unlock()
	events = max(f.table, last) - f.ring.head()
	if events <= 0 {
		return 0, time.Time{}
	}
	if since = f.late; since.IsZero() || !committed.IsZero() && committed.Before(since) {
		since = committed
	}
	return events, since
}
