package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// peer is one graphql-transport-ws client.
type peer struct {
	h     *testHouse
	t     testing.TB
	conn  *websocket.Conn
	ended chan struct{} // closed when the connection is over
	why   error         // after ended

	mu      sync.Mutex
	next    int
	inboxes map[string]*inbox
}

// message is one message of the protocol.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// dial connects as an actor and waits for the ack; locale may be empty.
func (h *testHouse) dial(t testing.TB, actor, locale string) *peer {
	t.Helper()
	p := h.greet(t, actor, locale)
	var m message
	if err := p.conn.ReadJSON(&m); err != nil || m.Type != "connection_ack" {
		t.Fatalf("got %v, %v, want connection_ack", m, err)
	}
	go p.read()
	return p
}

// greet connects and sends connection_init; it reads nothing.
func (h *testHouse) greet(t testing.TB, actor, locale string) *peer {
	t.Helper()
	return h.greetBy(t, websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: patient}, actor, locale)
}

func (h *testHouse) greetBy(t testing.TB, d websocket.Dialer, actor, locale string) *peer {
	t.Helper()
	conn, _, err := d.DialContext(t.Context(), strings.Replace(h.url, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{h: h, t: t, conn: conn, ended: make(chan struct{}), inboxes: map[string]*inbox{}}
	t.Cleanup(func() { _ = conn.Close() })
	greeting := obj{}
	if actor != "" {
		greeting["Authorization"] = bearer(actor)
	}
	if locale != "" {
		greeting["locale"] = locale
	}
	payload, _ := json.Marshal(greeting)
	if err := conn.WriteJSON(message{Type: "connection_init", Payload: payload}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *peer) read() {
	defer close(p.ended)
	for {
		_, text, err := p.conn.ReadMessage()
		if err != nil {
			p.why = err
			return
		}
		checkPrivate(p.t, "a subscriber", text)
		checkInside(p.t, text)
		var m message
		if err := json.Unmarshal(text, &m); err != nil {
			p.why = err
			return
		}
		p.mu.Lock()
		in := p.inboxes[m.ID]
		p.mu.Unlock()
		if in != nil {
			in.put(m)
		}
	}
}

// closed waits for the end of the connection and returns its close code, 0 if it was cut.
func (p *peer) closed() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patient):
		p.t.Fatal("the connection is still open")
	}
	var said *websocket.CloseError
	if errors.As(p.why, &said) {
		return said.Code
	}
	return 0
}

// operate starts an operation.
func (p *peer) operate(query string, variables obj) *inbox {
	p.t.Helper()
	payload, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	in := &inbox{t: p.t, peer: p, id: fmt.Sprint(p.next), some: make(chan struct{}, 1)}
	p.inboxes[in.id] = in
	if err := p.conn.WriteJSON(message{ID: in.id, Type: "subscribe", Payload: payload}); err != nil {
		p.t.Fatal(err)
	}
	return in
}

// inbox is what has come for one operation.
type inbox struct {
	t    testing.TB
	peer *peer
	id   string
	some chan struct{} // one slot

	mu   sync.Mutex
	got  []message
	when []time.Time
}

func (in *inbox) put(m message) {
	in.mu.Lock()
	in.got, in.when = append(in.got, m), append(in.when, time.Now())
	in.mu.Unlock()
	select {
	case in.some <- struct{}{}:
	default:
	}
}

// take waits for the next message.
func (in *inbox) take() message {
	in.t.Helper()
	m, ok := in.within(patient)
	if !ok {
		in.t.Fatalf("nothing came; the connection's end: %v", in.peer.gone())
	}
	return m
}

// within waits for the next message for so long.
func (in *inbox) within(d time.Duration) (message, bool) {
	late := time.After(d)
	ended := false
	for {
		in.mu.Lock()
		if len(in.got) > 0 {
			m := in.got[0]
			in.got, in.when = in.got[1:], in.when[1:]
			in.mu.Unlock()
			return m, true
		}
		in.mu.Unlock()
		if ended {
			return message{}, false
		}
		select {
		case <-in.some:
		case <-in.peer.ended:
			ended = true // what came before it counts
		case <-late:
			return message{}, false
		}
	}
}

// value waits for the next result and reads its data.
func (in *inbox) value(to any) {
	in.t.Helper()
	m := in.take()
	var a answer
	if err := json.Unmarshal(m.Payload, &a); m.Type != "next" || err != nil || len(a.Errors) > 0 {
		in.t.Fatalf("got %s %s, want a result", m.Type, m.Payload)
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		in.t.Fatal(err)
	}
}

// refused waits for the error that ends the operation, past what came before it.
func (in *inbox) refused() fault {
	in.t.Helper()
	for {
		m := in.take()
		switch m.Type {
		case "next":
			continue
		case "error":
			var faults []fault
			if err := json.Unmarshal(m.Payload, &faults); err != nil || len(faults) != 1 {
				in.t.Fatalf("got %s, want one error", m.Payload)
			}
			return faults[0]
		}
		in.t.Fatalf("got %s, want an error", m.Type)
	}
}

// stop completes the operation.
func (in *inbox) stop() {
	in.t.Helper()
	in.peer.mu.Lock()
	defer in.peer.mu.Unlock()
	if err := in.peer.conn.WriteJSON(message{ID: in.id, Type: "complete"}); err != nil {
		in.t.Fatal(err)
	}
}

// event is an order's event as a client reads it.
type event struct {
	Cursor string
	Kind   string
	Reason string
	Order  struct {
		OrderID string
		Stage   string
		Version int
		Held    bool
	}
}

const orderEvents = `subscription ($c: ID!, $f: OrderEventFilter, $a: String) { orderEvents(communityId: $c, filter: $f, after: $a) {
	cursor kind reason order { orderId stage version held } } }`

// follow subscribes to the estate's events from now on: after the feed's end, so that nothing is missed however late the
// subscription begins.
func (p *peer) follow(e *estate, filter obj) *inbox {
	p.t.Helper()
	return p.after(e, e.cursor(), filter)
}

// after subscribes to the estate's events after a cursor.
func (p *peer) after(e *estate, cursor string, filter obj) *inbox {
	p.t.Helper()
	return p.operate(orderEvents, obj{"c": e.community, "f": filter, "a": cursor})
}

// next is the next event.
func (in *inbox) next() event {
	in.t.Helper()
	var got struct{ OrderEvents event }
	in.value(&got)
	return got.OrderEvents
}

// take n events.
func (in *inbox) many(n int) []event {
	in.t.Helper()
	out := make([]event, n)
	for i := range out {
		out[i] = in.next()
	}
	return out
}

// listener is one event stream.
type listener struct {
	t      testing.TB
	cancel context.CancelFunc
	lines  *bufio.Scanner
}

// sent is one event of a stream.
type sent struct {
	name, id string
	answer   answer
}

// listen opens an event stream; last is the Last-Event-ID, empty for none.
func (h *testHouse) listen(t testing.TB, actor, last, query string, variables obj) *listener {
	t.Helper()
	body, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", bearer(actor))
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = res.Body.Close() })
	return &listener{t: t, cancel: cancel, lines: bufio.NewScanner(res.Body)}
}

// next is the next event, false at the end of the stream.
func (l *listener) next() (s sent, ok bool) {
	for l.lines.Scan() {
		line := l.lines.Text()
		switch name, value, _ := strings.Cut(line, ": "); {
		case line == "" && s.name != "":
			return s, true
		case name == "event":
			s.name = value
		case name == "id":
			s.id = value
		case name == "data" && value != "":
			checkPrivate(l.t, "an event stream", []byte(value))
			if err := json.Unmarshal([]byte(value), &s.answer); err != nil {
				l.t.Fatal(err)
			}
		}
	}
	return s, false
}

// event is the next order event and its id.
func (l *listener) event() (event, string) {
	l.t.Helper()
	s, ok := l.next()
	var got struct{ OrderEvents event }
	if !ok || s.name != "next" || len(s.answer.Errors) > 0 || json.Unmarshal(s.answer.Data, &got) != nil {
		l.t.Fatalf("got %v, want an event", s)
	}
	return got.OrderEvents, s.id
}
