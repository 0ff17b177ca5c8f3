package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"baogong/server/limit"
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
		b.greeted(t, "") // an anonymous client does not count as an account
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
	for _, t := range []*limit.Tally{&b.server.byAccount, &b.server.byAddress, &b.server.waiting, &b.server.anonymous, &b.server.bodies} {
		n += t.Keys()
	}
	return n
}

// Connections without an account never take the places that are reserved for accounts, from any number of addresses,
// acknowledged or not.
func TestAnonymousSocketsLeaveRoomForAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t, tracking, func(o *Options) {
		o.Limits.Sockets, o.Limits.AnonymousShare, o.Limits.AddressWaiting = 100, 20, 6
		o.Limits.InitTimeout = 2 * patient
		o.Proxies = prefixes("127.0.0.0/8")
		o.Links = &links{"subscription{belt}"}
	})
	from := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	opens := map[string]func(address string) bool{
		"silent": func(address string) bool {
			conn, answer := b.knocks(t, "X-Forwarded-For", address)
			if conn == nil && answer.StatusCode != 429 {
				t.Fatalf("got %v", answer)
			}
			return conn != nil
		},
		"greeted": func(address string) bool {
			conn, answer := b.knocks(t, "X-Forwarded-For", address)
			if conn == nil {
				t.Fatalf("got %v", answer)
			}
			p := &peer{conn, t}
			p.send(`{"type":"connection_init"}`)
			if _, text, err := p.ReadMessage(); err != nil {
				if said, ok := errors.AsType[*websocket.CloseError](err); !ok || said.Code != 1013 {
					t.Fatalf("got %v", err)
				}
				return false
			} else if string(text) != `{"type":"connection_ack"}` {
				t.Fatalf("got %s", text)
			}
			return true
		},
		"stream": func(address string) bool {
			answer, _ := b.stream(t, "subscription{belt}", "X-Forwarded-For", address)
			return answer.StatusCode == 200
		},
		"link": func(address string) bool {
			q, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+b.host+"/track/feed/events", nil)
			q.Header.Set("X-Forwarded-For", address)
			answer, err := b.http.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { answer.Body.Close() })
			return answer.StatusCode == 200
		},
	}
	took := map[string]int{}
	for i := range 10 { // addresses, each of which takes what it gets
		for _, claim := range []string{"greeted", "stream", "link", "silent"} {
			if claim == "silent" { // the greeted socket that was refused waits until it is closed
				b.comesTo(t, func() bool { return b.server.waiting.Held(from(i)) == 0 })
			}
			here := 0
			for here <= 6 && opens[claim](from(i)) {
				here++
			}
			if here > 6 {
				t.Errorf("%s: one address has more than 6", claim)
			}
			took[claim] += here
		}
	}
	if others := took["greeted"] + took["stream"] + took["link"]; others < 10 || others > 20 || took["silent"] != 60 {
		t.Errorf("got %v, want at most 20 streams and greeted sockets", took)
	}
	b.comesTo(t, func() bool { return b.server.waiting.All() <= 20 }) // of those that say nothing the oldest made room
	for i := range 50 {                                               // accounts come in, also from where all the others are
		p := b.dial(t, "X-Forwarded-For", from(100+i%2))
		p.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + itoa(i) + `"}}`)
		p.want(`{"type":"connection_ack"}`)
	}
	if answer, _ := b.stream(t, "subscription{belt}", "X-Forwarded-For", from(1), "Authorization", "Bearer li"); answer.StatusCode != 200 {
		t.Errorf("an account's stream: got %s", answer.Status)
	}
}

// A socket's place among connections without an account is returned when it signs in or ends; a stream's when it ends.
func TestAnonymousPlacesAreGivenBack(t *testing.T) {
	t.Parallel()
	b := setup(t, tracking, func(o *Options) { o.Limits.AddressWaiting = 1 })
	for range 5 {
		p := b.greeted(t, "")
		second := b.dial(t) // which waits, and has a place
		second.send(`{"type":"connection_init"}`)
		if got, want := second.closes(1013), "Too many connections are open from your network; please close one or try again later."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		b.comesTo(t, func() bool { return b.server.waiting.Held("127.0.0.1") == 0 })
		b.greeted(t, `{"Authorization":"Bearer li"}`)
		if got := b.post(t, "subscription{count(to:1)}", "Accept", "text/event-stream"); got.status != 429 || got.code != "RATE_LIMITED" {
			t.Errorf("a stream: got %d %s", got.status, got.body)
		}
		if got := b.track(t, "feed/events"); got.status != 429 {
			t.Errorf("a link's stream: got %d %s", got.status, got.body)
		}
		_ = p.Close()
		b.comesTo(t, func() bool { return b.server.anonymous.Keys() == 0 })
		if got := b.post(t, "subscription{count(to:1)}", "Accept", "text/event-stream"); got.status != 200 {
			t.Errorf("a stream: got %d %s", got.status, got.body)
		}
	}
}

// comesTo waits until a condition holds.
func (b *bench) comesTo(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patient); ; time.Sleep(time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it does not come to that")
		}
	}
}
