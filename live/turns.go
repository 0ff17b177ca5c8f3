package live

import (
	"context"
	"sync"
)

// Turns shares a few places among many accounts: at most limit jobs run at once, at most share of one account, and
// accounts that wait are served in turn. So an account with thousands of jobs keeps another waiting for one job, not
// for thousands. The queue is bounded by those who ask; Waiting tells how long it is.
type Turns struct {
	limit, share int

	mu      sync.Mutex
	running int
	waiting int
	lanes   map[string]*lane
	ready   []*lane // lanes that have a job and may run it, in turn
}

// lane is the queue of one account.
type lane struct {
	account string
	jobs    []*turn
	running int
	ready   bool // is among the ready
}

// turn is one job that waits.
type turn struct {
	granted func()
}

// NewTurns makes a queue for at most limit jobs at once, share of one account.
func NewTurns(limit, share int) *Turns {
	return &Turns{limit: limit, share: share, lanes: map[string]*lane{}}
}

// Do runs a job on a goroutine of its own when the account's turn comes.
func (q *Turns) Do(account string, job func()) {
	q.add(account, &turn{granted: func() {
		go func() {
			defer q.done(account)
			job()
		}()
	}})
}

// Wait waits for the account's turn. It fails with ctx's error if ctx ends first; else done must be called once.
func (q *Turns) Wait(ctx context.Context, account string) (done func(), err error) {
	granted := make(chan struct{})
	t := &turn{granted: func() { close(granted) }}
	q.add(account, t)
	select {
	case <-granted:
	case <-ctx.Done():
		q.mu.Lock()
		defer q.mu.Unlock()
		select {
		case <-granted: // both at once: give the place to the next
			go q.done(account)
		default:
			q.leave(account, t)
		}
		return nil, ctx.Err()
	}
	return func() { q.done(account) }, nil
}

// Waiting is how many jobs wait, of an account and of all.
func (q *Turns) Waiting(account string) (its, all int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l := q.lanes[account]; l != nil {
		its = len(l.jobs)
	}
	return its, q.waiting
}

func (q *Turns) add(account string, t *turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[account]
	if l == nil {
		l = &lane{account: account}
		q.lanes[account] = l
	}
	l.jobs = append(l.jobs, t)
	q.waiting++
	q.list(l)
	q.grant()
}

func (q *Turns) done(account string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[account]
	l.running--
	q.running--
	q.list(l)
	q.forget(l)
	q.grant()
}

// All below must hold mu.

// leave takes out a job that has given up.
func (q *Turns) leave(account string, t *turn) {
	l := q.lanes[account]
	for i, other := range l.jobs {
		if other == t {
			l.jobs = append(l.jobs[:i], l.jobs[i+1:]...)
			q.waiting--
			break
		}
	}
	q.forget(l)
}

// list enters a lane among the ready if it has a job that may run.
func (q *Turns) list(l *lane) {
	if !l.ready && len(l.jobs) > 0 && l.running < q.share {
		l.ready = true
		q.ready = append(q.ready, l)
	}
}

// forget drops a lane that has nothing to do.
func (q *Turns) forget(l *lane) {
	if len(l.jobs) == 0 && l.running == 0 && !l.ready {
		delete(q.lanes, l.account)
	}
}

// grant starts jobs while there is room, one of each lane in turn.
func (q *Turns) grant() {
	for q.running < q.limit && len(q.ready) > 0 {
		l := q.ready[0]
		q.ready = q.ready[1:]
		if l.ready = false; len(l.jobs) == 0 { // all have given up
			q.forget(l)
			continue
		}
		t := l.jobs[0]
		l.jobs[0], l.jobs = nil, l.jobs[1:]
		q.waiting--
		l.running++
		q.running++
		q.list(l)
		t.granted()
	}
	if len(q.ready) == 0 {
		q.ready = nil
	}
}
