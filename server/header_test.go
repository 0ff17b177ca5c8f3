package server

import (
	"net/http"
	"testing"
)

func TestSecureHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Pages = map[string]http.Handler{"/page": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "script-src 'self'; frame-ancestors 'none'")
		})}
	})
	stream, _ := b.stream(t, "subscription{count(to:1)}")
	for claim, h := range map[string]http.Header{
		"an answer":       b.post(t, "{hello}").header,
		"a refusal":       b.post(t, "{hello}", "Origin", "https://evil.example").header,
		"an event stream": stream.Header,
		"health":          b.do(t, "GET", "http://"+b.host+"/healthz", nil).header,
		"a page":          b.do(t, "GET", "http://"+b.host+"/page", nil).header,
		"nowhere":         b.do(t, "GET", "http://"+b.host+"/nowhere", nil).header,
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "", // only where TLS is ours
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", claim, name, got, want)
			}
		}
		policy := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
		if claim == "a page" {
			policy = "script-src 'self'; frame-ancestors 'none'"
		}
		if got := h.Get("Content-Security-Policy"); got != policy || h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: got policies %q and %q", claim, got, h.Get("Permissions-Policy"))
		}
	}
}
