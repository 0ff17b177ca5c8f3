package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"baogong/db/dbtest"
)

// TestSecretsAreNotLogged checks the log of the whole house at its most talkative.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	h := buildHouse(t, dbtest.DSN(t), site{log: slog.NewTextHandler(writer(func(line []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(line)
	}), &slog.HandlerOptions{Level: slog.LevelDebug})})
	const secret = "open-sesame"
	for _, credential := range []string{"dev:" + secret, secret, "dev:" + secret + "@" + secret} {
		if got := h.ask("", `{ me { role } }`, nil, "Authorization", "Bearer "+credential).code(); got != "UNAUTHENTICATED" {
			t.Errorf("%s: got %q, want UNAUTHENTICATED", credential, got)
		}
	}
	h.ask("admin", `query ($i: ID!) { node(id: $i) { id } }`, obj{"i": secret})
	h.ask("admin", `query ($i: ID!, $c: String) { orders(communityId: $i, after: $c) { totalCount } }`, obj{"i": "AQEAAAAB", "c": secret})
	if err := h.stop(); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "route=/graphql") || strings.Contains(text, secret) {
		t.Errorf("got the log\n%s", text)
	}
}

// writer is a function that is written to.
type writer func([]byte) (int, error)

func (w writer) Write(line []byte) (int, error) { return w(line) }
