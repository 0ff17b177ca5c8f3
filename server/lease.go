package server

import (
	"context"
	"time"
)

type leaseKey struct{}

// Extend moves the end of a context's WebSocket to the instant, after its token was replaced. Requests and event streams
// end with the token they were sent with.
func Extend(ctx context.Context, until time.Time) {
	if c, ok := ctx.Value(leaseKey{}).(*socket); ok {
		c.lease(until)
	}
}

// lease closes the socket soon after the instant, and no earlier.
func (c *socket) lease(until time.Time) { c.over.Store(until.UnixNano()) }
