package live_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestReconnectStorm cuts stormSubscribers off at once. All come back after their cursors while orders go on moving:
// nothing is lost, and no more is asked of the database than when they first came.
func TestReconnectStorm(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	const orders, turns, enough = 4, 5, 20 * time.Second
	subscribers := stormSubscribers
	e := house.NewEstate(t, func(s *app.ServerSettings) {
		s.SlowAfter, s.WriteTime = 3*house.Timeout, 3*house.Timeout // it is the machine that is slow here
		s.AnonymousShare = 45                                       // all come at once, and none of these peers tries again
	})
	ids := e.Fill(orders)
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	most := min(subscribers, max(int(min(files.Cur, 1<<20))-4000, 200)/2) // both ends are this process's, as is what other tests hold
	if most < subscribers {
		t.Logf("only %d subscribers instead of %d: this process may open %d files", most, subscribers, files.Cur)
	}
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance("C01", stage, ids...)
	}
	past := len(feedNames(e))
	away := false
	turn := func() { // all
		in := house.MoveTo("OUT_FOR_DELIVERY", ids...)
		if away = !away; !away {
			in["to"], in["reason"] = "AT_BUILDING", "ABSENT"
		}
		e.AdvanceAs("C01", in)
	}

	// At first every client subscribes after one cursor that is the end: there is nothing to read.
	var crowd []*storm
	var mu sync.Mutex
	var group errgroup.Group
	start, began, before := e.Cursor(), time.Now(), e.Store.Statements()
	group.SetLimit(100)
	for range most {
		group.Go(func() error {
			if time.Since(began) > enough {
				return nil // the machine is too slow for more
			}
			s := &storm{e: e, t: t, cursor: start}
			mu.Lock()
			crowd = append(crowd, s)
			mu.Unlock()
			return s.come()
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	came, first := time.Since(began), e.Store.Statements()-before
	read := func(n int) {
		t.Helper()
		for _, s := range crowd {
			group.Go(func() error { return s.read(n) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	turn()
	read(orders)

	for _, s := range crowd {
		s.cut()
	}
	for range turns {
		turn()
	}
	before, began = e.Store.Statements(), time.Now()
	group.SetLimit(-1) // all at once
	for _, s := range crowd {
		group.Go(func() error {
			if err := s.come(); err != nil {
				return err
			}
			return s.read((1 + turns) * orders)
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	back, again := time.Since(began), e.Store.Statements()-before

	// And once more, while orders move.
	for _, s := range crowd {
		s.cut()
	}
	for _, s := range crowd {
		group.Go(s.come)
	}
	for range turns {
		turn()
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	read((1 + 2*turns) * orders)

	names, refused := feedNames(e)[past:], 0
	for i, s := range crowd {
		if len(s.names) != len(names) {
			t.Errorf("subscriber %d got %d events, want %d", i, len(s.names), len(names))
		}
		for n := range min(len(s.names), len(names)) {
			if s.names[n] != names[n] {
				t.Fatalf("subscriber %d: event %d is %s, want %s", i, n, s.names[n], names[n])
			}
		}
		refused += s.refused
		s.cut()
	}
	n := float64(len(crowd))
	t.Logf("%d subscribers came within %v, for %.2f statements each, and back with %d events each within %v, for %.2f statements each; %d times a subscription was UNAVAILABLE",
		len(crowd), came.Round(time.Millisecond), float64(first)/n, turns*orders, back.Round(time.Millisecond), float64(again)/n, refused)
	// The actor need not be read each time, and the clock and the poll have a few statements a second of their own;
	// one who reads events from the table takes one more.
	if extra := float64(again-first) - 10*(back-came).Seconds(); refused == 0 && extra > n/2 {
		t.Errorf("%d statements to come back, %d to come: the events were read from the table by each", again, first)
	}
}

// storm is one subscriber who comes and goes.
type storm struct {
	e      *house.Estate
	t      testing.TB
	conn   *websocket.Conn
	cursor string
	names  []string

	refused int
}

// come connects and subscribes after the last event.
func (s *storm) come() error {
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: 3 * house.Timeout, ReadBufferSize: 2 << 10, WriteBufferSize: 2 << 10}
	conn, _, err := d.DialContext(s.t.Context(), strings.Replace(s.e.URL, "http", "ws", 1), nil)
	if err != nil {
		return err
	}
	s.conn = conn
	_ = conn.SetReadDeadline(time.Now().Add(3 * house.Timeout))
	if err := conn.WriteJSON(obj{"type": "connection_init", "payload": obj{"Authorization": house.Bearer("C01")}}); err != nil {
		return err
	}
	var ack house.SocketMessage
	if err := conn.ReadJSON(&ack); err != nil || ack.Type != "connection_ack" {
		return fmt.Errorf("got %v, %w, want connection_ack", ack, err)
	}
	return s.subscribe()
}

func (s *storm) subscribe() error {
	return s.conn.WriteJSON(obj{"id": "e", "type": "subscribe", "payload": obj{"query": house.OrderEvents, "variables": obj{"c": s.e.Community, "a": s.cursor}}})
}

// read goes on until it has so many events in all.
func (s *storm) read(n int) error {
	for len(s.names) < n {
		_ = s.conn.SetReadDeadline(time.Now().Add(3 * house.Timeout))
		_, text, err := s.conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("after %d of %d events: %w", len(s.names), n, err)
		}
		var h heard
		if strings.Contains(string(text), `"code":"UNAVAILABLE"`) { // the machine is too slow for so many at once
			s.refused++
			if err := s.subscribe(); err != nil {
				return err
			}
			continue
		}
		if err := json.Unmarshal(text, &h); err != nil || h.Type != "next" {
			return fmt.Errorf("got %s, want an event", text)
		}
		s.cursor, s.names = h.Payload.Data.OrderEvents.Cursor, append(s.names, h.name())
	}
	return nil
}

// cut ends the connection without a word.
func (s *storm) cut() {
	_ = s.conn.NetConn().(*net.TCPConn).SetLinger(0)
	_ = s.conn.Close()
}
