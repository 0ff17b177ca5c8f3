package server

import (
	"slices"
	"sync"
)

// hall is the WebSockets whose peers have not said yet who they are, the oldest first. If there are more than limit the
// oldest make room: a peer that means to sign in does so at once, and one that does not could keep everybody else out.
type hall struct {
	limit   int
	mu      sync.Mutex
	sockets []*socket // and some that are greeted or closed by now
}

// enter adds a socket, which counts among those that wait. It closes the oldest if there are too many.
func (h *hall) enter(c *socket, waiting *tally) {
	wait := waiting.all()
	h.mu.Lock()
	if len(h.sockets) >= 2*wait+64 { // else most of them wait
		h.sockets = slices.DeleteFunc(h.sockets, (*socket).settled)
	}
	h.sockets = append(h.sockets, c)
	var oldest *socket
	if wait > h.limit {
		if n := slices.IndexFunc(h.sockets, func(c *socket) bool { return !c.settled() }); n >= 0 {
			oldest = h.sockets[n] // perhaps c
			h.sockets = slices.Delete(h.sockets, 0, n+1)
		}
	}
	h.mu.Unlock()
	if oldest != nil {
		oldest.server.counts.limited[limitSockets].Add(1)
		oldest.close(closeCrowded, "Too many connections wait; please try again.")
		_ = oldest.out.conn.Close() // rather than wait until the peer has read that
	}
}

// settled reports that a socket does not wait any more.
func (c *socket) settled() bool { return c.greeted.Load() || c.out.closed() }
