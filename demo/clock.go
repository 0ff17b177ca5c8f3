// Package demo runs the demonstration estate: it has a real one's size, and its orders pass all four links by the API's own
// verbs. Visitors' own mutations take part.
package demo

import (
	"context"
	"sync"
	"time"
)

// Clock is the business clock of the demonstration: it starts at an instant and runs so many times faster than real,
// or, at speed 0, only as far as the demonstration moves it. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	at    time.Time // what it showed at began, or, at speed 0, shows
	began time.Time
	speed float64
}

// NewClock returns a clock that shows start now.
func NewClock(start time.Time, speed float64) *Clock {
	return &Clock{at: start, began: time.Now(), speed: speed}
}

// Now is the business time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now must hold mu.
func (c *Clock) now() time.Time {
	return c.at.Add(time.Duration(float64(time.Since(c.began)) * c.speed))
}

// Speed is how many times faster than real the clock runs; 0 if it is moved.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// set makes the clock show at, and run at the speed from now on. It returns the speed before.
func (c *Clock) set(at time.Time, speed float64) (before float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before = c.speed
	c.at, c.began, c.speed = at, time.Now(), speed
	return before
}

// wait returns when the clock shows at, or with ctx's error before.
func (c *Clock) wait(ctx context.Context, at time.Time) error {
	c.mu.Lock()
	speed, left := c.speed, at.Sub(c.now())
	if speed == 0 && left > 0 {
		c.at = at
	}
	c.mu.Unlock()
	if speed == 0 || left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Duration(float64(left) / speed))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
