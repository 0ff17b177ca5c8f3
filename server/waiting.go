package server

import (
	"slices"
	"sync"

	"baogong/server/limit"
)

// waitingSockets are the WebSockets without a connection_ack, the oldest first. Above limit a new one evicts the oldest. An
// honest client sends connection_init at once, so eviction hits idle peers and a flood of them keeps no client out.
type waitingSockets struct {
	limit   int
	mu      sync.Mutex
	sockets []*socket // including some that are acknowledged or closed by now
}

// add adds a socket that is counted in waiting already. It closes the oldest if there are too many.
func (w *waitingSockets) add(c *socket, waiting *limit.Tally) {
	wait := waiting.All()
	w.mu.Lock()
	if len(w.sockets) >= 2*wait+64 { // more than half are settled
		w.sockets = slices.DeleteFunc(w.sockets, (*socket).settled)
	}
	w.sockets = append(w.sockets, c)
	var oldest *socket
	if wait > w.limit {
		if n := slices.IndexFunc(w.sockets, func(c *socket) bool { return !c.settled() }); n >= 0 {
			oldest = w.sockets[n] // perhaps c
			w.sockets = slices.Delete(w.sockets, 0, n+1)
		}
	}
	w.mu.Unlock()
	if oldest != nil {
		oldest.server.refusals.Add(limit.Sockets)
		oldest.close(closeCrowded, "Too many connections wait; please try again.")
		oldest.conn.Cut() // do not wait for the peer to read the close frame
	}
}

// settled reports whether a socket is acknowledged or closed.
func (c *socket) settled() bool { return c.greeted.Load() || c.conn.Closed() }
