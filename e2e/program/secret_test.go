package program_test

import (
	"bytes"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// TestSecretsAreNotLogged checks the log of the whole program at the debug level.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	h := house.Build(t, dbtest.DSN(t), house.Setup{Log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(line)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})})
	const secret = "open-sesame"
	for _, credential := range []string{"dev:" + secret, secret, "dev:" + secret + "@" + secret} {
		if got := h.Ask("", `{ me { role } }`, nil, "Authorization", "Bearer "+credential).Code(); got != "UNAUTHENTICATED" {
			t.Errorf("%s: got %q, want UNAUTHENTICATED", credential, got)
		}
	}
	h.Ask("admin", `query ($i: ID!) { node(id: $i) { id } }`, obj{"i": secret})
	h.Ask("admin", `query ($i: ID!, $c: String) { orders(communityId: $i, after: $c) { totalCount } }`, obj{"i": "AQEAAAAB", "c": secret})
	if err := h.Stop(); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "route=/graphql") || strings.Contains(text, secret) {
		t.Errorf("got the log\n%s", text)
	}
}

// writer is a function that is written to.
type writer func([]byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }

// A thousand panics with stack traces, provoked by an anonymous caller, write a few log lines, which count the others.
func TestPanicsWriteFewLines(t *testing.T) {
	t.Parallel()
	const panics = 1000
	var mu sync.Mutex
	var log bytes.Buffer
	h := house.Build(t, dbtest.DSN(t), house.Setup{
		Change: func(s *app.ServerSettings) { s.Operations, s.Cost = 0, 0 },
		Machine: func() time.Time {
			if bytes.Contains(debug.Stack(), []byte("RedeemCode")) {
				panic("no clock")
			}
			return time.Now()
		},
		Log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(line)
		}), nil)})
	began := time.Now()
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range panics / 4 {
				a := h.Ask("", `mutation { redeemCode(input: {code: "AAAA-BBBB-CCCC-DDDD"}) { token } }`, nil)
				if a.Code() != "INTERNAL" {
					t.Errorf("got %+v, want INTERNAL", a.Errors)
					return
				}
			}
		})
	}
	callers.Wait()
	if err := h.Stop(); err != nil {
		t.Error(err)
	}
	lines, told := 0, 0
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "level=ERROR") {
			lines++
			told++
		}
		if _, number, found := strings.Cut(line, "left_out="); found {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil {
				t.Fatal(err)
			}
			told += n
		}
	}
	if most := int(time.Since(began)/time.Second) + 2; lines > most || told != panics {
		t.Errorf("got %d lines that tell of %d panics, want at most %d and %d", lines, told, most, panics)
	}
}
