package answer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
)

// group is one execution for all subscriptions with one key. Each subscription keeps its own place in its flow and
// shares the answers. An answer is made once, for the subscription that asks first, and kept for a while for the others.
// The group's own context ends with its last subscription.
type group struct {
	groups *groups
	id     [sha256.Size]byte // the key's hash
	key    shareKey
	groupSpec
	ctx    context.Context // what answers are made by; ends with the group
	cancel context.CancelFunc
	size   atomic.Int32 // subscriptions; changes under the groups' mu

	// mu is held while an answer is made.
	mu       sync.Mutex
	run      context.Context // of the execution
	injector *live.Injector
	respond  graphql.ResponseHandler // nil while there is no execution
	used     bool                    // since the last rest
	kept     answerCache             // that wait for nothing
	state    [sha256.Size]byte       // hash of the state made last
	since    int64                   // number of the first of the equal states made in a row

	// Of answers that must wait for something:
	waiting sync.Mutex
	made    answerCache
	making  map[int64]waiters // by number
	failed  int               // attempts in a row that failed temporarily
	paused  waiters           // subscriptions to wake after the back-off; nil unless the last attempt failed
}

// waiters are the subscriptions that wait for an answer.
type waiters map[*Subscription]struct{}

func (c waiters) wake() {
	for s := range c {
		s.waiter.Waker.Wake()
	}
}

// begin has the executor make an execution that is given its values. Must hold mu.
func (g *group) begin() {
	e := g.groups.executor
	asked := g.asked
	ctx := graphql.StartOperationTrace(g.ctx)
	op, errs := e.rebuild(ctx, &asked)
	if len(errs) > 0 { // it was parsed before
		e.opt.Log.Error("begin a shared execution", "err", errs)
		return
	}
	ctx, g.injector = live.WithInjector(ctx)
	g.respond, g.run = e.exec.DispatchOperation(graphql.WithOperationContext(ctx, op), op)
}

// move takes one subscription out of the group and into that for another scope.
func (g *group) move(scope *delivery.Scope) *group {
	defer g.leave()
	key := g.key
	key.view = scope.View()
	var asker context.Context
	if key.unshared != 0 {
		asker = g.ctx
	}
	return g.groups.join(asker, key, g.groupSpec, scope)
}

// leave ends the group if no subscription is left.
func (g *group) leave() {
	g.groups.mu.Lock()
	defer g.groups.mu.Unlock()
	if g.size.Add(-1) == 0 {
		delete(g.groups.by, g.id)
		g.cancel()
	}
}

// The prices of an answer, in the units of an operation's cost.
const (
	readyPrice = 1   // a kept answer, or one written by a plan
	readPrice  = 300 // least price of an answer that reads rows: some milliseconds, here and in PostgreSQL
)

// answer returns the answer to a value, and its price. If the answer must wait for the database it returns nil, makes the
// answer in the background, and wakes s when s should ask again.
func (g *group) answer(t live.Result, s *Subscription, r *LastAnswer) (a *Answer, price int) {
	if g.form.inline {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.make(t, s.cost, r)
	}
	g.waiting.Lock()
	defer g.waiting.Unlock()
	if a := g.made.get(t.Number); a != nil && (a.Refuse == nil || s.asked == t.Number) {
		if s.asked = 0; g.size.Load() == 1 { // no other subscription will ask
			g.made.drop(t.Number)
		}
		return a, readyPrice
	}
	s.asked = t.Number
	if g.paused != nil {
		g.paused[s] = struct{}{}
		return nil, 0
	}
	if c, begun := g.making[t.Number]; begun {
		c[s] = struct{}{}
		return nil, 0
	}
	if g.making == nil {
		g.making = map[int64]waiters{}
	}
	g.making[t.Number] = waiters{s: {}}
	g.groups.executor.makers.Do(s.account, func() { g.deliver(t) })
	return nil, max(s.cost, readPrice)
}

// deliver makes an answer that must wait for the database, and wakes its waiters. An answer that failed temporarily is not
// sent: after a back-off the waiters ask again, for the newest value if a newer one may replace this one.
func (g *group) deliver(t live.Result) {
	if g.ctx.Err() != nil {
		return
	}
	g.mu.Lock()
	a := g.execute(t)
	g.compare(t, a)
	g.mu.Unlock()
	g.waiting.Lock()
	c := g.making[t.Number]
	delete(g.making, t.Number)
	switch {
	case !a.retry:
		g.made.put(t.Number, a)
		g.failed = 0
	case g.paused == nil:
		g.paused = c
		time.AfterFunc(pause(g.failed), g.endPause)
		g.failed++
		c = nil
	default: // an attempt for another value failed too
		maps.Copy(g.paused, c)
		c = nil
	}
	g.waiting.Unlock()
	c.wake()
}

// endPause ends the back-off after a failed attempt, and wakes the waiters.
func (g *group) endPause() {
	g.waiting.Lock()
	c := g.paused
	g.paused = nil
	g.waiting.Unlock()
	c.wake()
}

// pause returns the back-off after a number of failed attempts in a row: 250 ms, doubled for each, at most 5 s.
func pause(failed int) time.Duration {
	return min(250*time.Millisecond<<min(failed, 8), 5*time.Second)
}

// failing reports whether the last attempt to make an answer failed.
func (g *group) failing() bool {
	g.waiting.Lock()
	defer g.waiting.Unlock()
	return g.failed > 0
}

// make returns the kept answer to a value or makes one, and its price. Only answers made by the executor add cost. Must hold mu.
func (g *group) make(t live.Result, cost int, r *LastAnswer) (a *Answer, price int) {
	if a := g.kept.get(t.Number); a != nil {
		return a, readyPrice
	}
	price = readyPrice
	if a = g.planned(t); a == nil {
		a, price = g.execute(t), readyPrice+cost
		g.compare(t, a)
		r.made++
	}
	if g.size.Load() > 1 && a.Refuse == nil {
		g.kept.put(t.Number, a)
	}
	return a, price
}

// compare notes in the answer since when the state is the same. A reading between a commit and its event is followed by another
// with the same result, and not every change shows in every selection. Must hold mu.
func (g *group) compare(t live.Result, a *Answer) {
	if !t.State || a.Refuse != nil || a.retry {
		return
	}
	if state := sha256.Sum256(a.JSON); g.since == 0 || state != g.state {
		g.state, g.since = state, t.Number
	}
	a.since = g.since
}

// planned returns the answer written by the plan, or nil if the executor must make it.
func (g *group) planned(t live.Result) (a *Answer) {
	if g.form.plan == nil {
		return nil
	}
	defer g.recovered(&a)
	text, ok := g.form.plan(append(make([]byte, 0, 512), `{"data":`...), t.Value, t.Scope)
	if !ok {
		return nil
	}
	g.groups.executor.counters.executions.Add(1)
	return &Answer{JSON: append(text, '}')}
}

// recovered turns a panic into an answer with its error. Call it deferred.
func (g *group) recovered(a **Answer) {
	if p := recover(); p != nil {
		e := g.groups.executor
		errs := e.Present(g.ctx, e.Recover(g.ctx, p))
		*a = &Answer{Refuse: errs, JSON: EncodeErrors(errs)}
	}
}

// answerLimit bounds one attempt to make an answer; RequestTimeout does if it is shorter.
const answerLimit = 10 * time.Second

// execute has the executor answer a value. Must hold mu.
func (g *group) execute(t live.Result) (a *Answer) {
	e := g.groups.executor
	e.counters.executions.Add(1)
	defer g.recovered(&a)
	if g.used = true; g.respond == nil {
		g.begin()
	}
	if g.injector != nil && g.ctx.Err() == nil && g.injector.Give(t.Value) {
		ctx, cancel := context.WithTimeout(g.run, min(answerLimit, e.opt.Limits.RequestTimeout))
		defer cancel()
		if r := g.respond(ctx); r != nil {
			return g.answerOf(r)
		}
		g.forget() // the value may not have been taken
	}
	if g.ctx.Err() == nil { // else no subscriber is left
		e.opt.Log.Error("a shared execution gave no answer", "operation", g.asked.OperationName)
	}
	errs := e.Present(g.ctx, delivery.Refuse(delivery.ReasonInternal))
	return &Answer{Refuse: errs, JSON: EncodeErrors(errs)}
}

// answerOf converts a response to an answer. A temporary failure is marked for a retry. A permanent failure of a non-null
// root field ends the stream with the errors, since the schema promises that it is never null.
func (g *group) answerOf(r *graphql.Response) *Answer {
	for _, err := range r.Errors {
		err.Locations = nil // positions in the document that started the group
	}
	unavailable := slices.ContainsFunc(r.Errors, func(err *gqlerror.Error) bool {
		code := delivery.Code(fmt.Sprint(err.Extensions["code"]))
		return code == delivery.CodeUnavailable || code == delivery.CodeRateLimited // the database's queue is full
	})
	if len(r.Errors) > 0 && (r.Data == nil || g.form.null != "" && string(bytes.TrimSpace(r.Data)) == g.form.null || unavailable && g.form.inline) {
		r.Data = nil
	}
	a := g.groups.executor.encode(g.ctx, r)
	a.retry = unavailable && !g.form.inline
	return a
}

// forget drops the execution. Must hold mu.
func (g *group) forget() { g.run, g.injector, g.respond = nil, nil, nil }
