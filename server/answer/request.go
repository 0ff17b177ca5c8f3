package answer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

// Malformed is the refusal of a request before its document is read.
type Malformed struct {
	Err   error
	Value bool // the request is well formed, and a value in it is refused
}

// Error returns the refusal's message.
func (m *Malformed) Error() string { return m.Err.Error() }

// Unwrap returns the refusal.
func (m *Malformed) Unwrap() error { return m.Err }

func malformed(reason delivery.Reason, args ...any) *Malformed {
	return &Malformed{Err: delivery.Refuse(reason, args...)}
}

func badBody(why string) *Malformed { return malformed(delivery.ReasonBadBody, why) }

func badMember(name string) *Malformed { return malformed(delivery.ReasonBadMember, name) }

// Request is an operation as it was sent: its text, or the id of a document that is kept here.
type Request struct {
	graphql.RawParams
	Document string
	Unpaid   int             // points for reading it that are not charged to its account yet
	Locale   delivery.Locale // of the client
	Trusted  bool            // it is the server's own
	Due      time.Time       // deadline of its answer, signing in included; zero: RequestTimeout from now
}

// mostParameters is the most parameters that a URL may have.
const mostParameters = 50

// DecodeQuery takes the operation from a URL's query. It fails with a Malformed, which never quotes the request.
func DecodeQuery(raw string) (*Request, error) {
	if strings.Count(raw, "&") >= mostParameters {
		return nil, malformed(delivery.ReasonBadURL)
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed(delivery.ReasonBadURL)
	}
	p := &Request{RawParams: graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}, Document: q.Get("documentId")}
	if !utf8.ValidString(raw) || !validParameters(q) {
		return nil, malformed(delivery.ReasonBadURL)
	}
	for _, m := range []struct { // in a fixed order: the refusal names the first bad one
		name string
		into *map[string]any
	}{{"variables", &p.Variables}, {"extensions", &p.Extensions}} {
		if text := q.Get(m.name); text != "" {
			if err := DecodeJSON([]byte(text), m.into); err != nil || loneSurrogate(text) {
				return nil, badMember(m.name)
			}
		}
	}
	p.Document = cmp.Or(p.Document, persisted(p.Extensions))
	if !q.Has("query") && p.Document == "" {
		return nil, malformed(delivery.ReasonNoQuery)
	}
	return p, nil
}

// validParameters reports whether the values of a URL's query are UTF-8.
func validParameters(q url.Values) bool {
	for _, values := range q {
		for _, value := range values {
			if !utf8.ValidString(value) {
				return false
			}
		}
	}
	return true
}

// Decode reads the operation from a JSON body, or from the payload of a subscribe message. It fails with
// a Malformed, which never quotes the request.
func Decode(body []byte) (*Request, error) {
	var members map[string]any // decoding into a struct would ignore case
	switch err := DecodeJSON(body, &members); {
	case errors.As(err, new(*json.UnmarshalTypeError)):
		return nil, badBody(delivery.BodyNotObject)
	case err != nil:
		return nil, badBody(err.Error())
	case members == nil:
		return nil, badBody(delivery.BodyNotObject)
	case bytes.Contains(body, []byte(`\u`)) && loneSurrogate(body):
		half := badBody(delivery.BodyHalfCharacter)
		half.Value = true
		return nil, half
	}
	r := &Request{}
	var query *string
	var document string
	for _, m := range []struct {
		name string
		into any
	}{{"query", &query}, {"documentId", &document}, {"operationName", &r.OperationName}, {"variables", &r.Variables}, {"extensions", &r.Extensions}} {
		if value := members[m.name]; value != nil && !assign(m.into, value) {
			return nil, badMember(m.name)
		}
	}
	r.Document = cmp.Or(document, persisted(r.Extensions))
	if query == nil && r.Document == "" {
		return nil, badBody(delivery.BodyNoQuery)
	}
	if query != nil {
		r.Query = *query
	}
	return r, nil
}

// assign stores a JSON value in a variable. It reports false if the value has another type.
func assign(into, value any) (ok bool) {
	switch into := into.(type) {
	case **string:
		var s string
		if s, ok = value.(string); ok {
			*into = &s
		}
	case *string:
		*into, ok = value.(string)
	case *map[string]any:
		*into, ok = value.(map[string]any)
	}
	return ok
}
