package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"baogong/server/answer"
)

const trusted = `{"greet": "query Greet($n: String) { hello(name: $n) }\n", "watch": "subscription { count(to: 1) }"}`

func mustTrust(t *testing.T, text string) *answer.Trusted {
	t.Helper()
	trusted, err := answer.ParseTrusted([]byte(text), sdl)
	if err != nil {
		t.Fatal(err)
	}
	return trusted
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Rules.Trusted = mustTrust(t, trusted) })
	hash := sha256.Sum256([]byte("query Greet($n: String) { hello(name: $n) }\n"))
	persisted := `{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(hash[:]) + `"}}`
	const data = `{"data":{"hello":"李"}}`
	for _, c := range []struct{ claim, body, want string }{
		{"by its text", `{"query":"query Greet($n: String) { hello(name: $n) }","variables":{"n":"李"}}`, data},
		{"by its id", `{"documentId":"greet","variables":{"n":"李"}}`, data},
		{"by its hash as documentId", `{"documentId":"` + hex.EncodeToString(hash[:]) + `","variables":{"n":"李"}}`, data},
		{"by its hash as Apollo sends it", `{"variables":{"n":"李"},"extensions":` + persisted + `}`, data},
		{"an id decides over a text", `{"documentId":"greet","query":"mutation{bump}","variables":{"n":"李"}}`, data},
		{"another text", `{"query":"mutation{bump}"}`, "FORBIDDEN"},
		{"a text that is almost listed", `{"query":"query Greet($n: String) { hello(name: $n) me }"}`, "FORBIDDEN"},
		{"an unknown id", `{"documentId":"nope"}`, "FORBIDDEN"},
		{"an unknown hash", `{"extensions":{"persistedQuery":{"sha256Hash":"00"}}}`, "FORBIDDEN"},
		{"the schema", `{"query":"{__schema{types{name}}}"}`, "FORBIDDEN"},
		{"nothing", `{}`, "BAD_USER_INPUT"},
		{"extensions of another's", `{"extensions":{"persistedQuery":7}}`, "BAD_USER_INPUT"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			got := b.do(t, "POST", b.url, strings.NewReader(c.body), "Content-Type", "application/json")
			if got.body != c.want && got.code != c.want {
				t.Errorf("got %s, want %s", got.body, c.want)
			}
		})
	}
	t.Run("by GET", func(t *testing.T) {
		t.Parallel()
		for _, q := range []url.Values{{"documentId": {"greet"}}, {"extensions": {persisted}}} {
			q.Set("variables", `{"n":"李"}`)
			if got := b.do(t, "GET", b.url+"?"+q.Encode(), nil); got.body != data {
				t.Errorf("got %s", got.body)
			}
		}
	})
	t.Run("over a WebSocket", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, "")
		p.send(`{"id":"1","type":"subscribe","payload":{"documentId":"watch"}}`)
		p.want(`{"id":"1","type":"next","payload":{"data":{"count":"0"}}}`)
		p.want(`{"id":"1","type":"complete"}`)
		p.subscribe("2", "subscription{feed}")
		p.want(`{"id":"2","type":"error","payload":[{"message":"This operation is not in the list of allowed operations.","extensions":{"code":"FORBIDDEN"}}]}`)
	})
	t.Run("are not kept where none are listed", func(t *testing.T) {
		t.Parallel()
		got := setup(t).do(t, "POST", b.url, strings.NewReader(`{"documentId":"nope"}`), "Content-Type", "application/json")
		if got.code != "FORBIDDEN" {
			t.Errorf("got %s", got.body)
		}
		open := setup(t)
		if got := open.do(t, "POST", open.url, strings.NewReader(`{"documentId":"greet"}`), "Content-Type", "application/json"); got.code != "BAD_USER_INPUT" {
			t.Errorf("got %s", got.body)
		}
	})
}

func TestParseTrusted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`["{hello}", "mutation { bump }"]`:       "",
		`[]`:                                     "",
		`{}`:                                     "",
		`["{hello}", "{nope}"]`:                  `the trusted document number 2 does not fit the schema: input:1:2: Cannot query field "nope"`,
		`{"a": "{hello}", "greeting": "{"}`:      "the trusted document greeting does not fit the schema: input:1:2: Expected Name",
		`{"empty": ""}`:                          "the trusted document empty holds no operation",
		`{"a": {"query": "{hello}"}}`:            "the trusted documents must be a JSON list",
		`"{hello}"`:                              "the trusted documents must be a JSON list",
		`{"a":"query($n:Nope){hello(name:$n)}"}`: "the trusted document a does not fit the schema: ",
		`{hello}`:                                "the trusted documents must be a JSON list",
		`{"cycle":"{items{...a}} fragment a on Item{...a}"}`: "the trusted document cycle does not fit the schema: ",
	} {
		_, err := answer.ParseTrusted([]byte(text), sdl)
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %q, want %q", text, got, want)
			}
		} else if want != "" {
			t.Errorf("%s: got none, want %q", text, want)
		}
	}
}

func TestNoIntrospection(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Rules.NoIntrospection = true })
	for query, want := range map[string]string{
		"{__schema{types{name}}}":                                         "FORBIDDEN",
		`{__type(name:"Item"){name}}`:                                     "FORBIDDEN",
		"{...a} fragment a on Query{hello ... {x:__schema{types{name}}}}": "FORBIDDEN",
		"{__typename items(first:1){__typename}}":                         "",
	} {
		got := b.post(t, query)
		if got.code != want || (want != "" && got.err != "Introspection is turned off here; ask for schema.graphql instead.") {
			t.Errorf("%s: got %s, want %q", query, got.body, want)
		}
	}
	if got := b.post(t, "{helo}"); strings.Contains(got.err, "hello") || got.code != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("a mistyped field: got %s, which tells what is there", got.body)
	}
	if got := setup(t).post(t, "{helo}"); !strings.Contains(got.err, "hello") {
		t.Errorf("where introspection is on: got %s, want a guess", got.body)
	}
}

// Without trusted documents, a client that sends only a hash gets Apollo's error, on which it sends the text.
func TestPersistedQueriesAreNotSupported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const hash = `{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}`
	body := `{"operationName":"Hello","variables":{},"extensions":` + hash + `}`
	check := func(claim, text string) {
		t.Helper()
		if !strings.Contains(text, `"errors":[{"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"}}]`) {
			t.Errorf("%s: got %s", claim, text)
		}
	}
	for accept, status := range map[string]int{"application/json": 200, "application/graphql-response+json": 400} {
		got := b.do(t, "POST", b.url, strings.NewReader(body), "Content-Type", "application/json", "Accept", accept, "Accept-Language", "zh")
		if got.status != status {
			t.Errorf("%s: got %d, want %d", accept, got.status, status)
		}
		check("POST", got.body)
	}
	check("GET", b.do(t, "GET", b.url+"?operationName=Hello&extensions="+url.QueryEscape(hash), nil).body)
	check("an event stream", b.do(t, "POST", b.url, strings.NewReader(body), "Content-Type", "application/json", "Accept", "text/event-stream").body)
	p := b.greeted(t, "")
	p.send(`{"id":"1","type":"subscribe","payload":` + body + `}`)
	p.want(`{"id":"1","type":"error","payload":[{"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"}}]}`)
	got := b.do(t, "POST", b.url, strings.NewReader(`{"query":"query Hello{hello}",`+body[1:]), "Content-Type", "application/json")
	if got.status != 200 || got.code != "" {
		t.Errorf("with the text: got %d %s", got.status, got.body)
	}
}
