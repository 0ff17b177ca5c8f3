package fault_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/proxy"
)

// spare is how much a busy machine may add to the half second by which a call may exceed its limit, as its client sees it.
const spare = 1500 * time.Millisecond

// timely sends one operation and fails the test if the answer is later than the limit allows: by half a second inside the
// server, which no client's own waiting for the processor lengthens.
func timely(h *house.Program, actor, query string, variables obj, limit time.Duration) house.Response {
	h.T.Helper()
	h.Slowest.Took.Store(0)
	began := time.Now()
	a, err := h.Try(actor, query, variables)
	if err != nil {
		h.T.Fatal(err)
	}
	if took := time.Duration(h.Slowest.Took.Load()); took == 0 || took > limit+500*time.Millisecond {
		h.T.Errorf("%s: answered by the server after %v with a limit of %v", query, took, limit)
	}
	if took := time.Since(began); took > limit+500*time.Millisecond+spare {
		h.T.Errorf("%s: answered after %v with a limit of %v", query, took, limit)
	}
	return a
}

// replica starts another server over the estate's database, behind a line.
func replica(e *house.Estate, change ...func(*app.ServerSettings)) (*house.Program, *proxy.FaultProxy) {
	e.T.Helper()
	line, dsn := proxy.Postgres(e.T, e.DSN)
	return house.Build(e.T, dsn, house.Setup{Now: e.Clock.Now, Change: func(s *app.ServerSettings) {
		for _, c := range change {
			c(s)
		}
	}}), line
}

func requestTime(limit time.Duration) func(*app.ServerSettings) {
	return func(s *app.ServerSettings) { s.RequestTime = limit }
}

// A path that goes silent under established connections does not stop a replica: events committed elsewhere are delivered over
// new connections, and every call is answered.
func TestSilentPathUnderAReplica(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	silent, line := replica(e)
	start := e.Cursor()
	id := e.Place("E6-1-1203")
	events := silent.Dial(t, "C01", "").After(e, start, nil)
	if got := events.Next(); got.Order.OrderID != id { // the subscription is open before the path goes silent
		t.Fatalf("got %+v, want the placed order", got)
	}
	state := silent.Dial(t, "C01", "").Operate(`subscription ($id: ID!) { order(id: $id) { stage version } }`, obj{"id": id})
	var now struct {
		Order struct {
			Stage   string
			Version int
		}
	}
	state.Value(&now)
	line.Established(proxy.Silent)
	began := time.Now()
	e.Advance("caiban", "DISPATCHED", id)
	if a := timely(silent, "C01", `{ __typename }`, nil, 7*time.Second); a.Code() != "" {
		t.Errorf("got %v, want an answer", a.Errors)
	}
	if got := events.Next(); got.Order.OrderID != id || got.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want the move", got)
	}
	if state.Value(&now); now.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want the move", now)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v from silence to delivery, want 10s at most", took)
	}
	if got := silent.Status("/readyz"); got != http.StatusOK {
		t.Errorf("/readyz: got %d, want 200", got)
	}
}

// Calls are answered within their limit at every point of waiting, and may be retried.
func TestCallsEndWithTheirLimit(t *testing.T) {
	t.Parallel()
	const limit = 600 * time.Millisecond
	e := house.NewEstate(t)
	h, line := replica(e, requestTime(limit))
	id := e.Place("E6-1-1203")
	move := func(call string) obj { in := house.MoveTo("DISPATCHED", id); in["clientMutationId"] = call; return in }
	const advance = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } userErrors { reason } } }`
	unavailable := func(what, actor, query string, variables obj) {
		t.Helper()
		if a := timely(h, actor, query, variables, limit); a.Code() != "UNAVAILABLE" {
			t.Errorf("%s: got %v %s, want UNAVAILABLE", what, a.Errors, a.Data)
		}
	}
	if a := h.Ask("C01", `{ me { role } }`, nil); a.Code() != "" {
		t.Fatal(a.Errors)
	}

	held, err := sql.Open("postgres", e.DSN)
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
	if a := timely(h, "", `{ __typename }`, nil, limit); a.Code() != "" {
		t.Errorf("got %v of what needs no database", a.Errors)
	}
	began := time.Now()
	if got := h.Status("/readyz"); got != http.StatusServiceUnavailable || time.Since(began) > 4*time.Second {
		t.Errorf("/readyz: got %d after %v, want 503 within 2s", got, time.Since(began))
	}
	l := h.Listen(t, "C01", "", house.OrderEvents, obj{"c": e.Community})
	if s, ok := l.Next(); ok && (s.Answer.Code() != "UNAVAILABLE") {
		t.Errorf("a new stream: got %+v, want UNAVAILABLE", s)
	}
	line.All(proxy.Pass)
	house.WaitFor(t, "the move is done once", func() bool {
		a := h.Ask("C01", advance, obj{"in": move("once")})
		return a.Code() == "" && strings.Contains(string(a.Data), `"moved":true`)
	})
	if o := e.Order("C01", id); o.Stage != "DISPATCHED" || o.Version != 2 {
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
	e := house.NewEstate(t)
	var logged atomic.Int64
	h := house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now, Log: faults{slog.NewTextHandler(house.PrivateLog(t), nil), &logged}})
	for _, err := range []error{context.Canceled, fmt.Errorf("read orders: %w", context.Canceled)} {
		if shown := h.Root.Present(t.Context(), err); shown.Extensions["code"] != delivery.CodeUnavailable {
			t.Errorf("%v: got %v, want UNAVAILABLE", err, shown.Extensions)
		}
	}
	if err := h.Store.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{`{ me { role } }`, `mutation { signOut(input: {}) { signedOut } }`} {
		if a := h.Ask("C01", operation, nil); a.Code() != "UNAVAILABLE" {
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
	e := house.NewEstate(t)
	var logged atomic.Int64
	line, dsn := proxy.Postgres(t, e.DSN)
	h := house.Build(t, dsn, house.Setup{Now: e.Clock.Now, Log: faults{slog.NewTextHandler(house.PrivateLog(t), nil), &logged}})
	id := e.Place("E6-1-1203")
	line.Delay(5 * time.Millisecond)
	for i := range 30 {
		ctx, leave := context.WithTimeout(t.Context(), time.Duration(2*i)*time.Millisecond)
		in := house.MoveTo("DISPATCHED", id)
		in["clientMutationId"] = fmt.Sprint(i)
		body, _ := json.Marshal(obj{"query": `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } } }`, "variables": obj{"in": in}})
		_, _, _ = h.Send(ctx, "C01", body)
		leave()
	}
	line.Delay(0)
	if a := h.Ask("C01", `{ me { role } }`, nil); a.Code() != "" {
		t.Error(a.Errors)
	}
	_ = h.Stop()
	if n := logged.Load(); n != 0 {
		t.Errorf("got %d faults in the log", n)
	}
}
