package server

import (
	"sync/atomic"
	"time"

	"baogong/server/wire"
)

// liveness holds the instants that decide whether a socket is closed. One goroutine checks those of all sockets (connectionSet's
// monitor), so that no socket needs a timer. Times are UnixNano.
type liveness struct {
	born    time.Time
	greeted atomic.Bool  // connection_init came
	pinged  atomic.Int64 // when it was last pinged
	over    atomic.Int64 // when the session is over; 0 for never
}

// check pings the peer, or closes the socket, when that is due.
func (c *socket) check(now time.Time) {
	l := c.server.opt.Limits
	at, over := now.UnixNano(), c.over.Load()
	alive := c.conn.LastHeard()
	switch {
	case !c.greeted.Load() && now.Sub(c.born) >= l.InitTimeout:
		c.close(closeInitTimeout, "Connection initialisation timeout")
	case over != 0 && at >= over:
		c.close(closeOver, "The session is over; sign in again.")
	case at-alive >= int64(l.PingEvery+l.PongWait):
		c.close(closeSilent, "No answer to our pings.")
	case c.conn.Stalled(now.Add(-l.SlowAfter)):
		c.close(wire.Slow, tooSlow)
	case at-c.pinged.Load() >= int64(l.PingEvery):
		if c.conn.Ping() {
			c.pinged.Store(at)
		}
	}
}
