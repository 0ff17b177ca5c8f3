package live

import (
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// news holds what this process has committed to a feed and the feed has not delivered yet.
type news struct {
	mu   sync.Mutex // innermost
	list []commit
}

// Commit describes what one transaction of this process has appended to a community's feed.
type Commit struct {
	Community   int32
	Epoch       uint64
	First, Last int64
	// Events returns the events as a read of the table would; the hub owns them from then on. It is called once, by the
	// feed's goroutine rather than by the committer. nil: the feed reads the table.
	Events func() ([]*delivery.Event, error)
	Trace  any // passed to Options.HandedOn; nil if the commit is not followed
}

// commit is a Commit and when Committed was called.
type commit struct {
	Commit
	at time.Time
}

const newsKept = 1000 // commits; while the feed cannot be read, only the events of further ones are kept

// add adds a commit. It reports false if there is no room.
func (n *news) add(c commit) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) == newsKept {
		return false
	}
	n.list = append(n.list, c)
	return true
}

// offer removes and returns the offered events that begin at a number; nil if there are none.
func (n *news) offer(epoch uint64, first int64) (events func() ([]*delivery.Event, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.list {
		if c := &n.list[i]; c.First == first && c.Epoch == epoch && c.Events != nil {
			events, c.Events = c.Events, nil
			return events
		}
	}
	return nil
}

// left reports whether events past a number are offered.
func (n *news) left(seq int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.list, func(c commit) bool { return c.Events != nil && c.Last > seq })
}

// take removes and returns the commits whose last event is at or before seq.
func (n *news) take(seq int64) (out []commit) {
	n.mu.Lock()
	defer n.mu.Unlock()
	kept := n.list[:0]
	for _, c := range n.list {
		if c.Last <= seq {
			out = append(out, c)
		} else {
			kept = append(kept, c)
		}
	}
	clear(n.list[len(kept):])
	n.list = kept
	return out
}

// oldest returns when the oldest waiting commit was made, and the last event's number; zeros if none waits.
func (n *news) oldest() (at time.Time, last int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.list {
		if at.IsZero() || c.at.Before(at) {
			at = c.at
		}
		last = max(last, c.Last)
	}
	return at, last
}

func (n *news) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = nil
}

// Committed tells the hub of a commit of this process, right after it, and never waits. Events that the commit offers need
// not be read from the table if the feed stands right before them; otherwise the feed wakes and reads. Without a call the
// events count as another process's, and Wake or the poll finds them.
func (h *Hub) Committed(c Commit) {
	f := h.feed(c.Community)
	switch {
	case f == nil:
		h.bell.ring()
	case !f.news.add(commit{c, h.now()}):
		f.bell.ring()
	case c.Events != nil:
		signal(f.offered)
	}
}

// adopt appends the offered events that come next. If events of other processes come between, the feed must read the table.
func (f *feed) adopt() {
	for {
		f.mu.Lock()
		epoch, next := f.epoch, f.ring.next
		f.mu.Unlock()
		offered := f.news.offer(epoch, next)
		if offered == nil {
			break
		}
		events, err := opened(offered)
		if err != nil || len(events) == 0 || events[0].Seq != next {
			f.hub.options.Log.Error("live: events that were offered cannot be taken", "community", f.community, "from", next, "err", err)
			f.bell.ring()
			return
		}
		f.tell(f.append(events))
	}
	f.mu.Lock()
	head := f.ring.head()
	f.mu.Unlock()
	if f.news.left(head) {
		f.bell.ring()
	}
}

// opened calls Commit.Events, which is code outside this package.
func opened(offered func() ([]*delivery.Event, error)) (events []*delivery.Event, err error) {
	defer recovered(&err)
	return offered()
}

// append appends events, the first of which comes next, and returns the commits that are followed.
func (f *feed) append(events []*delivery.Event) []Passage {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.hub.now()
	for _, e := range events {
		f.push(e, now)
	}
	followed := f.arrive(now)
	f.note(f.head())
	return followed
}

// Passage is the passage of one commit's events through a feed.
type Passage struct {
	Community int32
	Events    int
	Committed time.Time
	HandedOn  time.Time // when all listeners had been notified
	Trace     any       // from the Commit
}

// arrive dates the events of commits that are in the ring now, and returns the commits that are followed. Must hold mu.
func (f *feed) arrive(now time.Time) (followed []Passage) {
	for _, c := range f.news.take(f.ring.head()) {
		read := now // unless the feed read the event before Committed was called
		if c.Last >= f.ring.first {
			was := f.ring.moment(c.Last)
			read = now.Add(-was.Until(now))
		}
		events := c.Last - c.First + 1
		f.hub.counts.commitToRing.Add(events, read.Sub(c.at))
		for seq := max(c.First, f.ring.first); seq <= c.Last; seq++ {
			f.ring.date(seq, committedAt(c.at))
		}
		if c.Trace != nil && f.hub.options.HandedOn != nil {
			followed = append(followed, Passage{Community: f.community, Events: int(events), Committed: c.at, HandedOn: f.hub.now(), Trace: c.Trace})
		}
	}
	return followed
}
