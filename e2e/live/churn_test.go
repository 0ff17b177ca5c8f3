package live_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestGroupChurn has 200 sockets join, leave and join again one and the same subscription at random during 2,000
// events (5,000 with the tag soak), some after their last cursor and some from now on: each sees exactly the
// events of its windows, in order, none twice.
func TestGroupChurn(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	const sockets, calls, bulk = 200, 100, churnBulk
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Ring = 1024 }) // who catches up in the end finds the beginning in the table only
	ids := e.Fill(2 * bulk)
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
		e.Advance("C01", stage, ids...)
	}
	start := e.Cursor()
	past := len(feedNames(e))

	done := &progress{tick: make(chan struct{})}
	churners := make([]*churner, sockets)
	var group errgroup.Group
	for i := range churners {
		churners[i] = &churner{e: e, t: t, done: done, id: fmt.Sprint("churner ", i)}
		group.Go(func() error { return churners[i].churn(calls * bulk) })
	}
	began := time.Now()
	for call := range calls {
		in := house.MoveTo([]string{"OUT_FOR_DELIVERY", "AT_BUILDING"}[call/2%2], ids[call%2*bulk:][:bulk]...)
		if call/2%2 == 1 {
			in["reason"] = "ABSENT"
		}
		e.AdvanceAs("C01", in)
		done.add(bulk)
	}
	moved := time.Since(began)
	done.end()
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if done.events() != calls*bulk {
		t.Fatalf("moved %d, want %d", done.events(), calls*bulk)
	}

	// Now that nothing happens any more, some catch up who have seen nothing from the start.
	names := feedNames(e)[past:]
	for _, c := range churners[:sockets/20] {
		group.Go(func() error { return c.catchUp(start, names[len(names)-1]) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	position := map[string]int{}
	for i, name := range names {
		position[name] = i
	}
	var windows, resumed, deliveries, cuts int
	for _, c := range churners {
		cuts += c.cuts
		for n, w := range c.windows {
			windows++
			deliveries += len(w.events)
			next := -1
			if w.after != "" {
				resumed++
				next = position[w.after] + 1
			} else if w.whole {
				next = 0
			}
			for i, name := range w.events {
				at, known := position[name]
				switch {
				case !known:
					t.Fatalf("%s, window %d: event %d is %s, which is not in the table or before the start", c.id, n, i, name)
				case next >= 0 && at != next:
					t.Fatalf("%s, window %d: event %d of %d is number %d, want %d", c.id, n, i, len(w.events), at, next)
				case next < 0 && at < w.floor:
					t.Fatalf("%s, window %d: begins with number %d, but %d were past when it was asked for", c.id, n, at, w.floor)
				}
				next = at + 1
			}
		}
	}
	t.Logf("%d events in %v; %d sockets had %d windows, %d of them after a cursor; %d deliveries in %v; %d closed as slow",
		calls*bulk, moved.Round(time.Millisecond), sockets, windows, resumed, deliveries, time.Since(began).Round(time.Millisecond), cuts)
	if resumed < sockets/2 || windows < 2*sockets {
		t.Errorf("got %d windows, %d of them after a cursor: too few to tell anything", windows, resumed)
	}
}

// feedNames are the community's events of orders, "order version" each.
func feedNames(e *house.Estate) (names []string) {
	e.T.Helper()
	raw, err := sql.Open("postgres", e.DSN)
	if err != nil {
		e.T.Fatal(err)
	}
	defer raw.Close()
	rows, err := raw.QueryContext(e.T.Context(), `
		select community_id, order_id, body -> 'order' ->> 'version'
		  from events
		 where order_id is not null
		 order by community_id, seq`)
	if err != nil {
		e.T.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		id, version := delivery.ID{Kind: delivery.KindOrder}, 0
		if err := rows.Scan(&id.Community, &id.UUID, &version); err != nil {
			e.T.Fatal(err)
		}
		names = append(names, fmt.Sprint(id, " ", version))
	}
	if err := rows.Err(); err != nil {
		e.T.Fatal(err)
	}
	return names
}

// progress counts committed events.
type progress struct {
	mu   sync.Mutex
	n    int
	over bool
	tick chan struct{} // closed and made again at each change
}

func (p *progress) add(n int) { p.change(func() { p.n += n }) }
func (p *progress) end()      { p.change(func() { p.over = true }) }

func (p *progress) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.tick)
	p.tick = make(chan struct{})
}

func (p *progress) events() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

// pass waits for n more events and reports false if the stream ends first.
func (p *progress) pass(n int) bool {
	for until := p.events() + n; ; {
		p.mu.Lock()
		now, over, tick := p.n, p.over, p.tick
		p.mu.Unlock()
		if over || now >= until {
			return !over
		}
		<-tick
	}
}

// next is closed at the next change; over says that there will be none.
func (p *progress) next() (tick <-chan struct{}, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tick, p.over
}

// churner joins and leaves one subscription, again and again.
type churner struct {
	e    *house.Estate
	t    testing.TB
	done *progress
	id   string // of the subscription, however often it is made

	conn    *websocket.Conn
	heard   chan heard // closed at the end of the connection
	last    string     // the cursor to resume after, "" before the first event
	lastOne string     // and its event
	windows []*window
	cuts    int // how often the server ended the connection
}

// window is one time between joining and leaving.
type window struct {
	after  string // the event it was asked for after; "" if it was not
	whole  bool   // asked for after the start
	floor  int    // so many events were past when it was asked for from now on
	events []string
}

// heard is the part of a message that the test compares.
type heard struct {
	ID, Type string
	Payload  struct {
		Data struct{ OrderEvents house.OrderEvent }
	}
}

func (h heard) name() string {
	return fmt.Sprint(h.Payload.Data.OrderEvents.Order.OrderID, " ", h.Payload.Data.OrderEvents.Order.Version)
}

// churn joins and leaves until no more events come. It resumes after a short pause, so that most events are still in memory.
func (c *churner) churn(events int) error {
	for {
		away, resume := events/2, c.last != "" && rand.IntN(2) > 0
		if resume {
			away = events / 25
		}
		if !c.done.pass(rand.IntN(away)) {
			break
		}
		if c.conn == nil {
			if err := c.dial(); err != nil {
				return err
			}
		}
		w := &window{floor: c.done.events()}
		after := ""
		if resume {
			w.after, after = c.lastOne, c.last
		}
		if err := c.join(w, after); err != nil {
			return err
		}
		if err := c.listen(w, rand.IntN(50), ""); err != nil {
			return err
		}
		if err := c.leave(w); err != nil {
			return err
		}
	}
	c.hangUp()
	return nil
}

// catchUp resumes and reads to the last event.
func (c *churner) catchUp(start, last string) error {
	if c.lastOne == last {
		return nil
	}
	w := &window{after: c.lastOne, whole: c.last == ""}
	if w.whole {
		c.last = start
	}
	defer c.hangUp()
	for {
		if err := c.dial(); err != nil {
			return err
		}
		if err := c.join(w, c.last); err != nil {
			return err
		}
		if err := c.listen(w, -1, last); err != nil {
			return err
		}
		if c.lastOne == last {
			return nil
		}
		w = &window{after: c.lastOne} // it was too slow, and comes back
	}
}

func (c *churner) dial() error {
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: house.Timeout}
	conn, _, err := d.DialContext(c.t.Context(), strings.Replace(c.e.URL, "http", "ws", 1), nil)
	if err != nil {
		return err
	}
	c.conn, c.heard = conn, make(chan heard, 16)
	if err := conn.WriteJSON(obj{"type": "connection_init", "payload": obj{"Authorization": house.Bearer("C01")}}); err != nil {
		return err
	}
	go func(out chan<- heard) {
		defer close(out)
		for {
			_, text, err := conn.ReadMessage()
			if err != nil {
				return
			}
			var h heard
			if err := json.Unmarshal(text, &h); err != nil {
				h.Type = "not JSON: " + string(text)
			}
			out <- h
		}
	}(c.heard)
	if h, ok := c.next(nil); !ok || h.Type != "connection_ack" {
		return fmt.Errorf("%s: got %v, want connection_ack", c.id, h)
	}
	return nil
}

func (c *churner) join(w *window, after string) error {
	variables := obj{"c": c.e.Community}
	if after != "" {
		variables["a"] = after
	}
	c.windows = append(c.windows, w)
	return c.say(obj{"id": c.id, "type": "subscribe", "payload": obj{"query": house.OrderEvents, "variables": variables}})
}

// listen takes so many events, or all up to one of this name, or until no more come.
func (c *churner) listen(w *window, most int, until string) error {
	for most < 0 || len(w.events) < most {
		tick, over := c.done.next()
		if until != "" {
			tick, over = nil, false
		}
		if over {
			return nil
		}
		h, ok := c.next(tick)
		switch {
		case h.Type == "tick":
		case !ok:
			c.cuts++
			c.hangUp()
			return nil
		default:
			if err := c.take(w, h); err != nil {
				return err
			}
			if h.name() == until {
				return nil
			}
		}
	}
	return nil
}

func (c *churner) take(w *window, h heard) error {
	if h.Type != "next" || h.ID != c.id {
		return fmt.Errorf("%s: got %v, want an event", c.id, h)
	}
	c.last, c.lastOne = h.Payload.Data.OrderEvents.Cursor, h.name()
	w.events = append(w.events, c.lastOne)
	return nil
}

// leave completes the subscription, or cuts the connection. What the server sent before it knew still counts; once it
// has answered a ping that follows, nothing may come: the next subscription has the same id.
func (c *churner) leave(w *window) error {
	if c.conn == nil {
		return nil
	}
	if rand.IntN(4) == 0 {
		c.hangUp()
		return nil
	}
	if err := c.say(obj{"id": c.id, "type": "complete"}); err != nil {
		return err
	}
	if err := c.say(obj{"type": "ping"}); err != nil {
		return err
	}
	for {
		h, ok := c.next(nil)
		switch {
		case !ok:
			c.cuts++
			c.hangUp()
			return nil
		case h.Type == "pong":
			return nil
		}
		if err := c.take(w, h); err != nil {
			return err
		}
	}
}

// say sends a message. It ignores a failed write: the next read finds a closed connection.
func (c *churner) say(message obj) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_ = c.conn.WriteMessage(websocket.TextMessage, text)
	return nil
}

// next returns the next message, or a tick if that comes first; false at the end of the connection.
func (c *churner) next(tick <-chan struct{}) (heard, bool) {
	select {
	case h, ok := <-c.heard:
		return h, ok
	case <-tick:
		return heard{Type: "tick"}, true
	case <-time.After(house.Timeout):
		return heard{Type: "nothing"}, true
	}
}

// hangUp cuts the connection.
func (c *churner) hangUp() {
	if c.conn == nil {
		return
	}
	_ = c.conn.Close()
	for range c.heard {
	}
	c.conn = nil
}
