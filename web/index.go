package web

import (
	"context"
	"net/http"
)

// IndexInfo is what the front page tells.
type IndexInfo struct {
	Version string
	Demo    bool    // the estate and everybody in it are invented
	Actors  []Actor // whom the reader can try it as; empty where people sign in
	Links   []Link
}

// Link leads on from the front page.
type Link struct{ Href, Chinese, English string }

// Index serves the front page at "/", in both languages, and 404 for every other path.
func Index(info IndexInfo) http.Handler {
	front := page{name: "index.html", data: func(context.Context) any { return info }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		front.ServeHTTP(w, r)
	})
}
