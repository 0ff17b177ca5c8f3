package live

import (
	"context"
	"sync"
	"time"

	"baogong/delivery"
)

// Topic is what is watched: one order, or with Order empty the community's board.
type Topic struct {
	Community int32
	Order     delivery.UUID
}

// WatchKey is what a state may depend on: the topic, and what the watchers may see.
type WatchKey struct {
	Topic
	Scope delivery.Scope
}

// Watch tells states of one sort: the present at once and the newest after changes, thinned to one a Tick. All
// watchers of a topic with the same View share each reading.
type Watch[V any] struct {
	hub     *Hub
	load    func(context.Context, WatchKey) (V, error)
	trouble outage

	mu     sync.Mutex // innermost
	groups map[groupKey]*group[V]
}

type groupKey struct {
	Topic
	View delivery.View
}

// NewWatch makes a Watch whose states load reads. A refusal from load ends the watchers with it; after any
// other error it is tried again.
func NewWatch[V any](h *Hub, load func(context.Context, WatchKey) (V, error)) *Watch[V] {
	return &Watch[V]{hub: h, load: load, groups: map[groupKey]*group[V]{}, trouble: outage{what: "reading a watched state", log: h.options.Log}}
}

// Watcher is one reader of a Watch.
type Watcher[V any] struct {
	watch *Watch[V]
	feed  *feed
	topic Topic
	actor delivery.Actor
	wake  chan struct{} // one slot

	// The feed's mu guards the rest.
	group  *group[V]
	scope  delivery.Scope
	fenced bool // the scope is being read again
	needs  int  // the number of the reading it waits for
	took   time.Time
	err    error
}

// Watch starts a watcher. NOT_FOUND if the community is not the actor's, UNAVAILABLE if the source cannot be
// read. Close the watcher.
func (w *Watch[V]) Watch(ctx context.Context, actor delivery.Actor, topic Topic) (*Watcher[V], error) {
	f, _, err := w.hub.enter(ctx, actor, topic.Community)
	if err != nil {
		return nil, err
	}
	v := &Watcher[V]{watch: w, feed: f, topic: topic, actor: actor, wake: make(chan struct{}, 1)}
	scope, err := f.admit(ctx, actor, v)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.err != nil {
		return nil, v.err
	}
	if v.scope.Class == delivery.SeesNothing { // else it was settled on the way
		v.scope = scope
	}
	v.join()
	return v, nil
}

// Next waits for a state newer than the last it returned; the first time, for one that holds everything
// committed before the call of Watch. One reader at a time. It fails with load's refusal, NOT_FOUND when
// access is lost, UNAVAILABLE when the hub stops, or ctx's error.
func (v *Watcher[V]) Next(ctx context.Context) (V, error) {
	for {
		value, ok, wait, err := v.take()
		if ok || err != nil {
			return value, err
		}
		var later <-chan time.Time
		if wait > 0 {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			later = timer.C
		}
		select {
		case <-v.wake:
		case <-later:
		case <-ctx.Done():
			return value, ctx.Err()
		}
	}
}

// Close ends the watcher, also under a waiting Next.
func (v *Watcher[V]) Close() {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	v.end(errClosed)
}

func (v *Watcher[V]) take() (value V, ok bool, wait time.Duration, err error) {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	if v.err != nil || v.fenced || v.group.got < v.needs {
		return value, false, 0, v.err
	}
	now := v.watch.hub.now()
	if wait = v.took.Add(v.watch.hub.options.Tick).Sub(now); wait > 0 {
		return value, false, wait, nil
	}
	v.took, v.needs = now, v.group.got+1
	return v.group.value, true, 0, nil
}

// All below holds the feed's mu, except read, which takes it.

// join enters the group of the watcher's topic and view.
func (v *Watcher[V]) join() {
	w := v.watch
	key := groupKey{v.topic, v.scope.View()}
	w.mu.Lock()
	g := w.groups[key]
	if g == nil {
		g = &group[V]{watch: w, feed: v.feed, key: key, scope: v.scope, watchers: map[*Watcher[V]]struct{}{}, cancel: func() {}}
		w.groups[key] = g
	}
	w.mu.Unlock()
	g.watchers[v] = struct{}{}
	if v.group = g; len(g.watchers) == 1 {
		v.feed.index.add(g, g.topics())
		g.mark()
	}
	v.needs = g.begun
	if g.dirty {
		v.needs++
	}
}

func (v *Watcher[V]) part() {
	g := v.group
	if g == nil {
		return
	}
	v.group = nil
	if delete(g.watchers, v); len(g.watchers) > 0 {
		return
	}
	g.cancel()
	g.watch.trouble.note(&g.failing, nil)
	v.feed.index.remove(g, g.topics())
	g.watch.mu.Lock()
	delete(g.watch.groups, g.key)
	g.watch.mu.Unlock()
}

func (v *Watcher[V]) fence(int64) { v.fenced = true }

func (v *Watcher[V]) settle(scope delivery.Scope) {
	switch {
	case !v.fenced:
		return // it came after the change
	case scope.Class == delivery.SeesNothing:
		v.end(noCommunity())
		return
	}
	v.fenced, v.scope = false, scope
	if v.group != nil && v.group.key.View != scope.View() {
		v.part()
		v.join()
	}
	signal(v.wake)
}

func (v *Watcher[V]) reset() {
	if v.group != nil {
		v.group.mark()
	}
}

func (v *Watcher[V]) end(err error) {
	if v.err != nil {
		return
	}
	v.err = err
	v.part()
	v.feed.leave(v.actor, v)
	signal(v.wake)
}

// group is all watchers of one topic with one view.
type group[V any] struct {
	watch *Watch[V]
	feed  *feed
	key   groupKey
	scope delivery.Scope

	// The feed's mu guards the rest.
	watchers map[*Watcher[V]]struct{}
	value    V
	begun    int  // readings begun
	got      int  // the reading that value is of, 0 before the first
	dirty    bool // something happened since the last reading began
	due      bool // a reading is arranged or running
	last     time.Time
	cancel   context.CancelFunc // of the running reading
	tries    int                // readings that failed in a row
	failing  bool
}

func (g *group[V]) topics() []topic {
	if g.key.Order != "" {
		return []topic{{delivery.SeesOrder, g.key.Order}}
	}
	return []topic{{class: delivery.SeesAll}}
}

// hear marks the state as old. What happens to no order may change any board.
func (g *group[V]) hear(e *delivery.Event) {
	if !e.OfOrder() || g.scope.Sees(e.Keys()) {
		g.mark()
	}
}

// mark arranges a reading. It comes after the mark, so it holds what was marked for.
func (g *group[V]) mark() {
	g.dirty = true
	if !g.due {
		g.arrange(g.last.Add(g.watch.hub.options.Tick).Sub(g.watch.hub.now()))
	}
}

func (g *group[V]) arrange(in time.Duration) {
	g.due = true
	read := func() { g.watch.hub.pool.do(g.read) }
	if in > 0 {
		time.AfterFunc(in, read)
	} else {
		read()
	}
}

func (g *group[V]) read() {
	f, w := g.feed, g.watch
	f.mu.Lock()
	if len(g.watchers) == 0 {
		f.mu.Unlock()
		return
	}
	g.dirty = false
	g.begun++
	ctx, cancel := context.WithTimeout(w.hub.life, readLimit)
	defer cancel()
	g.cancel = cancel
	f.mu.Unlock()

	value, err := w.attempt(ctx, WatchKey{g.key.Topic, g.scope})

	f.mu.Lock()
	defer f.mu.Unlock()
	if len(g.watchers) == 0 || w.hub.life.Err() != nil {
		return
	}
	g.due, g.last = false, w.hub.now()
	if no := refusal(err); no != nil {
		for v := range g.watchers {
			v.end(no)
		}
		return
	}
	w.trouble.note(&g.failing, err, "community", f.community)
	if err != nil {
		g.dirty = true
		g.arrange(max(backoff(g.tries), w.hub.options.Tick))
		g.tries++
		return
	}
	g.value, g.got, g.tries = value, g.begun, 0
	for v := range g.watchers {
		signal(v.wake)
	}
	if g.dirty {
		g.arrange(w.hub.options.Tick)
	}
}

func (w *Watch[V]) attempt(ctx context.Context, key WatchKey) (value V, err error) {
	defer recovered(&err)
	return w.load(ctx, key)
}
