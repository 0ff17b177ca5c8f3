package program_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/e2e/house"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Ring = 64 })
	url := e.BaseURL() + "/metrics"
	start := e.Cursor()
	first, second := e.Dial(t, "C01", ""), e.Dial(t, "C01", "")
	live, twin := first.After(e, start, nil), second.After(e, start, nil)
	other := second.After(e, start, obj{"stages": []string{"CANCELLED"}})
	before := house.ScrapeUntil(t, url, house.Scraped{`baogong_subscriptions`: 3}) // only what two ask for is kept for the second
	ids := e.Fill(100)
	all := live.Many(100)
	twin.Many(100)
	e.Advance("D01", "AT_GATE", ids[0])
	last := live.Next()
	twin.Next()

	m := house.ScrapeUntil(t, url, house.Scraped{
		`baogong_sockets{transport="websocket"}`:                  2,
		`baogong_sockets{transport="events"}`:                     0,
		`baogong_subscriptions`:                                   3,
		`baogong_groups{subscriptions="1"}`:                       1,
		`baogong_groups{subscriptions="2-9"}`:                     1,
		`baogong_groups{subscriptions="1000+"}`:                   0,
		`baogong_executions_total`:                                101,
		`baogong_deliveries_total`:                                202,
		`baogong_stuck_sockets`:                                   0,
		`baogong_waiting_bytes{where="rest"}`:                     0,
		`baogong_feeds`:                                           1,
		`baogong_feed_lag_events`:                                 0,
		`baogong_feed_lag_seconds`:                                0,
		`baogong_operations_total{code="OK",kind="subscription"}`: 3,
		`baogong_resumes_total{source="ring"}`:                    3,
		`baogong_resumes_total{source="reset"}`:                   0,
		`baogong_limited_total{limit="cost"}`:                     0,
		`go_sql_max_open_connections{db_name="baogong"}`:          20,
	})
	if unread, there := m[`baogong_feed_unread_seconds`]; !there || unread < 0 || unread > 5 {
		t.Errorf("baogong_feed_unread_seconds: got %v, %v, want less than 5", unread, there)
	}
	const toRing, mutations = `baogong_commit_to_ring_seconds_count`, `baogong_operation_seconds_bucket{kind="mutation",le="30"}`
	if m[toRing] < before[toRing]+101 || m[mutations] <= before[mutations] {
		t.Errorf("got %v events in the ring and %v mutations, want 101 more than %v, and more than %v", m[toRing], m[mutations], before[toRing], before[mutations])
	}
	const fromCommit, fromRead = `baogong_event_to_socket_seconds_count{from="commit"}`, `baogong_event_to_socket_seconds_count{from="read"}`
	for late := time.Now().Add(house.Timeout); m[fromCommit]+m[fromRead] < 202 && time.Now().Before(late); m = house.Scrape(t, url) {
		time.Sleep(20 * time.Millisecond) // counted when the write has ended, a moment after its reader has it
	}
	if m[fromCommit]+m[fromRead] != 202 || m[fromCommit] == 0 {
		t.Errorf("got %v deliveries timed from their commit and %v from their reading, want 202 together, and some of the former", m[fromCommit], m[fromRead])
	}
	t.Logf("from commit to socket: %.2f ms of %v", 1000*m[`baogong_event_to_socket_seconds_sum{from="commit"}`]/m[fromCommit], m[fromCommit])
	for _, name := range []string{"go_goroutines", "process_resident_memory_bytes", "baogong_event_to_socket_seconds_sum{from=\"commit\"}"} {
		if m[name] <= 0 {
			t.Errorf("%s: got %v", name, m[name])
		}
	}

	// An event stream, and subscribers that resume: within the ring, before it, and with a cursor of another epoch.
	stream := e.Listen(t, "C01", last.Cursor, house.OrderEvents, obj{"c": e.Community})
	p := e.Dial(t, "C01", "")
	p.After(e, all[5].Cursor, nil).Many(95)
	lost := e.Feed()
	lost.Epoch++
	if got := p.After(e, e.Root.Keys.FeedCursor(lost), nil).Refused(); got.Extensions["code"] != string(delivery.CodeResyncRequired) {
		t.Errorf("got %v, want RESYNC_REQUIRED", got)
	}
	other.Stop()
	_ = first.Conn.Close()
	_ = second.Conn.WriteJSON(house.SocketMessage{ID: "1", Type: "nonsense"})
	if code := second.Closed(); code != 4400 {
		t.Errorf("got close %d, want 4400", code)
	}
	house.ScrapeUntil(t, url, house.Scraped{
		`baogong_sockets{transport="websocket"}`:                                    1,
		`baogong_sockets{transport="events"}`:                                       1,
		`baogong_subscriptions`:                                                     2,
		`baogong_resumes_total{source="ring"}`:                                      4,
		`baogong_resumes_total{source="table"}`:                                     1,
		`baogong_resumes_total{source="reset"}`:                                     1,
		`baogong_closes_total{code="0",reason="gone",transport="websocket"}`:        1,
		`baogong_closes_total{code="4400",reason="protocol",transport="websocket"}`: 1,
		`baogong_operations_total{code="RESYNC_REQUIRED",kind="subscription"}`:      1,
		`baogong_deliveries_total`:                                                  202 + 96 - 1,
		fromCommit:                                                                  m[fromCommit],
	})
	stream.Cancel()
	house.ScrapeUntil(t, url, house.Scraped{
		`baogong_sockets{transport="events"}`:                             0,
		`baogong_closes_total{code="0",reason="gone",transport="events"}`: 1,
	})
}

// TestPrivateAddress checks which clients may read metrics and profiles, with and without an address for operators.
func TestPrivateAddress(t *testing.T) {
	t.Parallel()
	t.Run("without one, metrics are for this machine, and there are no profiles", func(t *testing.T) {
		t.Parallel()
		h := house.Start(t, dbtest.DSN(t))
		for _, headers := range [][]string{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}, {"Via", "1.1 proxy"}} {
			if status, text := house.Get(t, h.BaseURL()+"/metrics", headers...); status != http.StatusForbidden || strings.Contains(text, "baogong_") {
				t.Errorf("%v: got %d %s, want 403", headers, status, text)
			}
		}
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/pprof/cmdline"} {
			if status, _ := house.Get(t, h.BaseURL()+path); status != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", path, status)
			}
		}
		if status, _ := house.Get(t, h.BaseURL()+"/metrics"); status != http.StatusOK {
			t.Errorf("got %d, want metrics", status)
		}
	})
	t.Run("with one, all is there and nothing on the main address", func(t *testing.T) {
		t.Parallel()
		h := house.Start(t, dbtest.DSN(t), func(s *app.ServerSettings) { s.MetricsAddr = "127.0.0.1:0" })
		private := "http://" + h.MetricsAddr().String()
		if m := house.Scrape(t, private+"/metrics"); m["baogong_feeds"] != 0 || m["go_goroutines"] == 0 {
			t.Errorf("got %v", m)
		}
		for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/goroutine": 200, "/debug/pprof/cmdline": 404, "/graphql": 404, "/": 404} {
			if status, _ := house.Get(t, private+path); status != want {
				t.Errorf("%s: got %d, want %d", path, status, want)
			}
		}
		for _, path := range []string{"/metrics", "/debug/pprof/"} {
			if status, _ := house.Get(t, h.BaseURL()+path); status != http.StatusNotFound {
				t.Errorf("%s on the main address: got %d, want 404", path, status)
			}
		}
	})
}
