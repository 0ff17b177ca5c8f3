//go:build soak

package main

import (
	"database/sql"
	"net/http"
	"sync"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/internal/proxy"
)

// A replica that receives nothing from PostgreSQL, also on new connections, closes its clients' streams within 10 s, answers requests
// that need no database, and serves again when the path is back.
func TestReplicaBehindASilentHost(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Second
	e := newEstate(t)
	h, line := e.replica(requestTime(limit))
	id := e.place("E6-1-1203")
	cursor := e.cursor()
	first := e.place("E6-1-1203")
	peer := h.dial(t, "C01", "")
	if got := peer.after(e, cursor, nil).next(); got.Order.OrderID != first {
		t.Fatalf("got %+v, want the order", got)
	}
	stream := h.listen(t, "C01", "", orderEvents, obj{"c": e.community, "a": cursor})
	stream.event()
	cursor = e.cursor()
	line.All(proxy.Silent)
	began := time.Now()
	var calls sync.WaitGroup
	for range 40 {
		calls.Go(func() {
			if a := h.timely("C01", `{ me { role community { code } } }`, nil, limit); a.code() != "UNAVAILABLE" {
				t.Errorf("got %v, want UNAVAILABLE", a.Errors)
			}
		})
	}
	e.advance("caiban", "DISPATCHED", id)
	if code := peer.closed(); code != 1013 || time.Since(began) > 10*time.Second {
		t.Errorf("closed with %d after %v, want 1013 within 10s", code, time.Since(began))
	}
	for {
		s, ok := stream.next()
		if !ok {
			break
		}
		if s.name == "complete" {
			t.Error("the event stream is complete, want one to come back to")
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the event stream ended after %v, want 10s at most", took)
	}
	if a := h.timely("", `{ __typename }`, nil, 0); a.code() != "" {
		t.Errorf("got %v of what needs no database", a.Errors)
	}
	asked := time.Now()
	if got := h.status("/readyz"); got != http.StatusServiceUnavailable || time.Since(asked) > 3*time.Second {
		t.Errorf("/readyz: got %d after %v, want 503 within 2s", got, time.Since(asked))
	}
	calls.Wait()
	line.All(proxy.Pass)
	waitFor(t, "it serves again", func() bool { return h.status("/readyz") == http.StatusOK })
	waitFor(t, "it answers again", func() bool { a := h.ask("C01", `{ me { role } }`, nil); return a.code() == "" })
	if got := h.dial(t, "C01", "").after(e, cursor, nil).next(); got.Order.OrderID != id || got.Order.Stage != "DISPATCHED" {
		t.Errorf("got %+v, want what was missed", got)
	}
}

// Over a link with 300 ms of delay, and with connections that are cut or deliver single bytes, calls end within their limit and
// take effect once.
func TestCallsOverABadLink(t *testing.T) {
	t.Parallel()
	const limit = 3 * time.Second
	e := newEstate(t)
	h, line := e.replica(requestTime(limit))
	id := e.place("E6-1-1203")
	if a := h.ask("C01", `{ me { role } }`, nil); a.code() != "" {
		t.Fatal(a.Errors)
	}
	const advance = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { results { moved } userErrors { reason } } }`
	in := to("DISPATCHED", id)
	in["clientMutationId"] = "once"
	for _, worsen := range []func(){func() { line.Delay(150 * time.Millisecond) }, func() { line.ByteWise(true) }, func() { line.Cut(true) }, func() { line.HalfClose() }} {
		worsen()
		for range 3 {
			if a := h.timely("C01", advance, obj{"in": in}, limit); a.code() != "" && a.code() != "UNAVAILABLE" {
				t.Errorf("got %v, want an answer or UNAVAILABLE", a.Errors)
			}
		}
	}
	line.Delay(0)
	line.ByteWise(false)
	line.Cut(false)
	waitFor(t, "the move is done", func() bool { return h.ask("C01", advance, obj{"in": in}).code() == "" })
	if o := e.order("C01", id); o.Stage != "DISPATCHED" || o.Version != 2 {
		t.Errorf("got %+v, want one move", o)
	}
}

// With the production settings the clock's leader vanishes with its host during its work, and the next hold ends at most 5 s late.
func TestHoldsEndWhateverHappensToTheLeader(t *testing.T) {
	t.Parallel()
	clock := &businessClock{}
	clock.at.Store(opened.UnixMicro())
	dsn := dbtest.DSN(t)
	line, through := proxy.Postgres(t, dsn)
	buildHouse(t, through, site{now: clock.now})
	direct, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	holder := func() (name string) {
		_ = direct.QueryRowContext(t.Context(), `select holder from leases`).Scan(&name)
		return name
	}
	waitFor(t, "the replica behind the line leads", func() bool { return holder() != "" })
	leader := holder()
	e := buildHouse(t, dsn, site{now: clock.now}).estate("DCXY", clock)
	id := e.place("E6-1-1203")
	events := e.dial(t, "C01", "").follow(e, nil)
	until := e.clock.now().Add(time.Hour)
	e.hold(obj{"subjectIds": []string{id}, "reason": "TESTING", "until": until.Format(time.RFC3339)})
	if got := events.next(); got.Kind != "HOLD_STARTED" {
		t.Fatalf("got %+v, want the hold", got)
	}
	if holder() != leader {
		t.Fatal("another leads")
	}
	line.All(proxy.Silent)
	began := time.Now()
	e.clock.pass(time.Hour)
	if got := events.next(); got.Kind != "HOLD_ENDED" {
		t.Errorf("got %+v, want the hold's end", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v, want 5s at most", took)
	}
	if holder() == leader {
		t.Error("the lease has not gone to the other replica")
	}
}
