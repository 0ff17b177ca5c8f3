package live

import (
	"context"
	"sync"
)

// FairQueue runs jobs with at most limit at once and at most share at once for each account. Waiting accounts are served
// round-robin, so an account with thousands of jobs delays another by one job. Its length is not bounded here: callers
// bound it with Waiting or by how often they call.
type FairQueue struct {
	limit, share int

	mu      sync.Mutex
	running int
	waiting int
	lanes   map[string]*lane
	ready   []*lane // lanes with a job that may run, in order of service
}

// lane is the queue of one account.
type lane struct {
	account string
	jobs    []*ticket
	running int
	ready   bool // is in FairQueue.ready
}

// ticket is the place of one waiting job.
type ticket struct {
	start func()
}

// NewFairQueue makes a queue of at most limit jobs at once, and share at once for each account.
func NewFairQueue(limit, share int) *FairQueue {
	return &FairQueue{limit: limit, share: share, lanes: map[string]*lane{}}
}

// Do runs a job on a new goroutine when the account's turn comes. It does not wait.
func (q *FairQueue) Do(account string, job func()) {
	q.add(account, &ticket{start: func() {
		go func() {
			defer q.done(account)
			job()
		}()
	}})
}

// Wait waits for the account's turn. On success the caller must call done once. It fails with ctx's error if ctx ends first.
func (q *FairQueue) Wait(ctx context.Context, account string) (done func(), err error) {
	granted := make(chan struct{})
	t := &ticket{start: func() { close(granted) }}
	q.add(account, t)
	select {
	case <-granted:
	case <-ctx.Done():
		q.mu.Lock()
		defer q.mu.Unlock()
		select {
		case <-granted: // granted at the same moment: pass the place on
			go q.done(account)
		default:
			q.leave(account, t)
		}
		return nil, ctx.Err()
	}
	return func() { q.done(account) }, nil
}

// Waiting returns how many jobs of the account wait, and how many of all accounts.
func (q *FairQueue) Waiting(account string) (its, all int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l := q.lanes[account]; l != nil {
		its = len(l.jobs)
	}
	return its, q.waiting
}

func (q *FairQueue) add(account string, t *ticket) {
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

func (q *FairQueue) done(account string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lanes[account]
	l.running--
	q.running--
	q.list(l)
	q.forget(l)
	q.grant()
}

// The methods below must hold mu.

// leave removes a job whose caller gave up.
func (q *FairQueue) leave(account string, t *ticket) {
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

// list appends a lane to ready if it has a job that may run.
func (q *FairQueue) list(l *lane) {
	if !l.ready && len(l.jobs) > 0 && l.running < q.share {
		l.ready = true
		q.ready = append(q.ready, l)
	}
}

// forget drops an idle lane.
func (q *FairQueue) forget(l *lane) {
	if len(l.jobs) == 0 && l.running == 0 && !l.ready {
		delete(q.lanes, l.account)
	}
}

// grant starts jobs round-robin while places are free.
func (q *FairQueue) grant() {
	for q.running < q.limit && len(q.ready) > 0 {
		l := q.ready[0]
		q.ready = q.ready[1:]
		if l.ready = false; len(l.jobs) == 0 { // all its callers gave up
			q.forget(l)
			continue
		}
		t := l.jobs[0]
		l.jobs[0], l.jobs = nil, l.jobs[1:]
		q.waiting--
		l.running++
		q.running++
		q.list(l)
		t.start()
	}
	if len(q.ready) == 0 {
		q.ready = nil
	}
}
