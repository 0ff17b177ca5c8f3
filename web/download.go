package web

import (
	"net/http"
	"sync"
)

// Download serves a file to keep under a name, such as a form to fill in. content is called once, at the first request.
func Download(name, contentType string, content func() []byte) http.Handler {
	made := sync.OnceValue(func() *asset { return assetOf(content(), contentType) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		made().ServeHTTP(w, r)
	})
}
