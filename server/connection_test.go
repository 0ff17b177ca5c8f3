package server

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// An address may hold a limited number of connections, also silent ones. WebSockets are not counted.
func TestConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AddressConnections = 5 })
	closed := func(c net.Conn) bool {
		_ = c.SetReadDeadline(time.Now().Add(patient))
		_, err := c.Read(make([]byte, 1))
		return err != nil
	}
	var open []net.Conn
	for range 5 {
		conn := b.tcp(t)
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		open = append(open, conn)
	}
	if !closed(b.tcp(t)) {
		t.Error("a sixth connection was taken")
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	for deadline := time.Now().Add(patient); ; time.Sleep(time.Millisecond) {
		left := b.server.connections.All()
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are left", left)
		}
	}
	for range 7 {
		rawDial(t, b.host, protocol)
	}
	if got := b.post(t, "{hello}"); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
}

// Large headers cost little.
func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("a/b;q=0.1,", 2000)
	for _, name := range []string{"Accept", "Accept-Language", "X-Forwarded-For"} {
		headers := []string{name, long}
		if name == "Accept" {
			headers[1] = "application/json," + long
		}
		if got := b.post(t, "{hello}", headers...); got.status != 200 {
			t.Errorf("%s: got %d", name, got.status)
		}
	}
	if got := b.post(t, "{hello}", "Authorization", "Bearer "+strings.Repeat("x", 17<<10)); got.status != 401 {
		t.Errorf("a long credential: got %d", got.status)
	}
	if got := b.do(t, "GET", b.url+"?query={hello}", nil, "X-Long", strings.Repeat("x", 40<<10)); got.status != 431 {
		t.Errorf("40 KiB of headers: got %d", got.status)
	}
}
