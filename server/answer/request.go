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

// The refusals of requests that cannot be read.
var (
	ReasonBadBody = delivery.NewWordedReason("BAD_BODY", delivery.CodeBadUserInput,
		"The request body could not be read: %s.",
		"无法读取请求内容：%s。")
	reasonBadMember = delivery.NewReason("BAD_MEMBER", delivery.CodeBadUserInput,
		"%q in the request is of the wrong JSON type.",
		"请求中“%s”的 JSON 类型不正确。")
	reasonBadURL = delivery.NewReason("BAD_URL", delivery.CodeBadUserInput,
		"The URL is malformed: its parameters must be percent-encoded UTF-8, at most 50 of them.",
		"网址格式不正确：参数须为百分号编码的 UTF-8，最多 50 个。")
	reasonNoQuery = delivery.NewReason("NO_QUERY", delivery.CodeBadUserInput,
		`Send an operation: by POST, as JSON with "query", or in the URL, as ?query=….`,
		"请发送操作：用 POST 发送含“query”的 JSON，或写在网址的 ?query=… 中。")
)

// What is wrong with the JSON of a request, for ReasonBadBody.
var (
	bodyNotObject     = delivery.NewWord("it is not a JSON object", "不是 JSON 对象")
	bodyNoQuery       = delivery.NewWord(`"query" is missing`, "缺少“query”")
	bodyHalfCharacter = delivery.NewWord(`a text in it contains an incomplete escape, such as \uD83D without its other half`, `其中的文本含有不完整的转义字符，例如缺少另一半的 \uD83D`)
)

func malformed(reason delivery.Reason, args ...any) *Malformed {
	return &Malformed{Err: delivery.Refuse(reason, args...)}
}

func badBody(why string) *Malformed { return malformed(ReasonBadBody, why) }

func badMember(name string) *Malformed { return malformed(reasonBadMember, name) }

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
		return nil, malformed(reasonBadURL)
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed(reasonBadURL)
	}
	p := &Request{RawParams: graphql.RawParams{Query: q.Get("query"), OperationName: q.Get("operationName")}, Document: q.Get("documentId")}
	if !utf8.ValidString(raw) || !validParameters(q) {
		return nil, malformed(reasonBadURL)
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
		return nil, malformed(reasonNoQuery)
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
		return nil, badBody(bodyNotObject)
	case err != nil:
		return nil, badBody(err.Error())
	case members == nil:
		return nil, badBody(bodyNotObject)
	case bytes.Contains(body, []byte(`\u`)) && loneSurrogate(body):
		half := badBody(bodyHalfCharacter)
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
		return nil, badBody(bodyNoQuery)
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
