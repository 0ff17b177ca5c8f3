package live

import (
	"context"
	"sync"

	"baogong/delivery"
)

// rereads are the actors being read again. After an outage all clients come back at once, many of them with the same
// sign-in. At most one reading per sign-in runs at a time, and callers that arrive during it share the next. The pool bounds
// the readings that run at once.
type rereads struct {
	mu   sync.Mutex
	next map[rereadKey]*reread // the reading after the one under way; nil if no caller waits for one
}

type rereadKey struct {
	identity
	community int32
}

// reread is one reading.
type reread struct {
	done  chan struct{}
	fresh delivery.Actor
	err   error
}

// reread reads an actor as rescope does, in a reading that begins after the call.
func (h *Hub) reread(ctx context.Context, actor delivery.Actor, community int32) (delivery.Actor, error) {
	key := rereadKey{identityOf(actor), community}
	h.rereads.mu.Lock()
	r, underway := h.rereads.next[key]
	if r == nil {
		r = &reread{done: make(chan struct{})}
		if h.rereads.next == nil {
			h.rereads.next = map[rereadKey]*reread{}
		}
		h.rereads.next[key] = r
	}
	if !underway {
		h.pool.do(func() { h.rereadAll(key, actor) })
	}
	h.rereads.mu.Unlock()
	select {
	case <-r.done:
		return r.fresh, r.err
	case <-h.life.Done():
		return delivery.Actor{}, context.Cause(h.life)
	case <-ctx.Done():
		return delivery.Actor{}, ctx.Err()
	}
}

// rereadAll reads until no caller waits.
func (h *Hub) rereadAll(key rereadKey, actor delivery.Actor) {
	for {
		h.rereads.mu.Lock()
		r := h.rereads.next[key]
		if r == nil {
			delete(h.rereads.next, key)
			h.rereads.mu.Unlock()
			return
		}
		h.rereads.next[key] = nil
		h.rereads.mu.Unlock()
		r.fresh, r.err = h.rescope(h.life, actor, key.community)
		close(r.done)
	}
}
