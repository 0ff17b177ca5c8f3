package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// packed fetches with an Accept-Encoding and returns the answer and its decompressed text.
func (b *bench) packed(t *testing.T, method, url, takes string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Accept-Encoding", takes)
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.http.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.Header.Get("Content-Encoding") == "br" && method != http.MethodHead {
		text, err = io.ReadAll(brotli.NewReader(bytes.NewReader(text)))
	}
	if err == nil && answer.Header.Get("Content-Encoding") == "gzip" && method != http.MethodHead {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(z)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// Whole answers and pages are compressed for clients that accept brotli or gzip; streams and short answers never are.
func TestAnswersArePacked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("保供 ", 1000)
	b := setup(t, tracking, func(o *Options) {
		o.Pages = map[string]http.Handler{"/page": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, long)
		}), "/picture": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, long)
		})}
	})
	ask := func() io.Reader { return query(`{hello(name:"` + long + `")}`) }
	want := `{"data":{"hello":"` + long + `"}}`
	for takes, coding := range map[string]string{
		"gzip": "gzip", "br;q=0, gzip;q=0.5, *;q=0.1": "gzip", "GZIP": "gzip", "br, gzip;q=0.5": "br", "gzip, deflate, br, zstd": "br", "br": "br", "*": "br",
		"": "", "identity": "", "gzip;q=0": "", "zstd": "", "gzip;q=0.000, *;q=0": "",
	} {
		answer, text := b.packed(t, "POST", b.url, takes, ask())
		if got := answer.Header.Get("Content-Encoding"); got != coding || text != want || answer.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%q: got %q and %.60s…", takes, got, text)
		}
		if vary := strings.Join(answer.Header.Values("Vary"), ","); !strings.Contains(vary, "Accept-Encoding") {
			t.Errorf("%q: got Vary: %s", takes, vary)
		}
	}
	for claim, c := range map[string]struct {
		url     string
		packed  bool
		headers []string
	}{
		"a page":          {"http://" + b.host + "/page", true, nil},
		"a picture":       {"http://" + b.host + "/picture", false, nil},
		"a short answer":  {b.url + "?query={hello}", false, nil},
		"a stream":        {b.url + "?query=subscription{count(to:2,size:9000)}", false, []string{"Accept", "text/event-stream"}},
		"a query's":       {b.url + "?query={hello(name:\"" + strings.Repeat("x", 5000) + "\")}", false, []string{"Accept", "text/event-stream"}},
		"a long refusal":  {b.url + "?query={" + strings.Repeat("nope%20", 20) + "}", true, nil},
		"a link's stream": {"http://" + b.host + "/track/brief/events", false, nil},
	} {
		for _, takes := range []string{"gzip", "gzip, br"} {
			answer, _ := b.packed(t, "GET", c.url, takes, nil, c.headers...)
			if got := answer.Header.Get("Content-Encoding"); (got != "") != c.packed {
				t.Errorf("%s: %s: got %d %q", claim, takes, answer.StatusCode, got)
			}
		}
	}
}
