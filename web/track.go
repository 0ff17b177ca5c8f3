package web

import (
	"context"
	"net/http"
)

// Refusal is why there is no page, in both languages.
type Refusal struct{ Chinese, English string }

// Track shows the page of one order, which asks <its address>/events for a stream, or why it does not. Its script is at
// /track.js, which TrackScript serves.
func Track(w http.ResponseWriter, r *http.Request, status int, refusal *Refusal) {
	page{name: "track.html", data: func(context.Context) any { return refusal }, secret: true}.ServeHTTP(&early{w, status}, r)
}

// TrackScript serves what Track loads.
func TrackScript() http.Handler { return newAsset("track.js", "text/javascript; charset=utf-8") }

// early is an answer with a status.
type early struct {
	http.ResponseWriter
	status int
}

func (e *early) Write(b []byte) (int, error) {
	if e.status != 0 {
		e.WriteHeader(e.status)
		e.status = 0
	}
	return e.ResponseWriter.Write(b)
}
