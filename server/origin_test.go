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

// Every spelling of an origin becomes the form that browsers send, or is refused.
func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://board.example":         "https://board.example",
		"https://board.example/":        "https://board.example",
		" https://board.example ":       "https://board.example",
		"HTTPS://Board.Example":         "https://board.example",
		"https://board.example:443":     "https://board.example",
		"http://board.example:80/":      "http://board.example",
		"https://board.example:80":      "https://board.example:80",
		"https://board.example:08443":   "https://board.example:8443",
		"https://board.example:":        "https://board.example",
		"https://看板.example":            "https://xn--msvy95a.example",
		"https://东辰心语。中国":               "https://xn--xhq334bdj6a9ed.xn--fiqs8s",
		"https://ＢＯＡＲＤ.example":         "https://board.example",
		"https://xn--msvy95a.example":   "https://xn--msvy95a.example",
		"https://bücher.example:8443/":  "https://xn--bcher-kva.example:8443",
		"https://my_board.example":      "https://my_board.example",
		"https://r3---board.example":    "https://r3---board.example",
		"http://10.0.0.7:3000":          "http://10.0.0.7:3000",
		"http://[2001:DB8:0::1]:3000/":  "http://[2001:db8::1]:3000",
		"":                              "",
		"*":                             "",
		"null":                          "",
		"board.example":                 "",
		"//board.example":               "",
		"ftp://board.example":           "",
		"https：//board.example":         "",
		"https://":                      "",
		"https:board.example":           "",
		"https://*.example":             "",
		"https://board.example/path":    "",
		"https://board.example//":       "",
		"https://board.example?x":       "",
		"https://board.example?":        "",
		"https://board.example#":        "",
		"https://user@board.example":    "",
		"https://board.example:0":       "",
		"https://board.example:65536":   "",
		"https://board.example:x":       "",
		"https://board example":         "",
		"https://a.example,b.example":   "",
		"https://board.example https:":  "",
		"https://board..example\\x":     "",
		"chrome-extension://abcdefghij": "",
	} {
		got, err := ParseOrigin(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestOriginsAreNormalised(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Origins = []string{"https://看板.example/", "HTTPS://Desk.Example:443"}
	})
	for origin, want := range map[string]int{
		"https://xn--msvy95a.example": 200, "https://desk.example": 200, "https://DESK.example": 200, "https://desk.example:443": 200,
		"http://desk.example": 403, "https://desk.example:8443": 403, "https://desk.example.evil": 403, "https://xn--msvy95a.evil": 403,
	} {
		if got := b.post(t, "{hello}", "Origin", origin); got.status != want {
			t.Errorf("%s: got %d, want %d", origin, got.status, want)
		}
	}
	for host, origin := range map[string]string{"baogong.example:443": "https://baogong.example", "baogong.example": "https://baogong.example:443", "BAOGONG.example:80": "http://baogong.example"} {
		if got := b.post(t, "{hello}", "Origin", origin, "Host", host); got.status != 200 {
			t.Errorf("%s at %s, the same origin: got %d", origin, host, got.status)
		}
	}
	if _, err := New(Options{Schema: b.server.opt.Schema, Identity: b.server.opt.Identity, Origins: []string{"board.example"}}); err == nil {
		t.Error("a text that is not an origin was accepted")
	}
}

// An allowed page may send any header; another page may send none.
func TestPreflightsAllowWhatClientsSend(t *testing.T) {
	t.Parallel()
	b := setup(t, tracking, func(o *Options) { o.Origins = []string{"https://board.example"} })
	for _, headers := range []string{
		"authorization,content-type",
		"apollo-require-preflight,apollographql-client-name,apollographql-client-version,content-type,x-apollo-operation-id,x-apollo-operation-name,x-apollo-operation-type,x-apollo-cache-key",
		"baggage,traceparent,tracestate", "b3,x-b3-sampled,x-b3-spanid,x-b3-traceid", "sentry-trace,uber-trace-id,x-datadog-trace-id,x-amzn-trace-id", "x-correlation-id,x-request-id",
		"cache-control,last-event-id,pragma", "graphql-preflight,x-graphql-event-stream-token,x-requested-with",
	} {
		for _, path := range []string{"/graphql", "/track/feed/events"} {
			method := map[string]string{"/graphql": "POST"}[path]
			if method == "" {
				method = "GET"
			}
			ask := []string{"Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers}
			got := b.do(t, "OPTIONS", "http://"+b.host+path, nil, append(ask, "Origin", "https://board.example")...)
			if allowed := strings.ReplaceAll(strings.Join(got.header.Values("Access-Control-Allow-Headers"), ","), " ", ""); got.status != 204 || allowed != headers || got.header.Get("Access-Control-Allow-Methods") != method {
				t.Errorf("%s for %s: got %d and %q, want 204 and %q", path, headers, got.status, allowed, headers)
			}
			got = b.do(t, "OPTIONS", "http://"+b.host+path, nil, append(ask, "Origin", "https://evil.example")...)
			if got.header.Get("Access-Control-Allow-Headers") != "" || got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("a foreign page: got %v", got.header)
			}
		}
	}
	if got := b.do(t, "OPTIONS", "http://"+b.host+"/track/feed/events", nil); got.status != 405 {
		t.Errorf("OPTIONS that is no preflight: got %d", got.status)
	}
}
