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
)

// failure is a request that was refused before GraphQL, and the HTTP status that says so.
type failure struct {
	status int
	err    error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// refused is a failure with a reason.
func refused(status int, reason delivery.Reason, args ...any) *failure {
	return &failure{status, delivery.Refuse(reason, args...)}
}

func badBody(why string) *failure { return refused(http.StatusBadRequest, delivery.ReasonBadBody, why) }

func badMember(name string) *failure {
	return refused(http.StatusBadRequest, delivery.ReasonBadMember, name)
}

// request is an operation as it was sent: its text, or the id of a document that is kept here.
type request struct {
	graphql.RawParams
	document string
	locale   delivery.Locale // of who asks
	trusted  bool            // it is the server's own
	due      time.Time       // by when it is answered, its caller known; zero: a whole limit from now
}

// read takes the operation from a request. Its errors are failures and never repeat what was sent. held must be released
// in any case.
func (s *Server) read(w http.ResponseWriter, r *http.Request, held *hold) (*request, error) {
	if r.Method == http.MethodGet {
		return readQuery(r.URL.RawQuery)
	}
	if err := checkMedia(w, r.Header); err != nil {
		return nil, err
	}
	body, err := s.body(w, r, held)
	if err != nil {
		return nil, err
	}
	return decode(body)
}

// mostParameters is how many parameters a URL may have.
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
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := q.Get(name); text != "" {
			if err := decodeJSON([]byte(text), into); err != nil {
				return nil, badMember(name)
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
	var p struct {
		Query         *string        `json:"query"`
		DocumentID    string         `json:"documentId"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	err := decodeJSON(body, &p)
	document := cmp.Or(p.DocumentID, persisted(p.Extensions))
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case ok && wrong.Field != "":
		return nil, badMember(wrong.Field)
	case ok:
		return nil, badBody(delivery.BodyNotObject)
	case err != nil:
		return nil, badBody(err.Error())
	case p.Query == nil && document == "":
		return nil, badBody(delivery.BodyNoQuery)
	}
	r := &request{RawParams: graphql.RawParams{OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions}, document: document}
	if p.Query != nil {
		r.Query = *p.Query
	}
	return r, nil
}

// deepest is how many lists and objects of a request may stand inside each other. Checking a value against the schema
// takes time that grows with the square of it.
const deepest = 50

// nesting is how many lists and objects of a JSON text stand inside each other, at least.
func nesting(text []byte) (most int) {
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
			most = max(most, depth)
		case b == ']' || b == '}':
			depth--
		}
	}
	return most
}

// decodeJSON reads exactly one JSON value; numbers keep their digits. Its errors, but for one about a type, say what is
// wrong as ReasonBadBody does.
func decodeJSON(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New(delivery.BodyNotUTF8)
	}
	if nesting(text) > deepest {
		return errors.New(delivery.BodyTooDeep)
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
