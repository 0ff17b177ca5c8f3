package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
	"baogong/server/limit"
)

// failure is a request that was refused before GraphQL, and the HTTP status that says so.
type failure struct {
	status int
	err    error
	ofText bool // the request is well formed, and a value in it is refused
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// refused is a failure with a reason.
func refused(status int, reason delivery.Reason, args ...any) *failure {
	return &failure{status: status, err: delivery.Refuse(reason, args...)}
}

// isWellFormed reports whether an error is about a value in a well-formed request.
func isWellFormed(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.ofText
}

func badBody(why string) *failure { return refused(http.StatusBadRequest, delivery.ReasonBadBody, why) }

func badMember(name string) *failure {
	return refused(http.StatusBadRequest, delivery.ReasonBadMember, name)
}

// request is an operation as it was sent: its text, or the id of a document that is kept here.
type request struct {
	graphql.RawParams
	document string
	unpaid   int             // points for reading it that are not charged to its account yet
	locale   delivery.Locale // of who asks
	trusted  bool            // it is the server's own
	due      time.Time       // deadline of its answer, signing in included; zero: RequestTimeout from now
}

// read decodes the operation of a request. It fails with a failure, which never quotes the request. The caller must release
// held in any case.
func (s *Server) read(w http.ResponseWriter, r *http.Request, held *limit.Reservation) (*request, error) {
	if r.Method == http.MethodGet {
		points := urlCost(r.URL.RawQuery)
		if wait := s.rates.ChargeReading(limit.Client{Address: held.Key()}, points); wait > 0 {
			return nil, &tooCostly{wait}
		}
		params, err := readQuery(r.URL.RawQuery)
		if err == nil {
			params.unpaid = points
		}
		return params, err
	}
	if err := checkMedia(w, r.Header); err != nil {
		return nil, err
	}
	body, err := s.body(w, r, held)
	if err != nil {
		return nil, err
	}
	points := readingCost(body)
	if wait := s.rates.ChargeReading(limit.Client{Address: held.Key()}, points); wait > 0 {
		return nil, &tooCostly{wait}
	}
	params, err := decode(body)
	if err == nil {
		params.unpaid = points
	}
	return params, err
}

// tooCostly is a request whose price exceeds the token bucket of its address.
type tooCostly struct{ wait time.Duration }

func (*tooCostly) Error() string {
	return "server: reading this request costs more than its address has left"
}

// mostParameters is the most parameters that a URL may have.
const mostParameters = 50

// readQuery takes the operation from a URL's query.
func readQuery(raw string) (*request, error) {
	if strings.Count(raw, "&") >= mostParameters {
		return nil, refused(http.StatusBadRequest, delivery.ReasonBadURL)
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refused(http.StatusBadRequest, delivery.ReasonBadURL)
	}
	p := &request{RawParams: graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}, document: q.Get("documentId")}
	if !utf8.ValidString(p.Query) || !utf8.ValidString(p.OperationName) {
		return nil, badBody(delivery.BodyNotUTF8)
	}
	for _, m := range []struct { // in a fixed order: the refusal names the first bad one
		name string
		into *map[string]any
	}{{"variables", &p.Variables}, {"extensions", &p.Extensions}} {
		if text := q.Get(m.name); text != "" {
			if err := decodeJSON([]byte(text), m.into); err != nil || loneSurrogate(text) {
				return nil, badMember(m.name)
			}
		}
	}
	p.document = cmp.Or(p.document, persisted(p.Extensions))
	if !q.Has("query") && p.document == "" {
		return nil, badBody(delivery.BodyNoQuery)
	}
	return p, nil
}

// decode reads the operation from a JSON body, or from the payload of a subscribe message.
func decode(body []byte) (*request, error) {
	var members map[string]any // decoding into a struct would ignore case
	switch err := decodeJSON(body, &members); {
	case errors.As(err, new(*json.UnmarshalTypeError)):
		return nil, badBody(delivery.BodyNotObject)
	case err != nil:
		return nil, badBody(err.Error())
	case members == nil:
		return nil, badBody(delivery.BodyNotObject)
	case bytes.Contains(body, []byte(`\u`)) && loneSurrogate(body):
		half := badBody(delivery.BodyHalfCharacter)
		half.ofText = true
		return nil, half
	}
	r := &request{}
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
	r.document = cmp.Or(document, persisted(r.Extensions))
	if query == nil && r.document == "" {
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

// deepest is how many lists and objects of a request may stand inside each other. Checking a value against the schema
// takes time that grows with the square of it.
const deepest = 50

// mostElements is the most values that the lists and objects of a request may hold together. Reading one takes a third of a
// microsecond. The largest calls have 1,000 items of about 20 values.
const mostElements = 25_000

// measureJSON returns lower bounds of a JSON text's nesting depth and of the number of values in its lists and objects.
func measureJSON(text []byte) (most, elements int) {
	depth, quoted, escaped := 0, false, false
	for _, b := range text {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '[' || b == '{':
			depth++
			elements++
			most = max(most, depth)
		case b == ',':
			elements++
		case b == ']' || b == '}':
			depth--
		}
	}
	return most, elements
}

// decodeJSON reads exactly one JSON value; numbers keep their digits. Its errors, but for one about a type, say what is
// wrong as ReasonBadBody does.
func decodeJSON(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New(delivery.BodyNotUTF8)
	}
	switch depth, elements := measureJSON(text); {
	case depth > deepest:
		return errors.New(delivery.BodyTooDeep)
	case elements > mostElements:
		return errors.New(delivery.BodyTooMany)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return err
		}
		return errors.New(delivery.BodyNotJSON)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New(delivery.BodyGoesOn)
	}
	return nil
}
