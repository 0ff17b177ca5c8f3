package web

import (
	"net/http"
	"strings"
)

const mount = "/graphiql"

// GraphiQL serves the page where the schema is read and operations are run, and what it loads. Mount it at /graphiql
// and /graphiql/, with or without http.StripPrefix; it talks to /graphql of the same host.
//
// It opens with ops as tabs. The reader passes as one of the actors or types another name, sent as "Bearer dev:<name>";
// where there are no actors the page asks for a token instead.
func GraphiQL(ops []Operation, actors []Actor) http.Handler {
	if ops == nil {
		ops = []Operation{}
	}
	if actors == nil {
		actors = []Actor{}
	}
	parts := map[string]http.Handler{
		"/": page{"graphiql.html", map[string]any{"operations": ops, "actors": actors}},
		"":  http.HandlerFunc(toFolder),
	}
	for name, a := range bundle {
		parts["/"+name] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part, ok := parts[strings.TrimPrefix(r.URL.Path, mount)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		part.ServeHTTP(w, r)
	})
}

var bundle = map[string]*asset{
	"app.js":       newAsset("app.js.gz", "text/javascript; charset=utf-8"),
	"app.css":      newAsset("app.css.gz", "text/css; charset=utf-8"),
	"LICENSES.txt": newAsset("LICENSES.txt", "text/plain; charset=utf-8"),
}

// toFolder adds the slash that the page's relative addresses need, whatever a proxy put in front of the path.
func toFolder(w http.ResponseWriter, r *http.Request) {
	to := "." + mount + "/"
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}
