package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const mount = "/graphiql"

// Desk is the content with which GraphiQL opens: Operations as tabs. The reader acts as one of Actors or types another name,
// which is sent as "Bearer dev:<name>". If there are no actors the page asks for a token, and Hint describes the accepted
// tokens.
type Desk struct {
	Operations []Operation
	Actors     []DeskActor
	Hint       string

	// Fresh, if set, returns the operations for a new reader, with ids that are valid now. A returning reader keeps the own
	// tabs as long as Operations and Actors stay the same.
	Fresh func(context.Context) []Operation

	// TimeOfDay, if set, returns the time of day of the demonstration's estate in both languages.
	TimeOfDay func() (chinese, english string)

	// Clock, if set, returns what the demonstration's clock shows.
	Clock func() EstateClock
}

// GraphiQL serves the page for reading the schema and running operations, and its assets. Mount it at /graphiql and
// /graphiql/, with or without http.StripPrefix. It sends requests to /graphql of the same host.
func GraphiQL(d Desk) http.Handler {
	key := d.key()
	parts := map[string]http.Handler{
		"/": page{name: "graphiql.html", data: func(ctx context.Context) any {
			ops := d.Operations
			if d.Fresh != nil {
				ops = d.Fresh(ctx)
			}
			note := ""
			if d.TimeOfDay != nil {
				chinese, english := d.TimeOfDay()
				note = chinese + " · " + english
			}
			return map[string]any{"operations": append([]Operation{}, ops...), "actors": append([]DeskActor{}, d.Actors...), "hint": d.Hint, "key": key, "note": note}
		}},
		"": http.HandlerFunc(toFolder),
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

// key returns a key of the desk, which changes with its operations and actors.
func (d Desk) key() string {
	b, err := json.Marshal([]any{d.Operations, d.Actors})
	if err != nil {
		panic(err) // cannot fail for strings
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))[:24]
}

var bundle = map[string]*asset{
	"app.js":       newAsset("graphiql/dist/app.js.gz", "text/javascript; charset=utf-8"),
	"app.css":      newAsset("graphiql/dist/app.css.gz", "text/css; charset=utf-8"),
	"LICENSES.txt": newAsset("graphiql/dist/LICENSES.txt", "text/plain; charset=utf-8"),
}

// toFolder redirects to the page's address with a final slash, which its relative addresses need, behind any proxy's prefix.
func toFolder(w http.ResponseWriter, r *http.Request) {
	to := "." + mount + "/"
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}
