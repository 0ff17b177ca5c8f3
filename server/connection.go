package server

import (
	"context"
	"net"
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
