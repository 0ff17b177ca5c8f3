package clients_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"baogong/e2e/house"
)

// balancer spreads connections over the replicas that take them, in turn, and can cut them all.
type balancer struct {
	url     string // without a path
	running sync.WaitGroup

	mu      sync.Mutex
	targets []string
	turn    int
	conns   map[net.Conn]string // clients', and where they lead
	changed chan struct{}       // closed and replaced when conns changes
}

func newBalancer(t testing.TB) *balancer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{url: "http://" + l.Addr().String(), conns: map[net.Conn]string{}, changed: make(chan struct{})}
	b.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			b.running.Go(func() { b.pass(client) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		b.cut()
		b.running.Wait()
	})
	return b
}

// lead says where the replicas are now. What is open stays.
func (b *balancer) lead(programs ...*house.Process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.targets = nil
	for _, p := range programs {
		b.targets = append(b.targets, p.Host)
	}
}

func (b *balancer) pass(client net.Conn) {
	defer client.Close()
	server, target := b.dial()
	if server == nil {
		return // the client sees a connection that ends at once
	}
	defer server.Close()
	b.note(client, target)
	defer b.note(client, "")
	b.running.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	_, _ = io.Copy(client, server)
}

// dial tries every replica once.
func (b *balancer) dial() (net.Conn, string) {
	b.mu.Lock()
	targets := b.targets
	b.turn++
	turn := b.turn
	b.mu.Unlock()
	for i := range targets {
		target := targets[(turn+i)%len(targets)]
		if server, err := net.Dial("tcp", target); err == nil {
			return server, target
		}
	}
	return nil, ""
}

// note that a connection leads to a target, or with none that it is over.
func (b *balancer) note(client net.Conn, target string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conns[client] = target; target == "" {
		delete(b.conns, client)
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// cut ends every connection.
func (b *balancer) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		_ = c.Close()
	}
}

// open counts connections by target; the channel is closed when they have changed.
func (b *balancer) open() (map[string]int, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := map[string]int{}
	for _, target := range b.conns {
		n[target]++
	}
	return n, b.changed
}
