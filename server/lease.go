package server

import (
	"context"
	"time"
)

type leaseKey struct{}

// Extend lets the WebSocket that a context belongs to go on until the instant, because the token it came with was
// replaced. Requests and event streams end with the token they were sent with.
func Extend(ctx context.Context, until time.Time) {
	if c, ok := ctx.Value(leaseKey{}).(*socket); ok {
		c.lease(until)
	}
}

// lease closes the socket at the instant, and no earlier.
func (c *socket) lease(until time.Time) {
	left := until.Sub(c.server.now())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over != nil && c.over.Stop() {
		c.over.Reset(left)
		return
	}
	c.over = time.AfterFunc(left, func() { c.close(closeForbidden, "The session is over; sign in again.") })
	c.timers = append(c.timers, c.over)
}
