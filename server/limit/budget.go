package limit

import (
	"sync"
	"sync/atomic"
	"time"

	"baogong/delivery"
)

// Budgets holds the budgets of all accounts with open subscriptions.
type Budgets struct {
	rates                   *Rates
	subscriptions, retained int // most for one account
	mu                      sync.Mutex
	by                      map[string]*Budget
}

// NewBudgets makes budgets that pay from the buckets of an account's operations.
func NewBudgets(l Limits, rates *Rates) *Budgets {
	return &Budgets{rates: rates, subscriptions: l.AccountSubscriptions, retained: l.AccountRetained, by: map[string]*Budget{}}
}

// Budget counts one account's open subscriptions and pays for their deliveries. Deliveries draw on the token bucket of the
// account's operations and leave half of it to the operations. While less is left, the subscriptions take no values: events
// wait in the ring, and states skip more versions.
type Budget struct {
	budgets *Budgets
	account string

	// Guarded by the budgets' mu:
	open     int // subscriptions
	retained int // bytes of their arguments

	owed atomic.Int64 // points not yet taken from the bucket
	low  atomic.Bool  // the bucket is below the reserve

	mu      sync.Mutex
	waiting []*Waiter   // for the bucket to refill
	timer   *time.Timer // wakes them; nil if it is not running
}

// Waiter is a subscription that may have to wait for its account's bucket to refill.
type Waiter struct {
	Waker  interface{ Wake() } // its Wake is called when Ready may report true
	queued bool                // guarded by the budget's mu
}

// settleAt is how many points are owed before they are taken from the bucket, which is locked less often this way.
const settleAt = 64

// The refusals of one account's subscriptions.
var (
	reasonTooManyWatches = delivery.NewReason("TOO_MANY_SUBSCRIPTIONS", delivery.CodeRateLimited,
		"You have %d subscriptions open, the most for one account; end some first.",
		"您已打开 %d 个订阅，达到上限，请先关闭一些。")
	reasonTooMuchWatched = delivery.NewReason("TOO_MUCH_WATCHED", delivery.CodeRateLimited,
		"The filters of your subscriptions are too long in total (the limit is %d bytes); watch whole buildings rather than lists, or end some subscriptions.",
		"您的订阅筛选条件总长超过上限（%d 字节），请按楼栋订阅，或先关闭一些订阅。")
)

// Open counts one more subscription of an account. It fails with the refusal to show. Without an account it returns nil, a
// budget without limits. The caller must call Close.
func (bs *Budgets) Open(account string) (*Budget, error) {
	if account == "" {
		return nil, nil
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b := bs.by[account]
	if b == nil {
		b = &Budget{budgets: bs, account: account}
		bs.by[account] = b
	}
	if bs.subscriptions > 0 && b.open >= bs.subscriptions {
		return nil, delivery.Refuse(reasonTooManyWatches, bs.subscriptions)
	}
	b.open++
	return b, nil
}

// Accounts returns how many accounts have open subscriptions.
func (bs *Budgets) Accounts() int {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	return len(bs.by)
}

// Retain counts bytes of a subscription's arguments until Close. It fails with the refusal to show.
func (b *Budget) Retain(bytes int) error {
	if b == nil {
		return nil
	}
	most := b.budgets.retained
	b.budgets.mu.Lock()
	defer b.budgets.mu.Unlock()
	if b.retained+bytes > most {
		return delivery.Refuse(reasonTooMuchWatched, most)
	}
	b.retained += bytes
	return nil
}

// Close uncounts a subscription and the bytes that it retained.
func (b *Budget) Close(bytes int) {
	if b == nil {
		return
	}
	b.budgets.mu.Lock()
	defer b.budgets.mu.Unlock()
	b.retained -= bytes
	if b.open--; b.open == 0 {
		delete(b.budgets.by, b.account)
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.waiting = nil; b.timer != nil {
			b.timer.Stop()
		}
	}
}

// Pay takes the price of a delivery, in points.
func (b *Budget) Pay(price int) {
	if b == nil || price == 0 || b.owed.Add(int64(price)) < settleAt {
		return
	}
	rates := b.budgets.rates
	bucket := rates.accounts.of(b.account).cost // looked up each time: full buckets are dropped
	n := b.owed.Swap(0)
	if bucket == nil {
		return
	}
	now := rates.now()
	bucket.ReserveN(now, int(min(n, int64(bucket.Burst())))) // may go negative
	if lack(bucket, now, reserve(bucket.Burst())) > 0 {
		b.low.Store(true)
	}
}

// reserve returns how many points of a bucket deliveries leave to operations.
func reserve(burst int) int { return burst / 2 }

// Ready reports whether a subscription may take its next value. If not, the waiter's Wake is called when it should ask
// again.
func (b *Budget) Ready(w *Waiter) bool {
	if b == nil || !b.low.Load() {
		return true
	}
	rates := b.budgets.rates
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket := rates.accounts.of(b.account).cost
	wait := time.Duration(0)
	if bucket != nil {
		wait = lack(bucket, rates.now(), reserve(bucket.Burst()))
	}
	if wait <= 0 {
		b.low.Store(false)
		return true
	}
	if !w.queued {
		w.queued = true
		b.waiting = append(b.waiting, w)
	}
	if b.timer == nil {
		b.timer = time.AfterFunc(max(wait, 10*time.Millisecond), b.refilled)
	}
	return false
}

// refilled calls Wake of the waiting subscriptions, first come, first served.
func (b *Budget) refilled() {
	b.mu.Lock()
	waiting := b.waiting
	b.waiting, b.timer = nil, nil
	for _, w := range waiting {
		w.queued = false
	}
	b.mu.Unlock()
	for _, w := range waiting {
		w.Waker.Wake()
	}
}
