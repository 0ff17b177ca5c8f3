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

// lease closes the socket soon after the instant, and no earlier.
func (c *socket) lease(until time.Time) { c.over.Store(until.UnixNano()) }
