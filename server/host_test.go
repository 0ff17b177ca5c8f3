package server

import (
	"net/http"
	"testing"
)

func TestForeignHosts(t *testing.T) {
	t.Parallel()
	t.Run("are refused where clients can act as any actor", func(t *testing.T) {
		t.Parallel()
		b := setup(t, tracking, func(o *Options) {
			o.Loopback = true
			o.Pages = map[string]http.Handler{"/page": http.NotFoundHandler()}
		})
		for host, want := range map[string]int{
			"localhost": 200, "localhost:8080": 200, "LOCALHOST:1": 200, "127.0.0.1": 200, "127.0.0.1:8080": 200, "127.9.9.9:1": 200, "[::1]": 200, "[::1]:8080": 200,
			"evil.example": 403, "evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "0.0.0.0:8080": 403, "192.168.1.7:8080": 403,
			"[::]:1": 403, "[fe80::1]:1": 403, "localhost:8080:1": 403, "localhost@evil.example": 403,
		} {
			got := b.post(t, "{hello}", "Host", host, "Origin", "http://"+host) // as a page of that name asks
			if got.status != want || (got.code == "FORBIDDEN") != (want == 403) {
				t.Errorf("%s: got %d %s, want %d", host, got.status, got.body, want)
			}
		}
		for _, name := range forwarding {
			for _, value := range []string{"127.0.0.1", ""} {
				if got := b.post(t, "{hello}", "Host", "localhost:8080", name, value); got.status != http.StatusForbidden || got.code != "FORBIDDEN" {
					t.Errorf("by a proxy that sends %s: %q: got %d %s, want 403", name, value, got.status, got.body)
				}
				if got := b.do(t, "GET", "http://"+b.host+"/track/feed/events", nil, "Host", "localhost", name, value); got.status != http.StatusForbidden {
					t.Errorf("by a proxy that sends %s: %q: got %d, want 403", name, value, got.status)
				}
			}
		}
		for _, path := range []string{"/graphql", "/page", "/healthz", "/track/feed", "/track/feed/events", "/nowhere"} {
			got := b.do(t, "GET", "http://"+b.host+path, nil, "Host", "evil.example", "Connection", "Upgrade", "Upgrade", "websocket")
			if got.status != http.StatusForbidden || got.err == "" {
				t.Errorf("%s: got %d %s, want 403 and why", path, got.status, got.body)
			}
		}
	})
	t.Run("are served where people sign in: a server may have any name", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		for _, host := range []string{"localhost:8080", "baogong.example", "192.168.1.7:8080"} {
			if got := b.post(t, "{hello}", "Host", host, "Origin", "http://"+host); got.status != 200 {
				t.Errorf("%s: got %d %s, want 200", host, got.status, got.body)
			}
		}
	})
}
