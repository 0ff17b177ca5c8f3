package server

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

// subscription is one subscriber's place in a flow, and the group that makes its answers. While it waits it is no
// goroutine. One goroutine at a time may call next.
type subscription struct {
	flow live.Flow

	account string        // key of the fair queue of answers; the address if there is no account
	budget  *limit.Budget // pays for deliveries; nil without an account
	weight  int           // bytes of its arguments, counted in budget
	cost    int           // price of making an answer, in points
	waiter  limit.Waiter  // for the budget
	asked   int64         // number of the value it waits for; guarded by the group's waiting

	// Owned by the caller of next:
	waiting *live.Taken         // waits for its answer to be made
	untold  *delivery.RateLimit // for the first answer; nil after it
	away    atomic.Bool         // Fetch is under way

	mu     sync.Mutex
	closed bool
	group  *group
	scope  *delivery.Scope    // what the group's view is of
	stop   context.CancelFunc // of a Fetch under way

}

// open has the resolver of a subscription open its flow, and joins a group. It fails with the errors to show. The caller
// must call listen once, and close.
func (x *execution) open(s *subscription) (errs gqlerror.List) {
	defer func() {
		if p := recover(); p != nil {
			errs = x.server.present(x.ctx, x.op.Recover(x.ctx, p))
		}
		x.over(codeOf(errs))
	}()
	server := x.server
	limit := server.opt.Limits.RequestTimeout
	defer time.AfterFunc(limit, func() { x.stop(delivery.Refuse(delivery.ReasonTooSlow, int(limit/time.Second))) }).Stop()
	budget, err := server.budgets.Open(x.who.Account)
	if err != nil {
		return server.retryable(x.ctx, err, crowded)
	}
	f := server.form(x.op)
	arguments := server.arguments(x.op)
	weight := len(arguments)
	if len(f.source) > documentsLength {
		weight += len(f.source)
	}
	if f.varies {
		weight += len(f.shape)
	}
	if err := budget.Retain(weight); err != nil {
		budget.Close(0)
		return server.retryable(x.ctx, err, crowded)
	}
	defer func() {
		if s.group == nil {
			budget.Close(weight)
		}
	}()
	ctx, opening := live.WithOpening(x.ctx)
	respond, ctx := server.exec.DispatchOperation(ctx, x.op)
	if opening.Flow == nil {
		if err := x.outOfTime(); err != nil {
			return server.present(x.ctx, err)
		}
		if r := respond(ctx); r != nil && len(r.Errors) > 0 {
			return r.Errors
		}
		server.opt.Log.Error("a subscription opened no flow", "operation", x.op.OperationName)
		return server.present(x.ctx, delivery.Refuse(delivery.ReasonInternal))
	}
	s.flow, s.untold = opening.Flow, x.untold
	s.account, s.budget, s.weight, s.cost = cmp.Or(x.who.Account, x.who.Address), budget, weight, costOf(x.op)
	s.scope = s.flow.Scope()
	key := sameness{asks: hashOf(f.shape, arguments), view: s.scope.View(), era: s.flow.Era(), locale: x.locale}
	var asker context.Context
	if f.personal {
		key.alone, asker = server.counts.alone.Add(1), x.ctx
	}
	f.shape = "" // hashed
	from := origin{form: f, asked: graphql.RawParams{Query: f.source, OperationName: x.op.OperationName, Variables: x.op.Variables}}
	s.group = server.groups.join(key, from, s.scope, asker)
	return nil
}

// listen has r rung when it is worth calling next.
func (s *subscription) listen(r live.Ringer) {
	s.waiter.Bell = r
	s.flow.Listen(r)
}

// recent is the answer that was taken last. Of many subscriptions that are asked in a row most want the same.
type recent struct {
	group  *group
	number int64
	answer *answer
	made   int // answers made by the executor since the batch began
}

// next gives the next answer, without waiting; nil if there is none now, or none any more, as the step says.
func (s *subscription) next(r *recent) (*answer, live.Taken) {
	t := live.Taken{}
	switch {
	case s.away.Load():
		return nil, t
	case s.waiting != nil:
		if t, s.waiting = s.replacement(*s.waiting), nil; t.Step == live.Over {
			return nil, t
		}
		t.Last = false // it rang while the answer was made, perhaps for more than that
	case !s.budget.Ready(&s.waiter):
		s.excuse()
		return nil, t
	default:
		t = s.flow.Take()
	}
	switch t.Step {
	case live.Behind:
		s.fetch()
		return nil, live.Taken{}
	case live.Idle, live.Over:
		return nil, t
	}
	g := s.of(t.Scope)
	if g == nil {
		return nil, live.Taken{}
	}
	if r.group == g && r.number == t.Number {
		s.budget.Pay(readyPrice)
		return r.answer, t
	}
	a, price := g.answer(t, s, r)
	s.budget.Pay(price)
	if a == nil {
		waits := t // only this one goes to the heap
		s.waiting = &waits
		s.excuse()
		return nil, live.Taken{}
	}
	r.group, r.number, r.answer = g, t.Number, a
	return a, t
}

// replacement returns the value to answer instead of t while the group fails: the newest if t is a state, else t. It may be
// the end of the flow.
func (s *subscription) replacement(t live.Taken) live.Taken {
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

// excuse tells the flow that the server keeps the reader waiting, so that the reader does not count as slow.
func (s *subscription) excuse() {
	if f, ok := s.flow.(interface{ Excuse() }); ok {
		f.Excuse()
	}
}

// of returns the group for a scope, or nil if the subscription is closed.
func (s *subscription) of(scope *delivery.Scope) *group {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil
	case scope != s.scope:
		s.scope, s.group = scope, s.group.move(scope)
	}
	return s.group
}

// fetch lets the flow wait for what it cannot give at once, on a goroutine that ends with the subscription.
func (s *subscription) fetch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	s.away.Store(true)
	go func() {
		s.flow.Fetch(ctx)
		s.away.Store(false)
		s.waiter.Bell.Ring()
	}()
}

// first is what only the first answer says, nil after it.
func (s *subscription) first() []byte {
	if s.untold == nil {
		return nil
	}
	text, err := json.Marshal(map[string]any{"cost": spent{s.untold.Cost, s.untold.Remaining}})
	if s.untold = nil; err != nil { // two numbers
		panic(err)
	}
	return text
}

// close ends the subscription. It may be called at any time, and again.
func (s *subscription) close() {
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
