package answer

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"baogong/delivery"
	"baogong/live"
	"baogong/server/limit"
)

// Subscription is one subscriber's place in a flow, and the group that makes its answers. It needs no goroutine while it
// waits. One goroutine at a time may call Next.
type Subscription struct {
	flow live.Flow

	account string        // key of the fair queue of answers; the address if there is no account
	budget  *limit.Budget // pays for deliveries; nil without an account
	weight  int           // bytes of its arguments, counted in budget
	cost    int           // price of making an answer, in points
	waiter  limit.Waiter  // for the budget
	asked   int64         // number of the value it waits for; guarded by the group's waiting

	// Owned by the caller of Next:
	pending     *live.Result        // waits for its answer to be made
	unsentLimit *delivery.RateLimit // for the first answer; nil after it
	sent        int64               // since of the state returned last
	fetching    atomic.Bool         // Fetch is under way

	mu     sync.Mutex
	closed bool
	group  *group
	scope  *delivery.Scope    // what the group's view is of
	stop   context.CancelFunc // of a Fetch under way

}

// Open has the resolver of a subscription open its flow, and joins a group. It fails with the errors to show. The caller
// must call Listen once, and Close.
func (x *Execution) Open(s *Subscription) (errs gqlerror.List) {
	defer func() {
		if p := recover(); p != nil {
			errs = x.executor.Present(x.ctx, x.executor.Recover(x.ctx, p))
		}
		x.Finish(CodeOf(errs))
	}()
	e := x.executor
	most := e.opt.Limits.RequestTimeout
	defer time.AfterFunc(most, func() { x.stop(delivery.Refuse(reasonTooSlow, int(most/time.Second))) }).Stop()
	budget, err := e.budgets.Open(x.client.Account)
	if err != nil {
		return e.Retryable(x.ctx, err, limit.Crowded)
	}
	f := e.form(x.op)
	arguments := e.arguments(x.op)
	weight := len(arguments)
	if len(f.source) > documentsLength {
		weight += len(f.source)
	}
	if f.varies {
		weight += len(f.shape)
	}
	if err := budget.Retain(weight); err != nil {
		budget.Close(0)
		return e.Retryable(x.ctx, err, limit.Crowded)
	}
	defer func() {
		if s.group == nil {
			budget.Close(weight)
		}
	}()
	ctx, capture := live.WithCapture(x.ctx)
	respond, ctx := e.exec.DispatchOperation(ctx, x.op)
	if capture.Flow == nil {
		if err := x.outOfTime(); err != nil {
			return e.Present(x.ctx, err)
		}
		if r := respond(ctx); r != nil && len(r.Errors) > 0 {
			return r.Errors
		}
		e.opt.Log.Error("a subscription opened no flow", "operation", x.op.OperationName)
		return e.Present(x.ctx, delivery.Refuse(delivery.ReasonInternal))
	}
	s.flow, s.unsentLimit = capture.Flow, x.unsentLimit
	s.account, s.budget, s.weight, s.cost = cmp.Or(x.client.Account, x.client.Address), budget, weight, costOf(x.op)
	s.scope = s.flow.Scope()
	key := shareKey{asks: hashOf(f.shape, arguments), view: s.scope.View(), era: s.flow.Era(), locale: x.locale}
	var asker context.Context
	if f.perViewer {
		key.unshared, asker = e.counters.alone.Add(1), x.ctx
	}
	f.shape = "" // hashed
	from := groupSpec{form: f, asked: graphql.RawParams{Query: f.source, OperationName: x.op.OperationName, Variables: x.op.Variables}}
	s.group = e.groups.join(asker, key, from, s.scope)
	return nil
}

// Listen registers r, whose Wake is called when Next may have an answer.
func (s *Subscription) Listen(r live.Waker) {
	s.waiter.Waker = r
	s.flow.Listen(r)
}

// LastAnswer holds the answer that was taken last. When many subscriptions are asked in a row, most want the same answer.
type LastAnswer struct {
	group  *group
	number int64
	answer *Answer
	made   int // answers made by the executor and not reported by Spent yet
}

// Forget drops the answer.
func (r *LastAnswer) Forget() { *r = LastAnswer{} }

// Spent returns how many answers the executor made since the last call.
func (r *LastAnswer) Spent() (made int) {
	made, r.made = r.made, 0
	return made
}

// Next returns the next answer without waiting, and skips a state whose answer equals the last. It returns nil if there is none
// now or the subscription is over; the step tells which.
func (s *Subscription) Next(r *LastAnswer) (*Answer, live.Result) {
	for {
		a, t := s.take(r)
		if a == nil || a.since == 0 || a.since != s.sent {
			if a != nil {
				s.sent = a.since
			}
			return a, t
		}
	}
}

// take returns the answer to the next value, as Next does, also if it equals the last.
func (s *Subscription) take(r *LastAnswer) (*Answer, live.Result) {
	t := live.Result{}
	switch {
	case s.fetching.Load():
		return nil, t
	case s.pending != nil:
		if t, s.pending = s.replacement(*s.pending), nil; t.Step == live.Over {
			return nil, t
		}
		t.Last = false // Wake was called while the answer was made, perhaps for newer values too
	case !s.budget.Ready(&s.waiter):
		s.allowLag()
		return nil, t
	default:
		t = s.flow.Take()
	}
	switch t.Step {
	case live.Behind:
		s.fetch()
		return nil, live.Result{}
	case live.Idle, live.Over:
		return nil, t
	}
	g := s.of(t.Scope)
	if g == nil {
		return nil, live.Result{}
	}
	if r.group == g && r.number == t.Number {
		s.budget.Pay(readyPrice)
		return r.answer, t
	}
	a, price := g.answer(t, s, r)
	s.budget.Pay(price)
	if a == nil {
		waits := t // only this one goes to the heap
		s.pending = &waits
		s.allowLag()
		return nil, live.Result{}
	}
	r.group, r.number, r.answer = g, t.Number, a
	return a, t
}

// replacement returns the value to answer instead of t while the group fails: the newest if t is a state, else t. It may be
// the end of the flow.
func (s *Subscription) replacement(t live.Result) live.Result {
	if !t.State {
		return t
	}
	if g := s.of(t.Scope); g != nil && g.failing() {
		if fresh := s.flow.Take(); fresh.Step == live.Got || fresh.Step == live.Over {
			return fresh
		}
	}
	return t
}

// allowLag tells the flow that the server keeps the reader waiting, so that the reader does not count as slow.
func (s *Subscription) allowLag() {
	if f, ok := s.flow.(interface{ AllowLag() }); ok {
		f.AllowLag()
	}
}

// of returns the group for a scope, or nil if the subscription is closed.
func (s *Subscription) of(scope *delivery.Scope) *group {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil
	case scope != s.scope:
		s.scope, s.group, s.sent = scope, s.group.move(scope), 0
	}
	return s.group
}

// fetch lets the flow wait for what it cannot give at once, on a goroutine that ends with the subscription.
func (s *Subscription) fetch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	s.fetching.Store(true)
	go func() {
		s.flow.Fetch(ctx)
		s.fetching.Store(false)
		s.waiter.Waker.Wake()
	}()
}

// First returns the extensions of the first answer, and nil after it.
func (s *Subscription) First() []byte {
	if s.unsentLimit == nil {
		return nil
	}
	text, err := json.Marshal(map[string]any{"cost": costExtension{s.unsentLimit.Cost, s.unsentLimit.Remaining}})
	if s.unsentLimit = nil; err != nil { // two numbers
		panic(err)
	}
	return text
}

// Close ends the subscription. It may be called at any time, and again.
func (s *Subscription) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	if s.stop != nil {
		s.stop()
	}
	s.flow.Close()
	s.group.leave()
	s.budget.Close(s.weight)
}

// Cursor returns the cursor of a value that was taken, or "" if the flow has none.
func (s *Subscription) Cursor(t live.Result) string {
	if from, ok := s.flow.(live.CursorFlow); ok {
		return from.Cursor(t.Value)
	}
	return ""
}
