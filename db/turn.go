package db

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"baogong/delivery"
)

// Limits of the queue for connections.
const (
	waitersOfAccount = 256              // waiting reads and transactions of one account
	waitersInAll     = 8192             // of all accounts
	longestWait      = 10 * time.Second // then the operation is refused
	retryAfter       = 1                // seconds; told to refused callers
)

// connectionQueue is a fair queue for the pool's connections. A read or transaction whose context is marked by InTurn takes one of the
// shared connections. An account holds at most its share of them, and one operation at most half of that. The others wait in
// a bounded queue, served round-robin between accounts. Contexts without the mark (the feed, the clock worker, signing in)
// do not queue; some connections are not shared, so that they find one.
type connectionQueue struct {
	share, each int // connections that one account, and one operation, may hold at once

	mu       sync.Mutex
	free     int // idle shared connections
	waiting  int
	accounts map[string]*queue
	rotation []*queue // accounts with waiters, the next to be served first
	refused  int64
}

// queue is the queue of one account.
type queue struct {
	account string
	running int
	waiters []*waiter // oldest first
}

type waiter struct {
	of    *queuedOperation
	ready chan struct{}
}

// queuedOperation is the state of one operation. Its fields are guarded by the mu of the connectionQueue.
type queuedOperation struct {
	account   string
	unlimited bool
	begun     bool // it has had a connection: it goes before operations of its account that have not, and is not refused for a full queue
	running   int
}

func newTurns(connections int) *connectionQueue {
	share := max(connections/4, 1)
	return &connectionQueue{share: share, each: (share + 1) / 2, free: max(connections-max(connections/5, min(connections/2, 2)), 1), accounts: map[string]*queue{}}
}

type turnKey struct{}

// InTurn marks a context as one operation of an account (any key may stand for the account). Its reads and transactions queue
// for a connection in turn with those of other accounts. They fail with RATE_LIMITED if too many of the account wait
// already, or after waiting for longestWait. Those of an unlimited operation wait until the context ends.
func InTurn(ctx context.Context, account string, unlimited bool) context.Context {
	return context.WithValue(ctx, turnKey{}, &queuedOperation{account: account, unlimited: unlimited})
}

// OutOfTurn removes the mark, for reads of signing in.
func OutOfTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, turnKey{}, (*queuedOperation)(nil))
}

func nothing() {}

// take waits for a connection. Call done when the connection is free again.
func (s *connectionQueue) take(ctx context.Context) (done func(), err error) {
	t, _ := ctx.Value(turnKey{}).(*queuedOperation)
	if t == nil {
		return nothing, nil
	}
	s.mu.Lock()
	q := s.accounts[t.account]
	if q == nil {
		q = &queue{account: t.account}
		s.accounts[t.account] = q
	}
	// serve has served all eligible waiters already, so this overtakes none of them.
	if s.free > 0 && s.eligible(q, t) {
		s.begin(q, t)
		s.mu.Unlock()
		return func() { s.give(q, t) }, nil
	}
	if !t.unlimited && !t.begun && (len(q.waiters) >= waitersOfAccount || s.waiting >= waitersInAll) {
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
	if !t.unlimited {
		timer := time.NewTimer(longestWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-w.ready:
		return func() { s.give(q, t) }, nil
	case <-ctx.Done():
		err = fmt.Errorf("wait for a connection: %w", endedBy(ctx))
	case <-late:
		err = delivery.Refuse(delivery.ReasonTooFast, retryAfter)
		s.late()
	}
	if !s.withdraw(q, w) { // it was served at the same moment
		s.give(q, t)
	}
	return nil, err
}

func (s *connectionQueue) late() {
	s.mu.Lock()
	s.refused++
	s.mu.Unlock()
}

func (s *connectionQueue) eligible(q *queue, t *queuedOperation) bool {
	return q.running < s.share && t.running < s.each
}

// begin must hold mu.
func (s *connectionQueue) begin(q *queue, t *queuedOperation) {
	s.free--
	q.running++
	t.running++
	t.begun = true
}

// give returns a connection and serves waiters.
func (s *connectionQueue) give(q *queue, t *queuedOperation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free++
	q.running--
	t.running--
	s.serve()
	s.forget(q)
}

// serve hands the free connections to waiters, round-robin between accounts. Must hold mu.
func (s *connectionQueue) serve() {
	for i := 0; s.free > 0 && i < len(s.rotation); {
		q := s.rotation[i]
		at := slices.IndexFunc(q.waiters, func(w *waiter) bool { return s.eligible(q, w.of) })
		if at < 0 {
			i++ // the account holds its share; such accounts are few
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

// withdraw removes a waiter from the queue. It reports false if the waiter was served already.
func (s *connectionQueue) withdraw(q *queue, w *waiter) bool {
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

// forget drops an account without connections and waiters. Must hold mu.
func (s *connectionQueue) forget(q *queue) {
	if q.running == 0 && len(q.waiters) == 0 {
		delete(s.accounts, q.account)
	}
}

// QueueStats is a snapshot of the use of shared connections.
type QueueStats struct {
	Shared  int // shared connections, idle or in use
	Running int // in use
	Waiting int // waiting reads and transactions
	Refused int64
}

// QueueStats returns the current use of shared connections.
func (d *DB) QueueStats() QueueStats {
	s := d.turns
	s.mu.Lock()
	defer s.mu.Unlock()
	running := 0
	for _, q := range s.accounts {
		running += q.running
	}
	return QueueStats{Shared: s.free + running, Running: running, Waiting: s.waiting, Refused: s.refused}
}
