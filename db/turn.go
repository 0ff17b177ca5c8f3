package db

import (
	"context"
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// Bounds of the queue for connections.
const (
	waitersOfAccount = 256              // reads and transactions of one account that wait
	waitersInAll     = 8192             // and of all
	longestWait      = 10 * time.Second // for a turn
	retryAfter       = 1                // seconds, for a caller who found the queue full
)

// turns shares the pool's connections between accounts. What a context marked by InTurn reads or writes takes one of the
// shared connections; an account holds at most its share of them, and one operation at most half of that. The rest waits in
// a bounded queue, and accounts are served in rotation. Contexts that are not marked (the feed, the clock worker, signing
// in) do not queue: some connections are never shared, so that these find one.
type turns struct {
	share, each int // most an account, and an operation, may hold at once

	mu       sync.Mutex
	free     int // shared connections that nobody holds
	waiting  int
	accounts map[string]*queue
	rotation []*queue // accounts that have waiters, the next to be served first
	refused  int64
}

// queue is one account's part in the turns.
type queue struct {
	account string
	running int
	waiters []*waiter // oldest first
}

type waiter struct {
	of    *turn
	ready chan struct{}
}

// turn is one operation's part. Its fields belong to the mu of the turns.
type turn struct {
	account string
	patient bool
	begun   bool // it has had a connection: it goes before those of its account that have not, and is not refused
	running int
}

func newTurns(connections int) *turns {
	share := max(connections/4, 1)
	return &turns{share: share, each: (share + 1) / 2, free: max(connections-max(connections/5, min(connections/2, 2)), 1), accounts: map[string]*queue{}}
}

type turnKey struct{}

// InTurn marks a context as that of one operation of an account, or of whatever else the key stands for: its reads and
// transactions take turns with those of other accounts. They fail with RATE_LIMITED where too many of the account wait
// already, or one waited too long; those of a patient operation wait as long as the context lasts.
func InTurn(ctx context.Context, account string, patient bool) context.Context {
	return context.WithValue(ctx, turnKey{}, &turn{account: account, patient: patient})
}

// OutOfTurn takes the mark off again, for reads that belong to signing in.
func OutOfTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, turnKey{}, (*turn)(nil))
}

func nothing() {}

// take waits for a connection's turn. Call done when the connection is free again.
func (s *turns) take(ctx context.Context) (done func(), err error) {
	t, _ := ctx.Value(turnKey{}).(*turn)
	if t == nil {
		return nothing, nil
	}
	s.mu.Lock()
	q := s.accounts[t.account]
	if q == nil {
		q = &queue{account: t.account}
		s.accounts[t.account] = q
	}
	// Whoever is eligible and waits already has been served: so nobody is overtaken.
	if s.free > 0 && s.eligible(q, t) {
		s.begin(q, t)
		s.mu.Unlock()
		return func() { s.give(q, t) }, nil
	}
	if !t.patient && !t.begun && (len(q.waiters) >= waitersOfAccount || s.waiting >= waitersInAll) {
		s.refused++
		s.mu.Unlock()
		return nil, delivery.Refuse(delivery.ReasonTooFast, retryAfter)
	}
	w := &waiter{t, make(chan struct{})}
	if len(q.waiters) == 0 {
		s.rotation = append(s.rotation, q)
	}
	at := len(q.waiters)
	if t.begun {
		if first := slices.IndexFunc(q.waiters, func(w *waiter) bool { return !w.of.begun }); first >= 0 {
			at = first
		}
	}
	q.waiters = slices.Insert(q.waiters, at, w)
	s.waiting++
	s.mu.Unlock()

	var late <-chan time.Time
	if !t.patient {
		timer := time.NewTimer(longestWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-w.ready:
		return func() { s.give(q, t) }, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-late:
		err = delivery.Refuse(delivery.ReasonTooFast, retryAfter)
		s.late()
	}
	if !s.withdraw(q, w) { // its turn came at the same moment
		s.give(q, t)
	}
	return nil, err
}

func (s *turns) late() {
	s.mu.Lock()
	s.refused++
	s.mu.Unlock()
}

func (s *turns) eligible(q *queue, t *turn) bool { return q.running < s.share && t.running < s.each }

// begin must hold mu.
func (s *turns) begin(q *queue, t *turn) {
	s.free--
	q.running++
	t.running++
	t.begun = true
}

// give gives a connection back and serves those who wait.
func (s *turns) give(q *queue, t *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	q.running--
	t.running--
	s.serve()
	s.forget(q)
}

// serve gives the free connections to the accounts in rotation. Must hold mu.
func (s *turns) serve() {
	for i := 0; s.free > 0 && i < len(s.rotation); {
		q := s.rotation[i]
		at := slices.IndexFunc(q.waiters, func(w *waiter) bool { return s.eligible(q, w.of) })
		if at < 0 {
			i++ // it holds its share, which few accounts do
			continue
		}
		w := q.waiters[at]
		q.waiters = slices.Delete(q.waiters, at, at+1)
		s.waiting--
		s.begin(q, w.of)
		close(w.ready)
		s.rotation = slices.Delete(s.rotation, i, i+1)
		if len(q.waiters) > 0 {
			s.rotation = append(s.rotation, q)
		}
	}
}

// withdraw takes a waiter out of the queue, and reports false if its turn has come.
func (s *turns) withdraw(q *queue, w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.Index(q.waiters, w)
	if at < 0 {
		return false
	}
	q.waiters = slices.Delete(q.waiters, at, at+1)
	s.waiting--
	if len(q.waiters) == 0 {
		s.rotation = slices.DeleteFunc(s.rotation, func(other *queue) bool { return other == q })
		s.forget(q)
	}
	return true
}

// forget drops an account that holds nothing and waits for nothing. Must hold mu.
func (s *turns) forget(q *queue) {
	if q.running == 0 && len(q.waiters) == 0 {
		delete(s.accounts, q.account)
	}
}

// Turns says how connections are shared out at one moment.
type Turns struct {
	Shared  int // connections that operations share, those in use included
	Running int // that operations hold
	Waiting int // reads and transactions that wait for one
	Refused int64
}

// Turns counts who holds and who waits.
func (d *DB) Turns() Turns {
	s := d.turns
	s.mu.Lock()
	defer s.mu.Unlock()
	running := 0
	for _, q := range s.accounts {
		running += q.running
	}
	return Turns{Shared: s.free + running, Running: running, Waiting: s.waiting, Refused: s.refused}
}
