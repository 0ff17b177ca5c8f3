package web

import (
	"context"
	"net/http"
	"strings"
)

// NotFound answers 404 for paths without a page. Browsers get a page in both languages with a link to "/", other clients the
// same text.
func NotFound() http.Handler {
	missing := page{name: "notfound.html", data: func(context.Context) any { return nil }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html") {
			missing.ServeHTTP(&early{w, http.StatusNotFound}, r)
			return
		}
		http.Error(w, "此处没有页面。 There is nothing at this address.", http.StatusNotFound)
	})
}
