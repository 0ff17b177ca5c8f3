// Package house is the fixture of the tests of the running program: the program in this process or as a binary, an estate set up
// through its API, and clients. Only tests import it.
package house

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/app"
	"baogong/delivery"
	"baogong/issuer"
)

// Timeout is the deadline of a test's wait for an expected event. Only failing tests take that long.
const Timeout = 20 * time.Second

// Program is the whole program over a database of the test's own, at a real port.
type Program struct {
	*app.System
	T    testing.TB
	URL  string       // of /graphql
	DSN  string       // of the database
	Stop func() error // drains and stops; once

	Slowest *slowest // of what was answered
}

// slowest is the log of a program that notes how long requests took inside the server, from their first byte to their answer's last.
type slowest struct {
	slog.Handler
	Took atomic.Int64 // the longest POST since the last reset
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
		for was := s.Took.Load(); method == http.MethodPost && int64(took) > was && !s.Took.CompareAndSwap(was, int64(took)); was = s.Took.Load() {
		}
	}
	if !s.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// At returns the House of a program in another process, at a URL without a path. Only helpers that use the network work.
func At(t testing.TB, site string) *Program { return &Program{T: t, URL: site + "/graphql"} }

// Setup holds the settings of a program. The zero value of a field means the default.
type Setup struct {
	Listen  string           // where to LISTEN
	Now     func() time.Time // business clock
	Machine func() time.Time // machine clock of what is issued; the edge and the database keep the real one
	Change  func(*app.ServerSettings)
	Log     slog.Handler // nil: the test's own
}

// Start starts a program with development actors. change, if any, alters the settings first. It stops with the test.
func Start(t testing.TB, dsn string, change ...func(*app.ServerSettings)) *Program {
	t.Helper()
	return Build(t, dsn, Setup{Change: func(s *app.ServerSettings) {
		for _, c := range change {
			c(s)
		}
	}})
}

// Build starts a program with the given Setup. It stops with the test.
func Build(t testing.TB, dsn string, setup Setup) *Program {
	t.Helper()
	h, end := open(t, dsn, setup)
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// open starts a program with the given Setup, until end is called.
func open(t testing.TB, dsn string, setup Setup) (_ *Program, end func() error) {
	t.Helper()
	s := app.ServerSettings{Addr: "127.0.0.1:0", DevActors: true, Drain: 2 * time.Second, NoPlans: true} // a plan is an event that comes at any time
	if setup.Change != nil {
		setup.Change(&s)
	}
	if setup.Now == nil {
		setup.Now = time.Now
	}
	if setup.Log == nil {
		setup.Log = slog.NewTextHandler(privateWriter{t}, nil)
	}
	watch := &slowest{Handler: setup.Log}
	h, err := app.Wire(t.Context(), app.Wiring{Settings: s, DSN: dsn, Listen: setup.Listen, Now: setup.Now, Machine: setup.Machine, Log: watch})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Serve(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	end = func() error {
		err := stop()
		if err != nil {
			err = fmt.Errorf("serve: %w", err)
		}
		return errors.Join(err, h.Close())
	}
	return &Program{System: h, T: t, URL: "http://" + h.Addr().String() + "/graphql", DSN: dsn, Stop: stop, Slowest: watch}, end
}

// privateWriter is the log of a program. It must not contain residents' data.
type privateWriter struct{ t testing.TB }

// PrivateLog is the test's log, for a program that must write no resident's data there.
func PrivateLog(t testing.TB) io.Writer { return privateWriter{t} }

func (w privateWriter) Write(line []byte) (int, error) {
	w.t.Helper()
	CheckPrivate(w.t, "log", line)
	return w.t.Output().Write(line)
}

// Response is a GraphQL answer.
type Response struct {
	Data   json.RawMessage `json:"data"`
	Errors []GraphQLError  `json:"errors"`
}

// GraphQLError is a GraphQL error.
type GraphQLError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// Code returns the code of the only error, or "" if there is none.
func (a Response) Code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return fmt.Sprint(a.Errors[0].Extensions["code"])
}

// Where returns the first error's path, joined by dots.
func (f GraphQLError) Where() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Path), " ", "."), "[]")
}

// Bearer is the credential of an actor: a token of ours or of an issuer as it is, and any other name as a development
// actor's.
func Bearer(actor string) string {
	if delivery.IsToken(actor) || issuer.IsJWT(actor) {
		return "Bearer " + actor
	}
	return "Bearer dev:" + actor
}

// Send posts a body as an actor, "" for an anonymous client, with further headers given in pairs. It checks that the
// answer shows no internals and no person's name or phone.
func (h *Program) Send(ctx context.Context, actor string, body []byte, headers ...string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if actor != "" {
		req.Header.Set("Authorization", Bearer(actor))
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
	CheckPrivate(h.T, actor, text)
	checkInside(h.T, text)
	return res.StatusCode, text, err
}

// Try sends one operation; unlike ask, any goroutine may call it.
func (h *Program) Try(actor, query string, variables map[string]any, headers ...string) (a Response, err error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return a, err
	}
	status, text, err := h.Send(h.T.Context(), actor, body, headers...)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("status %d: %w", status, err)
	}
	return a, nil
}

// Ask sends one operation as an actor, "" for an anonymous client.
func (h *Program) Ask(actor, query string, variables map[string]any, headers ...string) Response {
	h.T.Helper()
	a, err := h.Try(actor, query, variables, headers...)
	if err != nil {
		h.T.Fatal(err)
	}
	return a
}

// Must sends an operation and reads its data into to. It fails the test if the answer has errors.
func (h *Program) Must(actor, query string, variables map[string]any, to any) {
	h.T.Helper()
	a := h.Ask(actor, query, variables)
	if len(a.Errors) > 0 {
		h.T.Fatalf("%s: %v", query, a.Errors)
	}
	if err := json.Unmarshal(a.Data, to); err != nil {
		h.T.Fatal(err)
	}
}

// secrets are the names and phones of the test estates, which no client and no log line may hold whole.
var secrets = []string{"王秀英", "李建国", "13800001234", "13900005678", "周国强", "赵敏敏", "13700004321"}

// CheckPrivate fails the test if a text holds a resident's or a volunteer's data. where names the place of the text.
func CheckPrivate(t testing.TB, where string, text []byte) {
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
