package live

import (
	"sync"
	"time"
)

// news is what this process has committed to a feed and the feed has not handed on yet.
type news struct {
	mu   sync.Mutex // innermost
	list []commit
}

// commit is one transaction's events.
type commit struct {
	first, last int64
	at          time.Time
	trace       any
}

const newsKept = 1000 // commits; of more, while the feed cannot be read, nothing is remembered but the events themselves

func (n *news) add(c commit) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) < newsKept {
		n.list = append(n.list, c)
	}
}

// take takes out the commits whose last event is no later than seq.
func (n *news) take(seq int64) (out []commit) {
	n.mu.Lock()
	defer n.mu.Unlock()
	kept := n.list[:0]
	for _, c := range n.list {
		if c.last <= seq {
			out = append(out, c)
		} else {
			kept = append(kept, c)
		}
	}
	clear(n.list[len(kept):])
	n.list = kept
	return out
}

// oldest is when the longest waiting was committed, and where the last ends; zero if there is none.
func (n *news) oldest() (at time.Time, last int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.list {
		if at.IsZero() || c.at.Before(at) {
			at = c.at
		}
		last = max(last, c.last)
	}
	return at, last
}

func (n *news) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = nil
}

// Committed says that this process has committed the community's events from first to last, right after the commit. It
// wakes nobody and never waits; without it the events count as somebody else's. trace is handed to Options.HandedOn; nil
// where nobody follows.
func (h *Hub) Committed(community int32, first, last int64, trace any) {
	if f := h.feed(community); f != nil {
		f.news.add(commit{first, last, h.now(), trace})
	}
}

// Passage is the way of one commit's events through a feed.
type Passage struct {
	Community int32
	Events    int
	Committed time.Time
	HandedOn  time.Time // to whoever is concerned
	Trace     any       // as given to Committed
}

// arrive dates the events of commits that are in the ring now, and gives the passages that somebody follows. Must hold mu.
func (f *feed) arrive(now time.Time) (followed []Passage) {
	for _, c := range f.news.take(f.ring.head()) {
		read := now // unless it was in the ring before anybody said so
		if c.last >= f.ring.first {
			was := f.ring.moment(c.last)
			read = now.Add(-was.Until(now))
		}
		events := c.last - c.first + 1
		f.hub.counts.commitToRing.Add(events, read.Sub(c.at))
		for seq := max(c.first, f.ring.first); seq <= c.last; seq++ {
			f.ring.date(seq, committedAt(c.at))
		}
		if c.trace != nil && f.hub.options.HandedOn != nil {
			followed = append(followed, Passage{Community: f.community, Events: int(events), Committed: c.at, HandedOn: f.hub.now(), Trace: c.trace})
		}
	}
	return followed
}
