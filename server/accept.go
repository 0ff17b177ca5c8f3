package server

import (
	"net/http"
	"strings"

	"baogong/delivery"
)

const (
	typeJSON   = "application/json"
	typeResult = "application/graphql-response+json"
	typeEvents = "text/event-stream"
)

// accepted is the result of reading an Accept header.
type accepted struct {
	best   string // one of the types above, or "" if none of them will do
	events bool   // an event stream is acceptable too, by name
}

// accept parses the Accept header (RFC 9110, section 12.5.1). The most specific range that matches a type gives its weight.
// The type with the highest weight wins; on a tie, the type whose range comes first. A client without a preference gets
// application/json, as the GraphQL-over-HTTP audits require.
func accept(h http.Header) (a accepted) {
	header := strings.Join(h.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return accepted{best: typeJSON}
	}
	types := [...]string{typeJSON, typeResult, typeEvents}
	var found [len(types)]struct{ specificity, weight, place int }
	place := 0
	for p := range delivery.Preferences(header) {
		place++
		for i, t := range types {
			if s := fits(t, p.Value); s > found[i].specificity || s > 0 && s == found[i].specificity && p.Weight > found[i].weight {
				found[i].specificity, found[i].weight, found[i].place = s, p.Weight, place
			}
		}
	}
	top := -1
	for i, f := range found {
		if f.weight > 0 && (top < 0 || f.weight > found[top].weight || f.weight == found[top].weight && f.place < found[top].place) {
			top = i
		}
	}
	if top >= 0 {
		a.best = types[top]
	}
	events := found[len(types)-1]
	a.events = events.weight > 0 && events.specificity > 1
	return a
}

// fits returns how specifically a range matches a type, from 1 to 3, or 0 if it does not match.
func fits(kind, in string) int {
	major, _, _ := strings.Cut(kind, "/")
	switch in {
	case kind:
		return 3
	case major + "/*":
		return 2
	case "*/*":
		return 1
	}
	return 0
}
