package live_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"baogong/app"
	"baogong/e2e/house"
)

// TestDrain stops the program during mutations: they are answered, sockets are closed with 1012, and no answered change is lost.
func TestDrain(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Drain = house.Timeout })
	overHTTP, overSocket := e.Place("E6-1-1103"), e.Place("E6-1-1203")
	if got := e.Status("/readyz"); got != http.StatusOK {
		t.Errorf("/readyz: got %d, want 200", got)
	}
	raw, err := sql.Open("postgres", e.DSN)
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

	watching, moving := e.Dial(t, "C01", ""), e.Dial(t, "C01", "")
	events := watching.Follow(e, nil)
	stream := e.Listen(t, "C01", "", house.OrderEvents, obj{"c": e.Community})
	socket := moving.Operate(house.AdvanceOrders, obj{"in": house.MoveTo("DISPATCHED", overSocket)})
	answered := make(chan error, 1)
	go func() {
		got, err := e.TryAdvance("C01", house.MoveTo("DISPATCHED", overHTTP))
		if err == nil && !got.Results[0].Moved {
			err = fmt.Errorf("got %+v", got)
		}
		answered <- err
	}()
	house.WaitFor(t, "both mutations wait for the lock", func() bool {
		var n int
		err := raw.QueryRow("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").Scan(&n)
		return err == nil && n == 2
	})

	stopped := make(chan error, 1)
	go func() { stopped <- e.Stop() }()
	if code := watching.Closed(); code != 1012 {
		t.Errorf("got close code %d, want 1012", code)
	}
	if s, ok := stream.Next(); ok {
		t.Errorf("event stream: got %+v, want it to end without a word, to be resumed", s)
	}
	house.WaitFor(t, "no new client is let in", func() bool {
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(strings.TrimSuffix(e.URL, "graphql") + "readyz")
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
	var got struct{ AdvanceOrders house.MoveAnswer }
	if socket.Value(&got); !got.AdvanceOrders.Results[0].Moved {
		t.Errorf("over the WebSocket: got %+v", got)
	}
	if code := moving.Closed(); code != 1012 {
		t.Errorf("got close code %d, want 1012", code)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if m, ok := events.Within(0); ok {
		t.Errorf("got %s %s after the close", m.Type, m.Payload)
	}

	again := *e
	again.Program = house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now})
	for _, id := range []string{overHTTP, overSocket} {
		if o := again.Order("C01", id); o.Stage != "DISPATCHED" {
			t.Errorf("got %+v, want what was answered", o)
		}
	}
}

// TestNotReady cuts the connection to the database.
func TestNotReady(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	if err := e.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := e.Status("/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("/readyz: got %d, want 503", got)
	}
	if got := e.Status("/healthz"); got != http.StatusOK {
		t.Errorf("/healthz: got %d, want 200", got)
	}
	body, _ := json.Marshal(obj{"query": `{ me { role } }`})
	if _, text, err := e.Send(t.Context(), "C01", body); err != nil || !strings.Contains(string(text), `"code":"`) {
		t.Errorf("got %s, %v, want a code", text, err)
	}
}
