package live

import (
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// localCommits holds what this process has committed to a feed and the feed has not delivered yet.
type localCommits struct {
	mu      sync.Mutex // innermost
	commits []commit
}

// Commit describes what one transaction of this process has appended to a community's feed.
type Commit struct {
	Community   int32
	Epoch       uint64
	First, Last int64
	// Events returns the events as a read of the table would; the hub owns them from then on. It is called once, by the
	// feed's goroutine rather than by the committer. nil: the feed reads the table.
	Events func() ([]*delivery.Event, error)
	Trace  any // passed to Options.Notified; nil if the commit is not followed
}

// commit is a Commit and when Committed was called.
type commit struct {
	Commit
	at time.Time
}

const localCommitsKept = 1000 // commits; while the feed cannot be read, only the events of further ones are kept

// add adds a commit. It reports false if there is no room.
func (n *localCommits) add(c commit) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.commits) == localCommitsKept {
		return false
	}
	n.commits = append(n.commits, c)
	return true
}

// offer removes and returns the offered events that begin at a number; nil if there are none.
func (n *localCommits) offer(epoch uint64, first int64) (events func() ([]*delivery.Event, error)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.commits {
		if c := &n.commits[i]; c.First == first && c.Epoch == epoch && c.Events != nil {
			events, c.Events = c.Events, nil
			return events
		}
	}
	return nil
}

// left reports whether events past a number are offered.
func (n *localCommits) left(seq int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.commits, func(c commit) bool { return c.Events != nil && c.Last > seq })
}

// take removes and returns the commits whose last event is at or before seq.
func (n *localCommits) take(seq int64) (out []commit) {
	n.mu.Lock()
	defer n.mu.Unlock()
	kept := n.commits[:0]
	for _, c := range n.commits {
		if c.Last <= seq {
			out = append(out, c)
		} else {
			kept = append(kept, c)
		}
	}
	clear(n.commits[len(kept):])
	n.commits = kept
	return out
}

// oldest returns when the oldest waiting commit was made, and the last event's number; zeros if none waits.
func (n *localCommits) oldest() (at time.Time, last int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.commits {
		if at.IsZero() || c.at.Before(at) {
			at = c.at
		}
		last = max(last, c.Last)
	}
	return at, last
}

func (n *localCommits) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.commits = nil
}

// Committed tells the hub of a commit of this process, right after it, and never waits. Events that the commit offers need
// not be read from the table if the feed stands right before them; otherwise the feed wakes and reads. Without a call the
// events count as another process's, and Wake or the poll finds them.
func (h *Hub) Committed(c Commit) {
	f := h.feed(c.Community)
	switch {
	case f == nil:
		h.trigger.fire()
	case !f.local.add(commit{c, h.now()}):
		f.trigger.fire()
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
		offered := f.local.offer(epoch, next)
		if offered == nil {
			break
		}
		events, err := opened(offered)
		if err != nil || len(events) == 0 || events[0].Seq != next {
			f.hub.options.Log.Error("live: events that were offered cannot be taken", "community", f.community, "from", next, "err", err)
			f.trigger.fire()
			return
		}
		f.reportNotified(f.append(events))
	}
	f.mu.Lock()
	head := f.ring.head()
	followed := f.arrive(f.hub.now()) // commits that the feed read before Committed was called
	f.mu.Unlock()
	f.reportNotified(followed)
	if f.local.left(head) {
		f.trigger.fire()
	}
}

// opened calls Commit.Events, which is code outside this package.
func opened(offered func() ([]*delivery.Event, error)) (events []*delivery.Event, err error) {
	defer recovered(&err)
	return offered()
}

// append appends events, the first of which comes next, and returns the commits that are followed.
func (f *feed) append(events []*delivery.Event) []CommitTrace {
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

// CommitTrace times the way of one commit's events through a feed.
type CommitTrace struct {
	Community int32
	Events    int
	Committed time.Time
	Notified  time.Time // when all listeners had been notified
	Trace     any       // from the Commit
}

// arrive dates the events of commits that are in the ring now, and returns the commits that are followed. Must hold mu.
func (f *feed) arrive(now time.Time) (followed []CommitTrace) {
	for _, c := range f.local.take(f.ring.head()) {
		read := now // unless the feed read the event before Committed was called
		if c.Last >= f.ring.first {
			was := f.ring.moment(c.Last)
			read = now.Add(-was.Until(now))
		}
		events := c.Last - c.First + 1
		f.hub.counters.commitToRing.Add(events, read.Sub(c.at))
		for seq := max(c.First, f.ring.first); seq <= c.Last; seq++ {
			f.ring.date(seq, committedAt(c.at))
		}
		if c.Trace != nil && f.hub.options.Notified != nil {
			followed = append(followed, CommitTrace{Community: f.community, Events: int(events), Committed: c.at, Notified: f.hub.now(), Trace: c.Trace})
		}
	}
	return followed
}
