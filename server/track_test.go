package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/server/answer"
	"baogong/server/limit"
)

// tracking gives a server links.
func tracking(o *Options) { o.Links = &links{"subscription($end: String){feed(end:$end)}"} }

// links are "feed", whose stream goes on, and "brief", which must be checked again soon; no other.
type links struct{ document string }

func (*links) Open(_ context.Context, code, _ string) (Session, map[string]any, error) {
	s := Session{Account: "link " + code, Actor: delivery.Actor{Name: code}}
	switch code {
	case "brief":
		s.Expires = time.Now().Add(300 * time.Millisecond)
	case "broken":
		return Session{}, nil, io.ErrUnexpectedEOF
	case "feed":
	default:
		return Session{}, nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCode.String())
	}
	return s, map[string]any{}, nil
}

func (l *links) Document() string { return l.document }

func (*links) Page(w http.ResponseWriter, _ *http.Request, status int, _ Session, refusal error) {
	w.WriteHeader(status)
	if e := delivery.AsError(refusal); e != nil {
		_, _ = io.WriteString(w, e.Reason.String())
	}
}

func (b *bench) track(t *testing.T, path string, headers ...string) result {
	t.Helper()
	return b.do(t, "GET", "http://"+b.host+"/track/"+path, nil, headers...)
}

func TestTrack(t *testing.T) {
	t.Parallel()
	t.Run("refusals have a status, and nothing is kept or told on", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking)
		for path, want := range map[string]int{"feed": 200, "wrong": 404, "broken": 500, "wrong/events": 404, "broken/events": 500} {
			got := b.track(t, path)
			if got.status != want || strings.Contains(got.body, "EOF") {
				t.Errorf("%s: got %d %s, want %d", path, got.status, got.body, want)
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"} {
				if got := got.header.Get(name); got != want {
					t.Errorf("%s: %s: got %q, want %q", path, name, got, want)
				}
			}
		}
	})
	t.Run("a stream that must be checked breaks off, so that a browser comes back", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking)
		got := b.track(t, "brief/events", "Accept", "text/event-stream")
		if got.status != 200 || !strings.Contains(got.body, "event: next\nid: c1\n") || strings.Contains(got.body, "complete") || strings.Contains(got.body, "errors") {
			t.Errorf("got %d %q, want one answer and no end", got.status, got.body)
		}
	})
	t.Run("an allowed page of another origin may read it", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking, func(o *Options) { o.Origins = []string{"https://family.example"} })
		got := b.track(t, "brief/events", "Origin", "https://family.example", "Sec-Fetch-Site", "cross-site")
		if shown := got.header.Get("Access-Control-Allow-Origin"); got.status != http.StatusOK || shown != "https://family.example" {
			t.Errorf("got %d, allowed %q", got.status, shown)
		}
	})
	t.Run("a page of another origin may not", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking)
		for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}} {
			if got := b.track(t, "brief/events", header...); got.status != http.StatusForbidden {
				t.Errorf("%v: got %d, want 403", header, got.status)
			}
		}
	})
	t.Run("HEAD starts nothing, and only GET asks", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking)
		if got := b.do(t, "HEAD", "http://"+b.host+"/track/feed/events", nil); got.status != 200 || got.header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
			t.Errorf("got %d %v", got.status, got.header)
		}
		if got := b.do(t, "POST", "http://"+b.host+"/track/feed/events", nil); got.status != http.StatusMethodNotAllowed {
			t.Errorf("POST: got %d, want 405", got.status)
		}
		select {
		case <-b.entered:
			t.Error("a stream was started")
		default:
		}
	})
	t.Run("limits count its streams", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking, func(o *Options) { o.Limits.AddressSockets = 1 })
		b.watches(t, "feed")
		if got := b.track(t, "feed/events"); got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" {
			t.Errorf("got %d %v, want 429 and when to come back", got.status, got.header)
		}
	})
	t.Run("limits count its requests", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking, func(o *Options) { o.Limits.AddressOperations = limit.Rate{PerSecond: 1, Burst: 2} })
		for range 2 {
			b.track(t, "wrong")
		}
		for _, path := range []string{"wrong", "wrong/events"} {
			if got := b.track(t, path); got.status != http.StatusTooManyRequests {
				t.Errorf("%s: got %d, want 429", path, got.status)
			}
		}
	})
	t.Run("runs where only listed documents do", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking, func(o *Options) { o.Rules.Trusted = &answer.Trusted{} })
		if got := b.track(t, "brief/events"); got.status != 200 || !strings.Contains(got.body, "event: next") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("a drain ends it", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking)
		ended := b.watches(t, "feed")
		b.stop()
		if text := await(t, "the stream to end", ended); !strings.Contains(text, ": restarting") || strings.Contains(text, "complete") {
			t.Errorf("got %q, want to be asked back", text)
		}
	})
	t.Run("no log holds its code", func(t *testing.T) {
		t.Parallel()
		log := &ledger{}
		b := setup(t, tracking, func(o *Options) {
			o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		b.track(t, "s3cret")
		b.track(t, "s3cret/events")
		b.stop()
		b.served <- await(t, "the drain", b.served)
		if text := log.read(); !strings.Contains(text, "/track/{code}/events") || strings.Contains(text, "s3cret") {
			t.Errorf("got the log\n%s", text)
		}
	})
}

// watches opens the stream of a link and returns, once it has begun, what it says in all when it ends.
func (b *bench) watches(t *testing.T, code string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+b.host+"/track/"+code+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	ended, done := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(done)
		text, _ := io.ReadAll(answer.Body)
		ended <- string(text)
	}()
	t.Cleanup(func() { cancel(); answer.Body.Close(); <-done })
	await(t, "the subscription", b.entered)
	return ended
}
