package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	typeJSON   = "application/json"
	typeResult = "application/graphql-response+json"
	typeEvents = "text/event-stream"
)

// accepted is what a client is willing to read.
type accepted struct {
	best   string // one of the types above, or "" if none of them will do
	events bool   // an event stream would do too
}

// accept reads the Accept header: the type with the highest weight, the first among equals. As the
// GraphQL-over-HTTP audits ask, a client that does not care gets application/json.
func accept(h http.Header) (a accepted) {
	header := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return accepted{best: typeJSON}
	}
	var top float64
	for part := range strings.SplitSeq(header, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		weight := 1.0
		if q, ok := params["q"]; ok {
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		switch kind {
		case "*/*", "application/*":
			kind = typeJSON
		case "text/*":
			kind = typeEvents
		case typeJSON, typeResult, typeEvents:
		default:
			continue
		}
		if weight > 0 && kind == typeEvents {
			a.events = true
		}
		if weight > top {
			top, a.best = weight, kind
		}
	}
	return a
}
