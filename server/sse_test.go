package server

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/server/limit"
)

// stream opens an event stream and returns its lines, without blank ones.
func (b *bench) stream(t *testing.T, text string, headers ...string) (*http.Response, <-chan string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	q, err := http.NewRequestWithContext(ctx, "POST", b.url, query(text))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept", "text/event-stream")
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.http.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	lines, ended := make(chan string), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(lines)
		for s := bufio.NewScanner(answer.Body); s.Scan(); {
			if s.Text() == "" {
				continue
			}
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); answer.Body.Close(); <-ended })
	return answer, lines
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		claim, query string
		headers      []string
		want         string
	}{
		{"a subscription", "subscription{count(to:2)}", nil,
			`:|event: next|data: {"data":{"count":"0"}}|event: next|data: {"data":{"count":"1"}}|event: complete|data: `},
		{"a query", "{hello}", nil, `:|event: next|data: {"data":{"hello":null}}|event: complete|data: `},
		{"events have their cursor as id", `subscription{feed(end:"done")}`, nil,
			`:|event: next|id: c1|data: {"data":{"feed":"after "}}|event: complete|data: `},
		{"the last event's id goes before the argument", `subscription{feed(end:"done",after:"c0")}`, []string{"Last-Event-ID", "c7"},
			`:|event: next|id: c1|data: {"data":{"feed":"after c7"}}|event: complete|data: `},
		{"a stream that cannot go on", `subscription{feed(end:"resync")}`, []string{"Accept-Language", "zh"},
			`:|event: next|id: c1|data: {"data":{"feed":"after "}}|event: next|data: {"errors":[{"message":"无法从该游标继续，请重新读取列表，并从其 feedCursor 之后订阅。","extensions":{"code":"RESYNC_REQUIRED"}}]}|event: complete|data: `},
		{"a refused subscription", "subscription{denied}", nil,
			`:|event: next|data: {"errors":[{"message":"There is no such order.","extensions":{"code":"NOT_FOUND"}}]}|event: complete|data: `},
		{"validation fails inside the stream", "{nope}", nil,
			`:|event: next|data: {"errors":[{"message":"Cannot query field \"nope\" on type \"Query\".","locations":[{"line":1,"column":2}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}|event: complete|data: `},
		{"a panic", "subscription{boom}", nil,
			`:|event: next|data: {"errors":[{"message":"Something went wrong.","extensions":{"code":"INTERNAL"}}]}|event: complete|data: `},
		{"a slow reader is cut off", `subscription{feed(end:"slow")}`, nil, `:|event: next|id: c1|data: {"data":{"feed":"after "}}`},
		{"a session that ends", "subscription{feed}", []string{"Authorization", "Bearer brief"},
			`:|event: next|id: c1|data: {"data":{"feed":"after "}}|event: next|data: {"errors":[{"message":"Please sign in first.","extensions":{"code":"UNAUTHENTICATED"}}]}|event: complete|data: `},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			answer, lines := b.stream(t, c.query, c.headers...)
			var got []string
			for line := range lines {
				got = append(got, line)
			}
			if text := strings.Join(got, "|"); text != c.want || answer.StatusCode != 200 {
				t.Errorf("got  %d %s\nwant %s", answer.StatusCode, text, c.want)
			}
		})
	}
	t.Run("a client that prefers JSON gets a subscription as a stream", func(t *testing.T) {
		t.Parallel()
		answer, _ := b.stream(t, "subscription{count(to:1)}", "Accept", "application/json, text/event-stream")
		if got := answer.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("requests refused before GraphQL have a status", func(t *testing.T) {
		t.Parallel()
		for want, headers := range map[int][]string{401: {"Authorization", "Bearer stranger"}, 415: {"Content-Type", "text/plain"}} {
			answer, _ := b.stream(t, "{hello}", headers...)
			if kind := answer.Header.Get("Content-Type"); answer.StatusCode != want || !strings.HasPrefix(kind, "application/json") {
				t.Errorf("got %d %s, want %d", answer.StatusCode, kind, want)
			}
		}
	})
}

func TestEventStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.PingEvery = 40 * time.Millisecond })
	answer, lines := b.stream(t, "subscription{feed}")
	await(t, "the subscription", b.entered)
	for !strings.HasPrefix(await(t, "a line", lines), "data: ") {
	}
	for range 3 {
		if got := await(t, "a comment", lines); got != ": still here" {
			t.Errorf("got %q, want a comment", got)
		}
	}
	answer.Body.Close()
	await(t, "the resolver to end", b.idle)
}

func TestStalledEventStream(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.WriteTimeout = 200 * time.Millisecond })
	conn := b.tcp(t)
	_ = conn.SetReadBuffer(4096)
	body := `{"query":"subscription{count(to:1000000,size:10000)}"}`
	_, _ = io.WriteString(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: "+itoa(len(body))+"\r\n\r\n"+body)
	began := time.Now()
	await(t, "the resolver to end", b.idle)
	t.Logf("dropped after %v", time.Since(began))
}

// Writing outlives the deadline that plain requests have.
func TestEventStreamOutlivesRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.RequestTimeout, o.Limits.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
		o.Limits.PingEvery = 40 * time.Millisecond
	})
	_, lines := b.stream(t, "subscription{feed}")
	for range 20 { // 500 ms
		await(t, "a line", lines)
	}
	if got := b.post(t, "{hello}"); got.status != 200 {
		t.Errorf("got %d", got.status)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{}); err == nil {
		t.Error("a server without a schema was made")
	}
	if _, err := New(Options{Schema: &contract{stub: &stub{}}}); err == nil {
		t.Error("a server without authentication was made")
	}
}

// Going on where a header says costs what going on where an argument says does, and no more for both.
func TestLastEventIDIsPriced(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.AccountCost = limit.Rate{PerSecond: 1000, Burst: 100_000}
		o.Rules.Prices = map[string]int{"Subscription.feed(after)": 700}
	})
	for _, c := range []struct {
		argument, header string
		want             int
	}{
		{"", "", 1}, {`,after:"c0"`, "", 701}, {"", "c7", 701}, {`,after:"c0"`, "c7", 701}, {`,after:null`, "c7", 701},
	} {
		_, lines := b.stream(t, `subscription{feed(end:"done"`+c.argument+`)}`, "Authorization", "Bearer li", "Last-Event-ID", c.header)
		var got []string
		for line := range lines {
			got = append(got, line)
		}
		if text := strings.Join(got, "|"); !strings.Contains(text, `"requested":`+itoa(c.want)+`,`) {
			t.Errorf("%q with %q: got %s, want %d points", c.argument, c.header, text, c.want)
		}
	}
}
