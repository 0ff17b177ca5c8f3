package main

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"baogong/db/dbtest"
	"baogong/delivery"
)

// scraped are metrics by name and labels, as they are written.
type scraped map[string]float64

// fetch is a page of the house: its status and text.
func fetch(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func scrape(t *testing.T, url string) scraped {
	t.Helper()
	status, text := fetch(t, url)
	if status != http.StatusOK {
		t.Fatalf("got %d %s, want metrics", status, text)
	}
	checkPrivate(t, "a scrape", []byte(text))
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("names by Prometheus' conventions: %v, %v", problems, err)
	}
	m := scraped{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, "#") || !found {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		m[name] = v
	}
	return m
}

// root is the house's address without a path.
func (h *testHouse) rootURL() string { return strings.TrimSuffix(h.url, "/graphql") }

// scrapeUntil scrapes until the metrics are as they must be: what a client has read may be counted a moment later.
func scrapeUntil(t *testing.T, url string, want scraped) scraped {
	t.Helper()
	for late := time.Now().Add(patient); ; time.Sleep(20 * time.Millisecond) {
		m := scrape(t, url)
		wrong := ""
		for name, v := range want {
			if got, there := m[name]; got != v || !there {
				wrong += "\n" + name + " = " + strconv.FormatFloat(got, 'g', -1, 64) + ", want " + strconv.FormatFloat(v, 'g', -1, 64)
			}
		}
		if wrong == "" {
			return m
		}
		if time.Now().After(late) {
			t.Fatal(wrong)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	e := newEstate(t, func(s *serverSettings) { s.Ring = 64 })
	url := e.rootURL() + "/metrics"
	start := e.cursor()
	first, second := e.dial(t, "C01", ""), e.dial(t, "C01", "")
	live, twin := first.after(e, start, nil), second.after(e, start, nil)
	other := second.after(e, start, obj{"stages": []string{"CANCELLED"}})
	before := scrapeUntil(t, url, scraped{`baogong_subscriptions`: 3}) // only what two ask for is kept for the second
	ids := e.fill(100)
	all := live.many(100)
	twin.many(100)
	e.advance("D01", "AT_GATE", ids[0])
	last := live.next()
	twin.next()

	m := scrapeUntil(t, url, scraped{
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
	for late := time.Now().Add(patient); m[fromCommit]+m[fromRead] < 202 && time.Now().Before(late); m = scrape(t, url) {
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

	// An event stream, and those who come back: within the ring, before it, and with a cursor of another epoch.
	stream := e.listen(t, "C01", last.Cursor, orderEvents, obj{"c": e.community})
	p := e.dial(t, "C01", "")
	p.after(e, all[5].Cursor, nil).many(95)
	lost := e.feed()
	lost.Epoch++
	if got := p.after(e, e.root.Keys.FeedCursor(lost), nil).refused(); got.Extensions["code"] != string(delivery.CodeResyncRequired) {
		t.Errorf("got %v, want RESYNC_REQUIRED", got)
	}
	other.stop()
	_ = first.conn.Close()
	_ = second.conn.WriteJSON(message{ID: "1", Type: "nonsense"})
	if code := second.closed(); code != 4400 {
		t.Errorf("got close %d, want 4400", code)
	}
	scrapeUntil(t, url, scraped{
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
	stream.cancel()
	scrapeUntil(t, url, scraped{
		`baogong_sockets{transport="events"}`:                             0,
		`baogong_closes_total{code="0",reason="gone",transport="events"}`: 1,
	})
}

// TestPrivateAddress checks who is told what, with an address for operators and without.
func TestPrivateAddress(t *testing.T) {
	t.Parallel()
	t.Run("without one, metrics are for this machine, and profiles for nobody", func(t *testing.T) {
		t.Parallel()
		h := startHouse(t, dbtest.DSN(t))
		for _, headers := range [][]string{{"X-Forwarded-For", "203.0.113.7"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=127.0.0.1"}, {"Via", "1.1 proxy"}} {
			if status, text := fetch(t, h.rootURL()+"/metrics", headers...); status != http.StatusForbidden || strings.Contains(text, "baogong_") {
				t.Errorf("%v: got %d %s, want 403", headers, status, text)
			}
		}
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/pprof/cmdline"} {
			if status, _ := fetch(t, h.rootURL()+path); status != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", path, status)
			}
		}
		if status, _ := fetch(t, h.rootURL()+"/metrics"); status != http.StatusOK {
			t.Errorf("got %d, want metrics", status)
		}
	})
	t.Run("with one, all is there and nothing on the main address", func(t *testing.T) {
		t.Parallel()
		h := startHouse(t, dbtest.DSN(t), func(s *serverSettings) { s.MetricsAddr = "127.0.0.1:0" })
		private := "http://" + h.private.Addr().String()
		if m := scrape(t, private+"/metrics"); m["baogong_feeds"] != 0 || m["go_goroutines"] == 0 {
			t.Errorf("got %v", m)
		}
		for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/debug/pprof/goroutine": 200, "/debug/pprof/cmdline": 404, "/graphql": 404, "/": 404} {
			if status, _ := fetch(t, private+path); status != want {
				t.Errorf("%s: got %d, want %d", path, status, want)
			}
		}
		for _, path := range []string{"/metrics", "/debug/pprof/"} {
			if status, _ := fetch(t, h.rootURL()+path); status != http.StatusNotFound {
				t.Errorf("%s on the main address: got %d, want 404", path, status)
			}
		}
	})
}
