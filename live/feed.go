package live

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"baogong/delivery"
)

// feed is the hub's state of one community: the ring and its listeners. Only the feed's own goroutine appends events: those
// it reads with the source's Events, and those that commits offer.
type feed struct {
	hub       *Hub
	community int32
	trigger   trigger
	offered   chan struct{} // one slot: the localCommits holds events
	trouble   outage
	failing   atomic.Bool  // the last look failed
	since     atomic.Int64 // UnixNano since when looks have failed or one has been under way; 0 after a success
	tries     int          // failed looks in a row; owned by the feed's goroutine
	local     localCommits
	step      int // chunk of the next read; owned by the feed's goroutine

	mu          sync.Mutex
	closed      bool
	epoch       uint64
	oldest      int64     // in the table
	table       int64     // the head there, as last read
	late        time.Time // when the table was first seen ahead of the ring; zero if it is not
	ring        ring
	mark        int64           // the head when the ring was last trimmed
	server      int64           // database server of the last answer
	unsure      bool            // the server has changed, and compare has not run yet
	known       *delivery.Event // last event that the previous server is known to have
	index       index
	subscribers map[delivery.UUID]map[subscriber]*delivery.Actor // by the id of the actor's row
	checks      map[identity]int64                               // actors being read again, and the last event that caused it
}

func newFeed(h *Hub, head Head) *feed {
	f := &feed{hub: h, community: head.Community, trigger: newTrigger(), offered: make(chan struct{}, 1), step: chunk, server: head.Server, epoch: head.Epoch, oldest: head.Oldest,
		trouble:     outage{what: "reading a feed", log: h.options.Log},
		subscribers: map[delivery.UUID]map[subscriber]*delivery.Actor{}, checks: map[identity]int64{}}
	f.ring.limit = h.options.Ring
	f.ring.restart(head.Seq)
	f.mark, f.table = head.Seq, head.Seq
	return f
}

// head returns the feed's head. Must hold mu.
func (f *feed) head() Head {
	return Head{Community: f.community, Epoch: f.epoch, Seq: f.ring.head(), Oldest: f.oldest}
}

// behind records the table's head and reports whether the ring has not reached it.
func (f *feed) behind(h Head) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(h)
	f.noteServer(h)
	return f.unsure || f.epoch != h.Epoch || f.ring.head() < h.Seq
}

// note records how far the feed is behind. Must hold mu.
func (f *feed) note(h Head) {
	if h.Epoch == f.epoch {
		f.table = max(f.table, h.Seq)
	}
	switch behind := f.table > f.ring.head(); {
	case !behind:
		f.late = time.Time{}
	case f.late.IsZero():
		f.late = f.hub.now()
	}
}

func (f *feed) run() {
	defer f.close()
	failing := false
	for {
		select {
		case <-f.offered:
			f.adopt()
			continue
		case <-f.trigger.fired:
		case <-f.hub.life.Done():
			return
		}
		f.trigger.serve(func() error {
			f.since.CompareAndSwap(0, f.hub.now().UnixNano())
			err := f.look()
			if f.tries++; err == nil {
				f.tries = 0
				f.since.Store(0)
			}
			if f.hub.life.Err() == nil { // otherwise the hub's end causes the failure
				f.trouble.note(&failing, err, "community", f.community)
				f.failing.Store(failing)
			}
			return err
		})
	}
}

// look reads events until the ring reaches the head. After a failure the next poll tries again.
func (f *feed) look() error {
	if err := f.compare(); err != nil {
		return err
	}
	for {
		f.mu.Lock()
		after := f.ring.head()
		f.mu.Unlock()
		events, head, err := f.read(after)
		if err != nil {
			return err
		}
		done, followed := f.take(events, head)
		f.reportNotified(followed)
		if done {
			return nil
		}
	}
}

// reportNotified reports followed commits to Options.Notified.
func (f *feed) reportNotified(followed []CommitTrace) {
	for _, p := range followed {
		f.hub.options.Notified(p)
	}
}

// take appends events read from the table and notifies their listeners. It reports whether the head is reached, and returns
// the commits that are followed.
func (f *feed) take(events []*delivery.Event, head Head) (done bool, followed []CommitTrace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if head.Epoch != f.epoch || head.Seq < f.ring.head() {
		f.restart(head)
		return true, nil
	}
	now := f.hub.now()
	f.oldest = head.Oldest
	for _, e := range events {
		if e.Seq != f.ring.next { // the events before it were purged before this read
			f.restart(head)
			return true, nil
		}
		f.push(e, now)
	}
	if len(events) == 0 && f.ring.head() < head.Seq {
		f.restart(head)
		return true, nil
	}
	followed = f.arrive(now)
	f.note(head)
	return f.ring.head() >= head.Seq, followed
}

// push appends the next event and notifies its listeners. Must hold mu.
func (f *feed) push(e *delivery.Event, now time.Time) {
	f.ring.push(e, readAt(now))
	f.index.notify(e)
	if e.Kind == delivery.AccessChanged {
		if body := delivery.BodyOf[delivery.AccessBody](e); body != nil && body.Row != "" {
			f.accessChanged(body.Row, e.Seq)
		}
	}
	f.hub.counters.events.Add(1)
}

// has reports whether the ring has reached an event.
func (f *feed) has(seq int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ring.head() >= seq
}

// restart continues the feed from its head, because earlier events cannot be joined to it. Must hold mu.
func (f *feed) restart(head Head) {
	f.hub.options.Log.Warn("live: a feed restarts from its head", "community", f.community, "at", head.Seq, "was", f.ring.head())
	f.each(func(m subscriber) { m.reset() })
	f.epoch, f.oldest, f.mark, f.table, f.late = head.Epoch, head.Oldest, head.Seq, head.Seq, time.Time{}
	f.ring.restart(head.Seq)
	f.local.forget() // their numbers may belong to another epoch
}

// forget drops the events that the ring held at the previous call.
func (f *feed) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ring.trim(f.mark + 1)
	f.mark = f.ring.head()
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.each(func(m subscriber) { m.end(delivery.Refuse(delivery.ReasonUnavailable)) })
}

// each calls do for every subscriber. Must hold mu; do may remove it.
func (f *feed) each(do func(subscriber)) {
	for _, members := range f.subscribers {
		for m := range members {
			do(m)
		}
	}
}

// recovered turns a panic in code outside this package into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}
