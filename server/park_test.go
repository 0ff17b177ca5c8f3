package server

import (
	"bytes"
	"crypto/rand"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Sockets that wait are one goroutine each, however many subscriptions they have and pings they have answered.
func TestIdleSocketsAreOneGoroutineEach(t *testing.T) {
	b := setup(t, func(o *Options) { o.Limits.PingEvery = 20 * time.Millisecond })
	const sockets = 40
	pings := make(chan struct{}, 10*sockets)
	ours := runtime.NumGoroutine()
	for range sockets {
		p := b.greeted(t, "")
		p.join(b, belted, "", "")
		p.join2(b)
		answer := p.PingHandler()
		p.SetPingHandler(func(data string) error {
			select {
			case pings <- struct{}{}:
			default:
			}
			return answer(data)
		})
		go func() { _, _, _ = p.ReadMessage() }()
	}
	for range 5 * sockets {
		await(t, "a ping", pings)
	}
	deadline := time.Now().Add(patient)
	for {
		// One goroutine a socket here, and one there; the keeper, and what handles a pong just now.
		if got := runtime.NumGoroutine() - ours; got <= 2*sockets+3 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d sockets are %d goroutines beside those that read them", sockets, got-sockets)
		}
		runtime.Gosched()
	}
}

// join2 has a second subscription.
func (p *peer) join2(b *bench) {
	p.subscribe("2", "subscription{belt}")
	await(p.t, "the subscription", b.entered)
}

// What comes in one piece, or in many, is handled all the same: messages, pings between them and within one.
func TestPieces(t *testing.T) {
	t.Parallel()
	b := setup(t)
	frame := func(kind byte, final bool, text string) []byte {
		head := []byte{kind, 0x80 | byte(len(text))}
		if final {
			head[0] |= 0x80
		}
		mask := make([]byte, 4)
		_, _ = rand.Read(mask)
		out := slices.Concat(head, mask)
		for i := range len(text) {
			out = append(out, text[i]^mask[i%4])
		}
		return out
	}
	all := bytes.Join([][]byte{
		frame(rawPing, true, "a"),
		frame(rawText, true, `{"type":"connection_init"}`),
		frame(rawPong, true, "unasked"),
		frame(rawPing, true, ""),
		frame(rawText, false, `{"type":"pi`),
		frame(rawPing, true, "within"),
		frame(0, true, `ng"}`),
		frame(rawText, true, `{"id":"1","type":"subscribe","payload":{"query":"{hello}"}}`),
		frame(rawPing, true, "z"),
	}, nil)
	for _, size := range []int{1, 2, 3, 7, 40, len(all)} {
		p := b.dial(t)
		var pongs []string
		p.SetPongHandler(func(data string) error { pongs = append(pongs, data); return nil })
		for rest := all; len(rest) > 0; {
			n := min(size, len(rest))
			if _, err := p.NetConn().Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		got := map[string]bool{}
		for range 4 {
			got[p.read()] = true
		}
		for _, want := range []string{`{"type":"connection_ack"}`, `{"type":"pong"}`, `{"id":"1","type":"next","payload":{"data":{"hello":null}}}`, `{"id":"1","type":"complete"}`} {
			if !got[want] {
				t.Errorf("in pieces of %d: %s did not come; got %v", size, want, got)
			}
		}
		p.send(`{"type":"ping"}`)
		p.want(`{"type":"pong"}`)
		if len(pongs) != 4 || pongs[0] != "a" || pongs[2] != "within" || pongs[3] != "z" {
			t.Errorf("in pieces of %d: got pongs %q", size, pongs)
		}
	}
}

// A ping with too much in it is the protocol's fault to name, between two messages too.
func TestOversizedPing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.dial(t)
	if _, err := p.NetConn().Write(append([]byte{0x89, 0x80 | 126, 0, 126, 0, 0, 0, 0}, make([]byte, 126)...)); err != nil {
		t.Fatal(err)
	}
	p.closes(websocket.CloseProtocolError)
}
