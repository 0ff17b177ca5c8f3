package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// Hub holds the feeds of all communities for one process. Any number of hubs may read the same source.
type Hub struct {
	options    Options
	source     Source
	now        func() time.Time
	life       context.Context // ends with Run
	stop       context.CancelCauseFunc
	goroutines goroutines
	pool       pool
	trigger    trigger
	heads      outage
	past       outage
	scopes     outage
	rereads    rereads
	pasts      *FairQueue // reads of past events
	catchUps   catchUps   // streams that catch up from the table
	counters   hubCounters

	mu      sync.Mutex
	feeds   map[int32]*feed
	began   time.Time // when Run began; zero before
	polled  time.Time // when the heads were last read; zero before the first read
	failing bool      // the last read of the heads failed; owned by Run
	tries   int       // failures in a row; owned by Run
}

// New returns a hub. It follows the source once Run runs.
func New(source Source, o Options) *Hub {
	h := &Hub{options: o.withDefaults(), source: source, now: time.Now, trigger: newTrigger(), feeds: map[int32]*feed{}, pasts: NewFairQueue(pastsAtOnce, pastShare)}
	h.life, h.stop = context.WithCancelCause(context.Background())
	h.pool.goroutines = &h.goroutines
	h.heads = outage{what: "reading the heads", log: h.options.Log}
	h.past = outage{what: "reading the past", log: h.options.Log}
	h.scopes = outage{what: "reading scopes", log: h.options.Log}
	return h
}

// Run follows every feed until ctx ends. It returns nil when all goroutines of the hub have ended. Streams and watchers
// still open then end with UNAVAILABLE. Call it once.
func (h *Hub) Run(ctx context.Context) error {
	unlink := context.AfterFunc(ctx, func() { h.stop(delivery.Refuse(delivery.ReasonUnavailable)) })
	defer unlink()
	h.mu.Lock()
	h.began = h.now()
	h.mu.Unlock()
	h.goroutines.start(h.forget)
	h.goroutines.start(h.closeStale)
	tick := time.NewTicker(h.options.Poll)
	defer tick.Stop()
	for h.life.Err() == nil {
		var again <-chan time.Time
		if h.trigger.serve(h.look); h.failing {
			again = time.After(backoff(min(h.tries-1, 1)))
		}
		select {
		case <-tick.C:
		case <-again:
		case <-h.trigger.fired:
		case <-h.life.Done():
		}
	}
	h.goroutines.stop()
	return nil
}

// Wake reports that the communities have new events, or with none named, that any may have. It never blocks, and calls are
// coalesced. It is only a hint: the poll finds the events without it.
func (h *Hub) Wake(communities ...int32) {
	if len(communities) == 0 {
		h.trigger.fire()
	}
	for _, community := range communities {
		if f := h.feed(community); f != nil {
			f.trigger.fire()
		} else {
			h.trigger.fire()
		}
	}
}

// Grown reports that a community's feed has events up to seq. It wakes the feed unless the ring has them.
func (h *Hub) Grown(community int32, seq int64) {
	if f := h.feed(community); f == nil || !f.has(seq) {
		h.Wake(community)
	}
}

// Ready reports whether the heads are being read and at least one feed works.
func (h *Hub) Ready() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.polled.IsZero() || h.life.Err() != nil || h.now().Sub(h.polled) >= min(5*h.options.Poll, h.options.Stale) {
		return false
	}
	for _, f := range h.feeds {
		if !f.failing.Load() {
			return true
		}
	}
	return len(h.feeds) == 0
}

// Head returns how far the hub has followed a community's feed. It reports false if the hub knows no such community.
func (h *Hub) Head(community int32) (Head, bool) {
	f := h.feed(community)
	if f == nil {
		return Head{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.head(), true
}

func (h *Hub) feed(community int32) *feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.feeds[community]
}

// look reads the heads, adds feeds for new communities and wakes the feeds that are behind.
func (h *Hub) look() error {
	ctx, cancel := context.WithTimeout(h.life, callTimeout(h.tries))
	defer cancel()
	heads, err := h.source.Heads(ctx)
	if h.life.Err() != nil {
		return context.Cause(h.life)
	}
	h.heads.note(&h.failing, err)
	if err != nil {
		h.tries++
		return err
	}
	h.tries = 0
	for _, head := range heads {
		f := h.feed(head.Community)
		if f == nil {
			f = newFeed(h, head)
			h.mu.Lock()
			h.feeds[head.Community] = f
			h.mu.Unlock()
			h.goroutines.start(f.run)
		}
		if f.failing.Load() || f.behind(head) {
			f.trigger.fire()
		}
	}
	h.mu.Lock()
	h.polled = h.now()
	h.mu.Unlock()
	return nil
}

// forget trims the rings, with one ticker for all.
func (h *Hub) forget() {
	h.regularly(keep, func(feeds []*feed) {
		for _, f := range feeds {
			f.forget()
		}
	})
}

// regularly calls do for each feed at every interval, until the hub ends.
func (h *Hub) regularly(every time.Duration, do func([]*feed)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-h.life.Done():
			return
		}
		h.mu.Lock()
		feeds := slices.Collect(maps.Values(h.feeds))
		h.mu.Unlock()
		do(feeds)
	}
}

// enter returns the community's feed and its head after a look at the source. It fails with NOT_FOUND if the community is
// not the actor's, and with UNAVAILABLE if the source cannot be read.
func (h *Hub) enter(ctx context.Context, actor delivery.Actor, community int32) (*feed, Head, error) {
	if !actor.Scope().SeesCommunity(community) {
		return nil, Head{}, noCommunity()
	}
	f := h.feed(community)
	if h.stale() || f != nil && f.stale() {
		return nil, Head{}, delivery.Refuse(delivery.ReasonUnavailable) // fail fast: another replica may serve the client
	}
	if f == nil {
		if err := h.trigger.wait(ctx, h.life); err != nil {
			return nil, Head{}, unavailable(ctx)
		}
		if f = h.feed(community); f == nil {
			return nil, Head{}, noCommunity()
		}
	}
	if err := f.trigger.wait(ctx, h.life); err != nil {
		return nil, Head{}, unavailable(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f, f.head(), nil
}

// unavailable returns the refusal for a failure that the hub has logged, or for the end of the caller's context.
func unavailable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return delivery.Refuse(delivery.ReasonUnavailable)
}

// rescope reads the actor again. It fails with NOT_FOUND if the actor can no longer see anything in the community.
func (h *Hub) rescope(ctx context.Context, actor delivery.Actor, community int32) (fresh delivery.Actor, err error) {
	defer recovered(&err)
	for tries := range 2 { // the retry uses another connection, in case the first is silent
		within, cancel := context.WithTimeout(ctx, callTimeout(2*tries))
		fresh, err = h.options.Rescope(within, actor)
		cancel()
		if err == nil || refusal(err) != nil || within.Err() == nil || ctx.Err() != nil {
			break
		}
	}
	switch {
	case err != nil && refusal(err) == nil:
		return fresh, fmt.Errorf("read the scope of %s: %w", actor.Ref().Key(), err)
	case err != nil || !fresh.Scope().SeesCommunity(community):
		return fresh, noCommunity()
	}
	return fresh, nil
}
