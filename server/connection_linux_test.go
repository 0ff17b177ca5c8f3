package server

import (
	"fmt"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"baogong/internal/certificate"
)

// vanish has the kernel drop all packets of a connection before they are acknowledged, as when a phone loses its network.
func vanish(t *testing.T, c net.Conn) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	drop := []syscall.SockFilter{{Code: syscall.BPF_RET | syscall.BPF_K, K: 0}}
	program := syscall.SockFprog{Len: 1, Filter: &drop[0]}
	if err := raw.Control(func(fd uintptr) {
		if _, _, errno := syscall.Syscall6(syscall.SYS_SETSOCKOPT, fd, syscall.SOL_SOCKET, syscall.SO_ATTACH_FILTER,
			uintptr(unsafe.Pointer(&program)), unsafe.Sizeof(program), 0); errno != 0 {
			t.Errorf("attach a filter: %v", errno)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// A peer that vanished without a FIN is detected soon, both while the connection is idle and while bytes are sent to it.
func TestVanishedPeersAreLetGo(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.PingEvery, o.Limits.PongWait = 500*time.Millisecond, 500*time.Millisecond })
	body := `{"query":"subscription{belt}"}`
	stream := b.tcp(t)
	_, _ = fmt.Fprintf(stream, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	await(t, "the subscription", b.entered)
	socket := rawDial(t, b.host, protocol)
	socket.send(rawMessage(`{"type":"connection_init"}`))
	socket.hear("connection_ack")
	vanish(t, stream)
	vanish(t, socket.conn)
	began := time.Now()
	b.until(t, "both are gone", func(c Stats) bool { return c.EventStreams == 0 && c.WebSockets == 0 })
	t.Logf("gone after %v", time.Since(began))
}

// The socket options are also set under TLS.
func TestConnectionsHaveTheirOptions(t *testing.T) {
	t.Parallel()
	cert, key := certificate.Write(t, t.TempDir(), 1)
	c, err := LoadCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, secure := range []bool{false, true} {
		b := setup(t, func(o *Options) {
			if secure {
				o.TLS = c.Config()
			}
		})
		b.greeted(t, "") // whose connection is looked at
		for _, c := range b.server.streams.sockets() {
			conn := c.conn.NetConn()
			if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
				conn = t.NetConn()
			}
			raw, err := conn.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			_ = raw.Control(func(fd uintptr) {
				const tcpUserTimeout = 18 // TCP_USER_TIMEOUT
				for name, want := range map[int]int{tcpUserTimeout: 40_000, syscall.TCP_KEEPIDLE: 20, syscall.TCP_KEEPINTVL: 7, syscall.TCP_KEEPCNT: 3} {
					if got, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, name); err != nil || got != want {
						t.Errorf("TLS %v: option %d: got %d, %v, want %d", secure, name, got, err, want)
					}
				}
				if got, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF); err != nil || got > 128<<10 {
					t.Errorf("TLS %v: got a buffer of %d, %v", secure, got, err)
				}
			})
		}
	}
}
