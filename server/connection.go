package server

import (
	"context"
	"net"
	"net/http"

	"baogong/server/limit"
	"baogong/server/wire"
)

// tuneConnection sets the socket options of an accepted connection.
func (s *Server) tuneConnection(ctx context.Context, c net.Conn) context.Context {
	wire.Tune(c, s.opt.Limits)
	return ctx
}

// countConnection counts the open connections of each address, except a proxy's. It closes a connection above the limit at
// once, since each makes the server buffer headers. A WebSocket leaves the count when it is hijacked; AddressSockets bounds it.
func (s *Server) countConnection(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !s.connections.Take(s.origin(c)) {
			s.refused.Store(c, struct{}{})
			_ = c.Close()
		}
	case http.StateHijacked, http.StateClosed:
		if _, refused := s.refused.LoadAndDelete(c); !refused {
			s.connections.Give(s.origin(c))
		}
	}
}

// origin returns the key under which limits count a connection's address, or "" for a proxy.
func (s *Server) origin(c net.Conn) string {
	if s.connections.Limit == 0 {
		return ""
	}
	peer, ok := limit.ParseAddress(c.RemoteAddr().String())
	if !ok || s.opt.Proxies.Contain(peer) {
		return ""
	}
	return limit.Network(peer)
}
