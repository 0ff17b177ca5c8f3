package live_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestBurst makes ten calls of 300 orders (1,000 with the tag soak) back to back: every reader gets the events of all of them, in
// order, and none is closed.
func TestBurst(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	ids := e.Fill(burstOrders)
	const readers = burstReaders
	from := e.Cursor()
	inboxes := make([]*house.Inbox, readers)
	for i := range inboxes {
		inboxes[i] = e.Dial(t, "C01", "").Operate(`subscription ($c: ID!, $a: String) { orderEvents(communityId: $c, after: $a) { cursor order { orderId version } } }`,
			obj{"c": e.Community, "a": from})
	}
	start := time.Now()
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "AT_BUILDING", "OUT_FOR_DELIVERY", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"} {
		in := house.MoveTo(stage, ids...)
		if stage == "AT_BUILDING" && e.Order("C01", ids[0]).Stage == "OUT_FOR_DELIVERY" {
			in["reason"] = "ABSENT"
		}
		var got struct{ AdvanceOrders struct{ Moved int } }
		if e.Must("C01", `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { moved } }`, obj{"in": in}, &got); got.AdvanceOrders.Moved != len(ids) {
			t.Fatalf("moved %d, want %d", got.AdvanceOrders.Moved, len(ids))
		}
	}
	moved := time.Since(start)
	for _, in := range inboxes {
		versions := map[string]int{}
		for range 10 * len(ids) {
			m := in.Take()
			var got struct {
				Data struct{ OrderEvents house.OrderEvent }
			}
			if err := json.Unmarshal(m.Payload, &got); err != nil || m.Type != "next" {
				t.Fatalf("got %s %s, want an event", m.Type, m.Payload)
			}
			v := got.Data.OrderEvents.Order
			if was, seen := versions[v.OrderID]; seen && v.Version != was+1 || !seen && v.Version != 2 {
				t.Fatalf("got version %d after %d", v.Version, was)
			}
			versions[v.OrderID] = v.Version
		}
		select {
		case <-in.Peer.Ended:
			t.Errorf("closed: %v", in.Peer.Why)
		default:
		}
	}
	t.Logf("%d moves in %v, and %d events read in %v", 10*len(ids), moved.Round(time.Millisecond), readers*10*len(ids), time.Since(start).Round(time.Millisecond))
}

// slowly reads at most so many bytes a second, without a pause.
type slowly struct {
	net.Conn
	pace int
}

func (s slowly) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b[:min(len(b), s.pace/50)])
	time.Sleep(20 * time.Millisecond)
	return n, err
}

// TestSteadyReader has a subscriber on a slow line catch up on more data than the line carries within the slow-reader timeout: it never
// stops reading, so it gets every event.
func TestSteadyReader(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.SlowAfter, s.WriteTime = time.Second, time.Second })
	from := e.Cursor()
	ids := e.Fill(60)
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance("C01", stage, ids...)
	}
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: house.Timeout, ReadBufferSize: 64 << 10, NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		return slowly{c, 1_200_000}, err
	}}
	p := e.GreetBy(t, d, "C01", "")
	var ack house.SocketMessage
	if err := p.Conn.ReadJSON(&ack); err != nil || ack.Type != "connection_ack" {
		t.Fatal(ack, err)
	}
	go p.Read()
	in := p.Operate(`subscription ($c: ID!, $a: String) { orderEvents(communityId: $c, after: $a) { cursor`+wide(60)+` } }`, obj{"c": e.Community, "a": from})
	for i := range 5 * len(ids) {
		if m := in.Take(); m.Type != "next" {
			t.Fatalf("event %d: got %s %s", i, m.Type, m.Payload)
		}
	}
}

// wide selects an event's order so many times.
func wide(times int) string {
	var many strings.Builder
	for i := range times {
		many.WriteString(" e" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ": order { orderId number stage stageSince version placedAt movedAt buildingId unitId householdId supplierId }")
	}
	return many.String()
}

// TestStalledReader has one subscriber stop reading: it is closed, and the others get every event.
func TestStalledReader(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.SlowAfter, s.WriteTime = 2*time.Second, time.Second })
	from := e.Cursor()
	stalled := e.Greet(t, "C01", "")
	if tcp, ok := stalled.Conn.NetConn().(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10)
	}
	var ack house.SocketMessage
	if err := stalled.Conn.ReadJSON(&ack); err != nil || ack.Type != "connection_ack" {
		t.Fatal(ack, err)
	}
	// Some 20 KB an event, so that no buffer on the way holds them all.
	stalled.Operate(`subscription ($c: ID!, $a: String) { orderEvents(communityId: $c, after: $a) { cursor`+wide(60)+` } }`, obj{"c": e.Community, "a": from})
	reader := e.Dial(t, "C01", "").After(e, from, nil)

	ids := e.Fill(100)
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "DELIVERED"} {
		e.Advance("C01", stage, ids...)
	}
	reader.Many(600)
	// Writing shows that the connection is gone, without reading what is left of it.
	deadline := time.Now().Add(house.Timeout)
	for stalled.Conn.WriteControl(websocket.PongMessage, nil, deadline) == nil {
		if time.Now().After(deadline) {
			t.Fatal("the stalled reader is still connected")
		}
		time.Sleep(10 * time.Millisecond)
	}
	e.Advance("C01", "DISPATCHED", e.Place("E6-1-1103"))
	if v := reader.Many(2)[1]; v.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want the others to go on", v)
	}
}
