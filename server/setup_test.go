package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.uber.org/goleak"

	"baogong/delivery"
	"baogong/internal/cpu"
	"baogong/live"
	"baogong/server/answer"
	"baogong/server/limit"
)

func TestMain(m *testing.M) {
	cpu.TestsPerCore(4)
	goleak.VerifyTestMain(m)
}

const patient = 30 * time.Second // for what must come; long only when a test fails

var sdl = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { hello(name: String): String, me: String, locale: String, refused: String, boom: String, hang: String, left: String
		items(first: Int, last: Int): [Item!]! }
	type Item { name: String!, children(first: Int): [Item!]!, kin: Kin, mine: String }
	type Shop { name: String!, sells: String }
	union Kin = Item | Shop
	type Mutation { bump: Int!, slow: String! }
	type Subscription { count(to: Int!, size: Int): String!, feed(after: String, end: String): String!, denied: String!, boom: String!,
		belt(after: String, of: String): String!, item(of: [String!], after: String): Item! }
`})

// stub is a small executable schema, built as generated ones are: one buffer reused for every event, errors
// added to the context, resolvers that heed their context.
type stub struct {
	entered chan string   // a field that waits has begun
	leave   chan struct{} // lets it finish
	belt    belt
	making  sync.Mutex   // held while an answer of a subscription is made
	made    atomic.Int64 // answers of subscriptions that were begun
	failing atomic.Int64 // so many answers of subscriptions fail,
	failure delivery.Reason
	bumps   int
	mu      sync.Mutex
	alive   int // subscriptions
	idle    chan struct{}
}

func (*stub) Schema() *ast.Schema { return sdl }

func (*stub) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (e *stub) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, nil)
	if op.Operation.Operation == ast.Subscription {
		values, err := e.subscribe(ctx, fields[0].Name, fields[0].ArgumentMap(op.Variables))
		if err != nil {
			graphql.AddError(ctx, err)
			return nil
		}
		var buf bytes.Buffer
		return func(ctx context.Context) *graphql.Response {
			select {
			case v, ok := <-values:
				if !ok {
					return nil
				}
				if scope, _ := ctx.Value(scopeKey{}).(delivery.Scope); scope.Community != 0 {
					v += fmt.Sprint(" of ", scope.Community)
				}
				e.made.Add(1)
				e.making.Lock()
				e.making.Unlock() // a test may hold it
				if v == "boom" {
					panic("secret stack")
				}
				if e.failing.Add(-1) >= 0 {
					graphql.AddError(ctx, delivery.Refuse(e.failure))
					return &graphql.Response{Data: []byte(`{"` + fields[0].Alias + `":null}`)}
				}
				buf.Reset()
				_ = json.NewEncoder(&buf).Encode(map[string]string{fields[0].Alias: v})
				return &graphql.Response{Data: buf.Bytes()}
			case <-ctx.Done():
				return nil
			}
		}
	}
	ran := false
	return func(ctx context.Context) *graphql.Response {
		if ran {
			return nil
		}
		ran = true
		data := map[string]any{}
		for _, f := range fields {
			v, err := e.resolve(ctx, f.Name, f.ArgumentMap(op.Variables))
			if err != nil {
				graphql.AddError(ctx, err)
			}
			data[f.Alias] = v
		}
		encoded, _ := json.Marshal(data)
		return &graphql.Response{Data: encoded}
	}
}

type actorKey struct{}
type localeKey struct{}
type scopeKey struct{}

func (e *stub) resolve(ctx context.Context, field string, args map[string]any) (any, error) {
	switch field {
	case "__typename":
		return "Query", nil
	case "hello":
		return args["name"], nil
	case "me":
		return ctx.Value(actorKey{}).(delivery.Actor).Name, nil
	case "left":
		r := answer.RateLimit(ctx)
		when := "now"
		if r.ResetAt.After(time.Now()) {
			when = "later"
		}
		return fmt.Sprintf("%d %d %d %s", r.Limit, r.Cost, r.Remaining, when), nil
	case "locale":
		return ctx.Value(localeKey{}), nil
	case "refused":
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	case "boom":
		panic("secret stack")
	case "hang":
		e.entered <- field
		<-ctx.Done()
		return nil, ctx.Err()
	case "items":
		return []any{}, nil
	case "bump":
		e.mu.Lock()
		defer e.mu.Unlock()
		e.bumps++
		return e.bumps, nil
	case "slow":
		e.entered <- field
		select {
		case <-e.leave:
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, nil
}

// subscribe starts a stream: count gives to values; feed gives one event with a cursor, and ends as its argument says.
func (e *stub) subscribe(ctx context.Context, field string, args map[string]any) (<-chan string, error) {
	return live.Subscribe[string](ctx, func() (live.Flow, error) { return e.open(ctx, field, args) })
}

func (e *stub) open(ctx context.Context, field string, args map[string]any) (live.Flow, error) {
	if field == "belt" {
		defer func() { e.entered <- field }()
		return e.belt.enter(seen), nil
	}
	s := &script{stub: e, size: number(args["size"])}
	switch field {
	case "denied":
		return nil, delivery.Refuse(delivery.ReasonNoSuch, "order")
	case "boom":
		s.values = []string{"boom"}
	case "count":
		s.count = number(args["to"])
	case "feed":
		after, _ := args["after"].(string)
		if id := answer.LastEventID(ctx); id != "" {
			after = id
		}
		s.values = []string{"after " + after}
		switch args["end"] {
		case "resync":
			s.err = delivery.Refuse(live.ReasonResync)
		case "slow":
			s.err = live.ErrSlow
		case "done":
		default:
			s.stays = true
		}
	}
	e.mu.Lock()
	e.alive++
	e.mu.Unlock()
	if field == "feed" {
		return resumable{s}, nil
	}
	return s, nil
}

// resumable is a script whose values have a cursor.
type resumable struct{ *script }

func (resumable) Cursor(any) string { return "c1" }

// script is a flow of so many values.
type script struct {
	*stub
	values []string // first
	count  int      // then so many, of a size
	size   int
	stays  bool // rather than be over
	err    error

	mu      sync.Mutex
	at      int
	waiting bool
	closed  bool
}

var seen = &delivery.Scope{Class: delivery.SeesAll}

func (s *script) Take() live.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.at
	switch {
	case s.closed:
		return live.Result{Step: live.Over}
	case at < len(s.values):
		s.at++
		return live.Result{Step: live.Got, Value: s.values[at], Number: int64(len(s.values[at])), Scope: seen}
	case at-len(s.values) < s.count:
		s.at++
		return live.Result{Step: live.Got, Value: strings.Repeat("x", s.size) + string(rune('0'+at%10)), Number: int64(at), Scope: seen}
	case s.stays:
		if !s.waiting {
			s.waiting = true
			s.entered <- "feed"
		}
		return live.Result{Step: live.Idle}
	}
	return live.Result{Step: live.Over, Err: s.err}
}

func (s *script) Fetch(context.Context)  {}
func (s *script) Listen(r live.Waker)    { r.Wake() }
func (s *script) Scope() *delivery.Scope { return seen }
func (s *script) Era() uint64            { return 0 }

func (s *script) Close() {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return
	}
	s.stub.mu.Lock()
	defer s.stub.mu.Unlock()
	if s.alive--; s.alive == 0 {
		select {
		case s.idle <- struct{}{}:
		default:
		}
	}
}

// contract is a stub as a server is given it. Its functions, if set, stand for methods that others have.
type contract struct {
	answer.BaseSchema
	stub             *stub
	tellReasons      bool // in the extensions of errors
	aroundOperations graphql.OperationMiddleware
	aroundResponses  graphql.ResponseMiddleware
}

func (c *contract) Schema() graphql.ExecutableSchema { return c.stub }

func (*contract) WithActor(ctx context.Context, a delivery.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

func (*contract) WithLocale(ctx context.Context, l delivery.Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

func (*contract) WithView(ctx, _ context.Context, scope delivery.Scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, scope)
}

func (c *contract) Present(ctx context.Context, err error) *gqlerror.Error {
	shown, ok := errors.AsType[*gqlerror.Error](err)
	refusal := delivery.AsError(err)
	if refusal == nil {
		if ok && shown.Extensions["code"] != nil {
			return shown
		}
		refusal = delivery.Refuse(delivery.ReasonInternal)
	}
	l, _ := ctx.Value(localeKey{}).(delivery.Locale)
	out := &gqlerror.Error{Message: refusal.Message(l), Extensions: map[string]any{"code": refusal.Code()}}
	if c.tellReasons && delivery.AsError(err) != nil {
		out.Extensions["reason"] = refusal.Reason
	}
	return out
}

func (c *contract) AroundOperations(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if c.aroundOperations != nil {
		return c.aroundOperations(ctx, next)
	}
	return next(ctx)
}

func (c *contract) AroundResponses(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if c.aroundResponses != nil {
		return c.aroundResponses(ctx, next)
	}
	return next(ctx)
}

// reasonStranger refuses a name that no account of a stub has.
var reasonStranger = delivery.NewReason("TEST_STRANGER", delivery.CodeUnauthenticated, "No person is known by the name %q.", "没有名为“%s”的人员。")

// people are the accounts that sign in to a stub, by name.
type people struct{}

func (people) Authenticate(_ context.Context, credential string) (Session, error) {
	switch name, _ := strings.CutPrefix(credential, "Bearer "); name {
	case "":
		return Session{}, nil
	case "brief":
		return Session{Account: name, Actor: delivery.Actor{Name: name}, Expires: time.Now().Add(300 * time.Millisecond)}, nil
	case "over":
		return Session{Account: name, Actor: delivery.Actor{Name: name}, Expires: time.Now().Add(-time.Second)}, nil
	case "stranger":
		return Session{}, delivery.Refuse(reasonStranger, name)
	case "panic":
		panic("secret")
	case "broken":
		return Session{}, errors.New("select * from actors: no connection")
	default:
		return Session{Account: name, Actor: delivery.Actor{Name: name}}, nil
	}
}

// bench is one served stub.
type bench struct {
	*stub
	server *Server
	url    string // of /graphql
	host   string
	stop   context.CancelFunc
	served chan error
	http   *http.Client
}

func setup(t *testing.T, adapt ...func(*Options)) *bench {
	t.Helper()
	return setupAt(t, "127.0.0.1:0", adapt...)
}

func setupAt(t *testing.T, address string, adapt ...func(*Options)) *bench {
	t.Helper()
	b := &bench{stub: &stub{entered: make(chan string, 100), leave: make(chan struct{}), idle: make(chan struct{}, 1)}, served: make(chan error, 1)}
	o := Options{
		Schema:   &contract{stub: b.stub},
		Identity: people{},
		Rules:    answer.Rules{Inline: map[string]bool{"count": true, "belt": true}},
		Limits:   limit.Limits{Drain: 3 * time.Second},
		Log:      slog.New(slog.DiscardHandler),
	}
	for _, f := range adapt {
		f(&o)
	}
	o.Schema.(*contract).Log = o.Log
	server, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	b.server, b.stop, b.host, b.url = server, stop, l.Addr().String(), "http://"+l.Addr().String()+"/graphql"
	transport := &http.Transport{}
	b.http = &http.Client{Transport: transport, Timeout: patient}
	if o.TLS != nil {
		b.url = "https" + strings.TrimPrefix(b.url, "http")
		transport.TLSClientConfig, transport.ForceAttemptHTTP2 = &tls.Config{InsecureSkipVerify: true}, true
	}
	go func() { b.served <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		transport.CloseIdleConnections()
		select {
		case err := <-b.served:
			if err != nil {
				t.Errorf("serve: %v", err)
			}
		case <-time.After(patient):
			t.Error("Serve did not return")
		}
	})
	return b
}

// await fails the test if nothing comes.
func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patient):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// result is what came back from one request.
type result struct {
	status int
	header http.Header
	body   string
	data   map[string]any
	code   string // of the first error
	reason string // its reason
	err    string // its message
}

func parse(t *testing.T, body []byte) (r result) {
	t.Helper()
	var parsed struct {
		Data   map[string]any
		Errors []struct {
			Message    string
			Extensions struct{ Code, Reason string }
		}
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		t.Fatalf("got %q, which is not JSON: %v", body, err)
	}
	r.body, r.data = string(body), parsed.Data
	if len(parsed.Errors) > 0 {
		first := parsed.Errors[0]
		r.code, r.reason, r.err = first.Extensions.Code, first.Extensions.Reason, first.Message
	}
	return r
}

// do sends a request with headers given as pairs.
func (b *bench) do(t *testing.T, method, url string, body io.Reader, headers ...string) result {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	q.Host = q.Header.Get("Host")
	answer, err := b.http.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := result{body: string(text)}
	if strings.Contains(answer.Header.Get("Content-Type"), "json") {
		r = parse(t, text)
	}
	r.status, r.header = answer.StatusCode, answer.Header
	return r
}

func query(text string) io.Reader {
	body, _ := json.Marshal(map[string]string{"query": text})
	return bytes.NewReader(body)
}

func (b *bench) post(t *testing.T, text string, headers ...string) result {
	t.Helper()
	return b.do(t, "POST", b.url, query(text), append([]string{"Content-Type", "application/json"}, headers...)...)
}

// peer is a WebSocket client.
type peer struct {
	*websocket.Conn
	t *testing.T
}

func (b *bench) dial(t *testing.T, headers ...string) *peer {
	t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	dialer := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: patient, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	if p := h.Get("Sec-WebSocket-Protocol"); p != "" {
		dialer.Subprotocols = nil
	}
	conn, answer, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(b.url, "http"), h)
	if err != nil {
		t.Fatalf("dial: %v %v", err, answer)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patient))
	return &peer{conn, t}
}

// greeted dials and gets the ack.
func (b *bench) greeted(t *testing.T, payload string) *peer {
	t.Helper()
	p := b.dial(t)
	if payload == "" {
		payload = "{}"
	}
	p.send(`{"type":"connection_init","payload":` + payload + `}`)
	p.want(`{"type":"connection_ack"}`)
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatalf("send %s: %v", text, err)
	}
}

func (p *peer) subscribe(id, text string) {
	p.t.Helper()
	quoted, _ := json.Marshal(text)
	p.send(`{"id":"` + id + `","type":"subscribe","payload":{"query":` + string(quoted) + `}}`)
}

func (p *peer) read() string {
	p.t.Helper()
	_, text, err := p.ReadMessage()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return string(text)
}

func (p *peer) want(want string) {
	p.t.Helper()
	if got := p.read(); got != want {
		p.t.Fatalf("got %s, want %s", got, want)
	}
}

// closes reads on until the connection is closed, with this code.
func (p *peer) closes(code int) string {
	p.t.Helper()
	for {
		_, _, err := p.ReadMessage()
		if err == nil {
			continue
		}
		said, ok := errors.AsType[*websocket.CloseError](err)
		if !ok {
			p.t.Fatalf("got %v, want close %d", err, code)
		}
		if said.Code != code || len(said.Text) > 123 {
			p.t.Fatalf("got close %d %q, want %d", said.Code, said.Text, code)
		}
		return said.Text
	}
}

// tcp is a bare connection to the server.
func (b *bench) tcp(t *testing.T) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", b.host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patient))
	return conn.(*net.TCPConn)
}

func readAll(r io.Reader) (string, error) {
	text, err := io.ReadAll(r)
	return string(text), err
}

func itoa(i int) string { return strconv.Itoa(i) }

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// number is an argument of a document or of JSON as an int.
func number(v any) int {
	switch n := v.(type) {
	case int64:
		return int(n)
	case json.Number:
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}
