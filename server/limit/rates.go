package limit

import (
	"cmp"
	"time"

	"baogong/delivery"
)

// Client identifies a client for the limits: its account, or "", and its address.
type Client struct{ Account, Address string }

// Rates bounds how fast clients may ask. It takes operations and points from the token buckets of their accounts and
// addresses.
type Rates struct {
	accounts, addresses *bucketTable
	refusals            *Refusals
	now                 func() time.Time
}

// bucketsKept is how many accounts, and how many addresses, are remembered at once.
const bucketsKept = 100_000

// NewRates makes the buckets that the limits ask for. The caller must close them.
func NewRates(l Limits, refusals *Refusals, now func() time.Time) *Rates {
	return &Rates{
		accounts:  newBucketTable(l.AccountOperations, l.AccountCost, bucketsKept),
		addresses: newBucketTable(l.AddressOperations, l.AddressCost, bucketsKept),
		refusals:  refusals, now: now,
	}
}

// Close ends the housekeeping of the buckets.
func (r *Rates) Close() {
	r.accounts.close()
	r.addresses.close()
}

// EnterAddress counts one operation of an address, before anything is read or looked up for it. It returns how long to wait if
// that is too many, else 0.
func (r *Rates) EnterAddress(address string) time.Duration {
	return r.refusals.by(AddressOperations, take(r.now(), 1, r.addresses.of(address).operations))
}

// EnterAccount counts one operation of an account. It returns how long to wait if that is too many, else 0.
func (r *Rates) EnterAccount(c Client) time.Duration {
	return r.refusals.by(AccountOperations, take(r.now(), 1, r.accounts.of(c.Account).operations))
}

// Charge takes an operation's cost from the client's buckets and returns where that leaves them: the account, or else the
// address; nil where cost is not limited. If they cannot pay it returns how long to wait.
func (r *Rates) Charge(c Client, cost int) (*delivery.RateLimit, time.Duration) {
	now, account, address := r.now(), r.accounts.of(c.Account).cost, r.addresses.of(c.Address).cost
	if wait := r.refusals.by(Cost, take(now, cost, account, address)); wait > 0 {
		return nil, wait
	}
	shown := cmp.Or(account, address)
	if shown == nil {
		return nil, 0
	}
	left := max(shown.TokensAt(now), 0)
	missing := (float64(shown.Burst()) - left) / float64(shown.Limit())
	return &delivery.RateLimit{Limit: shown.Burst(), Cost: cost, Remaining: int(left),
		ResetAt: now.Add(time.Duration(missing * float64(time.Second)))}, 0
}

// ChargeReading takes the price of reading a request, in points, from the token buckets of the client's account and
// address, as far as they are set. It returns how long to wait if a bucket lacks the points, else 0.
func (r *Rates) ChargeReading(c Client, points int) time.Duration {
	if points <= 0 {
		return 0
	}
	return r.refusals.by(Cost, take(r.now(), points, r.accounts.of(c.Account).cost, r.addresses.of(c.Address).cost))
}
