package wire

import (
	"net"
	"time"

	"baogong/server/limit"
)

// Tune sets the socket options of an accepted connection.
//
// The kernel's send buffer is small. With a large one a blocked write resumes only after a third of megabytes has drained,
// so a slow peer would look like a stalled one.
//
// A peer that vanishes without a FIN, such as a phone, is detected by keepalives while the connection is idle, and by
// TCP_USER_TIMEOUT while bytes are unacknowledged. Both limits equal the silence that a WebSocket may keep.
func Tune(c net.Conn, l limit.Limits) {
	if secure, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = secure.NetConn()
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	_ = tcp.SetWriteBuffer(64 << 10)
	silent, probes := l.PingEvery+l.PongWait, 3
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: max(l.PingEvery, time.Second), Interval: max(l.PongWait/time.Duration(probes), time.Second), Count: probes})
	_ = setUserTimeout(tcp, silent)
}
