package server

import (
	"net/http"
	"strings"
	"testing"

	"baogong/internal/cpu"
)

// The attacks here must fail cheaply. These tests do not run in parallel: what the process spends is theirs.

func TestBombsFailCheaply(t *testing.T) {
	b := setup(t)
	nested := func(levels, width int) string { // width^levels selections, through aliases
		text := "name"
		for range levels {
			level := ""
			for i := range width {
				level += "a" + itoa(i) + ":children(first:10){" + text + "} "
			}
			text = level
		}
		return "{items(first:1){" + text + "}}"
	}
	fragments := func(n, spreads int) string { // spreads^n selections, through fragments
		text := &strings.Builder{}
		text.WriteString("{items{...f0}}")
		for i := range n {
			text.WriteString(" fragment f" + itoa(i) + " on Item{" + strings.Repeat("...f"+itoa(i+1)+" ", spreads) + "}")
		}
		return text.String() + " fragment f" + itoa(n) + " on Item{name}"
	}
	conflicts := &strings.Builder{} // every pair must be compared
	for i := range 180 {
		conflicts.WriteString(" ...on Item{a" + itoa(i%7) + ":children{b:name}}")
	}
	for _, c := range []struct{ claim, query, code string }{
		{"aliases at the root", "{" + aliases("hello", 400) + "}", "GRAPHQL_VALIDATION_FAILED"},
		{"aliases below", "{items(first:50){" + aliases("name", 450) + "}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"aliases of aliases", nested(3, 4), "COMPLEXITY_LIMIT_EXCEEDED"},
		{"fragments that double", fragments(90, 2), "COMPLEXITY_LIMIT_EXCEEDED"},
		{"fragments that multiply by ten", fragments(30, 10), "COMPLEXITY_LIMIT_EXCEEDED"},
		{"a cyclic fragment", "{items{...a}} fragment a on Item{children{...b}} fragment b on Item{children{...a}}", "GRAPHQL_VALIDATION_FAILED"},
		{"a fragment of itself", "{items{...a}} fragment a on Item{...a name}", "GRAPHQL_VALIDATION_FAILED"},
		{"selections to merge", "{items(first:1){" + conflicts.String() + "}}", ""},
		{"lists of lists", "{items{children{children{children{name}}}}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"first: 1000000", "{items(first:1000000){name}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"first: 1000000 in a variable's default", "query($n:Int=1000000){items(first:$n){name}}", "COMPLEXITY_LIMIT_EXCEEDED"},
		{"100,000 repeated fields", "{" + strings.Repeat("hello ", 100_000) + "}", "GRAPHQL_PARSE_FAILED"},
		{"100,000 levels", strings.Repeat("{items", 100_000), "GRAPHQL_PARSE_FAILED"},
		{"100,000 directives", "{hello" + strings.Repeat(" @include(if:true)", 100_000) + "}", "BAD_USER_INPUT"}, // past the body
		{"250 directives", "{hello" + strings.Repeat(" @include(if:true)", 200) + "}", "GRAPHQL_VALIDATION_FAILED"},
		{"the whole schema 30 times", "{" + strings.Repeat("a:__schema{types{name fields{name}}}", 30) + "}", "COMPLEXITY_LIMIT_EXCEEDED"},
	} {
		t.Run(c.claim, func(t *testing.T) {
			cpu.Cheaply(t, func() {
				for range 5 { // what is refused is not remembered
					if got := b.post(t, c.query); got.code != c.code && c.code != "" {
						t.Fatalf("got %.200s, want %s", got.body, c.code)
					}
				}
			})
			if got := b.post(t, "{hello}"); got.code != "" {
				t.Errorf("afterwards: got %s", got.body)
			}
		})
	}
}

func aliases(field string, n int) string {
	text := &strings.Builder{}
	for i := range n {
		text.WriteString("a" + itoa(i) + ":" + field + " ")
	}
	return text.String()
}

func TestHugeBodyFailsCheaply(t *testing.T) {
	b := setup(t)
	huge := "{hello(name:\"" + strings.Repeat("x", 10<<20) + "\")}"
	b.http.Transport.(*http.Transport).ExpectContinueTimeout = patient
	cpu.Cheaply(t, func() {
		got := b.do(t, "POST", b.url, query(huge), "Content-Type", "application/json", "Expect", "100-continue")
		if got.status != 413 || got.code != "BAD_USER_INPUT" {
			t.Errorf("over HTTP: got %d %s", got.status, got.body)
		}
		p := b.greeted(t, "")
		quoted := strings.ReplaceAll(huge, `"`, `\"`)
		_ = p.WriteMessage(1, []byte(`{"id":"1","type":"subscribe","payload":{"query":"`+quoted+`"}}`))
		if got := p.read(); !strings.HasPrefix(got, `{"id":"1","type":"error","payload":[{"message":"The request is larger than the limit of 1048576 bytes."`) {
			t.Errorf("over a WebSocket: got %s", got)
		}
		if got := b.post(t, "{hello}"); got.code != "" {
			t.Errorf("afterwards: got %s", got.body)
		}
	})
}

func TestForeignSocketsFailCheaply(t *testing.T) {
	b := setup(t)
	cpu.Cheaply(t, func() {
		for range 100 {
			if conn, answer := b.knocks(t, "Origin", "https://evil.example"); conn != nil || answer.StatusCode != 403 {
				t.Fatalf("got %v, want 403", answer)
			}
		}
	})
}

func TestManySubscriptionsFailCheaply(t *testing.T) {
	b := setup(t)
	p, other := b.greeted(t, ""), b.greeted(t, "")
	cpu.Cheaply(t, func() {
		for i := range 500 {
			p.subscribe(itoa(i), "subscription{feed}")
		}
		served, refused := 0, 0
		for served+refused < 500 {
			switch got := p.read(); {
			case strings.Contains(got, `"type":"next"`):
				served++
			case strings.Contains(got, "RATE_LIMITED"):
				refused++
			default:
				t.Fatalf("got %s", got)
			}
		}
		if want := b.server.opt.Limits.SubscriptionsPerSocket; served != want {
			t.Errorf("got %d subscriptions, want %d", served, want)
		}
		other.subscribe("1", "{hello}")
		other.want(`{"id":"1","type":"next","payload":{"data":{"hello":null}}}`)
	})
}

// Sockets that never greet take the places of their own address only.
func TestHalfOpenSocketsFailCheaply(t *testing.T) {
	b := setup(t, func(o *Options) {
		o.Limits.AddressWaiting, o.Limits.Sockets, o.Limits.AnonymousShare = 20, 50, 100
		o.Limits.InitTimeout = 2 * patient
		o.Proxies = prefixes("127.0.0.0/8")
	})
	early := b.dial(t, "X-Forwarded-For", "203.0.113.9")
	greet(early)
	cpu.Cheaply(t, func() {
		open, refused := 0, 0
		for range 200 {
			conn, answer := b.knocks(t, "X-Forwarded-For", "203.0.113.9")
			switch {
			case conn != nil:
				open++
			case answer.StatusCode == 429:
				refused++
			default:
				t.Fatalf("got %v", answer)
			}
		}
		if open != 20 || refused != 180 {
			t.Errorf("got %d open and %d refused, want 20 and 180", open, refused)
		}
		early.subscribe("1", "{hello}")
		early.want(`{"id":"1","type":"next","payload":{"data":{"hello":null}}}`)
		late := b.dial(t, "X-Forwarded-For", "203.0.113.10")
		greet(late)
		late.subscribe("1", "{hello}")
		late.want(`{"id":"1","type":"next","payload":{"data":{"hello":null}}}`)
		if got := b.post(t, "{hello}", "X-Forwarded-For", "203.0.113.9"); got.code != "" {
			t.Errorf("a query: got %s", got.body)
		}
	})
}
