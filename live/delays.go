package live

import (
	"sync/atomic"
	"time"
)

// DelayBounds are the upper bounds by which Delays counts; longer ones come after the last.
var DelayBounds = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// Delays counts how long something took. The zero value is ready, and counting takes no lock.
type Delays struct {
	counts [len(DelayBounds) + 1]atomic.Int64
	sum    atomic.Int64
}

// Add counts n of what took so long; less than nothing is nothing.
func (d *Delays) Add(n int64, took time.Duration) {
	took = max(took, 0)
	i := 0
	for i < len(DelayBounds) && took > DelayBounds[i] {
		i++
	}
	d.counts[i].Add(n)
	d.sum.Add(n * int64(took))
}

// DelayCounts is what Delays had counted at one moment: how many took no longer than each bound, how many there were,
// and how long all took together.
type DelayCounts struct {
	Within [len(DelayBounds)]int64
	Count  int64
	Sum    time.Duration
}

// Read is what was counted until now.
func (d *Delays) Read() (c DelayCounts) {
	for i := range d.counts {
		if c.Count += d.counts[i].Load(); i < len(DelayBounds) {
			c.Within[i] = c.Count
		}
	}
	c.Sum = time.Duration(d.sum.Load())
	return c
}
