package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// knocks tries to open a WebSocket and returns the status.
func (b *bench) knocks(t *testing.T, headers ...string) (*websocket.Conn, *http.Response) {
	t.Helper()
	h := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	dialer := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: patient}
	conn, answer, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(b.url, "http"), h)
	if err != nil && answer == nil {
		t.Fatal(err)
	}
	if conn != nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, answer
}

func TestSocketsPerAccount(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AccountSockets = 2 })
	const li = `{"Authorization":"Bearer li","locale":"zh-CN"}`
	first := b.greeted(t, li)
	b.stream(t, "subscription{feed}", "Authorization", "Bearer li")
	await(t, "the stream", b.entered)

	third := b.dial(t)
	third.send(`{"type":"connection_init","payload":` + li + `}`)
	if got, want := third.closes(1013), "您已打开 2 个连接，达到上限，请先关闭一个。"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := b.post(t, "subscription{count(to:1)}", "Authorization", "Bearer li", "Accept", "text/event-stream")
	if got.status != 429 || got.code != "RATE_LIMITED" || got.header.Get("Retry-After") != "10" {
		t.Errorf("an event stream: got %d %v %s", got.status, got.header, got.body)
	}
	b.greeted(t, `{"Authorization":"Bearer wang"}`)
	for range 3 {
		b.greeted(t, "") // nobody is no account
	}
	if got := b.post(t, "{hello}", "Authorization", "Bearer li"); got.code != "" {
		t.Errorf("a query: got %s", got.body)
	}

	first.subscribe("1", "subscription{feed}")
	await(t, "the subscription", b.entered)
	_ = first.Close()
	for p := b.dial(t); ; p = b.dial(t) { // the server learns of it in its own time
		p.send(`{"type":"connection_init","payload":` + li + `}`)
		if _, text, err := p.ReadMessage(); err == nil {
			if want := `{"type":"connection_ack"}`; string(text) != want {
				t.Errorf("got %s, want %s", text, want)
			}
			break
		}
	}
}

func TestSocketsPerAddress(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.AddressSockets = 2
		o.Proxies = prefixes("127.0.0.0/8")
	})
	const here, there = "203.0.113.9", "203.0.113.10"
	for range 2 {
		greet(b.dial(t, "X-Forwarded-For", here))
	}
	conn, answer := b.knocks(t, "X-Forwarded-For", here)
	if conn != nil || answer.StatusCode != 429 || answer.Header.Get("Retry-After") != "10" {
		t.Errorf("a third socket: got %v", answer)
	}
	got := b.post(t, "subscription{count(to:1)}", "X-Forwarded-For", here, "Accept", "text/event-stream")
	if got.status != 429 || got.err != "Too many connections are open from your network; please close one or try again later." || !strings.Contains(got.body, `"retryAfterSeconds":10`) {
		t.Errorf("an event stream: got %d %s", got.status, got.body)
	}
	if got := b.post(t, "{hello}", "X-Forwarded-For", here); got.code != "" {
		t.Errorf("a query: got %s", got.body)
	}
	greet(b.dial(t, "X-Forwarded-For", there))
}

// A handshake that fails, or a socket that says nothing, gives its place back.
func TestPlacesAreGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.AddressSockets, o.Limits.AddressWaiting, o.Limits.AccountSockets = 3, 1, 1 })
	for range 10 {
		if _, answer := b.knocks(t, "Origin", "https://evil.example"); answer.StatusCode != 403 {
			t.Fatalf("got %v, want 403", answer)
		}
	}
	for range 10 { // one after the other, each acknowledged
		p := b.greeted(t, `{"Authorization":"Bearer li"}`)
		p.send("{")
		p.closes(4400)
		p.Close()
		for b.held() > 0 {
			_, _ = b.knocks(t, "Origin", "https://evil.example") // passes the time
		}
	}
}

// held is how many places are taken.
func (b *bench) held() (n int) {
	for _, t := range []*tally{&b.server.byAccount, &b.server.byAddress, &b.server.waiting} {
		t.mu.Lock()
		n += len(t.held)
		t.mu.Unlock()
	}
	return n
}
