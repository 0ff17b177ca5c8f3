package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"baogong/server/answer"
	"baogong/server/wire"
)

// connectionSet holds the connections that http.Server.Shutdown does not know, or would wait for until its timeout.
type connectionSet struct {
	limit   int
	mu      sync.Mutex
	members map[drainable]struct{}
	closed  bool
	all     sync.WaitGroup
	monitor func(stop <-chan struct{}) // runs while there are members
	idle    chan struct{}              // closed when there are none any more
}

// drainable is a WebSocket or an event stream. drain ends it as soon as nothing under way would be lost; cut ends
// it now. Neither waits.
type drainable interface {
	drain()
	cut()
}

// join adds a member. It fails if the set is full or closed. A member that joined must leave.
func (r *connectionSet) join(m drainable) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(r.members) >= r.limit {
		return false
	}
	if r.members == nil {
		r.members = map[drainable]struct{}{}
	}
	if len(r.members) == 0 {
		r.idle = make(chan struct{})
		go r.monitor(r.idle)
	}
	r.members[m] = struct{}{}
	r.all.Add(1)
	return true
}

func (r *connectionSet) leave(m drainable) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if delete(r.members, m); len(r.members) == 0 {
		close(r.idle)
	}
	r.all.Done()
}

// sockets returns the members that are WebSockets.
func (r *connectionSet) sockets() []*socket {
	r.mu.Lock()
	defer r.mu.Unlock()
	sockets := make([]*socket, 0, len(r.members))
	for m := range r.members {
		if c, ok := m.(*socket); ok {
			sockets = append(sockets, c)
		}
	}
	return sockets
}

// present returns all members.
func (r *connectionSet) present() []drainable {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.members))
}

// full reports whether join would fail now.
func (r *connectionSet) full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed || len(r.members) >= r.limit
}

// draining reports whether the set was closed.
func (r *connectionSet) draining() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// close makes every later join fail and returns the members, in no order.
func (r *connectionSet) close() []drainable {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return slices.Collect(maps.Keys(r.members))
}

// monitor checks the liveness of all sockets, and lets groups drop unused answers, until stop is closed.
func (s *Server) monitor(stop <-chan struct{}) {
	l := s.opt.Limits
	tick := time.NewTicker(min(max(min(l.InitTimeout, l.PingEvery, l.PongWait, l.SlowAfter)/10, 5*time.Millisecond), 500*time.Millisecond))
	defer tick.Stop()
	rested := s.now()
	for {
		select {
		case <-tick.C:
		case <-stop:
			return
		}
		now := s.now()
		for _, c := range s.streams.sockets() {
			c.check(now)
		}
		if now.Sub(rested) >= answer.RestEvery {
			rested = now
			s.answers.Rest()
		}
	}
}

// Serve answers on l until ctx is done, and then drains: /readyz says 503 and l is closed at once; requests,
// queries and mutations under way are answered; WebSockets are closed with 1012 and event streams ended, in
// slices with jitter so that their clients do not all come back together. What is left after Limits.Drain is
// cut. It fails only if l does. A Server serves once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer s.rates.Close()
	h := &http.Server{
		Handler:           s.routes,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ConnContext:       s.tuneConnection,
		ConnState:         s.countConnection,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: s.opt.Limits.PingEvery, PingTimeout: s.opt.Limits.PongWait, // detects a vanished peer
			MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 64 << 10, // unread bytes are in no other budget
		},
		ErrorLog: slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelDebug), // faults of peers
	}
	failed := make(chan error, 1)
	go func() {
		if s.opt.TLS == nil {
			failed <- h.Serve(l)
			return
		}
		h.TLSConfig = s.opt.TLS
		failed <- h.ServeTLS(l, "", "")
	}()
	select {
	case err := <-failed:
		s.drain(context.WithoutCancel(ctx), h)
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		_ = l.Close() // before any client is disconnected, since it would reconnect at once
		s.drain(context.WithoutCancel(ctx), h)
		<-failed //nolint:errcheck // it says that the server is closed
		return nil
	}
}

func (s *Server) drain(ctx context.Context, h *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, s.opt.Limits.Drain)
	defer cancel()
	members := s.streams.close()
	s.opt.Log.Info("draining", "streams", len(members))

	gone := make(chan struct{})
	go func() {
		defer close(gone)
		s.release(ctx, members)
		s.streams.all.Wait()
	}()
	if err := h.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) { // it may also say that the listener was closed already
		s.opt.Log.Warn("drain: cut requests that did not end in time")
	}
	select {
	case <-gone:
	case <-ctx.Done():
	}
	left := s.streams.close()
	for _, m := range left {
		m.cut()
	}
	_ = h.Close()
	select {
	case <-gone:
	case <-time.After(wire.Lingering): // a resolver that does not heed its context is left behind
	}
	if len(left) > 0 {
		s.opt.Log.Warn("drain: cut streams that did not end in time", "streams", len(left))
	}
}

// release drains the members in slices of at least 50, over at most half the time there is.
func (s *Server) release(ctx context.Context, members []drainable) {
	slices := min(20, 1+len(members)/50)
	pause := s.opt.Limits.Drain / time.Duration(2*slices)
	for i := range slices {
		if i > 0 {
			select {
			case <-time.After(pause/2 + rand.N(pause/2+1)):
			case <-ctx.Done():
				return
			}
		}
		for _, m := range members[i*len(members)/slices : (i+1)*len(members)/slices] {
			m.drain()
		}
	}
}
