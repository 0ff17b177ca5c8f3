package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
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

func badBody(why string) *failure {
	return &failure{http.StatusBadRequest, delivery.Refuse(delivery.ReasonBadBody, why)}
}

// request is an operation as it was sent: its text, or the id of a document that is kept here.
type request struct {
	graphql.RawParams
	document string
}

// read takes the operation from a request. Its errors are failures and never repeat what was sent.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*request, error) {
	if r.Method == http.MethodGet {
		return readQuery(r.URL.RawQuery)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != typeJSON || (charset != "" && !strings.EqualFold(charset, "utf-8")) {
		return nil, &failure{http.StatusUnsupportedMediaType, plain("Send application/json in UTF-8.")}
	}
	limit := s.opt.Limits.Body
	if r.ContentLength > limit { // a client that expects 100-continue need not even send it
		return nil, &failure{http.StatusRequestEntityTooLarge, delivery.Refuse(delivery.ReasonTooLarge, limit)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	switch _, large := errors.AsType[*http.MaxBytesError](err); {
	case large:
		return nil, &failure{http.StatusRequestEntityTooLarge, delivery.Refuse(delivery.ReasonTooLarge, limit)}
	case err != nil:
		return nil, badBody("it did not arrive whole")
	}
	return decode(body)
}

// readQuery takes the operation from a URL's query.
func readQuery(raw string) (*request, error) {
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, badBody("the URL is malformed")
	}
	p := &request{RawParams: graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}, document: q.Get("documentId")}
	if !utf8.ValidString(p.Query) || !utf8.ValidString(p.OperationName) {
		return nil, badBody("it is not UTF-8")
	}
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := q.Get(name); text != "" {
			if err := decodeJSON([]byte(text), into); err != nil {
				return nil, badBody(fmt.Sprintf("%q is not a JSON object", name))
			}
		}
	}
	p.document = cmp.Or(p.document, persisted(p.Extensions))
	if !q.Has("query") && p.document == "" {
		return nil, badBody(`"query" is missing`)
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
		return nil, badBody(fmt.Sprintf("%q must not be a JSON %s", wrong.Field, wrong.Value))
	case ok:
		return nil, badBody("it is not a JSON object")
	case err != nil:
		return nil, badBody(err.Error())
	case p.Query == nil && document == "":
		return nil, badBody(`"query" is missing`)
	}
	r := &request{RawParams: graphql.RawParams{OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions}, document: document}
	if p.Query != nil {
		r.Query = *p.Query
	}
	return r, nil
}

// decodeJSON reads exactly one JSON value; numbers keep their digits.
func decodeJSON(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return err
		}
		return errors.New("it is not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON")
	}
	return nil
}
