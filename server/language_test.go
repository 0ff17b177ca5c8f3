package server

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"baogong/delivery"
)

// TestRefusalsOfTheEdge finds a reason and the reader's language in every refusal that precedes the resolvers.
func TestRefusalsOfTheEdge(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) {
		o.Limits.Body, o.Limits.Depth, o.Limits.Fields, o.Limits.Complexity = 4000, 4, 3, 100
		o.Schema.(*contract).tellReasons = true
	})
	const jsonType = "application/json"
	query := func(text string) string { return `{"query":"` + text + `"}` }
	get := func(q string) string { return b.url + "?" + q }
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for claim, c := range map[string]struct {
		method, url, body string
		headers           []string
		status            int
		code, reason      string
	}{
		"another type of body":    {"POST", b.url, "x", []string{"Content-Type", "text/plain"}, 415, "BAD_USER_INPUT", "MEDIA_TYPE"},
		"another method":          {"DELETE", b.url, "", nil, 405, "BAD_USER_INPUT", "HTTP_METHOD"},
		"another type of answer":  {"POST", b.url, query("{hello}"), []string{"Accept", "text/html"}, 406, "BAD_USER_INPUT", "NOT_ACCEPTABLE"},
		"a mutation by GET":       {"GET", get("query=" + url.QueryEscape("mutation{bump}")), "", nil, 405, "BAD_USER_INPUT", "MUTATION_BY_GET"},
		"a malformed URL":         {"GET", get("query=%zz"), "", nil, 400, "BAD_USER_INPUT", "BAD_URL"},
		"a GET without a query":   {"GET", get("x=1"), "", nil, 400, "BAD_USER_INPUT", "NO_QUERY"},
		"a URL that is no UTF-8":  {"GET", get("query=%ff"), "", nil, 400, "BAD_USER_INPUT", "BAD_URL"},
		"variables that are none": {"GET", get("query={hello}&variables=[1]"), "", nil, 400, "BAD_USER_INPUT", "BAD_MEMBER"},
		"no JSON":                 {"POST", b.url, "{", nil, 400, "BAD_USER_INPUT", "BAD_BODY"},
		"a query of another type": {"POST", b.url, `{"query":1}`, nil, 400, "BAD_USER_INPUT", "BAD_MEMBER"},
		"too large":               {"POST", b.url, query(strings.Repeat("x", 4000)), nil, 413, "BAD_USER_INPUT", "TOO_LARGE"},
		"@defer":                  {"POST", b.url, query("{items{... @defer {name}}}"), nil, 200, "GRAPHQL_VALIDATION_FAILED", "DEFER"},
		"too deep":                {"POST", b.url, query("{items{children{children{children{name}}}}}"), nil, 200, "GRAPHQL_VALIDATION_FAILED", "TOO_DEEP"},
		"too many root fields":    {"POST", b.url, query("{a:hello b:hello c:hello d:hello}"), nil, 200, "GRAPHQL_VALIDATION_FAILED", "TOO_MANY_FIELDS"},
		"too costly a page":       {"POST", b.url, query("{items(last:1000){name}}"), nil, 200, "COMPLEXITY_LIMIT_EXCEEDED", "TOO_COSTLY"},
		"too many fields":         {"POST", b.url, query("{items{" + strings.Repeat("name ", 200) + "}}"), nil, 200, "COMPLEXITY_LIMIT_EXCEEDED", "TOO_COSTLY"},
		"a subscription by POST":  {"POST", b.url, query("subscription{count(to:1)}"), nil, 200, "BAD_USER_INPUT", "SUBSCRIBE_BY_POST"},
		"a malformed handshake":   {"GET", b.url, "", upgrade[:4], 400, "BAD_USER_INPUT", "BAD_HANDSHAKE"},
		"a page from elsewhere":   {"GET", b.url, "", append([]string{"Origin", "https://elsewhere.example"}, upgrade...), 403, "FORBIDDEN", "FOREIGN_ORIGIN"},
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			for _, l := range []delivery.Locale{delivery.English, delivery.Chinese} {
				headers := append([]string{"Content-Type", jsonType, "Accept-Language", string(l)}, c.headers...)
				got := b.do(t, c.method, c.url, strings.NewReader(c.body), headers...)
				if got.status != c.status || got.code != c.code || got.reason != c.reason {
					t.Errorf("got %d %s, want %d %s %s", got.status, got.body, c.status, c.code, c.reason)
				}
				if chinese := strings.ContainsFunc(got.err, func(r rune) bool { return unicode.Is(unicode.Han, r) }); chinese != (l == delivery.Chinese) {
					t.Errorf("got %q for a reader of %s", got.err, l)
				}
			}
		})
	}
	t.Run("over a WebSocket, in the language of the greeting", func(t *testing.T) {
		t.Parallel()
		p := b.greeted(t, `{"locale":"zh-CN"}`)
		p.subscribe("1", "{items{... @defer {name}}}")
		if got := p.read(); !strings.Contains(got, "不支持 @defer，请去掉。") || !strings.Contains(got, `"reason":"DEFER"`) {
			t.Errorf("got %s, want it in Chinese with its reason", got)
		}
	})
}

// An invalid token gets a message that describes it, in both languages, and not <Invalid>.
func TestLexicalErrors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("x", 1000)
	for text, want := range map[string][2]string{
		"{hello(name:00)}":                {"Invalid number, unexpected digit after 0", "0 之后不能再有数字"},
		"{hello(name:1.)}":                {"Invalid number, expected digit but got", "此处应为数字"},
		`{hello(name:"\u{D83D}` + long:    {"Invalid character escape sequence", "字符串中的转义有误"},
		`{hello(name:"\uZZ` + long + `")`: {"Invalid character escape sequence", "字符串中的转义有误"},
		`{hello(name:"\q")}`:              {"Invalid character escape sequence", "字符串中的转义有误"},
		`{hello(name:"x)}`:                {"Unterminated string.", "字符串没有结束。"},
		`{hello(name:"""x)}`:              {"Unterminated string.", "字符串没有结束。"},
		"{hello\x01}":                     {`Cannot contain the invalid character`, "文档中不能有字符"},
		"{你好}":                            {"Cannot parse the unexpected character", "文档中不应有字符"},
		"{hello(name:'x')}":               {"Unexpected single quote character", "单引号"},
	} {
		for i, language := range []string{"en", "zh"} {
			got := b.post(t, text, "Accept-Language", language)
			if !strings.Contains(got.err, want[i]) || len(got.err) > 300 || got.code != "GRAPHQL_PARSE_FAILED" {
				t.Errorf("%.30s: got %s, want %s", text, got.body, want[i])
			}
		}
	}
}
