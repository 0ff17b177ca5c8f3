package live_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"baogong/e2e/house"
)

// dayClient is one person of the estate with one device. It sends everything over one WebSocket, or by HTTP with an event stream for each
// subscription.
type dayClient struct {
	d       *day
	name    string // of the development actor
	rng     *rand.Rand
	wire    dayWire
	streams []*dayStream

	keys    int            // clientMutationIds drawn so far
	done    []dayCall      // mutations that were answered and changed something
	calls   int            // mutations that were answered
	queries int            // other operations that were answered
	retried int            // calls sent once more though they were answered
	lost    int            // operations whose answer was lost
	refused map[string]int // by reason
}

// dayCall is a mutation by its clientMutationId.
type dayCall struct{ verb, key string }

// dayWire carries operations and subscriptions, and connects again by itself.
type dayWire interface {
	// ask sends a query or mutation once. It fails if the connection ends before the answer.
	ask(ctx context.Context, query string, variables obj) (house.Response, error)
	// run serves the client's streams until ctx is done.
	run(ctx context.Context)
}

// newDayClient returns a client with the subscriptions.
func (d *day) newDayClient(name string, streams ...*dayStream) *dayClient {
	i := len(d.clients)
	c := &dayClient{d: d, name: name, rng: rand.New(rand.NewPCG(d.seed, uint64(i))), streams: streams, refused: map[string]int{}}
	for _, s := range streams {
		s.client = c
	}
	if i%2 == 0 {
		c.wire = &socketWire{c: c, up: make(chan struct{})}
	} else {
		c.wire = &httpWire{c: c, client: &http.Client{Transport: &http.Transport{}}}
	}
	d.clients = append(d.clients, c)
	return c
}

func (c *dayClient) some(n int) bool { return c.rng.IntN(n) == 0 }

// pause waits for about the client's pace. It reports false at the end of the day.
func (c *dayClient) pause() bool {
	pace := c.d.size.pace
	select {
	case <-time.After(pace/2 + rand.N(pace)):
		return c.d.ctx.Err() == nil
	case <-c.d.ctx.Done():
		return false
	}
}

// ask sends an operation until it is answered.
func (c *dayClient) ask(query string, variables obj) house.Response {
	for began := time.Now(); ; {
		a, err := c.wire.ask(c.d.online, query, variables)
		if err == nil && !passes(a) {
			return a
		}
		c.lost++
		if time.Since(began) > 2*house.Timeout || c.d.online.Err() != nil {
			c.d.t.Errorf("%s: no answer to %.120s: %v %v", c.name, query, err, a.Errors)
			return a
		}
		time.Sleep(time.Duration(10+c.rng.IntN(90)) * time.Millisecond)
	}
}

// passes reports whether an answer says to try again, in place of the data or in a payload: too much waits, or the server stops.
func passes(a house.Response) bool {
	var got struct {
		It struct{ UserErrors []house.UserError }
	}
	if a.Code() == "" && json.Unmarshal(a.Data, &got) == nil && len(got.It.UserErrors) > 0 {
		return got.It.UserErrors[0].Code == "RATE_LIMITED"
	}
	return a.Code() == "RATE_LIMITED" || a.Code() == "UNAVAILABLE"
}

// query reads into to. It reports false if it is refused, as for a row that is gone.
func (c *dayClient) query(query string, variables obj, to any) bool {
	if variables == nil {
		variables = obj{}
	}
	variables["c"] = c.d.e.Community
	a := c.ask(query, variables)
	c.queries++
	if len(a.Errors) > 0 {
		c.d.t.Errorf("%s: %.200s: %v", c.name, query, a.Errors)
		return false
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		c.d.t.Errorf("%s: %.200s: %v", c.name, query, err)
		return false
	}
	return true
}

// dayAnswer is the payload of any mutation.
type dayAnswer struct {
	UserErrors                 []house.UserError
	Results                    []dayResult
	Order, Run, Round, Arrival *struct{ ID string }
	Enquiry, Incident, Notice  *struct{ ID string }
	BatchID                    string
}

// dayResult is the outcome of one item.
type dayResult struct {
	Loaded     int
	Hold       *struct{ ID string }
	UserErrors []house.UserError
}

// ok reports whether the call, or one of its items, was carried out.
func (a dayAnswer) ok() bool {
	for _, r := range a.Results {
		if len(r.UserErrors) == 0 {
			return true
		}
	}
	return len(a.Results) == 0 && len(a.UserErrors) == 0
}

// changed reports whether the call has changed something, so that it is stored. Others may find all as it is to be, and their retries are new calls.
func (a dayAnswer) changed(verb, selection string) bool {
	switch verb {
	case "takeIncidents", "checkIn", "markNoticesSeen", "markNoticeTold", "settleMoney":
		return false
	case "takeEnquiry":
		return a.Enquiry != nil
	case "createTasks":
		return len(a.Results) > 0
	}
	return a.ok() && (a.BatchID != "" || !strings.Contains(selection, "batchId"))
}

const dayRefusal = `userErrors { reason code details { free bags } }`

// call sends a mutation with a clientMutationId of its own until it is answered, and one in ten once more: a retry of a call that changed
// something gets the same answer. selection is what is read of the payload, which must be the same at any time.
func (c *dayClient) call(verb, selection string, in obj) (out dayAnswer) {
	c.keys++
	key := fmt.Sprint(c.name, " ", c.keys)
	in["clientMutationId"] = key
	query := fmt.Sprintf("mutation ($in: %sInput!) { it: %s(input: $in) { %s %s } }", strings.ToUpper(verb[:1])+verb[1:], verb, selection, dayRefusal)
	a := c.ask(query, obj{"in": in})
	if len(a.Errors) > 0 {
		c.d.t.Errorf("%s: %s %v: %v", c.name, verb, in, a.Errors)
		return dayAnswer{UserErrors: []house.UserError{{Reason: a.Code()}}}
	}
	var got struct{ It dayAnswer }
	if err := json.Unmarshal(a.Data, &got); err != nil {
		c.d.t.Errorf("%s: %s: %v in %s", c.name, verb, err, a.Data)
	}
	out = got.It
	c.calls++
	for _, r := range out.Results {
		for _, no := range r.UserErrors {
			c.refused[verb+" "+no.Reason]++
		}
	}
	for _, no := range out.UserErrors {
		c.refused[verb+" "+no.Reason]++
	}
	if !out.changed(verb, selection) {
		return out
	}
	c.done = append(c.done, dayCall{verb, key})
	if c.some(10) {
		c.retried++
		if again := c.ask(query, obj{"in": in}); !bytes.Equal(again.Data, a.Data) {
			c.d.t.Errorf("%s: %s %s again: got %s %v, want %s", c.name, verb, key, again.Data, again.Errors, a.Data)
		}
	}
	return out
}

// state reads the newest state of the client's stream into to. It reports false if there is none yet.
func (c *dayClient) state(i int, to any) bool {
	s := c.streams[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest == nil {
		return false
	}
	if err := json.Unmarshal(s.newest, to); err != nil {
		c.d.t.Errorf("%s: %s: %v", c.name, s.field, err)
	}
	return true
}

// dayStream is one subscription of a client, over however many connections.
type dayStream struct {
	client *dayClient
	field  string // of Subscription
	query  string
	vars   obj
	events bool // of events: it continues after the last cursor; of a state: it begins with the present one

	mu     sync.Mutex
	newest json.RawMessage // state
	got    []dayEvent
	taken  int // states and events
	begun  int // subscriptions
}

// dayEvent is what the test compares of one event.
type dayEvent struct {
	Cursor, Kind string
	SubjectID    string // of an Activity
	Order        *struct {
		OrderID, Stage string
		Version        int64
	}
}

// stateStream subscribes to a state of the community; selection is in braces.
func stateStream(field, selection string) *dayStream {
	return &dayStream{field: field, query: "subscription ($c: ID!) { it: " + field + "(communityId: $c) " + selection + " }", vars: obj{}}
}

// eventStream subscribes to orderEvents or events.
func eventStream(field string) *dayStream {
	selection := "cursor kind order { orderId stage version }"
	if field == "events" {
		selection += " subjectId"
	}
	return &dayStream{field: field, query: "subscription ($c: ID!, $a: String) { it: " + field + "(communityId: $c, after: $a) { " + selection + " } }", vars: obj{}, events: true}
}

// variables are those of the next subscription.
func (s *dayStream) variables() obj {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	s.vars["c"] = s.client.d.e.Community
	if s.events {
		s.vars["a"] = s.client.d.start
		if n := len(s.got); n > 0 {
			s.vars["a"] = s.got[n-1].Cursor
		}
	}
	return maps.Clone(s.vars)
}

// errAgain is why a subscription is to be made again.
var errAgain = errors.New("again")

// take takes one message. It returns errAgain if the subscription ended for a reason that passes.
func (s *dayStream) take(a house.Response) error {
	t := s.client.d.t
	if code := a.Code(); code != "" {
		if code != "RATE_LIMITED" && code != "UNAVAILABLE" {
			t.Errorf("%s: %s ended: %v", s.client.name, s.field, a.Errors)
		}
		return errAgain
	}
	house.CheckPrivate(t, s.client.name, a.Data)
	var got struct{ It json.RawMessage }
	if err := json.Unmarshal(a.Data, &got); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken++
	if !s.events {
		s.newest = got.It
		return nil
	}
	var e dayEvent
	if err := json.Unmarshal(got.It, &e); err != nil {
		return err
	}
	s.got = append(s.got, e)
	return nil
}

// length is how many events have come.
func (s *dayStream) length() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

// socketWire is one WebSocket at a time, which carries the client's operations and subscriptions.
type socketWire struct {
	c *dayClient

	mu      sync.Mutex
	conn    *websocket.Conn // nil while there is none
	up      chan struct{}   // closed when there is one
	next    int
	waiting map[string]chan house.Response // by the operation's id
}

func (w *socketWire) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.session(ctx); err != nil && ctx.Err() == nil {
			w.c.d.cuts.Add(1)
			time.Sleep(rand.N(50 * time.Millisecond))
		}
	}
}

// session is one connection, to its end.
func (w *socketWire) session(ctx context.Context) error {
	dialer := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}, HandshakeTimeout: house.Timeout}
	conn, response, err := dialer.DialContext(ctx, strings.Replace(w.c.d.url(), "http", "ws", 1), nil)
	if response != nil {
		_ = response.Body.Close()
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := conn.WriteJSON(obj{"type": "connection_init", "payload": obj{"Authorization": house.Bearer(w.c.d.e.As(w.c.name))}}); err != nil {
		return err
	}
	var m house.SocketMessage
	if err := conn.ReadJSON(&m); err != nil || m.Type != "connection_ack" {
		return fmt.Errorf("%v: %w", m, err)
	}
	streams := map[string]*dayStream{}
	w.mu.Lock()
	for _, s := range w.c.streams {
		w.next++
		streams[fmt.Sprint(w.next)] = s
		err = errors.Join(err, conn.WriteJSON(obj{"id": fmt.Sprint(w.next), "type": "subscribe", "payload": obj{"query": s.query, "variables": s.variables()}}))
	}
	w.conn, w.waiting = conn, map[string]chan house.Response{}
	close(w.up)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, answer := range w.waiting {
			close(answer)
		}
		w.conn, w.waiting, w.up = nil, nil, make(chan struct{})
	}()
	for err == nil {
		var m house.SocketMessage
		if err := conn.ReadJSON(&m); err != nil {
			return err
		}
		err = w.route(m, streams)
	}
	return err
}

// route passes a message to its stream or to the operation that waits for it.
func (w *socketWire) route(m house.SocketMessage, streams map[string]*dayStream) error {
	var a house.Response
	switch m.Type {
	case "next":
		if err := json.Unmarshal(m.Payload, &a); err != nil {
			return err
		}
	case "error":
		if err := json.Unmarshal(m.Payload, &a.Errors); err != nil {
			return err
		}
	case "complete":
		if s := streams[m.ID]; s != nil {
			return fmt.Errorf("%s is complete", s.field)
		}
		return nil
	default:
		return nil
	}
	if s := streams[m.ID]; s != nil {
		return s.take(a)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if answer := w.waiting[m.ID]; answer != nil {
		delete(w.waiting, m.ID)
		answer <- a
	}
	return nil
}

var errCut = errors.New("the connection ended before the answer")

func (w *socketWire) ask(ctx context.Context, query string, variables obj) (house.Response, error) {
	w.mu.Lock()
	up := w.up
	w.mu.Unlock()
	select {
	case <-up:
	case <-ctx.Done():
		return house.Response{}, ctx.Err()
	}
	answer := make(chan house.Response, 1)
	w.mu.Lock()
	if w.conn == nil {
		w.mu.Unlock()
		return house.Response{}, errCut
	}
	w.next++
	w.waiting[fmt.Sprint(w.next)] = answer
	err := w.conn.WriteJSON(obj{"id": fmt.Sprint(w.next), "type": "subscribe", "payload": obj{"query": query, "variables": variables}})
	w.mu.Unlock()
	if err != nil {
		return house.Response{}, err
	}
	a, ok := <-answer
	if !ok {
		return a, errCut
	}
	return a, nil
}

// httpWire sends each operation as a request, and reads each subscription as an event stream.
type httpWire struct {
	c      *dayClient
	client *http.Client
}

func (w *httpWire) run(ctx context.Context) {
	var streams sync.WaitGroup
	for _, s := range w.c.streams {
		streams.Go(func() {
			for ctx.Err() == nil {
				if err := w.read(ctx, s); ctx.Err() == nil {
					if err != nil {
						w.c.d.cuts.Add(1)
					}
					time.Sleep(rand.N(50 * time.Millisecond))
				}
			}
		})
	}
	<-ctx.Done()
	streams.Wait()
	w.client.CloseIdleConnections()
}

func (w *httpWire) post(ctx context.Context, query string, variables obj, headers ...string) (*http.Response, error) {
	body, err := json.Marshal(obj{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.c.d.url(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", house.Bearer(w.c.d.e.As(w.c.name)))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return w.client.Do(req)
}

// read is one event stream, to its end.
func (w *httpWire) read(ctx context.Context, s *dayStream) error {
	variables := s.variables()
	headers := []string{"Accept", "text/event-stream"}
	if last, ok := variables["a"].(string); ok { // as an EventSource does
		headers = append(headers, "Last-Event-ID", last)
		variables["a"] = w.c.d.start
	}
	res, err := w.post(ctx, s.query, variables, headers...)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	for lines := bufio.NewReader(res.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return err
		}
		if data, found := strings.CutPrefix(strings.TrimSpace(line), "data: "); found && data != "" {
			var a house.Response
			if err := json.Unmarshal([]byte(data), &a); err != nil {
				return err
			}
			if err := s.take(a); err != nil {
				return err
			}
		}
	}
}

func (w *httpWire) ask(ctx context.Context, query string, variables obj) (a house.Response, err error) {
	res, err := w.post(ctx, query, variables)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return a, err
	}
	house.CheckPrivate(w.c.d.t, w.c.name, text)
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("status %d: %w: %.100s", res.StatusCode, err, text)
	}
	return a, nil
}
