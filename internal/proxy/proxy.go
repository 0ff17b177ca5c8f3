// Package proxy is a proxy for tests that cuts connections between a client and a server.
package proxy

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/internal/cpu"
)

// Proxy passes connections on, and cuts them on request: in the middle of a frame, sometimes with a reset that
// loses what was under way.
type Proxy struct {
	URL     string       // without a path
	target  atomic.Value // string
	mean    atomic.Int64
	cuts    atomic.Int64
	running sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}
}

// New starts a proxy before a server, given as host:port. It ends with the test.
func New(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String(), conns: map[net.Conn]struct{}{}}
	p.Aim(target)
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
		p.Cut()
		p.running.Wait()
	})
	return p
}

func (p *Proxy) pass(client net.Conn) {
	defer p.track(client)()
	server, err := net.Dial("tcp", p.target.Load().(string))
	if err != nil {
		return // as Aim says of nowhere
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
	// A line dies some time after its last byte. Cut in the same instant, a busy client throws away what it has received
	// and not looked at, and if that is so each time it never gets on. With the race detector everything is so busy that some lines live longer.
	time.Sleep(50 * time.Millisecond << rand.IntN(cpu.Dearer))
	p.cuts.Add(1)
	if rand.IntN(4) == 0 { // seldom: what the client has not read yet is lost with it, and a client that gets nothing waits longer each time
		_ = client.(*net.TCPConn).SetLinger(0)
	}
}

// Aim leads connections that begin from now on to another server, or nowhere: then each ends as it begins.
func (p *Proxy) Aim(target string) { p.target.Store(target) }

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// CutEvery ends all connections, and later ones repeatedly after an average number of bytes; with 0, only the present ones.
func (p *Proxy) CutEvery(bytes int64) {
	p.mean.Store(bytes)
	p.Cut()
}

// Cuts is how often CutEvery's turn has come.
func (p *Proxy) Cuts() int64 { return p.cuts.Load() }

// track closes the connection when the function it returns is called, or with the test.
func (p *Proxy) track(c net.Conn) func() {
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
