package web

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var nonce = regexp.MustCompile(`nonce-([A-Z2-7]{20,})'`)

func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	for path, h := range map[string]http.Handler{
		"/":          Index(IndexInfo{Version: "1.2.3", Actors: actors}),
		"/graphiql/": GraphiQL(Desk{Operations: Operations(), Actors: actors}),
		"/sign-in":   AppPage{Name: "signin", Title: "登录"},
		"/cards":     AppPage{Name: "cards", Title: "住户卡"},
		"/print/":    AppPage{Name: "print", Title: "分拣单"},
		"/report":    AppPage{Name: "report", Title: "日报"},
		"/rehearsal": AppPage{Name: "rehearsal", Title: "流程模拟"},
		"/needs":     AppPage{Name: "needs", Title: "需求"},
		"/shopping":  AppPage{Name: "shopping", Title: "购物清单"},
		"/nowhere":   NotFound(),
		"/track/x":   AppPage{Name: "track", Secret: true},
	} {
		r := get(t, h, "GET", path, "Accept", "text/html,*/*")
		policy := r.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "//") {
			t.Errorf("%s: got policy %s", path, policy)
		}
		once, text := nonce.FindStringSubmatch(policy), string(body(t, r))
		if once == nil || strings.Contains(text, "<style") && !strings.Contains(text, `nonce="`+once[1]+`"`) {
			t.Errorf("%s: the page does not carry the nonce of %s", path, policy)
		}
		if again := get(t, h, "GET", path, "Accept", "text/html,*/*").Header.Get("Content-Security-Policy"); again == policy {
			t.Errorf("%s: the nonce serves twice", path)
		}
		if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got headers %v", path, r.Header)
		}
	}
}

// A page with a code in its address sends no referrer, and says no more about a fault than it must.
func TestTrack(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		AppPage{Name: "track", Secret: true, Refusal: &Refusal{"该码无效", "This <code> is not valid"}}.Answer(w, r, http.StatusNotFound)
	})
	r := get(t, h, "GET", "/track/7K2QM")
	text := string(body(t, r))
	if r.StatusCode != http.StatusNotFound || r.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("got %s, %v", r.Status, r.Header)
	}
	for _, not := range []string{"7K2QM", "<script", "This <code>"} {
		if strings.Contains(text, not) {
			t.Errorf("the page says %s", not)
		}
	}
	if !strings.Contains(text, "该码无效") || !strings.Contains(text, "is not valid") {
		t.Errorf("got %s", text)
	}
}

func TestGraphiQLMount(t *testing.T) {
	t.Parallel()
	page := GraphiQL(Desk{})
	for name, h := range map[string]http.Handler{"whole path": page, "stripped": http.StripPrefix("/graphiql", page)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for path, want := range map[string]int{
				"/graphiql":             http.StatusTemporaryRedirect,
				"/graphiql/":            http.StatusOK,
				"/graphiql/app.css":     http.StatusOK,
				"/graphiql/index.html":  http.StatusNotFound,
				"/graphiql/app.js.gz":   http.StatusNotFound,
				"/graphiql/..%2fapp.js": http.StatusNotFound,
				"/graphiql//":           http.StatusNotFound,
			} {
				if r := get(t, h, "GET", path); r.StatusCode != want {
					t.Errorf("%s: got %s, want %d", path, r.Status, want)
				}
			}
			if to := get(t, h, "GET", "/graphiql?x=1").Header.Get("Location"); to != "./graphiql/?x=1" {
				t.Errorf("got redirected to %q", to)
			}
		})
	}
}

func TestGraphiQLGivesFreshIds(t *testing.T) {
	t.Parallel()
	n := 0
	h := GraphiQL(Desk{Operations: []Operation{{Name: "x", Variables: "0"}}, Fresh: func(context.Context) []Operation {
		n++
		return []Operation{{Name: "x", Variables: strconv.Itoa(n)}}
	}})
	key := regexp.MustCompile(`"key":"([0-9a-f]+)"`)
	first, second := string(body(t, get(t, h, "GET", "/graphiql/"))), string(body(t, get(t, h, "GET", "/graphiql/")))
	if !strings.Contains(first, `"variables":"1"`) || !strings.Contains(second, `"variables":"2"`) {
		t.Errorf("got %s, then %s", first, second)
	}
	if a, b := key.FindString(first), key.FindString(second); a == "" || a != b {
		t.Errorf("got keys %q and %q, want one, or a reload forgets the reader's tabs", a, b)
	}
	other := string(body(t, get(t, GraphiQL(Desk{Operations: []Operation{{Name: "y"}}}), "GET", "/graphiql/")))
	if key.FindString(other) == key.FindString(first) {
		t.Error("another estate has the same key")
	}
}

// Unknown paths answer 404 in both languages: a page for browsers, text for others.
func TestNotFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, accept, kind string
		link                 bool
	}{
		{"GET", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html", true}, {"GET", "*/*", "text/plain", false}, {"POST", "text/html", "text/plain", false},
	} {
		r := get(t, NotFound(), c.method, "/nowhere", "Accept", c.accept)
		text := string(body(t, r))
		if r.StatusCode != http.StatusNotFound || !strings.HasPrefix(r.Header.Get("Content-Type"), c.kind) || strings.Contains(text, `href="/"`) != c.link ||
			!strings.Contains(text, "此处没有页面") || !strings.Contains(text, "here") && !strings.Contains(text, "nothing") {
			t.Errorf("%+v: got %s %s %s", c, r.Status, r.Header.Get("Content-Type"), text)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	h := Text("type Query { 保供: Int }")
	r := get(t, h, "GET", "/schema.graphql")
	if got := string(body(t, r)); got != "type Query { 保供: Int }" || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("got %q, %v", got, r.Header)
	}
	if r := get(t, h, "POST", "/schema.graphql"); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %s", r.Status)
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	h := Index(IndexInfo{Version: "1.2.3", Demo: true, Actors: actors, Links: []Link{{"/graphiql", "查询", "Query"}, {"javascript:alert(1)", "坏", "Bad"}}})
	text := string(body(t, get(t, h, "GET", "/")))
	for _, want := range []string{"1.2.3", "演示", "invented", "Bearer dev:C01", "E6-1-1203", `href="/graphiql"`, "查询", "Query"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(text, "javascript:") {
		t.Error("the page links to a script")
	}
	bare := string(body(t, get(t, Index(IndexInfo{}), "GET", "/")))
	for _, not := range []string{"演示", "dev:", "<li>"} {
		if strings.Contains(bare, not) {
			t.Errorf("the page of a server without a demonstration says %s", not)
		}
	}
	if r := get(t, h, "GET", "/favicon.ico"); r.StatusCode != http.StatusNotFound {
		t.Errorf("got %s", r.Status)
	}
}

func TestGraphiQLKeepsDataOutOfMarkup(t *testing.T) {
	t.Parallel()
	hostile := `</script><script>alert(1)</script><!--<script> ` + "\u2028 ' \" & 保供"
	ops := []Operation{{Name: "x", Query: hostile, Variables: hostile}}
	text := string(body(t, get(t, GraphiQL(Desk{Operations: ops, Actors: []DeskActor{{Name: "C01", Role: "COMMANDER", About: hostile}}}), "GET", "/graphiql/")))
	found := regexp.MustCompile(`(?s)id="setup">(.*?)</script>`).FindStringSubmatch(text)
	if found == nil {
		t.Fatal("the page has no setup")
	}
	var setup struct {
		Operations []Operation
		Actors     []DeskActor
	}
	if err := json.Unmarshal([]byte(found[1]), &setup); err != nil {
		t.Fatal(err)
	}
	if setup.Actors[0].About != hostile || setup.Operations[0] != ops[0] {
		t.Errorf("got %q and %q", setup.Actors, setup.Operations)
	}
}
