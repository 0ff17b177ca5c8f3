package server

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// The server answers other peers and leaves no goroutine behind, for any bytes that a peer sends in any order.
func TestHostilePeers(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.WriteTimeout = 500 * time.Millisecond })
	pieces := []string{
		`{"type":"connection_init"}`, `{"type":"ping"}`, `{"type":"pong"}`, `{"id":"1","type":"complete"}`,
		`{"id":"1","type":"subscribe","payload":{"query":"subscription{count(to:100000)}"}}`,
		`{"id":"2","type":"subscribe","payload":{"query":"subscription{count(to:3)}"}}`,
		`{"id":"3","type":"subscribe","payload":{"query":"{boom}"}}`, `{"id":"3","type":"complete"}`, `{`, `[]`, ``, "\xff",
	}
	var peers sync.WaitGroup
	for i := range 60 {
		p := b.dial(t)
		peers.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			_ = p.WriteMessage(websocket.TextMessage, []byte(pieces[0]))
			for range r.IntN(200) { // never reads
				piece := pieces[1:8][r.IntN(7)]
				if i%2 == 0 && r.IntN(20) == 0 {
					piece = pieces[r.IntN(len(pieces))]
				}
				if p.WriteMessage(websocket.TextMessage, []byte(piece)) != nil {
					break
				}
			}
			if i%3 == 0 { // and some send rubbish at the end
				noise := make([]byte, 200)
				for n := range noise {
					noise[n] = byte(r.Uint32())
				}
				_, _ = p.NetConn().Write(noise)
			}
			_ = p.Close()
		})
	}
	peers.Wait()
	if got := b.post(t, "{hello}"); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
	deadline := time.After(patient)
	for {
		b.server.streams.mu.Lock()
		left := len(b.server.streams.members)
		b.server.streams.mu.Unlock()
		if left == 0 {
			break
		}
		select {
		case <-b.idle:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d sockets are left", left)
		}
	}
}

// A peer that floods with pings and reads nothing is held back, not buffered for.
func TestPingFlood(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.WriteTimeout = 200 * time.Millisecond })
	p := b.dial(t)
	payload := make([]byte, 100_000)
	for i := range payload {
		payload[i] = 'x'
	}
	ping := []byte(`{"type":"ping","payload":{"x":"` + string(payload) + `"}}`)
	_ = p.SetWriteDeadline(time.Now().Add(patient))
	for n := 0; ; n++ {
		if n > 10_000 {
			t.Fatal("the server took 1 GB of pings from a peer that reads no pongs")
		}
		if err := p.WriteMessage(websocket.TextMessage, ping); err != nil {
			t.Logf("cut off after %d pings: %v", n, err)
			return
		}
	}
}
