package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestForeignRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Origins = []string{"https://board.example"} })
	get := b.url + "?query=" + url.QueryEscape("{hello}")
	for _, c := range []struct {
		claim, method string
		headers       []string
		status        int
	}{
		{"a program", "POST", nil, 200},
		{"our own page", "POST", []string{"Origin", "http://" + b.host, "Sec-Fetch-Site", "same-origin"}, 200},
		{"a listed page", "POST", []string{"Origin", "https://board.example", "Sec-Fetch-Site", "cross-site"}, 200},
		{"a page of one's own machine", "POST", []string{"Origin", "http://localhost:3000"}, 200},
		{"a foreign page", "POST", []string{"Origin", "https://evil.example"}, 403},
		{"a page without origin", "POST", []string{"Origin", "null"}, 403},
		{"a foreign page's GET", "GET", []string{"Origin", "https://evil.example"}, 403},
		{"a foreign page's image or link", "GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 403},
		{"an address typed by hand", "GET", []string{"Sec-Fetch-Site", "none"}, 200},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			var got result
			if c.method == "POST" {
				got = b.post(t, "{hello}", c.headers...)
			} else {
				got = b.do(t, "GET", get, nil, c.headers...)
			}
			if got.status != c.status || (got.code == "FORBIDDEN") != (c.status == 403) {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
		})
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
		t.Run("a simple request: "+kind, func(t *testing.T) {
			t.Parallel()
			got := b.do(t, "POST", b.url, query("mutation{bump}"), "Content-Type", kind)
			if got.status != 415 {
				t.Errorf("got %d %s, want 415", got.status, got.body)
			}
			if b.mu.Lock(); b.bumps != 0 {
				t.Error("it was run")
			}
			b.mu.Unlock()
		})
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Origins = []string{"https://board.example"} })
	preflight := func(origin string) http.Header {
		got := b.do(t, "OPTIONS", b.url, nil, "Origin", origin, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "authorization,content-type")
		return got.header
	}
	if h := preflight("https://board.example"); h.Get("Access-Control-Allow-Origin") != "https://board.example" || h.Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("a listed page's preflight: got %v", h)
	}
	if h := preflight("https://evil.example"); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Headers") != "" {
		t.Errorf("a foreign page's preflight: got %v", h)
	}
	got := b.post(t, "{hello}", "Origin", "https://board.example")
	vary := strings.Join(got.header.Values("Vary"), ", ")
	if got.header.Get("Access-Control-Allow-Origin") != "https://board.example" || !strings.Contains(vary, "Origin") || !strings.Contains(vary, "Accept-Language") {
		t.Errorf("an answer: got %v", got.header)
	}
	if h := got.header.Get("Access-Control-Allow-Credentials"); h != "" {
		t.Errorf("got credentials %q; there are no cookies to send", h)
	}
	t.Run("events come as they happen", func(t *testing.T) {
		answer, lines := b.stream(t, "subscription{feed}", "Origin", "https://board.example")
		if answer.Header.Get("Access-Control-Allow-Origin") != "https://board.example" {
			t.Errorf("got %v", answer.Header)
		}
		for await(t, "an event", lines) != `data: {"data":{"feed":"after "}}` { // the stream goes on
		}
	})
}
