package wire

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// TestWritersHelp has the only writer wait for one connection, as it would for an answer that takes long to make. Those
// behind it are written all the same, by others who help.
func TestWritersHelp(t *testing.T) {
	t.Parallel()
	w := NewWriters(new(DeliveryStats))
	stands, _ := tcpOutbox(t, w)
	stands.mu.Lock() // a writer of this outbox blocks here
	defer stands.mu.Unlock()
	stands.frames = []byte("never")
	stands.schedule()
	for i := range 3 {
		o, peer := tcpOutbox(t, w)
		if err := o.Push(context.Background(), func(b []byte) []byte { return append(b, byte(i)) }); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = peer.SetReadDeadline(time.Now().Add(5 * time.Second))
			var got [1]byte
			if _, err := io.ReadFull(peer, got[:]); err != nil || got[0] != byte(i) {
				t.Errorf("connection %d got %v, %v", i, got, err)
			}
		}()
	}
}

// tcpOutbox is an outbox and who reads what it writes.
func tcpOutbox(t *testing.T, w *Writers) (*Outbox, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), peer.Close() })
	return &Outbox{writers: w, conn: conn, raw: rawOf(conn), timeout: 5 * time.Second, limit: 1 << 20, done: make(chan struct{})}, peer
}

// constant is a source of one frame each time it wakes.
type constant struct {
	turn  Slot
	fills *sync.WaitGroup
}

// remembered is the memo of constants.
type remembered struct{ frame []byte }

func (r *remembered) Forget() { r.frame = nil }

func (c *constant) Fill(b *Batch) (more bool) {
	r, ok := b.Memo.(*remembered)
	if !ok {
		r = new(remembered)
		b.Memo = r
	}
	if r.frame == nil {
		r.frame = news
	}
	b.Frames = AppendText(b.Frames, r.frame)
	b.Answered(0)
	c.fills.Done()
	return false
}

var news = []byte("news")

// TestDeliveriesAllocateNothing has one answer go to many connections again and again. It does not run beside other tests, whose
// memory would be counted too.
func TestDeliveriesAllocateNothing(t *testing.T) {
	w := NewWriters(new(DeliveryStats))
	const connections = 50
	var fills sync.WaitGroup
	var sources []*constant
	var outboxes []*Outbox
	for range connections {
		o, peer := tcpOutbox(t, w)
		go func() { _, _ = io.Copy(io.Discard, peer) }()
		c := &constant{fills: &fills}
		c.turn.Filler = c
		sources, outboxes = append(sources, c), append(outboxes, o)
	}
	if n := testing.AllocsPerRun(50, func() {
		fills.Add(connections)
		for i, o := range outboxes {
			o.Wake(&sources[i].turn)
		}
		fills.Wait()
	}); n > connections/4 {
		t.Errorf("%d deliveries allocate %.0f times", connections, n)
	}
}
