package clients_test

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a client and the server, and cuts the client off whenever it likes: in the middle of a frame,
// sometimes with a reset that loses what was under way.
type proxy struct {
	url     string // without a path
	listen  net.Listener
	target  atomic.Value // string
	mean    atomic.Int64
	cuts    atomic.Int64
	running sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{url: "http://" + l.Addr().String(), listen: l, conns: map[net.Conn]struct{}{}}
	p.target.Store(target)
	p.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.pass(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for c := range p.conns {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

func (p *proxy) pass(client net.Conn) {
	defer p.track(client)()
	server, err := net.Dial("tcp", p.target.Load().(string))
	if err != nil {
		return // the client sees a connection that ends at once
	}
	defer p.track(server)()
	p.running.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	mean := p.mean.Load()
	if mean == 0 {
		_, _ = io.Copy(client, server)
		return
	}
	if _, err := io.CopyN(client, server, rand.Int64N(2*mean)); err != nil {
		return
	}
	p.cuts.Add(1)
	if rand.IntN(2) == 0 {
		_ = client.(*net.TCPConn).SetLinger(0)
	}
}

// cutEvery cuts everybody off now and then whenever so many bytes have come, on average; with 0, never again.
func (p *proxy) cutEvery(bytes int64) {
	p.mean.Store(bytes)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// track closes the connection when the function it returns is called, or with the test.
func (p *proxy) track(c net.Conn) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
	return func() {
		_ = c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, c)
	}
}
