package limit

import (
	"sync/atomic"
	"time"
)

// Limit names one of the limits that refuse with RATE_LIMITED, or for sockets with 429 or 1013.
type Limit int

// The limits whose refusals are counted: operations per second by address and by account, cost, connections at once, and
// bytes of requests at once.
const (
	AddressOperations Limit = iota
	AccountOperations
	Cost
	Sockets
	Bodies
)

// Names are the names of the limits.
var Names = [...]string{"address_operations", "account_operations", "cost", "sockets", "bodies"}

// Refusals counts refusals by limits.
type Refusals [len(Names)]atomic.Int64

// Add counts one refusal.
func (r *Refusals) Add(limit Limit) { r[limit].Add(1) }

// by counts a refusal if there is a wait, which it returns.
func (r *Refusals) by(limit Limit, wait time.Duration) time.Duration {
	if wait > 0 {
		r.Add(limit)
	}
	return wait
}

// Read returns the counts in the order of Names.
func (r *Refusals) Read() (counts [len(Names)]int64) {
	for i := range r {
		counts[i] = r[i].Load()
	}
	return counts
}
