package server

import (
	"sync"
	"sync/atomic"
	"time"

	"baogong/delivery"
)

// budgets holds the budgets of all accounts with open subscriptions.
type budgets struct {
	server *Server
	mu     sync.Mutex
	by     map[string]*budget
}

// budget counts one account's open subscriptions and pays for their deliveries. Deliveries draw on the token bucket of the
// account's operations and leave half of it to the operations. While less is left, the subscriptions take no values: events
// wait in the ring, and states skip more versions.
type budget struct {
	budgets *budgets
	account string

	// Guarded by the budgets' mu:
	open     int // subscriptions
	retained int // bytes of their arguments

	owed atomic.Int64 // points not yet taken from the bucket
	low  atomic.Bool  // the bucket is below the reserve

	mu      sync.Mutex
	waiting []*subscription // for the bucket to refill
	timer   *time.Timer     // rings them; nil if it is not running
}

// settleAt is how many points are owed before they are taken from the bucket, which is locked less often this way.
const settleAt = 64

// open counts one more subscription of an account. It fails with the refusal to show. Without an account it returns nil, a
// budget without limits. The caller must call close.
func (ps *budgets) open(account string) (*budget, error) {
	if account == "" {
		return nil, nil
	}
	limit := ps.server.opt.Limits.AccountSubscriptions
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.by[account]
	if p == nil {
		p = &budget{budgets: ps, account: account}
		if ps.by == nil {
			ps.by = map[string]*budget{}
		}
		ps.by[account] = p
	}
	if limit > 0 && p.open >= limit {
		return nil, delivery.Refuse(delivery.ReasonTooManyWatches, limit)
	}
	p.open++
	return p, nil
}

// retain counts bytes of a subscription's arguments until close. It fails with the refusal to show.
func (p *budget) retain(bytes int) error {
	if p == nil {
		return nil
	}
	limit := p.budgets.server.opt.Limits.AccountRetained
	p.budgets.mu.Lock()
	defer p.budgets.mu.Unlock()
	if p.retained+bytes > limit {
		return delivery.Refuse(delivery.ReasonTooMuchWatched, limit)
	}
	p.retained += bytes
	return nil
}

// close uncounts a subscription and the bytes that it retained.
func (p *budget) close(bytes int) {
	if p == nil {
		return
	}
	p.budgets.mu.Lock()
	defer p.budgets.mu.Unlock()
	p.retained -= bytes
	if p.open--; p.open == 0 {
		delete(p.budgets.by, p.account)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.waiting = nil; p.timer != nil {
			p.timer.Stop()
		}
	}
}

// pay takes the price of a delivery, in points.
func (p *budget) pay(price int) {
	if p == nil || price == 0 || p.owed.Add(int64(price)) < settleAt {
		return
	}
	s := p.budgets.server
	bucket := s.accounts.of(p.account).cost // looked up each time: full buckets are dropped
	n := p.owed.Swap(0)
	if bucket == nil {
		return
	}
	now := s.now()
	bucket.ReserveN(now, int(min(n, int64(bucket.Burst())))) // may go negative
	if lack(bucket, now, reserve(bucket.Burst())) > 0 {
		p.low.Store(true)
	}
}

// reserve returns how many points of a bucket deliveries leave to operations.
func reserve(burst int) int { return burst / 2 }

// ready reports whether a subscription may take its next value. If not, the subscription is rung when it should ask again.
func (p *budget) ready(sub *subscription) bool {
	if p == nil || !p.low.Load() {
		return true
	}
	s := p.budgets.server
	p.mu.Lock()
	defer p.mu.Unlock()
	bucket := s.accounts.of(p.account).cost
	wait := time.Duration(0)
	if bucket != nil {
		wait = lack(bucket, s.now(), reserve(bucket.Burst()))
	}
	if wait <= 0 {
		p.low.Store(false)
		return true
	}
	if !sub.queued {
		sub.queued = true
		p.waiting = append(p.waiting, sub)
	}
	if p.timer == nil {
		p.timer = time.AfterFunc(max(wait, 10*time.Millisecond), p.refilled)
	}
	return false
}

// refilled rings the waiting subscriptions, first come, first served.
func (p *budget) refilled() {
	p.mu.Lock()
	waiting := p.waiting
	p.waiting, p.timer = nil, nil
	for _, sub := range waiting {
		sub.queued = false
	}
	p.mu.Unlock()
	for _, sub := range waiting {
		sub.bell.Ring()
	}
}
