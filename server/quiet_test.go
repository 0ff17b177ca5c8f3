package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/internal/certificate"
)

// watchQuietly opens an event stream over TLS, with HTTP/2 if http2 is set, and sends its lines to a channel.
func (b *bench) watchQuietly(t *testing.T, major int, method, path string, body io.Reader) <-chan string {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: major == 2}
	ctx, cancel := context.WithCancel(t.Context())
	q, err := http.NewRequestWithContext(ctx, method, "https://"+b.host+path, body)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept", "text/event-stream")
	answer, err := transport.RoundTrip(q)
	if err != nil {
		t.Fatal(err)
	}
	if answer.ProtoMajor != major || answer.StatusCode != http.StatusOK {
		t.Fatalf("got %s over %s, want 200 over HTTP/%d", answer.Status, answer.Proto, major)
	}
	lines := make(chan string, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(lines)
		s := bufio.NewScanner(answer.Body)
		for s.Scan() {
			if s.Text() != "" {
				lines <- s.Text()
			}
		}
		if err := s.Err(); err != nil && ctx.Err() == nil {
			lines <- "broken: " + err.Error()
		}
	}()
	t.Cleanup(func() { cancel(); _ = answer.Body.Close(); <-ended; transport.CloseIdleConnections() })
	return lines
}

// quietStreams opens every kind of event stream over TLS without events, waits for a number of comments and at least a
// duration, and then has one event arrive.
func quietStreams(t *testing.T, comments int, least time.Duration, adapt func(*Options)) {
	cert, key := certificate.Write(t, t.TempDir(), 1)
	c, err := LoadCertificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, over := range []struct {
		claim string
		major int
	}{{"HTTP/2", 2}, {"HTTP/1.1", 1}} {
		for _, of := range []struct{ claim, method, path string }{{"a subscription", "POST", "/graphql"}, {"a link", "GET", "/track/feed/events"}} {
			t.Run(of.claim+" over "+over.claim, func(t *testing.T) {
				t.Parallel()
				b := setup(t, tracking, adapt, func(o *Options) {
					o.TLS = c.Config()
					o.Links = &links{"subscription{belt}"}
				})
				lines := b.watchQuietly(t, over.major, of.method, of.path, query("subscription{belt}"))
				await(t, "the subscription", b.entered)
				if got := await(t, "the beginning", lines); got != ":" {
					t.Fatalf("got %q", got)
				}
				began := time.Now()
				for range comments {
					if got := await(t, "a comment", lines); got != ": still here" {
						t.Fatalf("got %q, want a comment", got)
					}
				}
				if took := time.Since(began); took < least {
					t.Errorf("it was quiet for %v, want %v", took, least)
				}
				b.belt.add(1)
				for got := range lines {
					if strings.HasPrefix(got, "broken") || strings.HasPrefix(got, "data: ") {
						if got != `data: {"data":{"belt":"1"}}` {
							t.Errorf("got %s", got)
						}
						break
					}
				}
			})
		}
	}
}

// A quiet event stream outlives the deadline of a write: here a comment comes after four times as long. quiet_soak_test.go
// waits 70 s with the production settings.
func TestQuietEventStreamsOverTLS(t *testing.T) {
	t.Parallel()
	quietStreams(t, 2, 0, func(o *Options) {
		o.Limits.SlowAfter, o.Limits.WriteTimeout, o.Limits.RequestTimeout = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
		o.Limits.PingEvery = 1100 * time.Millisecond
	})
}
