package live

import (
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// counts are what the hub has done since it began.
type counts struct {
	events       atomic.Int64 // read from the source into rings
	commitToRing Delays
	resumed      [len(ResumeSources)]atomic.Int64
}

// ResumeSources are what a stream that goes on after a position is served from: the events in memory, first the table,
// or nothing, because it must read its list again.
var ResumeSources = [...]string{"ring", "table", "reset"}

const (
	resumedFromRing = iota
	resumedFromTable
	resumedFromNothing
)

// Counts are what the hub has done since it began, and how it stands.
type Counts struct {
	Feeds        int
	Events       int64         // read from the source into rings
	Behind       int64         // events known to be in the source, and in no ring yet, of all feeds together
	Late         time.Duration // for how long some feed has been behind at most, or the heads have not been read
	Unread       time.Duration // time since the last successful read of the heads, or since looks at a feed began to fail, if that is longer
	CommitToRing DelayCounts   // of events committed here
	Resumed      [len(ResumeSources)]int64
}

// Counts reads the counts, with a short look at each feed.
func (h *Hub) Counts() Counts {
	c := Counts{Events: h.counts.events.Load(), CommitToRing: h.counts.commitToRing.Read()}
	for i := range c.Resumed {
		c.Resumed[i] = h.counts.resumed[i].Load()
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

// lag is how many events the feed is known to be behind, and since when; zero if it is not.
func (f *feed) lag() (events int64, since time.Time) {
	committed, last := f.news.oldest()
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
