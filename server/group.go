package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
	"baogong/live"
)

// sameness is what two subscriptions have in common whose answers to one value are the same bytes.
type sameness struct {
	document  string // in normal form
	operation string
	variables string // as JSON, without the one that says where to go on
	view      delivery.View
	era       uint64 // of the flow, in which a number names a value
	locale    delivery.Locale
	account   string // where an answer depends on the person and not only on the view
}

// group is one execution for all subscriptions with one sameness. Each of them keeps its own place in its flow; what
// the group shares is the making of the answers, each made once, for whoever comes first, and kept for a while for
// those who come later. Its context is its own: it ends with the last subscription, whichever that is.
type group struct {
	groups *groups
	key    sameness
	origin
	size atomic.Int32 // subscriptions; falls to 0 only under the groups' mu

	// mu is held while the group begins and while it makes an answer.
	mu      sync.Mutex
	ctx     context.Context
	cancel  context.CancelFunc
	track   *live.Track
	respond graphql.ResponseHandler
	kept    answers // of answers that wait for nothing

	// Of answers that must wait for something:
	waiting sync.Mutex
	made    answers
	making  map[int64][]func() // whom to ring, by number
}

// groups are the executions under way.
type groups struct {
	server *Server
	mu     sync.Mutex
	by     map[sameness]*group
}

// origin is what a group is begun from.
type origin struct {
	form  form
	asked graphql.RawParams // the operation
	asker context.Context   // of who asks, where an answer depends on the person; else nil
}

// join counts one more subscription into the group with the key, which it begins if there is none. Whoever joins must
// leave.
func (gs *groups) join(key sameness, from origin, scope delivery.Scope) *group {
	gs.mu.Lock()
	if g := gs.by[key]; g != nil {
		g.size.Add(1)
		gs.mu.Unlock()
		return g
	}
	g := &group{groups: gs, key: key, origin: from}
	g.size.Store(1)
	g.mu.Lock() // whoever joins meanwhile waits for its first answer until there is an execution
	defer g.mu.Unlock()
	if gs.by == nil {
		gs.by = map[sameness]*group{}
	}
	gs.by[key] = g
	gs.mu.Unlock()
	g.begin(scope)
	return g
}

// begin has the executor make an execution that is given its values. Must hold mu.
func (g *group) begin(scope delivery.Scope) {
	s := g.groups.server
	ctx := s.opt.WithView(s.opt.WithLocale(context.Background(), g.key.locale), scope, g.asker)
	ctx, g.cancel = context.WithCancel(graphql.StartOperationTrace(ctx))
	g.ctx, g.asker = ctx, nil
	asked := g.asked
	op, errs := s.exec.CreateOperationContext(ctx, &asked)
	if len(errs) > 0 { // it was parsed a moment ago
		s.opt.Log.Error("begin a shared execution", "err", errs)
		return
	}
	ctx, g.track = live.WithSharedTrack(ctx)
	g.respond, g.ctx = s.exec.DispatchOperation(graphql.WithOperationContext(ctx, op), op)
}

// move takes one subscription out of the group and into that for another scope.
func (g *group) move(scope delivery.Scope) *group {
	defer g.leave()
	key, from := g.key, g.origin
	key.view = scope.View()
	if key.account != "" {
		g.mu.Lock()
		from.asker = g.ctx
		g.mu.Unlock()
	}
	return g.groups.join(key, from, scope)
}

// leave ends the group if nobody is left.
func (g *group) leave() {
	g.groups.mu.Lock()
	defer g.groups.mu.Unlock()
	if g.size.Add(-1) == 0 {
		delete(g.groups.by, g.key)
		g.cancel()
	}
}

// answer is the answer to a value. If that must wait for something it is made meanwhile: nil, and ring is called when
// it is worth asking again.
func (g *group) answer(t live.Taken, ring func()) *answer {
	if g.form.prompt {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.make(t)
	}
	g.waiting.Lock()
	defer g.waiting.Unlock()
	if a := g.made.get(t.Number); a != nil {
		return a
	}
	callers, begun := g.making[t.Number]
	if g.making == nil {
		g.making = map[int64][]func(){}
	}
	g.making[t.Number] = append(callers, ring)
	if !begun {
		go g.deliver(t)
	}
	return nil
}

// deliver makes an answer that must wait for something, and rings whoever wants it.
func (g *group) deliver(t live.Taken) {
	g.mu.Lock()
	a := g.execute(t)
	g.mu.Unlock()
	g.waiting.Lock()
	g.made.put(t.Number, a)
	callers := g.making[t.Number]
	delete(g.making, t.Number)
	g.waiting.Unlock()
	for _, ring := range callers {
		ring()
	}
}

// make is the answer to a value, made if it is not kept. Must hold mu.
func (g *group) make(t live.Taken) *answer {
	if a := g.kept.get(t.Number); a != nil {
		return a
	}
	a := g.execute(t)
	if g.size.Load() > 1 {
		g.kept.put(t.Number, a)
	}
	return a
}

// execute has the executor answer a value. Must hold mu.
func (g *group) execute(t live.Taken) (a *answer) {
	server := g.groups.server
	server.counts.executions.Add(1)
	defer func() {
		if p := recover(); p != nil {
			errs := server.present(g.ctx, server.opt.Recover(g.ctx, p))
			a = &answer{refuse: errs, json: encodeErrors(errs)}
		}
	}()
	if g.track != nil && g.track.Give(t.Value) {
		if r := g.respond(g.ctx); r != nil {
			return server.answer(g.ctx, r)
		}
	}
	if g.ctx.Err() == nil { // else nobody is left who would read it
		server.opt.Log.Error("a shared execution gave no answer", "operation", g.key.operation)
	}
	errs := server.present(g.ctx, delivery.Refuse(delivery.ReasonInternal))
	return &answer{refuse: errs, json: encodeErrors(errs)}
}

// rest lets the group forget answers that nobody asked for since the last time but one.
func (gs *groups) rest() {
	gs.mu.Lock()
	all := make([]*group, 0, len(gs.by))
	for _, g := range gs.by {
		all = append(all, g)
	}
	gs.mu.Unlock()
	for _, g := range all {
		g.mu.Lock()
		g.kept.age()
		g.mu.Unlock()
		g.waiting.Lock()
		g.made.age()
		g.waiting.Unlock()
	}
}

// answers are kept in two generations: when one is full, or old, the older one is forgotten.
type answers struct {
	young, old map[int64]*answer
	bytes      int // in young
}

const (
	answersKept = 512 << 10 // bytes in each generation
	answersRest = 10 * time.Second
)

func (k *answers) get(number int64) *answer {
	if a := k.young[number]; a != nil {
		return a
	}
	return k.old[number]
}

func (k *answers) put(number int64, a *answer) {
	if k.bytes += len(a.json); k.bytes > answersKept {
		k.age()
		k.bytes = len(a.json)
	}
	if k.young == nil {
		k.young = map[int64]*answer{}
	}
	k.young[number] = a
}

// age makes the young generation the old one.
func (k *answers) age() { k.old, k.young, k.bytes = k.young, nil, 0 }
