package live_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
	"baogong/internal/volume"
)

// TestHostilePeers runs one misbehaving peer after the other and measures the delay of 100 ordinary subscribers.
func TestHostilePeers(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	// The peers that do not read are given little time, so that the test need not wait long to see them go.
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.SlowAfter, s.WriteTime = time.Second, 3*time.Second })
	h := newHostel(e)
	halves := h.halfOpen(200)
	normal := h.measure(t, "no other peer", nil)
	limit := 2*time.Second + 10*normal
	for _, c := range []struct {
		name string
		peer func(*testing.T, <-chan struct{}) // misbehaves until the channel is closed, and then checks the outcome
	}{
		{"a stalled reader", h.stalls},
		{"a stalled reader that reads on", h.wakes},
		{"a reader of one byte a second", h.sips},
		{"ten senders of garbage", h.babbles},
		{"a sender of 1,000 pings a second", h.pings},
		{"a sender of 1,000 control pings a second", h.controlPings},
		{"a sender of pings that reads no pong", h.floods},
	} {
		t.Run(c.name, func(t *testing.T) {
			if worst := h.measure(t, c.name, c.peer); worst > limit {
				t.Errorf("the others waited up to %v, want at most %v: without it was %v", worst, limit, normal)
			}
		})
	}
	t.Run("200 half-open sockets are closed", func(t *testing.T) {
		for i, gone := range halves {
			select {
			case <-gone:
			case <-time.After(house.Timeout):
				t.Fatalf("socket %d is still open", i)
			}
		}
	})
}

// hostel is an estate whose orders all belong to one household, so that every viewer sees every event.
type hostel struct {
	*house.Estate
	from   string // a cursor with many events past it
	orders []string
	stage  string
	guests []*guest
}

// guest is one ordinary subscriber.
type guest struct {
	in *house.Inbox
}

func newHostel(e *house.Estate) *hostel {
	e.T.Helper()
	h := &hostel{Estate: e, from: e.Cursor(), stage: "AT_BUILDING"}
	for range 30 {
		h.orders = append(h.orders, e.Place("E6-1-1103"))
	}
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance("C01", stage, h.orders...)
	}
	for range 10 { // 12 MB for each client that asks for wide events
		h.turn(h.orders...)
		h.turn(h.orders...)
	}
	for i := range 100 {
		in := e.Dial(e.T, []string{"C01", "S01", "D01", "T00", "caiban", "E6-1-1103"}[i%6], "").Follow(e, nil)
		h.guests = append(h.guests, &guest{in: in})
	}
	return h
}

// turn takes orders that stand at the building out for delivery, or back.
func (h *hostel) turn(orders ...string) {
	h.T.Helper()
	next := map[string]string{"AT_BUILDING": "OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY": "AT_BUILDING"}[h.stage]
	in := house.MoveTo(next, orders...)
	if next == "AT_BUILDING" {
		in["reason"] = "ABSENT"
	}
	h.AdvanceAs("C01", in)
	if orders[len(orders)-1] == h.orders[len(h.orders)-1] {
		h.stage = next
	}
}

// measure makes moves one at a time while a peer misbehaves, and returns the longest that any guest waited for an
// event after the move was asked for.
func (h *hostel) measure(t *testing.T, name string, peer func(*testing.T, <-chan struct{})) time.Duration {
	t.Helper()
	stop := make(chan struct{})
	var peers sync.WaitGroup
	if peer != nil {
		peers.Go(func() { peer(t, stop) })
	}
	for _, g := range h.guests { // as clients do now and then
		g.in.Peer.Mu.Lock()
		_ = g.in.Peer.Conn.WriteJSON(house.SocketMessage{Type: "ping"})
		g.in.Peer.Mu.Unlock()
	}
	var asked []time.Time
	pace := time.NewTicker(20 * cpu.Dearer * time.Millisecond)
	defer pace.Stop()
	for range max(hostileMoves/cpu.Dearer, len(h.orders)) {
		<-pace.C
		asked = append(asked, time.Now())
		h.turn(h.orders[(len(asked)-1)%len(h.orders)])
	}
	var waits []time.Duration
	for i, g := range h.guests {
		for n := range asked {
			when, ok := g.next()
			if !ok {
				t.Fatalf("guest %d got only %d of %d events: %v", i, n, len(asked), g.in.Peer.Gone())
			}
			waits = append(waits, max(0, when.Sub(asked[n])))
		}
	}
	close(stop)
	peers.Wait()
	slices.Sort(waits)
	worst := waits[len(waits)-1]
	t.Logf("%s: %d moves, %d deliveries; half of them within %v, 99 %% within %v, the last after %v", name, len(asked), len(waits),
		waits[len(waits)/2].Round(100*time.Microsecond), waits[len(waits)*99/100].Round(100*time.Microsecond), worst.Round(100*time.Microsecond))
	return worst
}

// next is when the next event came.
func (g *guest) next() (time.Time, bool) {
	in := g.in
	for late := time.After(house.Timeout); ; {
		in.Mu.Lock()
		if len(in.Got) > 0 {
			m, when := in.Got[0], in.When[0]
			in.Got, in.When = in.Got[1:], in.When[1:]
			in.Mu.Unlock()
			return when, m.Type == "next"
		}
		in.Mu.Unlock()
		select {
		case <-in.Some:
		case <-in.Peer.Ended:
			return time.Time{}, false
		case <-late:
			return time.Time{}, false
		}
	}
}

// glut is a connection that asked for much more than fits into the buffers on its way, and has read only the
// acknowledgement.
func (h *hostel) glut(t *testing.T, buffer int) *house.Peer {
	t.Helper()
	p := h.Greet(t, "C01", "")
	_ = p.Conn.NetConn().(*net.TCPConn).SetReadBuffer(buffer)
	var ack house.SocketMessage
	if err := p.Conn.ReadJSON(&ack); err != nil || ack.Type != "connection_ack" {
		t.Errorf("got %v, %v, want connection_ack", ack, err)
	}
	p.Operate(`subscription ($c: ID!, $a: String) { orderEvents(communityId: $c, after: $a) { cursor`+wide(60)+` } }`, obj{"c": h.Community, "a": h.from})
	return p
}

// cutOff waits until a write fails because the server has ended a connection whose peer did not read. It returns how: by a close
// frame after the data sent before, which must be 1013, or by a cut.
func (h *hostel) cutOff(t *testing.T, p *house.Peer) {
	t.Helper()
	began := time.Now()
	writes(p, t)
	took := time.Since(began)
	_ = p.Conn.SetReadDeadline(time.Now().Add(house.Timeout))
	for {
		_, _, err := p.Conn.ReadMessage()
		if err == nil {
			continue
		}
		said, ok := errors.AsType[*websocket.CloseError](err)
		if ok && said.Code != websocket.CloseAbnormalClosure && said.Code != websocket.CloseTryAgainLater {
			t.Errorf("got %v, want 1013 or a cut", err)
		}
		t.Logf("ended after %v: %v", took.Round(100*time.Millisecond), err)
		return
	}
}

// writes goes on writing until the connection is over.
func writes(p *house.Peer, t *testing.T) {
	t.Helper()
	late := time.After(house.Timeout)
	for again := time.NewTicker(10 * time.Millisecond); p.Conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(house.Timeout)) == nil; {
		select {
		case <-again.C:
		case <-late:
			t.Error("still connected")
			return
		}
	}
}

// stalls reads nothing.
func (h *hostel) stalls(t *testing.T, _ <-chan struct{}) { h.cutOff(t, h.glut(t, 4<<10)) }

// wakes reads nothing until the slow-reader timeout has passed since the buffers on the way were full, which takes up to a second or so, and then reads the
// close frame, before the server's time to write it is over.
func (h *hostel) wakes(t *testing.T, _ <-chan struct{}) {
	p := h.glut(t, 64<<10)
	<-time.After(2500 * time.Millisecond)
	_ = p.Conn.SetReadDeadline(time.Now().Add(house.Timeout))
	for {
		_, _, err := p.Conn.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
			t.Errorf("got %v, want 1013", err)
		}
		return
	}
}

// sips reads one byte a second.
func (h *hostel) sips(t *testing.T, _ <-chan struct{}) {
	began := time.Now()
	p := h.glut(t, 4<<10)
	done := make(chan struct{})
	sipped := make(chan struct{})
	go func() {
		defer close(sipped)
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-second.C:
				if _, err := p.Conn.NetConn().Read(make([]byte, 1)); err != nil {
					return
				}
			case <-done:
				return
			}
		}
	}()
	writes(p, t)
	t.Logf("ended after %v", time.Since(began).Round(100*time.Millisecond))
	close(done)
	<-sipped
}

// babbles sends bytes at random, with and without a handshake, on one connection after the other.
func (h *hostel) babbles(t *testing.T, stop <-chan struct{}) {
	var lives atomic.Int64
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			dice, pace := rand.NewChaCha8([32]byte{byte(i)}), time.NewTicker(20*time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-stop:
					return
				case <-pace.C:
				}
				conn := h.raw(t, i%2 == 0)
				_ = conn.SetDeadline(time.Now().Add(house.Timeout))
				sent := make(chan struct{})
				go func() { _, _ = io.CopyN(conn, dice, 64<<10); close(sent) }()
				if _, err := io.Copy(io.Discard, conn); err != nil {
					if fault, ok := errors.AsType[net.Error](err); ok && fault.Timeout() {
						t.Error("a sender of garbage is still connected")
						return
					}
				}
				_ = conn.Close()
				<-sent
				lives.Add(1)
			}
		})
	}
	all.Wait()
	t.Logf("%d connections were ended", lives.Load())
}

// raw is a bare connection, after a handshake if that is wanted.
func (h *hostel) raw(t *testing.T, handshake bool) net.Conn {
	t.Helper()
	if handshake {
		d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: house.Timeout}
		conn, _, err := d.Dial(strings.Replace(h.URL, "http", "ws", 1), nil)
		if err != nil {
			t.Error(err)
			return nil
		}
		return conn.NetConn()
	}
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(h.URL, "http://"), "/graphql"))
	if err != nil {
		t.Error(err)
	}
	return conn
}

// pings sends a thousand pings of the protocol a second and gets as many pongs.
func (h *hostel) pings(t *testing.T, stop <-chan struct{}) {
	p := h.Dial(t, "C01", "")
	pongs := &house.Inbox{T: t, Peer: p, Some: make(chan struct{}, 1)}
	p.Mu.Lock()
	p.Inboxes[""] = pongs
	p.Mu.Unlock()
	sent := rapidly(stop, func(n int) error {
		return p.Conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"ping","payload":{"n":%d}}`, n))
	})
	for n := range sent {
		m, ok := pongs.Within(house.Timeout)
		if want := fmt.Sprintf(`{"n":%d}`, n); !ok || m.Type != "pong" || string(m.Payload) != want {
			t.Errorf("got %s %s, want a pong with %s", m.Type, m.Payload, want)
			break
		}
	}
	t.Logf("%d pings were answered", sent)
}

// controlPings sends a thousand control frames a second and gets as many back.
func (h *hostel) controlPings(t *testing.T, stop <-chan struct{}) {
	p := h.Greet(t, "C01", "")
	got, all := 0, make(chan int, 1)
	p.Conn.SetPongHandler(func(data string) error {
		if want := fmt.Sprint(got); data != want {
			t.Errorf("got a pong with %q, want %q", data, want)
		}
		got++
		return nil
	})
	go func() {
		for {
			var m house.SocketMessage
			if err := p.Conn.ReadJSON(&m); err != nil || m.Type == "pong" {
				all <- got
				return
			}
		}
	}()
	sent := rapidly(stop, func(n int) error {
		return p.Conn.WriteControl(websocket.PingMessage, fmt.Append(nil, n), time.Now().Add(house.Timeout))
	})
	_ = p.Conn.WriteJSON(house.SocketMessage{Type: "ping", Payload: json.RawMessage(`{}`)}) // its pong comes behind theirs
	select {
	case got := <-all:
		if got != sent {
			t.Errorf("got %d pongs, want %d", got, sent)
		}
	case <-time.After(house.Timeout):
		t.Error("not all pongs came")
	}
	t.Logf("%d pings were answered", sent)
}

// rapidly calls a function a thousand times a second until it is stopped or fails, and returns the number of calls.
func rapidly(stop <-chan struct{}, do func(n int) error) (n int) {
	began, tick := time.Now(), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-stop:
			return n
		}
		for ; n < int(time.Since(began).Milliseconds()); n++ {
			if do(n) != nil {
				return n
			}
		}
	}
}

// floods sends pings as fast as they are taken and reads nothing, until it is cut off.
func (h *hostel) floods(t *testing.T, _ <-chan struct{}) {
	began := time.Now()
	p := h.Greet(t, "C01", "")
	conn := p.Conn.NetConn().(*net.TCPConn)
	_ = conn.SetReadBuffer(4 << 10)
	_ = conn.SetWriteDeadline(began.Add(house.Timeout))
	n := 0
	payload := strings.Repeat("x", 4000)
	for {
		if err := p.Conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","payload":{"x":"`+payload+`"}}`)); err != nil {
			if fault, ok := errors.AsType[net.Error](err); ok && fault.Timeout() {
				t.Error("still connected, and nothing of it is taken")
			}
			break
		}
		n++
	}
	t.Logf("ended after %v and %d pings", time.Since(began).Round(100*time.Millisecond), n)
}

// halfOpen opens n sockets that never authenticate: half send no handshake, or only part of one. Each channel is closed when
// the server has ended that one.
func (h *hostel) halfOpen(n int) (gone []<-chan struct{}) {
	h.T.Helper()
	for i := range n {
		t, ended := h.T.(*testing.T), make(chan struct{})
		conn := h.raw(t, i%2 == 0)
		if i%4 == 1 {
			_, _ = io.WriteString(conn, "GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgr")
		}
		t.Cleanup(func() { _ = conn.Close() })
		go func() {
			defer close(ended)
			_, _ = io.Copy(io.Discard, conn)
		}()
		gone = append(gone, ended)
	}
	return gone
}
