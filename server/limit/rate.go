package limit

import (
	"cmp"
	"math"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// Rate is a token bucket: PerSecond tokens flow in, and up to Burst may be taken at once after a pause. A zero PerSecond
// means no limit; a zero Burst means PerSecond.
type Rate struct{ PerSecond, Burst int }

// Times returns the rate of a number of clients that share one bucket.
func (r Rate) Times(n int) Rate { return Rate{r.PerSecond * n, r.Burst * n} }

// bucket returns a full bucket, or nil where there is no limit.
func (r Rate) bucket() *rate.Limiter {
	if r.PerSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(r.PerSecond), cmp.Or(r.Burst, r.PerSecond))
}

// full returns how long an empty bucket takes to fill.
func (r Rate) full() time.Duration {
	if r.PerSecond <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) * float64(cmp.Or(r.Burst, r.PerSecond)) / float64(r.PerSecond))
}

// bucketTable holds the buckets of recent clients, by account or by address. A bucket that was unused for as long as it takes
// to fill is dropped, which changes nothing, since it is full. When there are too many, the least used are dropped first.
type bucketTable struct {
	operations, cost Rate
	kept             *otter.Cache[string, *buckets]
}

// buckets is one caller's two buckets. The zero meter measures nothing.
type buckets struct{ operations, cost *rate.Limiter }

func newBucketTable(operations, cost Rate, kept int) *bucketTable {
	m := &bucketTable{operations: operations, cost: cost}
	if operations.PerSecond > 0 || cost.PerSecond > 0 {
		m.kept = otter.Must(&otter.Options[string, *buckets]{
			MaximumSize:      kept,
			ExpiryCalculator: otter.ExpiryAccessing[string, *buckets](max(operations.full(), cost.full()) + time.Second),
		})
	}
	return m
}

// of returns the meter of a key, and the zero meter for "".
func (m *bucketTable) of(key string) *buckets {
	if m.kept == nil || key == "" {
		return &buckets{}
	}
	if known, ok := m.kept.GetIfPresent(key); ok {
		return known
	}
	made, _ := m.kept.ComputeIfAbsent(key, func() (*buckets, bool) {
		return &buckets{operations: m.operations.bucket(), cost: m.cost.bucket()}, false
	})
	return made
}

// close ends the cache's housekeeping.
func (m *bucketTable) close() {
	if m.kept != nil {
		m.kept.StopAllGoroutines()
	}
}

// taking makes take atomic over several buckets. It is held for some 100 ns.
var taking sync.Mutex

// take takes n from every bucket, or takes nothing and returns how long to wait. An n above a bucket's size needs a full
// bucket.
func take(now time.Time, n int, from ...*rate.Limiter) time.Duration {
	taking.Lock()
	defer taking.Unlock()
	var wait time.Duration
	for _, b := range from {
		wait = max(wait, lack(b, now, n))
	}
	if wait > 0 {
		return wait
	}
	for _, b := range from {
		if b != nil && !b.AllowN(now, min(n, b.Burst())) {
			return max(lack(b, now, n), time.Millisecond) // deliveries took from it meanwhile
		}
	}
	return 0
}

// lack returns how long it takes until a bucket holds n.
func lack(b *rate.Limiter, now time.Time, n int) time.Duration {
	if b == nil {
		return 0
	}
	missing := float64(min(n, b.Burst())) - b.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(missing / float64(b.Limit()) * float64(time.Second)))
}

// Seconds returns a wait in whole seconds, at least one.
func Seconds(wait time.Duration) int { return max(int(math.Ceil(wait.Seconds())), 1) }

// Crowded is how many seconds clients without a free connection should wait.
const Crowded = 10
