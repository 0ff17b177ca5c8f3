package web

import (
	"context"
	"net/http"
)

// Refusal is the reason why there is no page, in both languages.
type Refusal struct{ Chinese, English string }

// Track serves the page of one order, or the refusal. The page opens the event stream <its address>/events. TrackScript
// serves its script, at /track.js; Texts.Script serves the words.
func Track(w http.ResponseWriter, r *http.Request, status int, refusal *Refusal) {
	page{name: "track.html", data: func(context.Context) any { return refusal }, secret: true}.ServeHTTP(&early{w, status}, r)
}

// TrackScript serves the script of Track.
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
