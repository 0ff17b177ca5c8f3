package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAsset(t *testing.T) {
	t.Parallel()
	page := GraphiQL(Desk{})
	plain := get(t, page, "GET", "/graphiql/app.js")
	packed := get(t, page, "GET", "/graphiql/app.js", "Accept-Encoding", "br, gzip")

	t.Run("is the same packed and unpacked", func(t *testing.T) {
		t.Parallel()
		if plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("got encodings %q and %q", plain.Header.Get("Content-Encoding"), packed.Header.Get("Content-Encoding"))
		}
		z, err := gzip.NewReader(bytes.NewReader(body(t, packed)))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, plain); len(got) == 0 || !bytes.Equal(got, unpacked) {
			t.Errorf("got %d bytes plain, %d unpacked", len(got), len(unpacked))
		}
	})
	t.Run("has its own tag in each encoding, and 304 for who has it", func(t *testing.T) {
		t.Parallel()
		for _, r := range []*http.Response{plain, packed} {
			if r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Cache-Control") != "no-cache" ||
				r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
				t.Errorf("got headers %v", r.Header)
			}
		}
		tag := packed.Header.Get("ETag")
		if tag == "" || tag == plain.Header.Get("ETag") {
			t.Errorf("got tags %q and %q", tag, plain.Header.Get("ETag"))
		}
		again := get(t, page, "GET", "/graphiql/app.js", "Accept-Encoding", "gzip", "If-None-Match", tag)
		if again.StatusCode != http.StatusNotModified || len(body(t, again)) != 0 {
			t.Errorf("got %s", again.Status)
		}
		other := get(t, page, "GET", "/graphiql/app.js", "If-None-Match", tag)
		if other.StatusCode != http.StatusOK {
			t.Errorf("the tag of the packed file got %s for the plain one", other.Status)
		}
	})
	t.Run("scripts and texts that the build did not compress are compressed too", func(t *testing.T) {
		t.Parallel()
		for name, h := range map[string]http.Handler{"the schema": Text(strings.Repeat("type Query { x: Int }", 100))} {
			plain, packed := get(t, h, "GET", "/x"), get(t, h, "GET", "/x", "Accept-Encoding", "gzip")
			z, err := gzip.NewReader(bytes.NewReader(body(t, packed)))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(z)
			if err != nil || packed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" || !bytes.Equal(unpacked, body(t, plain)) {
				t.Errorf("%s: got %v and %v, %v", name, packed.Header, plain.Header, err)
			}
			if packed.Header.Get("Vary") != "Accept-Encoding" || plain.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s: got no Vary", name)
			}
		}
		if r := get(t, Text("short"), "GET", "/x", "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "" {
			t.Error("a short text was packed")
		}
	})
	t.Run("licences are text", func(t *testing.T) {
		t.Parallel()
		r := get(t, page, "GET", "/graphiql/LICENSES.txt")
		if text := body(t, r); r.Header.Get("Content-Encoding") != "" || !bytes.Contains(text, []byte("react 18.3.1 (MIT)")) {
			t.Errorf("got %v and %.100s", r.Header, text)
		}
	})
	t.Run("is only read", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/graphiql/", "/graphiql/app.js"} {
			if r := get(t, page, "POST", path); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("POST %s: got %s", path, r.Status)
			}
		}
		if r := get(t, page, "HEAD", "/graphiql/app.css"); r.StatusCode != http.StatusOK || len(body(t, r)) != 0 {
			t.Errorf("HEAD: got %s", r.Status)
		}
	})
}
