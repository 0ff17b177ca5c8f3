// Package demo runs the demonstration estate: it has a real one's size, and its orders pass all four links by the API's own
// verbs. Visitors' own mutations take part.
package demo

import (
	"context"
	"sync"
	"time"
)

// Clock is the business clock of the demonstration: it starts at an instant and runs so many times faster than real,
// or, at speed 0, only as far as the demonstration moves it.
type Clock struct {
	start time.Time
	began time.Time
	speed float64

	mu sync.Mutex
	at time.Time // at speed 0
}

// NewClock returns a clock that shows start now.
func NewClock(start time.Time, speed float64) *Clock {
	return &Clock{start: start, began: time.Now(), speed: speed, at: start}
}

// Now is the business time. It is safe for concurrent use.
func (c *Clock) Now() time.Time {
	if c.speed > 0 {
		return c.start.Add(time.Duration(float64(time.Since(c.began)) * c.speed))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// wait returns when the clock shows at, or with ctx's error before.
func (c *Clock) wait(ctx context.Context, at time.Time) error {
	if c.speed == 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		if at.After(c.at) {
			c.at = at
		}
		return ctx.Err()
	}
	left := time.Duration(float64(at.Sub(c.Now())) / c.speed)
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
