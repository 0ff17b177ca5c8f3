package live

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"baogong/delivery"
)

// Target is what is watched: one order, one row of another noun, or if both are empty, the whole community.
type Target struct {
	Community int32
	Order     delivery.UUID  // if set, only this order's events are considered
	Squad     delivery.Squad // if set, NewStates's changes function must compare it with the event's body
	Row       delivery.UUID  // if set, NewStates's changes function must compare it with the event's body
}

// StateKey is all that a state may depend on: the target, and what the watchers may see.
type StateKey struct {
	Target
	Scope delivery.Scope
}

// States delivers states of one kind: the present one at once, then the newest one after changes, at most one per Tick. All
// watchers of a target with the same View share each reading.
type States[V any] struct {
	hub     *Hub
	scope   func(delivery.Actor) delivery.Scope
	changes func(*delivery.Event, *StateKey) bool
	load    func(context.Context, StateKey) (V, error)
	trouble outage
	numbers atomic.Int64 // values read so far

	mu     sync.Mutex // innermost
	shared map[sharedStateKey]*sharedState[V]
}

type sharedStateKey struct {
	Target
	View delivery.View
}

// ChangesAlerts reports whether the event may change the alerts of the key.
func ChangesAlerts(e *delivery.Event, k *StateKey) bool { return e.ChangesAlerts(&k.Scope) }

// MayChange reports whether the event may change the board or the order of the key.
func MayChange(e *delivery.Event, k *StateKey) bool { return e.MayChange(&k.Scope) }

// NewStates returns States that read values with load. It reads again after each event for which changes returns true. changes
// gets the events of the target's order, or all events of the community if the target has no order. It runs under the feed's
// lock and must only compare. A refusal from load ends the watchers with it. After any other error the load is retried.
func NewStates[V any](h *Hub, changes func(*delivery.Event, *StateKey) bool, load func(context.Context, StateKey) (V, error)) *States[V] {
	return NewStatesBy(h, delivery.Actor.Scope, changes, load)
}

// NewStatesBy returns States as NewStates does, whose watchers see what scope returns for their actor. That Scope may have parts
// that Actor.Scope lacks, such as a level; its View has all of them.
func NewStatesBy[V any](h *Hub, scope func(delivery.Actor) delivery.Scope, changes func(*delivery.Event, *StateKey) bool,
	load func(context.Context, StateKey) (V, error)) *States[V] {
	return &States[V]{hub: h, scope: scope, changes: changes, load: load, shared: map[sharedStateKey]*sharedState[V]{}, trouble: outage{what: "reading a watched state", log: h.options.Log}}
}

// Watcher is one reader of States. It implements Flow.
type Watcher[V any] struct {
	watch  *States[V]
	feed   *feed
	target Target
	actor  *delivery.Actor

	// The feed's mu guards the fields below.
	waker  Waker       // notified of a newer state; nil before Listen
	later  *time.Timer // wakes when a state that came before its Tick may be taken
	state  *sharedState[V]
	scope  *delivery.Scope // the pointer changes only with what the scope shows
	fenced bool            // the scope is being read again
	needs  int             // the number of the reading it waits for
	took   time.Time
	err    error
}

// Watch starts a watcher. It fails with NOT_FOUND if the community is not the actor's, and with UNAVAILABLE if the source
// cannot be read. The caller must close the watcher.
func (w *States[V]) Watch(ctx context.Context, actor delivery.Actor, topic Target) (*Watcher[V], error) {
	f, _, err := w.hub.enter(ctx, actor, topic.Community)
	if err != nil {
		return nil, err
	}
	v := &Watcher[V]{watch: w, feed: f, target: topic, actor: &actor}
	fresh, err := f.admit(ctx, &actor, v)
	if err != nil {
		return nil, err
	}
	scope := w.scope(fresh)
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.err != nil {
		return nil, v.err
	}
	if v.scope == nil { // otherwise it was settled meanwhile
		v.scope = &scope
	}
	v.join()
	return v, nil
}

// Take returns a state that was read after the last it returned, and may be equal to it. The first one holds everything committed before the call of Watch.
// The watcher ends with load's refusal, NOT_FOUND when access is lost, or UNAVAILABLE when the hub stops.
func (v *Watcher[V]) Take() Result {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	switch {
	case v.err != nil:
		return Result{Step: Over, Err: v.err}
	case v.fenced || v.state.got < v.needs:
		return Result{Step: Idle}
	}
	now := v.watch.hub.now()
	if early := v.took.Add(v.watch.hub.options.Tick).Sub(now); early > 0 {
		if v.later == nil {
			v.later = time.AfterFunc(early, v.due)
		}
		return Result{Step: Idle}
	}
	v.took, v.needs = now, v.state.got+1
	return Result{Step: Got, Value: v.state.value, Number: v.state.number, Scope: v.scope, State: true, Last: true}
}

// due wakes the reader for a state that came before its Tick.
func (v *Watcher[V]) due() {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	v.later = nil
	v.wake()
}

// Fetch does nothing: the hub reads the states.
func (v *Watcher[V]) Fetch(context.Context) {}

// Listen sets the Waker that is called when there may be a newer state.
func (v *Watcher[V]) Listen(r Waker) {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	v.waker = r
	if v.err != nil || v.state.got >= v.needs {
		r.Wake()
	}
}

// Scope returns the scope by which the next state is shown.
func (v *Watcher[V]) Scope() *delivery.Scope {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	return v.scope
}

// Era is the same for all flows, since each number is used once.
func (v *Watcher[V]) Era() uint64 { return 0 }

// Close ends the watcher. It may be called during a Next.
func (v *Watcher[V]) Close() {
	v.feed.mu.Lock()
	defer v.feed.mu.Unlock()
	v.end(errClosed)
}

// The methods below must hold the feed's mu, except read, which takes it.

// join adds the watcher to the shared state of its target and view.
func (v *Watcher[V]) join() {
	w := v.watch
	key := sharedStateKey{v.target, v.scope.View()}
	w.mu.Lock()
	g := w.shared[key]
	if g == nil {
		g = &sharedState[V]{watch: w, feed: v.feed, key: key, about: StateKey{v.target, *v.scope}, watchers: map[*Watcher[V]]struct{}{}, cancel: func() {}}
		w.shared[key] = g
	}
	w.mu.Unlock()
	g.watchers[v] = struct{}{}
	if v.state = g; len(g.watchers) == 1 {
		g.place = v.feed.index.add(g, g.topics())
		g.mark()
	}
	v.needs = g.begun
	if g.dirty {
		v.needs++
	}
}

func (v *Watcher[V]) part() {
	g := v.state
	if g == nil {
		return
	}
	v.state = nil
	if delete(g.watchers, v); len(g.watchers) > 0 {
		return
	}
	g.cancel()
	g.watch.trouble.note(&g.failing, nil)
	v.feed.index.remove(g.place, g.topics())
	g.watch.mu.Lock()
	delete(g.watch.shared, g.key)
	g.watch.mu.Unlock()
}

func (v *Watcher[V]) fence(int64) { v.fenced = true }

func (v *Watcher[V]) settle(fresh delivery.Actor) {
	scope := v.watch.scope(fresh)
	switch {
	case !v.fenced:
		return // the watcher began after the change
	case scope.Class == delivery.SeesNothing:
		v.end(noCommunity())
		return
	}
	v.fenced = false
	if v.scope == nil || v.scope.View() != scope.View() {
		v.scope = &scope
		if v.state != nil {
			v.part()
			v.join()
		}
	}
	v.wake()
}

// wake notifies the reader that there may be a newer state.
func (v *Watcher[V]) wake() {
	if v.waker != nil {
		v.waker.Wake()
	}
}

func (v *Watcher[V]) reset() {
	if v.state != nil {
		v.state.mark()
	}
}

func (v *Watcher[V]) end(err error) {
	if v.err != nil {
		return
	}
	v.err = err
	v.part()
	v.feed.leave(v.actor, v)
	if v.later != nil {
		v.later.Stop()
	}
	v.wake()
}

// sharedState is all watchers of one target with the same view.
type sharedState[V any] struct {
	watch *States[V]
	feed  *feed
	key   sharedStateKey
	about StateKey

	// The feed's mu guards the fields below.
	watchers map[*Watcher[V]]struct{}
	place    int64 // in the index
	value    V
	number   int64 // of the value, among all of the States
	begun    int   // readings begun
	got      int   // the reading that value is of, 0 before the first
	dirty    bool  // an event came since the last reading began
	due      bool  // a reading is scheduled or running
	last     time.Time
	cancel   context.CancelFunc // of the running reading
	tries    int                // failed readings in a row
	failing  bool
}

func (g *sharedState[V]) topics() []topic {
	if g.key.Order != "" {
		return []topic{{delivery.SeesOrder, g.key.Order}}
	}
	return []topic{{class: delivery.SeesAll}}
}

// hear marks the state as outdated if the event may change it.
func (g *sharedState[V]) hear(e *delivery.Event) {
	if g.watch.changes(e, &g.about) {
		g.mark()
	}
}

// mark schedules a reading. It begins after the mark, so it contains what the mark was set for.
func (g *sharedState[V]) mark() {
	g.dirty = true
	if !g.due {
		g.arrange(g.last.Add(g.watch.hub.options.Tick).Sub(g.watch.hub.now()))
	}
}

func (g *sharedState[V]) arrange(in time.Duration) {
	g.due = true
	read := func() { g.watch.hub.pool.do(g.read) }
	if in > 0 {
		time.AfterFunc(in, read)
	} else {
		read()
	}
}

func (g *sharedState[V]) read() {
	f, w := g.feed, g.watch
	f.mu.Lock()
	if len(g.watchers) == 0 {
		f.mu.Unlock()
		return
	}
	g.dirty = false
	g.begun++
	ctx, cancel := context.WithTimeout(w.hub.life, callTimeout(g.tries))
	defer cancel()
	g.cancel = cancel
	f.mu.Unlock()

	value, err := w.attempt(ctx, g.about)

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
	g.value, g.number, g.got, g.tries = value, w.numbers.Add(1), g.begun, 0
	for v := range g.watchers {
		v.wake()
	}
	if g.dirty {
		g.arrange(w.hub.options.Tick)
	}
}

func (w *States[V]) attempt(ctx context.Context, key StateKey) (value V, err error) {
	defer recovered(&err)
	return w.load(ctx, key)
}
