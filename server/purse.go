package server

import (
	"sync"
	"sync/atomic"
	"time"

	"baogong/delivery"
)

// purses are those of all accounts with open subscriptions.
type purses struct {
	server *Server
	mu     sync.Mutex
	by     map[string]*purse
}

// purse is what one account has open, and how it pays for deliveries: from the bucket that its operations draw from, of
// which they leave half to the operations. While there is less, its subscriptions take nothing: events wait where they
// are, states are thinned further.
type purse struct {
	purses  *purses
	account string

	// Guarded by the purses' mu:
	open     int // subscriptions
	retained int // bytes that they keep: filters and other arguments

	owed atomic.Int64 // not yet taken from the bucket
	low  atomic.Bool  // there is too little in it

	mu      sync.Mutex
	waiting []*subscription // for more to come in
	timer   *time.Timer     // rings them; nil while it is not set
}

// settleAt is how much may be owed: so the bucket is not asked for every event.
const settleAt = 64

// open counts one more subscription of an account. It fails with the refusal to show. The purse of nobody is nil, and
// pays for nothing. Open must be followed by close.
func (ps *purses) open(account string) (*purse, error) {
	if account == "" {
		return nil, nil
	}
	limit := ps.server.opt.Limits.AccountSubscriptions
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.by[account]
	if p == nil {
		p = &purse{purses: ps, account: account}
		if ps.by == nil {
			ps.by = map[string]*purse{}
		}
		ps.by[account] = p
	}
	if limit > 0 && p.open >= limit {
		return nil, delivery.Refuse(delivery.ReasonTooManyWatches, limit)
	}
	p.open++
	return p, nil
}

// retain counts bytes that a subscription keeps until close. It fails with the refusal to show.
func (p *purse) retain(bytes int) error {
	if p == nil {
		return nil
	}
	limit := p.purses.server.opt.Limits.AccountRetained
	p.purses.mu.Lock()
	defer p.purses.mu.Unlock()
	if p.retained+bytes > limit {
		return delivery.Refuse(delivery.ReasonTooMuchWatched, limit)
	}
	p.retained += bytes
	return nil
}

// close gives back what a subscription counted for.
func (p *purse) close(bytes int) {
	if p == nil {
		return
	}
	p.purses.mu.Lock()
	defer p.purses.mu.Unlock()
	p.retained -= bytes
	if p.open--; p.open == 0 {
		delete(p.purses.by, p.account)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.waiting = nil; p.timer != nil {
			p.timer.Stop()
		}
	}
}

// pay takes the price of a delivery.
func (p *purse) pay(price int) {
	if p == nil || price == 0 || p.owed.Add(int64(price)) < settleAt {
		return
	}
	s := p.purses.server
	bucket := s.accounts.of(p.account).cost // asked each time: a bucket that is full is forgotten
	n := p.owed.Swap(0)
	if bucket == nil {
		return
	}
	now := s.now()
	bucket.ReserveN(now, int(min(n, int64(bucket.Burst())))) // below nothing, if need be
	if lack(bucket, now, reserve(bucket.Burst())) > 0 {
		p.low.Store(true)
	}
}

// reserve is how much of a bucket deliveries leave to operations.
func reserve(burst int) int { return burst / 2 }

// ready reports that a subscription may take its next value; else the subscription is rung when it is worth asking again.
func (p *purse) ready(sub *subscription) bool {
	if p == nil || !p.low.Load() {
		return true
	}
	s := p.purses.server
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

// refilled rings the subscriptions that wait, in the order in which they came.
func (p *purse) refilled() {
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
