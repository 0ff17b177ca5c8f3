package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestDrain stops the house while mutations are under way: they are answered, sockets are told to come back, and
// nothing that was answered is lost.
func TestDrain(t *testing.T) {
	t.Parallel()
	e := newEstate(t, func(s *serverSettings) { s.Drain = patient })
	overHTTP, overSocket := e.place("E6-1-1103"), e.place("E6-1-1203")
	if got := e.status("/readyz"); got != http.StatusOK {
		t.Errorf("/readyz: got %d, want 200", got)
	}
	raw, err := sql.Open("postgres", e.store.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	lock, err := raw.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	if _, err := lock.Exec("select id from orders for update"); err != nil {
		t.Fatal(err)
	}

	watching, moving := e.dial(t, "C01", ""), e.dial(t, "C01", "")
	events := watching.follow(e, nil)
	stream := e.listen(t, "C01", "", orderEvents, obj{"c": e.community})
	socket := moving.operate(advanceOrders, obj{"in": to("DISPATCHED", overSocket)})
	answered := make(chan error, 1)
	go func() {
		got, err := e.tryAdvance("C01", to("DISPATCHED", overHTTP))
		if err == nil && !got.Results[0].Moved {
			err = fmt.Errorf("got %+v", got)
		}
		answered <- err
	}()
	waitFor(t, "both mutations wait for the lock", func() bool {
		var n int
		err := raw.QueryRow("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").Scan(&n)
		return err == nil && n == 2
	})

	stopped := make(chan error, 1)
	go func() { stopped <- e.stop() }()
	if code := watching.closed(); code != 1012 {
		t.Errorf("got close code %d, want 1012", code)
	}
	if s, ok := stream.next(); ok {
		t.Errorf("event stream: got %+v, want it to end without a word, to be resumed", s)
	}
	waitFor(t, "nobody new is let in", func() bool {
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(strings.TrimSuffix(e.url, "graphql") + "readyz")
		if err != nil {
			return true
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusServiceUnavailable
	})
	select {
	case err := <-stopped:
		t.Fatalf("stopped while mutations were under way: %v", err)
	default:
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("over HTTP: %v", err)
	}
	var got struct{ AdvanceOrders movePayload }
	if socket.value(&got); !got.AdvanceOrders.Results[0].Moved {
		t.Errorf("over the WebSocket: got %+v", got)
	}
	if code := moving.closed(); code != 1012 {
		t.Errorf("got close code %d, want 1012", code)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if m, ok := events.within(0); ok {
		t.Errorf("got %s %s after the close", m.Type, m.Payload)
	}

	again := *e
	again.testHouse = buildHouse(t, e.store.dsn, site{now: e.clock.now})
	for _, id := range []string{overHTTP, overSocket} {
		if o := again.order("C01", id); o.Stage != "DISPATCHED" {
			t.Errorf("got %+v, want what was answered", o)
		}
	}
}

// TestNotReady takes the database away.
func TestNotReady(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	if err := e.store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := e.status("/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got %d, want 503", got)
	}
	if got := e.status("/healthz"); got != http.StatusOK {
		t.Errorf("/healthz: got %d, want 200", got)
	}
	body, _ := json.Marshal(obj{"query": `{ me { role } }`})
	if _, text, err := e.send(t.Context(), "C01", body); err != nil || !strings.Contains(string(text), `"code":"`) {
		t.Errorf("got %s, %v, want a code", text, err)
	}
}

func (h *testHouse) status(path string) int {
	h.t.Helper()
	res, err := http.Get(strings.TrimSuffix(h.url, "/graphql") + path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// waitFor looks until something outside the program is so.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patient); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not yet: " + what)
		}
	}
}
