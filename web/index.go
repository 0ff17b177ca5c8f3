package web

import (
	"context"
	"net/http"
)

// IndexInfo is the content of the front page.
type IndexInfo struct {
	Version string
	Demo    bool        // the estate and its people are invented
	Actors  []DeskActor // the reader can act as these; empty if people sign in
	Links   []Link

	// TimeOfDay, if set, returns the time of day of the demonstration's estate in both languages.
	TimeOfDay func() (chinese, english string)
}

// Link is a link on the front page.
type Link struct{ Href, Chinese, English string }

// shown holds the template's values of the front page.
type shown struct {
	IndexInfo
	Time *Link // only its text is used
}

func shownIndex(info IndexInfo) shown {
	s := shown{IndexInfo: info}
	if info.TimeOfDay != nil {
		s.Time = &Link{}
		s.Time.Chinese, s.Time.English = info.TimeOfDay()
	}
	return s
}

// Index serves the front page at "/", in both languages, and 404 for every other path.
func Index(info IndexInfo) http.Handler {
	front := page{name: "index.html", data: func(context.Context) any { return shownIndex(info) }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		front.ServeHTTP(w, r)
	})
}
