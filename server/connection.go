package server

import (
	"context"
	"net"
	"net/http"
	"time"
)

// connected prepares an accepted connection.
//
// The system may buffer little for it: else a write would wait until a third of megabytes is read, and a peer that reads
// slowly but always could not be told from one that has stopped.
//
// And it ends when its peer has vanished without a word, as a phone does: while nothing is sent by keep-alives, and while
// something is by the time that it may stay unacknowledged. Both are as long as a WebSocket may be silent.
func (s *Server) connected(ctx context.Context, c net.Conn) context.Context {
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

// counted counts the connections of each address, proxies aside, until they are closed or become WebSockets, which are
// counted elsewhere. One too many is closed at once: each may make the server hold its headers.
func (s *Server) counted(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !s.connections.take(s.origin(c)) {
			s.refused.Store(c, struct{}{})
			_ = c.Close()
		}
	case http.StateHijacked, http.StateClosed:
		if _, refused := s.refused.LoadAndDelete(c); !refused {
			s.connections.give(s.origin(c))
		}
	}
}

// origin is the address of a connection as limits count it, and "" for a proxy's.
func (s *Server) origin(c net.Conn) string {
	if s.connections.limit == 0 {
		return ""
	}
	peer, ok := parseAddress(c.RemoteAddr().String())
	if !ok || s.proxied(peer) {
		return ""
	}
	return network(peer)
}
