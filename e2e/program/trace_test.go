package program_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"baogong/app"
	"baogong/e2e/house"
)

// spanView is a span as a collector gets it.
type spanView struct {
	TraceID, SpanID, ParentSpanID, Name string
	Attributes                          []struct {
		Key   string
		Value map[string]any
	}
	Events []any
	Links  []struct{ TraceID string }
}

func (s spanView) attribute(key string) any {
	for _, a := range s.Attributes {
		if a.Key == key {
			for _, v := range a.Value {
				return v
			}
		}
	}
	return nil
}

// collector receives traces.
type collector struct {
	url   string
	mu    sync.Mutex
	text  strings.Builder
	spans []spanView
}

func collect(t *testing.T) *collector {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
	c := &collector{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var got struct {
			ResourceSpans []struct {
				ScopeSpans []struct{ Spans []spanView }
			}
		}
		if err := json.Unmarshal(text, &got); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: got %.100s: %v", r.URL.Path, text, err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.text.Write(text)
		for _, resource := range got.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

// TestTraces follows a move from the request to the feed, and checks that the spans hold no private data.
func TestTraces(t *testing.T) { // not parallel: the collector is asked for by an environment variable
	c := collect(t)
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.OTLPEndpoint = c.url })
	id := e.Place("E6-1-1103")
	events := e.Dial(t, "C01", "").Follow(e, nil)
	stream := e.Listen(t, "C01", "", house.OrderEvents, obj{"c": e.Community, "a": e.Cursor()})
	const foreign = "4bf92f3577b34da6a3ce929d0e0e4736"
	a := e.Ask("D01", `mutation Schwarzbrot($in: AdvanceOrdersInput!) { weisswurst: advanceOrders(input: $in) { moved } }`,
		obj{"in": obj{"to": "AT_GATE", "orders": []obj{{"orderId": id}}, "clientMutationId": "leberkaese"}},
		"Traceparent", "00-"+foreign+"-00f067aa0ba902b7-01", "Tracestate", "secret=kartoffel", "User-Agent", "brezel")
	if len(a.Errors) > 0 {
		t.Fatal(a.Errors)
	}
	events.Next()
	stream.Event()
	e.Ask("D01", `{ order(id: "sauerkraut") { number } }`, nil)
	for _, path := range []string{"/track/knoedel", "/knoblauch?q=maultasche", "/healthz"} {
		house.Get(t, e.BaseURL()+path)
	}
	reply := e.Dial(t, "C01", "").Operate(`{ me { role } }`, nil)
	reply.Take()
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	e.CloseTraces() // sends the last

	c.mu.Lock()
	defer c.mu.Unlock()
	find := func(name, parent, trace string) (spanView, int) {
		n := 0
		var found spanView
		for _, s := range c.spans {
			if s.Name == name && (trace == "" || s.TraceID == trace) && (trace == "" || s.ParentSpanID == parent) {
				found = s
				n++
			}
		}
		return found, n
	}
	operation, n := find("mutation advanceOrders", "", "")
	if n != 1 || operation.attribute("baogong.code") != "OK" {
		t.Fatalf("got %d spans of the operation, %+v, want one", n, operation)
	}
	request, n := find("POST /graphql", "", operation.TraceID)
	if n != 1 || request.SpanID != operation.ParentSpanID || request.ParentSpanID != "" {
		t.Errorf("got %d requests, %+v, want one above the operation", n, request)
	}
	if len(request.Links) != 1 || !strings.EqualFold(request.Links[0].TraceID, foreign) || strings.EqualFold(request.TraceID, foreign) {
		t.Errorf("got %+v, want a link to the caller's trace, and another trace", request)
	}
	transaction, n := find("transaction", operation.SpanID, operation.TraceID)
	if n != 1 || transaction.attribute("baogong.rolled_back") != false {
		t.Errorf("got %d transactions, %+v, want one below the operation that was committed", n, transaction)
	}
	statements := 0
	for _, s := range c.spans {
		if s.TraceID == operation.TraceID && s.ParentSpanID == transaction.SpanID && strings.HasPrefix(s.Name, "sql.") {
			if text, _ := s.attribute("db.query.text").(string); strings.Contains(text, "update feeds set head = head + $2") {
				statements++
			}
		}
	}
	if statements != 1 {
		t.Errorf("got %d statements that append, want 1", statements)
	}
	if _, n := find("sql.tx.commit", transaction.SpanID, operation.TraceID); n != 1 {
		t.Errorf("got %d commits, want 1", n)
	}
	feed, n := find("feed", transaction.SpanID, operation.TraceID)
	if n != 1 || feed.attribute("baogong.events") != "1" {
		t.Errorf("got %d times the feed, %+v, want once with one event", n, feed)
	}
	if refused, n := find("query order", "", ""); n != 1 || refused.attribute("baogong.code") != "BAD_USER_INPUT" && refused.attribute("baogong.code") != "NOT_FOUND" {
		t.Errorf("got %d refused, %+v", n, refused)
	}
	if socket, n := find("query me", "", ""); n != 1 || socket.ParentSpanID != "" {
		t.Errorf("got %d by WebSocket, %+v, want a trace of its own", n, socket)
	}

	keys := map[string]bool{}
	for _, s := range c.spans {
		if len(s.Events) > 0 {
			t.Errorf("%s tells events: %v", s.Name, s.Events)
		}
		for _, a := range s.Attributes {
			keys[a.Key] = true
		}
	}
	t.Log(len(c.spans), "spans,", c.text.Len(), "bytes, attributes", slices.Sorted(func(yield func(string) bool) {
		for k := range keys {
			if !yield(k) {
				return
			}
		}
	}))
	all := c.text.String()
	house.CheckPrivate(t, "a collector", []byte(all))
	for _, secret := range []string{id, "Bearer", "dev:", `"D01"`, "127.0.0.1", "leberkaese", "weisswurst", "Schwarzbrot", "brezel", "kartoffel", "sauerkraut", "knoedel", "knoblauch",
		"maultasche", "healthz", "E6-1-1103", "Go-http-client"} {
		if strings.Contains(all, secret) {
			at := strings.Index(all, secret)
			t.Errorf("a collector is told %s: %s", secret, all[max(at-200, 0):at+50])
		}
	}
}

// BenchmarkMoves measures the cost of traces for a query and two moves over HTTP, on client and server together.
func BenchmarkMoves(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	b.Cleanup(sink.Close)
	for name, endpoint := range map[string]string{"without traces": "", "with traces": sink.URL} {
		b.Run(name, func(b *testing.B) {
			e := house.NewEstate(b, func(s *app.ServerSettings) { s.OTLPEndpoint = endpoint })
			id := e.Place("E6-1-1103")
			b.ReportAllocs()
			for b.Loop() {
				if err := e.BackAndForth("C01", id, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
