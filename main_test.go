package main

import (
	"bytes"
	"context"
	"encoding/json"
	cli "flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/issuer"
	"baogong/web"
)

// TestMain also checks that no house, client or test left a goroutine behind. Many tests wait for most of their time, so twice as many
// as there are cores run at once, unless -parallel says otherwise.
func TestMain(m *testing.M) {
	cli.Parse()
	asked := false
	cli.Visit(func(f *cli.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked {
		_ = cli.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
	dbtest.Main(m, func() error {
		http.DefaultClient.CloseIdleConnections()
		// pq's listener ends when it wakes from its pause between two tries to connect.
		return goleak.Find(goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
	})
}

// patient is how long a test waits for what must come; long only when it fails.
const patient = 20 * time.Second

// testHouse is the whole program over a database of the test's own, at a real port.
type testHouse struct {
	*house
	t    testing.TB
	url  string       // of /graphql
	stop func() error // drains and stops; once

	slowest *slowest // of what was answered
}

// slowest is the log of a house that notes how long requests took inside the server, from their first byte to their answer's last.
type slowest struct {
	slog.Handler
	took atomic.Int64 // the longest POST since the last reset
}

func (s *slowest) Enabled(context.Context, slog.Level) bool { return true }

func (s *slowest) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "request" {
		method, took := "", time.Duration(0)
		r.Attrs(func(a slog.Attr) bool {
			switch a.Key {
			case "method":
				method = a.Value.String()
			case "took":
				took = a.Value.Duration()
			}
			return true
		})
		for was := s.took.Load(); method == http.MethodPost && int64(took) > was && !s.took.CompareAndSwap(was, int64(took)); was = s.took.Load() {
		}
	}
	if !s.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// site is where a house is built. The zero value of a field means the usual.
type site struct {
	listen  string           // where to LISTEN
	now     func() time.Time // business clock
	machine func() time.Time // machine clock of what is issued; the edge and the database keep the real one
	change  func(*serverSettings)
	log     slog.Handler // nil: the test's own
}

// startHouse starts a house with development actors. change, if any, alters the settings first. It stops with the test.
func startHouse(t testing.TB, dsn string, change ...func(*serverSettings)) *testHouse {
	t.Helper()
	return buildHouse(t, dsn, site{change: func(s *serverSettings) {
		for _, c := range change {
			c(s)
		}
	}})
}

func buildHouse(t testing.TB, dsn string, at site) *testHouse {
	t.Helper()
	s := serverSettings{Addr: "127.0.0.1:0", DevActors: true, Drain: 2 * time.Second}
	if at.change != nil {
		at.change(&s)
	}
	if at.listen == "" {
		at.listen = dsn
	}
	if at.now == nil {
		at.now = time.Now
	}
	if at.log == nil {
		at.log = slog.NewTextHandler(watched{t}, nil)
	}
	watch := &slowest{Handler: at.log}
	p := &program{out: io.Discard, log: slog.New(watch)}
	entry, err := p.unlock(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.PublicURL = entry.url
	d, err := db.Open(t.Context(), dsn, db.Options{Traces: p.traces.Provider()})
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.build(t.Context(), &store{DB: d, dsn: dsn, listen: at.listen}, s, at.now)
	if err != nil {
		t.Fatal(err)
	}
	if at.machine != nil {
		h.verbs.Machine = at.machine
	}
	h.private = entry.private
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- h.serve(ctx, entry.public, pages(web.Desk{Operations: web.PlainOperations()}, false), nil)
	}()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		entry.close()
	})
	return &testHouse{house: h, t: t, url: "http://" + entry.public.Addr().String() + "/graphql", stop: stop, slowest: watch}
}

// watched is the log of a house, which must tell no resident's data either.
type watched struct{ t testing.TB }

func (w watched) Write(line []byte) (int, error) {
	w.t.Helper()
	checkPrivate(w.t, "log", line)
	return w.t.Output().Write(line)
}

// answer is a GraphQL answer.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []fault         `json:"errors"`
}

// fault is a GraphQL error.
type fault struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// code is the code of the only error, empty if there is none.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return fmt.Sprint(a.Errors[0].Extensions["code"])
}

// path is the first error's path, joined by dots.
func (f fault) path() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Path), " ", "."), "[]")
}

// bearer is the credential of an actor: a token of ours or of an issuer as it is, and any other name as a development
// actor's.
func bearer(actor string) string {
	if delivery.IsToken(actor) || issuer.IsJWT(actor) {
		return "Bearer " + actor
	}
	return "Bearer dev:" + actor
}

// send posts a body as an actor, "" for nobody, with further headers given in pairs, and checks that the answer tells
// nothing of our insides and nobody's name or phone.
func (h *testHouse) send(ctx context.Context, actor string, body []byte, headers ...string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if actor != "" {
		req.Header.Set("Authorization", bearer(actor))
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	checkPrivate(h.t, actor, text)
	checkInside(h.t, text)
	return res.StatusCode, text, err
}

// try sends one operation; unlike ask, any goroutine may call it.
func (h *testHouse) try(actor, query string, variables map[string]any, headers ...string) (a answer, err error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return a, err
	}
	status, text, err := h.send(h.t.Context(), actor, body, headers...)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("status %d: %w", status, err)
	}
	return a, nil
}

// ask sends one operation as an actor, "" for nobody.
func (h *testHouse) ask(actor, query string, variables map[string]any, headers ...string) answer {
	h.t.Helper()
	a, err := h.try(actor, query, variables, headers...)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// must is the data of an operation that has no errors, read into to.
func (h *testHouse) must(actor, query string, variables map[string]any, to any) {
	h.t.Helper()
	a := h.ask(actor, query, variables)
	if len(a.Errors) > 0 {
		h.t.Fatalf("%s: %v", query, a.Errors)
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		h.t.Fatal(err)
	}
}

// secrets are the names and phones of the test estates, which no client and no log line may hold whole.
var secrets = []string{"王秀英", "李建国", "13800001234", "13900005678", "周国强", "赵敏敏", "13700004321"}

func checkPrivate(t testing.TB, where string, text []byte) {
	t.Helper()
	for _, s := range secrets {
		if bytes.Contains(text, []byte(s)) {
			t.Errorf("%s was told %s: %.300s", where, s, text)
		}
	}
}

// checkInside fails if a text for clients holds SQL, a driver's words or a stack.
func checkInside(t testing.TB, text []byte) {
	t.Helper()
	for _, s := range []string{"pq:", "SQLSTATE", "select ", "goroutine ", ".go:", "violates", "sqlx.", "runtime error"} {
		if bytes.Contains(text, []byte(s)) {
			t.Errorf("an answer holds %q: %.300s", s, text)
		}
	}
}

func TestHouse(t *testing.T) {
	t.Parallel()
	h := startHouse(t, dbtest.DSN(t))
	var got struct{ Me struct{ Role string } }
	h.must("admin", `{ me { role } }`, nil, &got)
	if got.Me.Role != "ADMIN" {
		t.Errorf("got %q, want ADMIN", got.Me.Role)
	}
	if a := h.ask("", `{ me { role } }`, nil); len(a.Errors) != 1 || a.code() != "UNAUTHENTICATED" {
		t.Errorf("got %v, want UNAUTHENTICATED", a.Errors)
	}
}
