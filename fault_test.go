package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/internal/proxy"
)

// spare is how much a busy machine may add to the half second by which a call may exceed its limit, as its client sees it.
const spare = 1500 * time.Millisecond

// timely sends one operation and fails the test if the answer is later than the limit allows: by half a second inside the
// server, which no client's own waiting for the processor lengthens.
func (h *testHouse) timely(actor, query string, variables obj, limit time.Duration) answer {
	h.t.Helper()
	h.slowest.took.Store(0)
	began := time.Now()
	a, err := h.try(actor, query, variables)
	if err != nil {
		h.t.Fatal(err)
	}
	if took := time.Duration(h.slowest.took.Load()); took == 0 || took > limit+500*time.Millisecond {
		h.t.Errorf("%s: answered by the server after %v with a limit of %v", query, took, limit)
	}
	if took := time.Since(began); took > limit+500*time.Millisecond+spare {
		h.t.Errorf("%s: answered after %v with a limit of %v", query, took, limit)
	}
	return a
}

// replica starts another server over the estate's database, behind a line.
func (e *estate) replica(change ...func(*serverSettings)) (*testHouse, *proxy.Line) {
	e.t.Helper()
	line, dsn := proxy.Postgres(e.t, e.store.dsn)
	return buildHouse(e.t, dsn, site{now: e.clock.now, change: func(s *serverSettings) {
		for _, c := range change {
			c(s)
		}
	}}), line
}

func requestTime(limit time.Duration) func(*serverSettings) {
	return func(s *serverSettings) { s.RequestTime = limit }
}

// A path that goes silent under established connections does not stop a replica: events committed elsewhere are delivered over
// new connections, and every call is answered.
func TestSilentPathUnderAReplica(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	silent, line := e.replica()
	id := e.place("E6-1-1203")
	events := silent.dial(t, "C01", "").follow(e, nil)
	state := silent.dial(t, "C01", "").operate(`subscription ($id: ID!) { order(id: $id) { stage version } }`, obj{"id": id})
	var now struct {
		Order struct {
			Stage   string
			Version int
		}
	}
	state.value(&now)
	line.Established(proxy.Silent)
	began := time.Now()
	e.advance("caiban", "DISPATCHED", id)
	if a := silent.timely("C01", `{ __typename }`, nil, 7*time.Second); a.code() != "" {
		t.Errorf("got %v, want an answer", a.Errors)
	}
	if got := events.next(); got.Order.OrderID != id || got.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want the move", got)
	}
	if state.value(&now); now.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want the move", now)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v from silence to delivery, want 10s at most", took)
	}
	if got := silent.status("/readyz"); got != http.StatusOK {
		t.Errorf("/readyz: got %d, want 200", got)
	}
}

// Calls are answered within their limit at every point of waiting, and may be retried.
func TestCallsEndWithTheirLimit(t *testing.T) {
	t.Parallel()
	const limit = 600 * time.Millisecond
	e := newEstate(t)
	h, line := e.replica(requestTime(limit))
	id := e.place("E6-1-1203")
	move := func(call string) obj { in := to("DISPATCHED", id); in["clientMutationId"] = call; return in }
	const advance = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } userErrors { reason } } }`
	unavailable := func(what, actor, query string, variables obj) {
		t.Helper()
		if a := h.timely(actor, query, variables, limit); a.code() != "UNAVAILABLE" {
			t.Errorf("%s: got %v %s, want UNAVAILABLE", what, a.Errors, a.Data)
		}
	}
	if a := h.ask("C01", `{ me { role } }`, nil); a.code() != "" {
		t.Fatal(a.Errors)
	}

	held, err := sql.Open("postgres", e.store.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	tx, err := held.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `select from orders for update`); err != nil {
		t.Fatal(err)
	}
	unavailable("a lock", "C01", advance, obj{"in": move("once")})
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}

	line.All(proxy.Freeze)
	var calls sync.WaitGroup
	for range 30 { // more than there are connections
		calls.Go(func() { unavailable("a frozen server", "C01", `{ me { role community { code } } }`, nil) })
	}
	calls.Wait()
	unavailable("a frozen server", "C01", advance, obj{"in": move("once")})
	if a := h.timely("", `{ __typename }`, nil, limit); a.code() != "" {
		t.Errorf("got %v of what needs no database", a.Errors)
	}
	began := time.Now()
	if got := h.status("/readyz"); got != http.StatusServiceUnavailable || time.Since(began) > 4*time.Second {
		t.Errorf("/readyz: got %d after %v, want 503 within 2s", got, time.Since(began))
	}
	l := h.listen(t, "C01", "", orderEvents, obj{"c": e.community})
	if s, ok := l.next(); ok && (s.answer.code() != "UNAVAILABLE") {
		t.Errorf("a new stream: got %+v, want UNAVAILABLE", s)
	}
	line.All(proxy.Pass)
	waitFor(t, "the move is done once", func() bool {
		a := h.ask("C01", advance, obj{"in": move("once")})
		return a.code() == "" && strings.Contains(string(a.Data), `"moved":true`)
	})
	if o := e.order("C01", id); o.Stage != "DISPATCHED" || o.Version != 2 {
		t.Errorf("got %+v, want one move", o)
	}
}

// faults counts the faults that a server logs as its own.
type faults struct {
	slog.Handler
	n *atomic.Int64
}

func (f faults) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn && (r.Message == "fault" || r.Message == "unavailable") {
		f.n.Add(1)
	}
	return f.Handler.Handle(ctx, r)
}

// TestTheEndOfTheProgramIsNoFault checks that an operation that outlasts the database's pool, or whose context the end of the
// program cancels, is UNAVAILABLE and not logged as a fault.
func TestTheEndOfTheProgramIsNoFault(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var logged atomic.Int64
	h := buildHouse(t, e.store.dsn, site{now: e.clock.now, log: faults{slog.NewTextHandler(io.Discard, nil), &logged}})
	for _, err := range []error{context.Canceled, fmt.Errorf("read orders: %w", context.Canceled)} {
		if shown := h.root.Present(t.Context(), err); shown.Extensions["code"] != delivery.CodeUnavailable {
			t.Errorf("%v: got %v, want UNAVAILABLE", err, shown.Extensions)
		}
	}
	if err := h.store.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{`{ me { role } }`, `mutation { signOut(input: {}) { signedOut } }`} {
		if a := h.ask("C01", operation, nil); a.code() != "UNAVAILABLE" {
			t.Errorf("%s: got %v, want UNAVAILABLE", operation, a.Errors)
		}
	}
	if n := logged.Load(); n != 0 {
		t.Errorf("got %d faults in the log, want none", n)
	}
}

// A commit or read whose client has left is neither logged nor counted as a fault.
func TestClientsThatLeaveAreNoFault(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var logged atomic.Int64
	line, dsn := proxy.Postgres(t, e.store.dsn)
	h := buildHouse(t, dsn, site{now: e.clock.now, log: faults{slog.NewTextHandler(watched{t}, nil), &logged}})
	id := e.place("E6-1-1203")
	line.Delay(5 * time.Millisecond)
	for i := range 30 {
		ctx, leave := context.WithTimeout(t.Context(), time.Duration(2*i)*time.Millisecond)
		in := to("DISPATCHED", id)
		in["clientMutationId"] = fmt.Sprint(i)
		body, _ := json.Marshal(obj{"query": `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } } }`, "variables": obj{"in": in}})
		_, _, _ = h.send(ctx, "C01", body)
		leave()
	}
	line.Delay(0)
	if a := h.ask("C01", `{ me { role } }`, nil); a.code() != "" {
		t.Error(a.Errors)
	}
	_ = h.stop()
	if n := logged.Load(); n != 0 {
		t.Errorf("got %d faults in the log", n)
	}
}

// terminates ends the built program while every connection to PostgreSQL is silent.
func (b binary) terminates(t *testing.T) {
	t.Parallel()
	const drain = time.Second
	line, dsn := proxy.Postgres(t, dbtest.Empty(t))
	r := b.start(t, "serve", t.TempDir(), "--dev-actors", "--database-url", dsn, "--drain", drain.String())
	e := r.estate("DCXY", nil)
	peer := r.dial(t, "C01", "")
	peer.operate(orderEvents, obj{"c": e.community})
	line.All(proxy.Silent)
	for range 30 {
		peer.operate(`{ me { role community { code } } }`, nil)
	}
	l := r.listen(t, "C01", "", orderEvents, obj{"c": e.community})
	began := time.Now()
	if err := r.end(syscall.SIGTERM); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if took := time.Since(began); took > drain+6*time.Second {
		t.Errorf("took %v with a drain of %v", took, drain)
	}
	for ok := true; ok; {
		_, ok = l.next()
	}
}
