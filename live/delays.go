package live

import (
	"sync/atomic"
	"time"
)

// DelayBounds are the upper bounds of the buckets of Delays. One more bucket counts longer delays.
var DelayBounds = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Delays counts delays by bucket. The zero value is ready to use, and counting takes no lock.
type Delays struct {
	counts [len(DelayBounds) + 1]atomic.Int64
	sum    atomic.Int64
}

// Add counts n things that each took the given time. A negative time counts as zero.
func (d *Delays) Add(n int64, took time.Duration) {
	took = max(took, 0)
	i := 0
	for i < len(DelayBounds) && took > DelayBounds[i] {
		i++
	}
	d.counts[i].Add(n)
	d.sum.Add(n * int64(took))
}

// DelayCounts is a snapshot of Delays: the number of delays within each bound, the number of all, and their sum.
type DelayCounts struct {
	Within [len(DelayBounds)]int64
	Count  int64
	Sum    time.Duration
}

// Read returns the counts so far.
func (d *Delays) Read() (c DelayCounts) {
	for i := range d.counts {
		if c.Count += d.counts[i].Load(); i < len(DelayBounds) {
			c.Within[i] = c.Count
		}
	}
	c.Sum = time.Duration(d.sum.Load())
	return c
}
