package server

import (
	"context"
	"net"
	"net/http"
	"time"

	"baogong/server/limit"
)

// tuneConnection sets the socket options of an accepted connection.
//
// The kernel's send buffer is small. With a large one a blocked write resumes only after a third of megabytes has drained,
// so a slow peer would look like a stalled one.
//
// A peer that vanishes without a FIN, such as a phone, is detected by keepalives while the connection is idle, and by
// TCP_USER_TIMEOUT while bytes are unacknowledged. Both limits equal the silence that a WebSocket may keep.
func (s *Server) tuneConnection(ctx context.Context, c net.Conn) context.Context {
	if secure, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = secure.NetConn()
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return ctx
	}
	_ = tcp.SetWriteBuffer(64 << 10)
	silent, probes := s.opt.Limits.PingEvery+s.opt.Limits.PongWait, 3
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: max(s.opt.Limits.PingEvery, time.Second), Interval: max(s.opt.Limits.PongWait/time.Duration(probes), time.Second), Count: probes})
	_ = setUserTimeout(tcp, silent)
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
