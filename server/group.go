package server

import (
	"context"
	"crypto/sha256"
	"io"
	"strconv"
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
	alone     uint64 // a number of its own where an answer depends on the person, so that nobody shares it; else 0
}

// group is one execution for all subscriptions with one sameness. Each of them keeps its own place in its flow; what
// the group shares is the making of the answers, each made once, for whoever comes first, and kept for a while for
// those who come later. Its context is its own: it ends with the last subscription, whichever that is.
type group struct {
	groups *groups
	id     [sha256.Size]byte // the key's hash
	key    sameness
	origin
	ctx    context.Context // what answers are made by; ends with the group
	cancel context.CancelFunc
	size   atomic.Int32 // subscriptions; changes under the groups' mu

	// mu is held while an answer is made.
	mu      sync.Mutex
	run     context.Context // of the execution
	track   *live.Track
	respond graphql.ResponseHandler // nil while there is no execution
	used    bool                    // since the last rest
	kept    answers                 // that wait for nothing

	// Of answers that must wait for something:
	waiting sync.Mutex
	made    answers
	making  map[int64][]live.Ringer // whom to ring, by number
}

// groups are the executions under way.
type groups struct {
	server *Server
	mu     sync.Mutex
	by     map[[sha256.Size]byte]*group // by the hash of their key, which is smaller
}

// origin is what a group is begun from.
type origin struct {
	form  form
	asked graphql.RawParams // the operation
}

// join counts one more subscription into the group with the key, which it begins if there is none. asker is the context
// of one who asks where an answer depends on the person, else nil. Whoever joins must leave.
func (gs *groups) join(key sameness, from origin, scope *delivery.Scope, asker context.Context) *group {
	id := key.hash()
	gs.mu.Lock()
	defer gs.mu.Unlock()
	if g := gs.by[id]; g != nil {
		g.size.Add(1)
		return g
	}
	o := gs.server.opt
	g := &group{groups: gs, id: id, key: key, origin: from}
	g.ctx, g.cancel = context.WithCancel(o.WithView(o.WithLocale(context.Background(), key.locale), *scope, asker))
	g.size.Store(1)
	if gs.by == nil {
		gs.by = map[[sha256.Size]byte]*group{}
	}
	gs.by[id] = g
	return g
}

// hash is the key of the groups: of what is not the same it is never the same.
func (s sameness) hash() [sha256.Size]byte {
	h := sha256.New()
	for _, text := range []string{s.document, s.operation, s.variables, string(s.view.Class), strconv.Itoa(int(s.view.Community)), s.view.Keys,
		strconv.FormatUint(s.era, 10), string(s.locale), strconv.FormatUint(s.alone, 10)} {
		_, _ = h.Write(strconv.AppendInt(nil, int64(len(text)), 10)) // never fails
		_, _ = io.WriteString(h, ":"+text)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// begin has the executor make an execution that is given its values. Must hold mu.
func (g *group) begin() {
	s := g.groups.server
	asked := g.asked
	ctx := graphql.StartOperationTrace(g.ctx)
	op, errs := s.exec.CreateOperationContext(ctx, &asked)
	if len(errs) > 0 { // it was parsed before
		s.opt.Log.Error("begin a shared execution", "err", errs)
		return
	}
	ctx, g.track = live.WithSharedTrack(ctx)
	g.respond, g.run = s.exec.DispatchOperation(graphql.WithOperationContext(ctx, op), op)
}

// move takes one subscription out of the group and into that for another scope.
func (g *group) move(scope *delivery.Scope) *group {
	defer g.leave()
	key := g.key
	key.view = scope.View()
	var asker context.Context
	if key.alone != 0 {
		asker = g.ctx
	}
	return g.groups.join(key, g.origin, scope, asker)
}

// leave ends the group if nobody is left.
func (g *group) leave() {
	g.groups.mu.Lock()
	defer g.groups.mu.Unlock()
	if g.size.Add(-1) == 0 {
		delete(g.groups.by, g.id)
		g.cancel()
	}
}

// answer is the answer to a value. If that must wait for something it is made meanwhile: nil, and r is rung when it is
// worth asking again.
func (g *group) answer(t live.Taken, r live.Ringer) *answer {
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
		g.making = map[int64][]live.Ringer{}
	}
	g.making[t.Number] = append(callers, r)
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
	for _, r := range callers {
		r.Ring()
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
	if g.form.plan != nil {
		if text, ok := g.form.plan(append(make([]byte, 0, 512), `{"data":`...), t.Value, t.Scope); ok {
			return &answer{json: append(text, '}')}
		}
	}
	if g.used = true; g.respond == nil {
		g.begin()
	}
	if g.track != nil && g.track.Give(t.Value) {
		if r := g.respond(g.run); r != nil {
			return server.answer(g.ctx, r)
		}
	}
	if g.ctx.Err() == nil { // else nobody is left who would read it
		server.opt.Log.Error("a shared execution gave no answer", "operation", g.key.operation)
	}
	errs := server.present(g.ctx, delivery.Refuse(delivery.ReasonInternal))
	return &answer{refuse: errs, json: encodeErrors(errs)}
}

// rest lets groups forget answers that nobody asked for since the last time but one, and executions that were not used
// since the last.
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
		if !g.used {
			g.run, g.track, g.respond = nil, nil, nil
		}
		g.used = false
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
