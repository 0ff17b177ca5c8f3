package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// TestCredentialOfGreeting checks that a caller who sent a credential in connection_init never becomes anonymous.
func TestCredentialOfGreeting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct{ claim, payload, me string }{
		{"lower case", `{"authorization":"Bearer li"}`, "li"},
		{"capitals", `{"AUTHORIZATION":"Bearer li"}`, "li"},
		{"mixed case", `{"aUthOrization":"Bearer li"}`, "li"},
		{"among headers", `{"headers":{"authorization":"Bearer li"}}`, "li"},
		{"the same twice", `{"Authorization":"Bearer li","authorization":"Bearer li"}`, "li"},
		{"null beside one", `{"Authorization":null,"authorization":"Bearer li"}`, "li"},
		{"instead of the handshake's", `{"authorization":"Bearer wang"}`, "wang"},
		{"none, but the handshake's", `{"headers":{}}`, "li"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if strings.Contains(c.claim, "handshake") {
				headers = []string{"Authorization", "Bearer li"}
			}
			p := b.dial(t, headers...)
			p.send(`{"type":"connection_init","payload":` + c.payload + `}`)
			p.want(`{"type":"connection_ack"}`)
			p.subscribe("1", "{me}")
			p.want(`{"id":"1","type":"next","payload":{"data":{"me":"` + c.me + `"}}}`)
		})
	}
	for _, c := range []struct {
		claim, payload string
		code           int
		says           string
	}{
		{"two that differ", `{"Authorization":"Bearer li","authorization":"Bearer wang","locale":"zh-CN"}`, 4400, "两个不同的登录凭证"},
		{"two that differ, one among headers", `{"Authorization":"Bearer li","headers":{"Authorization":"Bearer wang"}}`, 4400, "Two different credentials"},
		{"a list", `{"authorization":["Bearer li"]}`, 4400, "malformed"},
		{"empty", `{"Authorization":""}`, 4403, "Please sign in first."},
		{"empty, in lower case", `{"authorization":"Bearer ","locale":"zh"}`, 4403, "请先登录"},
		{"unknown", `{"authorization":"Bearer stranger"}`, 4403, "is known by the name"},
	} {
		t.Run("refuses "+c.claim, func(t *testing.T) {
			t.Parallel()
			p := b.dial(t)
			p.send(`{"type":"connection_init","payload":` + c.payload + `}`)
			if reason := p.closes(c.code); !strings.Contains(reason, c.says) {
				t.Errorf("got %q, want %q", reason, c.says)
			}
		})
	}
	t.Run("refuses an empty credential of the handshake", func(t *testing.T) {
		t.Parallel()
		p := b.dial(t, "Authorization", "")
		p.send(`{"type":"connection_init"}`)
		p.closes(4403)
	})
}

// TestTwoCredentials checks that a request with two credentials is neither caller's.
func TestTwoCredentials(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, values := range map[string][]string{"two": {"Bearer li", "Bearer wang"}, "one and an empty one": {"", "Bearer li"}} {
		for _, accept := range []string{"application/json", "text/event-stream"} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", b.url, query("{me}"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{"Authorization": values, "Content-Type": {"application/json"}, "Accept": {accept}}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, err := readAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusUnauthorized || !strings.Contains(text, "Two different credentials") {
				t.Errorf("%s, %s: got %d %s %v", name, accept, answer.StatusCode, text, err)
			}
		}
		dialer := websocket.Dialer{Subprotocols: []string{protocol}}
		conn, answer, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(b.url, "http"), http.Header{"Authorization": values})
		if err == nil {
			conn.Close()
			t.Fatalf("%s: the handshake was taken", name)
		}
		if answer == nil || answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s, handshake: got %v, %v, want 401", name, answer, err)
		}
	}
	if got := b.do(t, "POST", b.url, query("{me}"), "Content-Type", "application/json", "authorization", "Bearer li"); !strings.Contains(got.body, `"me":"li"`) {
		t.Errorf("lower case: got %s", got.body)
	}
}
