package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"baogong/delivery"
)

func TestPost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const result, classic = "application/graphql-response+json", "application/json"
	for _, c := range []struct {
		claim, query, accept string
		status               int
		kind, code           string
	}{
		{"a query is answered", "{hello}", "", 200, classic, ""},
		{"anything will do", "{hello}", "*/*", 200, classic, ""},
		{"the new type is matched", "{hello}", result, 200, result, ""},
		{"the first of equals is taken", "{hello}", result + ", " + classic, 200, result, ""},
		{"weights decide", "{hello}", result + ";q=0.1, " + classic, 200, classic, ""},
		{"JSON goes before an event stream that would also do", "{hello}", result + ", text/event-stream, multipart/mixed", 200, result, ""},
		{"nothing acceptable", "{hello}", "text/html", 406, classic, "BAD_USER_INPUT"},
		{"a parse error", "{", classic, 200, classic, "GRAPHQL_PARSE_FAILED"},
		{"a parse error, new type", "{", result, 400, result, "GRAPHQL_PARSE_FAILED"},
		{"a validation error", "{nope}", classic, 200, classic, "GRAPHQL_VALIDATION_FAILED"},
		{"a validation error, new type", "{nope}", result, 400, result, "GRAPHQL_VALIDATION_FAILED"},
		{"a field that is refused", "{refused}", result, 200, result, "FORBIDDEN"},
		{"a panic", "{boom}", result, 500, result, "INTERNAL"},
		{"a subscription", "subscription{count(to:1)}", result, 400, result, "BAD_USER_INPUT"},
		{"@defer", "{items{... @defer {name}}}", result, 400, result, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			got := b.post(t, c.query, "Accept", c.accept)
			if got.status != c.status || got.header.Get("Content-Type") != c.kind+"; charset=utf-8" || got.code != c.code {
				t.Errorf("got %d %s %s, want %d %s %s", got.status, got.header.Get("Content-Type"), got.body, c.status, c.kind, c.code)
			}
			if strings.Contains(got.body, "secret") || strings.Contains(got.body, "goroutine") {
				t.Errorf("got %s, which tells too much", got.body)
			}
			if c.status == 400 && strings.Contains(got.body, `"data"`) {
				t.Errorf("got %s, want no data member", got.body)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Body = 4000 })
	secret := "sesame"
	for _, c := range []struct {
		claim, method, kind, body string
		status                    int
	}{
		{"not JSON", "POST", "application/json", `{"query": sesame`, 400},
		{"two values", "POST", "application/json", `{"query":"{hello}"} {"sesame":1}`, 400},
		{"a list", "POST", "application/json", `[{"query":"sesame"}]`, 400},
		{"nothing", "POST", "application/json", ``, 400},
		{"null", "POST", "application/json", `null`, 400},
		{"no query", "POST", "application/json", `{"sesame":1}`, 400},
		{"query of another type", "POST", "application/json", `{"query":{"sesame":1}}`, 400},
		{"variables of another type", "POST", "application/json", `{"query":"{hello}","variables":["sesame"]}`, 400},
		{"broken UTF-8", "POST", "application/json", "{\"query\":\"{hello(name:\\\"sesame\xff\\\")}\"}", 400},
		{"too large", "POST", "application/json", `{"query":"` + strings.Repeat("sesame", 1000) + `"}`, 413},
		{"a form", "POST", "application/x-www-form-urlencoded", "query=sesame", 415},
		{"text, as pages may send across origins", "POST", "text/plain", `{"query":"{hello}"}`, 415},
		{"another charset", "POST", "application/json; charset=gbk", `{"query":"{hello}"}`, 415},
		{"another method", "DELETE", "application/json", ``, 405},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			got := b.do(t, c.method, b.url, strings.NewReader(c.body), "Content-Type", c.kind)
			if got.status != c.status || got.code != "BAD_USER_INPUT" {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
			if strings.Contains(got.body, secret) {
				t.Errorf("got %s, which repeats what was sent", got.body)
			}
		})
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("a query with variables is answered", func(t *testing.T) {
		t.Parallel()
		got := b.do(t, "GET", b.url+"?"+url.Values{"query": {"query($n:String){hello(name:$n)}"}, "variables": {`{"n":"李"}`}}.Encode(), nil)
		if got.status != 200 || got.data["hello"] != "李" {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("a mutation needs a POST and is not run", func(t *testing.T) {
		t.Parallel()
		got := b.do(t, "GET", b.url+"?query="+url.QueryEscape("mutation{bump}"), nil)
		if got.status != 405 || got.header.Get("Allow") != "POST" {
			t.Errorf("got %d, Allow %q", got.status, got.header.Get("Allow"))
		}
		if b.mu.Lock(); b.bumps != 0 {
			t.Errorf("got %d bumps, want 0", b.bumps)
		}
		b.mu.Unlock()
	})
	for claim, q := range map[string]string{"no query": "", "bad variables": "query={hello}&variables=[1]", "bad escape": "query=%zz"} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			if got := b.do(t, "GET", b.url+"?"+q, nil); got.status != 400 {
				t.Errorf("got %d %s, want 400", got.status, got.body)
			}
		})
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		claim, credential, language string
		status                      int
		want                        string
	}{
		{"without a credential the client is anonymous", "", "", 200, `{"data":{"locale":"en","me":""}}`},
		{"a credential names the actor", "Bearer li", "zh-CN,zh;q=0.9", 200, `{"data":{"locale":"zh-CN","me":"li"}}`},
		{"an unknown one is refused, in the reader's language", "Bearer stranger", "zh", 401, "没有名为“stranger”的人员。"},
		{"a session that is over is refused", "Bearer over", "", 401, "Please sign in first."},
		{"a fault is ours", "Bearer broken", "", 500, "Something went wrong."},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			got := b.post(t, "{me locale}", "Authorization", c.credential, "Accept-Language", c.language)
			if got.status != c.status || !strings.Contains(got.body, c.want) || strings.Contains(got.body, "select") {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, c.status, c.want)
			}
			if challenge := got.header.Get("WWW-Authenticate"); (challenge != "") != (c.status == 401) {
				t.Errorf("got WWW-Authenticate %q with %d", challenge, c.status)
			}
		})
	}
}

func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.RequestTimeout = time.Second })
	got := b.post(t, "{hang}", "Accept", "application/graphql-response+json")
	if got.status != 503 || got.code != "UNAVAILABLE" || got.err != "This took longer than the limit of 1 seconds." {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestSlowBodyIsCut(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.RequestTimeout = 200 * time.Millisecond })
	conn := b.tcp(t)
	_, _ = conn.Write([]byte("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"))
	text, err := readAll(conn)
	if err != nil || !strings.HasPrefix(text, "HTTP/1.1 400") {
		t.Errorf("got %q, %v; want 400 and the connection closed", text, err)
	}
}

func TestInterceptors(t *testing.T) {
	t.Parallel()
	refusing := func(ctx context.Context, _ graphql.OperationHandler) graphql.ResponseHandler {
		return graphql.OneShot(graphql.ErrorResponse(ctx, "no"))
	}
	var responses int
	b := setup(t, func(o *Options) {
		c := o.Schema.(*contract)
		c.aroundOperations = func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
			if graphql.GetOperationContext(ctx).Operation.Name == "no" {
				return refusing(ctx, next)
			}
			return next(ctx)
		}
		c.aroundResponses = func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
			responses++
			return next(ctx)
		}
	})
	t.Run("an operation can be refused", func(t *testing.T) {
		if got := b.post(t, "query no{hello}"); got.err != "no" {
			t.Errorf("got %s", got.body)
		}
		p := b.greeted(t, "")
		p.subscribe("1", "subscription no{count(to:1)}")
		p.want(`{"id":"1","type":"error","payload":[{"message":"no"}]}`)
	})
	t.Run("every response is seen", func(t *testing.T) {
		responses = 0
		p := b.greeted(t, "")
		p.subscribe("1", "subscription{count(to:2)}")
		p.read()
		p.read()
		p.want(`{"id":"1","type":"complete"}`)
		if responses != 2 {
			t.Errorf("got %d responses, want 2", responses)
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	fault := make(chan error, 1)
	b := setup(t, func(o *Options) {
		o.Ready = func(context.Context) error {
			select {
			case err := <-fault:
				return err
			default:
				return nil
			}
		}
		o.NotFound = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("here is nothing"))
		})
		o.Pages = map[string]http.Handler{"/boom": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })}
	})
	base := "http://" + b.host
	if got := b.do(t, "GET", base+"/healthz", nil); got.status != 200 || got.body != "ok" {
		t.Errorf("healthz: got %d %q", got.status, got.body)
	}
	if got := b.do(t, "GET", base+"/readyz", nil); got.status != 200 {
		t.Errorf("readyz: got %d %q", got.status, got.body)
	}
	fault <- errors.New("secret")
	if got := b.do(t, "GET", base+"/readyz", nil); got.status != 503 || strings.Contains(got.body, "secret") {
		t.Errorf("readyz: got %d %q, want 503", got.status, got.body)
	}
	if got := b.do(t, "GET", base+"/boom", nil); got.status != 500 || got.code != string(delivery.CodeInternal) || strings.Contains(got.body, "secret") {
		t.Errorf("a panic: got %d %q, want 500", got.status, got.body)
	}
	if got := b.do(t, "GET", base+"/nowhere", nil); got.status != 404 || got.body != "here is nothing" {
		t.Errorf("got %d %q, want 404 and the page for it", got.status, got.body)
	}
	if got := b.do(t, "POST", base+"/healthz", nil); got.status != 405 {
		t.Errorf("POST healthz: got %d, want 405", got.status)
	}
}

func TestHugeQueriesAreAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	spread := &strings.Builder{} // 2^150 paths
	spread.WriteString("{items{...f0}}")
	for i := range 100 {
		n, m := itoa(i), itoa(i+1)
		spread.WriteString(" fragment f" + n + " on Item{...f" + m + " ...f" + m + "}")
	}
	spread.WriteString(" fragment f100 on Item{name}")
	for claim, q := range map[string]string{
		"100,000 repeated fields": "{" + strings.Repeat("hello ", 100_000) + "}",
		"exponential fragments":   spread.String(),
		"deep nesting":            strings.Repeat("{items", 100_000),
		"450 aliases":             "{" + strings.Repeat("a:hello ", 450) + "}",
	} {
		t.Run(claim, func(t *testing.T) {
			began := time.Now()
			got := b.post(t, q)
			if got.code == "" {
				t.Errorf("got %.100s, want it refused", got.body)
			}
			took := time.Since(began)
			t.Logf("%d bytes refused after %v: %s", len(q), took, got.err)
			if took > patient { // a stock server takes minutes
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Limits.Depth, o.Limits.Fields, o.Limits.Complexity = 4, 3, 100 })
	for _, c := range []struct{ claim, query, code string }{
		{"deep enough", "{items(first:1){children(first:1){children(first:1){name}}}}", ""},
		{"lists of lists that do not say how long", "{items{children{name}}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"too deep", "{items{children{children{children{name}}}}}", "GRAPHQL_VALIDATION_FAILED"},
		{"too deep through fragments", "{items{...a}} fragment a on Item{children{...b}} fragment b on Item{children{children{name}}}", "GRAPHQL_VALIDATION_FAILED"},
		{"a cycle", "{items{...a}} fragment a on Item{children{...a}}", "GRAPHQL_VALIDATION_FAILED"},
		{"three root fields", "{a:hello b:hello ...c} fragment c on Query{c:hello}", ""},
		{"four root fields", "{a:hello b:hello ...c} fragment c on Query{c:hello d:hello}", "GRAPHQL_VALIDATION_FAILED"},
		{"a small page", "{items(first:9){children(first:9){name}}}", ""},
		{"a page of pages", "{items(first:10){children(first:10){name}}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"a page from the end", "{items(last:1000){name}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"an absurd page", "{items(last:2147483647){children(first:2147483647){children(first:2147483647){name}}}}", "COMPLEXITY_LIMIT_EXCEEDED"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			t.Parallel()
			if got := b.post(t, c.query); got.code != c.code {
				t.Errorf("got %s, want %q", got.body, c.code)
			}
		})
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const deep = "{types{fields{type{ofType{ofType{ofType{name}}}}}}}"
	if got := b.post(t, "{__schema"+deep+"}"); got.code != "" {
		t.Errorf("got %s, want it not counted as depth", got.body)
	}
	if got := b.post(t, "{"+strings.Repeat("a:__schema"+deep, 21)+"}"); got.code != "COMPLEXITY_LIMIT_EXCEEDED" {
		t.Errorf("21 times the whole schema: got %s, want %s", got.body, "COMPLEXITY_LIMIT_EXCEEDED")
	}
}
