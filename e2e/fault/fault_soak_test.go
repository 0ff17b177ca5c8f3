//go:build soak

package fault_test

import (
	"database/sql"
	"net/http"
	"sync"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/e2e/house"
	"baogong/internal/proxy"
)

// A replica that receives nothing from PostgreSQL, also on new connections, closes its clients' streams within 10 s, answers requests
// that need no database, and serves again when the path is back.
func TestReplicaBehindASilentHost(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Second
	e := house.NewEstate(t)
	h, line := replica(e, requestTime(limit))
	id := e.Place("E6-1-1203")
	cursor := e.Cursor()
	first := e.Place("E6-1-1203")
	peer := h.Dial(t, "C01", "")
	if got := peer.After(e, cursor, nil).Next(); got.Order.OrderID != first {
		t.Fatalf("got %+v, want the order", got)
	}
	stream := h.Listen(t, "C01", "", house.OrderEvents, obj{"c": e.Community, "a": cursor})
	stream.Event()
	cursor = e.Cursor()
	line.All(proxy.Silent)
	began := time.Now()
	var calls sync.WaitGroup
	for range 40 {
		calls.Go(func() {
			if a := timely(h, "C01", `{ me { role community { code } } }`, nil, limit); a.Code() != "UNAVAILABLE" {
				t.Errorf("got %v, want UNAVAILABLE", a.Errors)
			}
		})
	}
	e.Advance("caiban", "DISPATCHED", id)
	if code := peer.Closed(); code != 1013 || time.Since(began) > 10*time.Second {
		t.Errorf("closed with %d after %v, want 1013 within 10s", code, time.Since(began))
	}
	for {
		s, ok := stream.Next()
		if !ok {
			break
		}
		if s.Name == "complete" {
			t.Error("the event stream is complete, want one to come back to")
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the event stream ended after %v, want 10s at most", took)
	}
	if a := timely(h, "", `{ __typename }`, nil, 0); a.Code() != "" {
		t.Errorf("got %v of what needs no database", a.Errors)
	}
	asked := time.Now()
	if got := h.Status("/readyz"); got != http.StatusServiceUnavailable || time.Since(asked) > 3*time.Second {
		t.Errorf("/readyz: got %d after %v, want 503 within 2s", got, time.Since(asked))
	}
	calls.Wait()
	line.All(proxy.Pass)
	house.WaitFor(t, "it serves again", func() bool { return h.Status("/readyz") == http.StatusOK })
	house.WaitFor(t, "it answers again", func() bool { a := h.Ask("C01", `{ me { role } }`, nil); return a.Code() == "" })
	if got := h.Dial(t, "C01", "").After(e, cursor, nil).Next(); got.Order.OrderID != id || got.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want what was missed", got)
	}
}

// Over a link with 300 ms of delay, and with connections that are cut or deliver single bytes, calls end within their limit and
// take effect once.
func TestCallsOverABadLink(t *testing.T) {
	t.Parallel()
	const limit = 3 * time.Second
	e := house.NewEstate(t)
	h, line := replica(e, requestTime(limit))
	id := e.Place("E6-1-1203")
	if a := h.Ask("C01", `{ me { role } }`, nil); a.Code() != "" {
		t.Fatal(a.Errors)
	}
	const advance = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } userErrors { reason } } }`
	in := house.MoveTo("DISPATCHED", id)
	in["clientMutationId"] = "once"
	for _, worsen := range []func(){func() { line.Delay(150 * time.Millisecond) }, func() { line.ByteWise(true) }, func() { line.Cut(true) }, func() { line.HalfClose() }} {
		worsen()
		for range 3 {
			if a := timely(h, "C01", advance, obj{"in": in}, limit); a.Code() != "" && a.Code() != "UNAVAILABLE" {
				t.Errorf("got %v, want an answer or UNAVAILABLE", a.Errors)
			}
		}
	}
	line.Delay(0)
	line.ByteWise(false)
	line.Cut(false)
	house.WaitFor(t, "the move is done", func() bool { return h.Ask("C01", advance, obj{"in": in}).Code() == "" })
	if o := e.Order("C01", id); o.Stage != "DISPATCHED" || o.Version != 2 {
		t.Errorf("got %+v, want one move", o)
	}
}

// With the production settings the clock's leader vanishes with its host during its work, and the next hold ends at most 5 s late.
func TestHoldsEndWhateverHappensToTheLeader(t *testing.T) {
	t.Parallel()
	clock := house.NewClock()
	dsn := dbtest.DSN(t)
	line, through := proxy.Postgres(t, dsn)
	house.Build(t, through, house.Setup{Now: clock.Now})
	direct, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	holder := func() (name string) {
		_ = direct.QueryRowContext(t.Context(), `select holder from leases`).Scan(&name)
		return name
	}
	house.WaitFor(t, "the replica behind the line leads", func() bool { return holder() != "" })
	leader := holder()
	e := house.Build(t, dsn, house.Setup{Now: clock.Now}).Estate("DCXY", clock)
	id := e.Place("E6-1-1203")
	events := e.Dial(t, "C01", "").Follow(e, nil)
	until := e.Clock.Now().Add(time.Hour)
	e.Hold(obj{"subjectIds": []string{id}, "reason": "TESTING", "until": until.Format(time.RFC3339)})
	if got := events.Next(); got.Kind != "HOLD_STARTED" {
		t.Fatalf("got %+v, want the hold", got)
	}
	if holder() != leader {
		t.Fatal("another leads")
	}
	line.All(proxy.Silent)
	began := time.Now()
	e.Clock.Pass(time.Hour)
	if got := events.Next(); got.Kind != "HOLD_ENDED" {
		t.Errorf("got %+v, want the hold's end", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v, want 5s at most", took)
	}
	if holder() == leader {
		t.Error("the lease has not gone to the other replica")
	}
}
