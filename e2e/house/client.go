package house

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

// Peer is one graphql-transport-ws client.
type Peer struct {
	h     *Program
	t     testing.TB
	Conn  *websocket.Conn
	Ended chan struct{} // closed when the connection is over
	Why   error         // after ended

	Mu      sync.Mutex
	next    int
	Inboxes map[string]*Inbox
}

// SocketMessage is one message of the protocol.
type SocketMessage struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Dial connects as an actor and waits for the ack; locale may be empty.
func (h *Program) Dial(t testing.TB, actor, locale string) *Peer {
	t.Helper()
	p := h.Greet(t, actor, locale)
	var m SocketMessage
	if err := p.Conn.ReadJSON(&m); err != nil || m.Type != "connection_ack" {
		t.Fatalf("got %v, %v, want connection_ack", m, err)
	}
	go p.Read()
	return p
}

// Greet connects and sends connection_init; it reads nothing.
func (h *Program) Greet(t testing.TB, actor, locale string) *Peer {
	t.Helper()
	return h.GreetBy(t, websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: Timeout}, actor, locale)
}

// GreetBy connects by the dialer and sends connection_init; it reads nothing.
func (h *Program) GreetBy(t testing.TB, d websocket.Dialer, actor, locale string) *Peer {
	t.Helper()
	conn, _, err := d.DialContext(t.Context(), strings.Replace(h.URL, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &Peer{h: h, t: t, Conn: conn, Ended: make(chan struct{}), Inboxes: map[string]*Inbox{}}
	t.Cleanup(func() { _ = conn.Close() })
	greeting := obj{}
	if actor != "" {
		greeting["Authorization"] = Bearer(actor)
	}
	if locale != "" {
		greeting["locale"] = locale
	}
	payload, _ := json.Marshal(greeting)
	if err := conn.WriteJSON(SocketMessage{Type: "connection_init", Payload: payload}); err != nil {
		t.Fatal(err)
	}
	return p
}

// Read passes messages to the inboxes until the connection ends. Dial runs it. A caller of Greet must run it after the ack.
func (p *Peer) Read() {
	defer close(p.Ended)
	for {
		_, text, err := p.Conn.ReadMessage()
		if err != nil {
			p.Why = err
			return
		}
		CheckPrivate(p.t, "a subscriber", text)
		checkInside(p.t, text)
		var m SocketMessage
		if err := json.Unmarshal(text, &m); err != nil {
			p.Why = err
			return
		}
		p.Mu.Lock()
		in := p.Inboxes[m.ID]
		p.Mu.Unlock()
		if in != nil {
			in.put(m)
		}
	}
}

// Closed waits for the end of the connection and returns its close code, 0 if it was cut.
func (p *Peer) Closed() int {
	p.t.Helper()
	select {
	case <-p.Ended:
	case <-time.After(Timeout):
		p.t.Fatal("the connection is still open")
	}
	if said, ok := errors.AsType[*websocket.CloseError](p.Why); ok {
		return said.Code
	}
	return 0
}

// Operate starts an operation.
func (p *Peer) Operate(query string, variables obj) *Inbox {
	p.t.Helper()
	payload, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		p.t.Fatal(err)
	}
	p.Mu.Lock()
	defer p.Mu.Unlock()
	p.next++
	in := &Inbox{T: p.t, Peer: p, id: fmt.Sprint(p.next), Some: make(chan struct{}, 1)}
	p.Inboxes[in.id] = in
	if err := p.Conn.WriteJSON(SocketMessage{ID: in.id, Type: "subscribe", Payload: payload}); err != nil {
		p.t.Fatal(err)
	}
	return in
}

// Inbox holds the messages that have arrived for one operation.
type Inbox struct {
	T    testing.TB
	Peer *Peer
	id   string
	Some chan struct{} // one slot

	Mu   sync.Mutex
	Got  []SocketMessage
	When []time.Time
}

func (in *Inbox) put(m SocketMessage) {
	in.Mu.Lock()
	in.Got, in.When = append(in.Got, m), append(in.When, time.Now())
	in.Mu.Unlock()
	select {
	case in.Some <- struct{}{}:
	default:
	}
}

// Take waits for the next message.
func (in *Inbox) Take() SocketMessage {
	in.T.Helper()
	m, ok := in.Within(Timeout)
	if !ok {
		in.T.Fatalf("nothing came; the connection's end: %v", in.Peer.Gone())
	}
	return m
}

// Within waits for the next message, at most for the duration.
func (in *Inbox) Within(d time.Duration) (SocketMessage, bool) {
	late := time.After(d)
	ended := false
	for {
		in.Mu.Lock()
		if len(in.Got) > 0 {
			m := in.Got[0]
			in.Got, in.When = in.Got[1:], in.When[1:]
			in.Mu.Unlock()
			return m, true
		}
		in.Mu.Unlock()
		if ended {
			return SocketMessage{}, false
		}
		select {
		case <-in.Some:
		case <-in.Peer.Ended:
			ended = true // what came before it counts
		case <-late:
			return SocketMessage{}, false
		}
	}
}

// Value waits for the next result and reads its data.
func (in *Inbox) Value(to any) {
	in.T.Helper()
	m := in.Take()
	var a Response
	if err := json.Unmarshal(m.Payload, &a); m.Type != "next" || err != nil || len(a.Errors) > 0 {
		in.T.Fatalf("got %s %s, want a result", m.Type, m.Payload)
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		in.T.Fatal(err)
	}
}

// Refused waits for the error that ends the operation, and skips earlier messages.
func (in *Inbox) Refused() GraphQLError {
	in.T.Helper()
	for {
		m := in.Take()
		switch m.Type {
		case "next":
			continue
		case "error":
			var faults []GraphQLError
			if err := json.Unmarshal(m.Payload, &faults); err != nil || len(faults) != 1 {
				in.T.Fatalf("got %s, want one error", m.Payload)
			}
			return faults[0]
		}
		in.T.Fatalf("got %s, want an error", m.Type)
	}
}

// Stop completes the operation.
func (in *Inbox) Stop() {
	in.T.Helper()
	in.Peer.Mu.Lock()
	defer in.Peer.Mu.Unlock()
	if err := in.Peer.Conn.WriteJSON(SocketMessage{ID: in.id, Type: "complete"}); err != nil {
		in.T.Fatal(err)
	}
}

// OrderEvent is an order's event as a client reads it.
type OrderEvent struct {
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

// OrderEvents is the subscription of Follow and After.
const OrderEvents = `subscription ($c: ID!, $f: OrderEventFilter, $a: String) { orderEvents(communityId: $c, filter: $f, after: $a) {
	cursor kind reason order { orderId stage version held } } }`

// Follow subscribes to the estate's events from now on: after the feed's end, so that nothing is missed however late the
// subscription begins.
func (p *Peer) Follow(e *Estate, filter obj) *Inbox {
	p.t.Helper()
	return p.After(e, e.Cursor(), filter)
}

// After subscribes to the estate's events after a cursor.
func (p *Peer) After(e *Estate, cursor string, filter obj) *Inbox {
	p.t.Helper()
	return p.Operate(OrderEvents, obj{"c": e.Community, "f": filter, "a": cursor})
}

// Next returns the next event.
func (in *Inbox) Next() OrderEvent {
	in.T.Helper()
	var got struct{ OrderEvents OrderEvent }
	in.Value(&got)
	return got.OrderEvents
}

// Many takes n events.
func (in *Inbox) Many(n int) []OrderEvent {
	in.T.Helper()
	out := make([]OrderEvent, n)
	for i := range out {
		out[i] = in.Next()
	}
	return out
}

// EventStream is one event stream.
type EventStream struct {
	t      testing.TB
	Cancel context.CancelFunc
	lines  *bufio.Scanner
}

// StreamEvent is one event of a stream.
type StreamEvent struct {
	Name, ID string
	Answer   Response
}

// Listen opens an event stream; last is the Last-Event-ID, empty for none.
func (h *Program) Listen(t testing.TB, actor, last, query string, variables obj) *EventStream {
	t.Helper()
	body, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", Bearer(actor))
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = res.Body.Close() })
	return &EventStream{t: t, Cancel: cancel, lines: bufio.NewScanner(res.Body)}
}

// Next returns the next event, and false at the end of the stream.
func (l *EventStream) Next() (s StreamEvent, ok bool) {
	for l.lines.Scan() {
		line := l.lines.Text()
		switch name, value, _ := strings.Cut(line, ": "); {
		case line == "" && s.Name != "":
			return s, true
		case name == "event":
			s.Name = value
		case name == "id":
			s.ID = value
		case name == "data" && value != "":
			CheckPrivate(l.t, "an event stream", []byte(value))
			if err := json.Unmarshal([]byte(value), &s.Answer); err != nil {
				l.t.Fatal(err)
			}
		}
	}
	return s, false
}

// Event returns the next order event and its id.
func (l *EventStream) Event() (OrderEvent, string) {
	l.t.Helper()
	s, ok := l.Next()
	var got struct{ OrderEvents OrderEvent }
	if !ok || s.Name != "next" || len(s.Answer.Errors) > 0 || json.Unmarshal(s.Answer.Data, &got) != nil {
		l.t.Fatalf("got %v, want an event", s)
	}
	return got.OrderEvents, s.ID
}

// First returns the first result of a subscription, or its error.
func (in *Inbox) First() (a Response) {
	in.T.Helper()
	m := in.Take()
	to := any(&a)
	if m.Type == "error" {
		to = &a.Errors
	}
	if err := json.Unmarshal(m.Payload, to); err != nil {
		in.T.Fatal(err)
	}
	if m.Type == "next" {
		in.Stop()
	}
	return a
}
