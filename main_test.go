package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// testHouse is the whole program over a database of the test's own, at a real port.
type testHouse struct {
	*house
	t   testing.TB
	url string // of /graphql
}

// startHouse starts a house with development actors. change, if any, alters the settings first. It stops with the test.
func startHouse(t testing.TB, dsn string, change ...func(*serverSettings)) *testHouse {
	t.Helper()
	s := serverSettings{Addr: "127.0.0.1:0", DevActors: true, DrainTime: 2 * time.Second}
	for _, c := range change {
		c(&s)
	}
	d, err := db.Open(t.Context(), dsn, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{out: io.Discard, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	h, err := p.build(t.Context(), &store{DB: d, dsn: dsn, listen: dsn}, s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.serve(ctx, listener, nil, nil) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return &testHouse{house: h, t: t, url: "http://" + listener.Addr().String() + "/graphql"}
}

// answer is a GraphQL answer.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// ask sends one operation as an actor, "" for nobody.
func (h *testHouse) ask(actor, query string, variables map[string]any) answer {
	h.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		h.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if actor != "" {
		req.Header.Set("Authorization", "Bearer dev:"+actor)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	var a answer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		h.t.Fatalf("status %d: %v", res.StatusCode, err)
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

func TestHouse(t *testing.T) {
	t.Parallel()
	h := startHouse(t, dbtest.DSN(t))
	var got struct{ Me struct{ Role string } }
	h.must("admin", `{ me { role } }`, nil, &got)
	if got.Me.Role != "ADMIN" {
		t.Errorf("got %q, want ADMIN", got.Me.Role)
	}
	if a := h.ask("", `{ me { role } }`, nil); len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UNAUTHENTICATED" {
		t.Errorf("got %v, want UNAUTHENTICATED", a.Errors)
	}
}
