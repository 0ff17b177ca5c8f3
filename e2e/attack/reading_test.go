package attack_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/cpu"
	"baogong/internal/volume"
)

// costlyRequests are requests that used to cost much before they were charged, and variants of them. n makes each document
// different; it replaces %d.
func costlyRequests() map[string]func(n int) []byte {
	repeat := func(times int, each func(i int) string) string {
		var b strings.Builder
		for i := range times {
			b.WriteString(each(i))
		}
		return b.String()
	}
	same := func(text string) func(int) string { return func(int) string { return text } }
	document := func(text string) func(n int) []byte {
		return func(n int) []byte {
			body, _ := json.Marshal(map[string]any{"query": strings.ReplaceAll(text, "%d", fmt.Sprint(n))})
			return body
		}
	}
	variables := func(value string) func(n int) []byte {
		return func(n int) []byte {
			return fmt.Appendf(nil, `{"query": "query Q%d($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": %s}}`, n, value)
		}
	}
	lines := func(selected string) func(n int) []byte {
		return func(n int) []byte {
			return fmt.Appendf(nil, `{"query": "mutation Q%d($in: PlaceOrderInput!) { %s }", "variables": {"in": {"clientMutationId": "1", "householdId": "x", "channel": "APP", "lines": [%s]}}}`,
				n, selected, strings.Repeat(`{"item":"a","quantity":"1","unit":"b"},`, 5999)+`{"item":"a","quantity":"1","unit":"b"}`)
		}
	}
	return map[string]func(n int) []byte{
		"one field 1,480 times":            document("query Q%d { rateLimit { " + strings.Repeat("limit ", 1480) + "} }"),
		"one field with fields 240 times":  document("query Q%d { " + strings.Repeat("rateLimit { limit } ", 240) + "}"),
		"one field three levels deep":      document("query Q%d { " + strings.Repeat("me { community { code } } ", 180) + "}"),
		"one inline fragment 200 times":    document("query Q%d { " + strings.Repeat("... { rateLimit { limit } } ", 200) + "}"),
		"one alias for many":               document("query Q%d { rateLimit { " + strings.Repeat("a: limit ", 450) + "} }"),
		"many aliases":                     document("query Q%d { rateLimit { " + repeat(370, func(i int) string { return fmt.Sprintf("a%d: limit ", i) }) + "} }"),
		"fragments that spread twice":      document("query Q%d { ...F0 }" + repeat(100, func(i int) string { return fmt.Sprintf(" fragment F%d on Query { ...F%[2]d ...F%[2]d }", i, i+1) }) + " fragment F100 on Query { rateLimit { limit } }"),
		"many fragments in one selection":  document("query Q%d { " + repeat(110, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + "}" + repeat(110, func(i int) string { return fmt.Sprintf(" fragment F%d on Query { rateLimit { limit } }", i) })),
		"many operations over a fragment":  document(repeat(150, func(i int) string { return fmt.Sprintf("query A%d { ...F } ", i) }) + "query Q%d { ...F } fragment F on Query { " + strings.Repeat("rateLimit { limit } ", 120) + "}"),
		"a name of 900 KB":                 document("query Q%d { " + strings.Repeat("a", 900<<10) + " }"),
		"a type of 900 KB":                 document("query Q%d($a: " + strings.Repeat("a", 900<<10) + ") { rateLimit { limit } }"),
		"an argument of 900 KB":            document("query Q%d { rateLimit(" + strings.Repeat("a", 900<<10) + ": 1) { limit } }"),
		"a comment of 900 KB":              document("query Q%d { rateLimit { limit } } #" + strings.Repeat("a", 900<<10)),
		"a string of 900 KB":               document(`query Q%d { node(id: "` + strings.Repeat("a", 900<<10) + `") { id } }`),
		"many unknown fields":              document("query Q%d { " + repeat(700, func(i int) string { return fmt.Sprintf("hauseholds%d ", i) }) + "}"),
		"many unknown types":               document("query Q%d(" + repeat(350, func(i int) string { return fmt.Sprintf("$a%[1]d: Hausehold%[1]d ", i) }) + ") { rateLimit { limit } }"),
		"many unknown arguments":           document("query Q%d { rateLimit(" + repeat(450, func(i int) string { return fmt.Sprintf("a%d: 1 ", i) }) + ") { limit } }"),
		"many directives":                  document("query Q%d { rateLimit " + strings.Repeat("@include(if: true) ", 200) + " { limit } }"),
		"a list literal of 1,400":          document("query Q%d { nodes(ids: [" + strings.Repeat(`"a" `, 1400) + "]) { id } }"),
		"inline fragments 480 levels deep": document("query Q%d " + strings.Repeat("{ ... ", 480) + "{ rateLimit { limit } }" + strings.Repeat(" }", 480)),
		"a list of 330,000":                variables("[" + strings.Repeat(`"a",`, 330_000/4) + `"a"]`),
		"a list of 330,000 numbers":        variables("[" + strings.Repeat("1,", 330_000) + "1]"),
		"a list of 24,000":                 variables("[" + strings.Repeat("1,", 24_000) + "1]"),
		"lists in lists":                   variables(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)),
		"many members":                     variables("{" + repeat(24_000, func(i int) string { return fmt.Sprintf(`"a%d":1,`, i) }) + `"z":1}`),
		"many variables that are not used": func(n int) []byte {
			return fmt.Appendf(nil, `{"query": "query Q%d { rateLimit { limit } }", "variables": {%s"z":1}}`, n, repeat(24_000, func(i int) string { return fmt.Sprintf(`"a%d":1,`, i) }))
		},
		"many extensions": func(n int) []byte {
			return fmt.Appendf(nil, `{"query": "query Q%d { rateLimit { limit } }", "extensions": {%s"z":1}}`, n, repeat(24_000, func(i int) string { return fmt.Sprintf(`"a%d":1,`, i) }))
		},
		"escapes":       variables(`["` + strings.Repeat(`\u4e2d`, 150_000) + `"]`),
		"many comments": document("query Q%d { rateLimit { limit } }" + strings.Repeat(" #\n", 220_000)),
		"a chain of fragments": document("query Q%d { ...F0 }" + repeat(120, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { rateLimit { limit } ...F%d }", i, i+1)
		}) + " fragment F120 on Query { rateLimit { limit } }"),
		"fragments that all spread all": document("query Q%d { ...F0 }" + repeat(24, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { %s }", i, repeat(24, func(j int) string { return fmt.Sprintf("...F%d ", j) }))
		})),
		"fragments that spread later ones": document("query Q%d { ...F0 }" + repeat(28, func(i int) string {
			return fmt.Sprintf(" fragment F%d on Query { rateLimit { limit } %s }", i, repeat(27-i, func(j int) string { return fmt.Sprintf("...F%d ", i+j+1) }))
		})),
		"many spreads of one fragment":     document("query Q%d { " + strings.Repeat("...F ", 700) + "} fragment F on Query { rateLimit { limit } }"),
		"many spreads of no fragment":      document("query Q%d { " + repeat(700, func(i int) string { return fmt.Sprintf("...F%d ", i) }) + "}"),
		"many unused variables":            document("query Q%d(" + repeat(300, func(i int) string { return fmt.Sprintf("$a%d: Int ", i) }) + ") { rateLimit { limit } }"),
		"many undefined variables":         document("query Q%d { nodes(ids: [" + repeat(700, func(i int) string { return fmt.Sprintf("$a%d ", i) }) + "]) { id } }"),
		"variables in many operations":     document("query Q%d($a: ID!) { ...F }" + repeat(80, func(i int) string { return fmt.Sprintf(" query A%d($a: ID!) { ...F }", i) }) + " fragment F on Query { " + strings.Repeat("node(id: $a) { id } ", 40) + "}"),
		"a literal list 190 levels deep":   document("query Q%d { nodes(ids: " + strings.Repeat("[", 190) + strings.Repeat("]", 190) + ") { id } }"),
		"a literal object 190 levels deep": document("query Q%d { node(id: " + strings.Repeat("{a: ", 190) + "1" + strings.Repeat("}", 190) + ") { id } }"),
		"a tree of twins":                  document("query Q%d { me { " + twins(8) + " } }"),
		"fields of all types 60 times": document("query Q%d { __schema { types { " + repeat(60, func(i int) string {
			return fmt.Sprintf("a%d: fields { name description args { name description type { name } } type { name } } ", i)
		}) + "} } }"),
		"6,000 lines":           lines("placeOrder(input: $in) { userErrors { code } }"),
		"6,000 lines 30 times":  lines(repeat(30, func(i int) string { return fmt.Sprintf("a%d: placeOrder(input: $in) { userErrors { code } } ", i) })),
		"6,000 lines 512 times": lines("...F0 }" + strings.TrimSuffix(doubling("Mutation", 9, "placeOrder(input: $in) { userErrors { code } }"), "}")),
		"1,400 block strings before as many quotes as there is room for": document(`query Q%d { nodes(ids: [` + strings.Repeat(`"""""" `, 1400) + `]) { id } } # \u ` + strings.Repeat(`\"""`, 90_000)),
		"a block string of 450,000 lines":                                document(`query Q%d { node(id: """` + strings.Repeat("\n", 450_000) + `a""") { id } }`),
		"same":                                                           document("query Q%d { " + repeat(20, same("rateLimit { limit } ")) + "}"),
	}
}

// doubling returns a chain of fragments that each spread the next one twice, down to a selection.
func doubling(object string, levels int, selected string) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on %s { ...F%[3]d ...F%[3]d }", i, object, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on %s { %s }", levels, object, selected)
	return b.String()
}

// twins returns a field that is selected twice on each of n levels.
func twins(levels int) string {
	if levels == 0 {
		return "role"
	}
	below := twins(levels - 1)
	return "me { " + below + " } me { " + below + " }"
}

// TestCostlyRequests sends some requests of each kind, all different documents, without a sign-in. Client and server together
// use at most 10 ms of CPU for each, plus 10 µs for each point that is charged before: for bytes and values before decoding, and
// for lines and tokens before parsing (decision 22).
// TestCostlyRequestsInHundreds sends a hundred of each.
func TestCostlyRequests(t *testing.T) {
	volume.OnlyInCI(t)
	if cpu.Dearer > 1 { // everything here reads bytes, which the race detector makes dearer than anything else
		costly(t, 2, 3, cpu.Dearer*cpu.Dearer)
		return
	}
	costly(t, volume.InCI(3, 7), 3, 1)
}

// costly sends each request the number of times, and again up to tries times while the mean is above the limit: of so few, a
// busy machine can make the mean of one try too high. It allows slack times the CPU limit, and more while the machine is slow.
func costly(t *testing.T, times, tries int, slack float64) {
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Operations, s.Cost = 0, 0 })
	for name, body := range costlyRequests() {
		t.Run(name, func(t *testing.T) {
			n := 0
			send := func(times int) time.Duration {
				bodies := make([][]byte, times)
				for i := range bodies {
					bodies[i] = body(n) // equal but for the operation's name, so that none is cached
					n++
				}
				before := cpu.Spent(t)
				for _, b := range bodies {
					status, _, err := e.Send(t.Context(), "", b)
					if err != nil || status >= http.StatusInternalServerError {
						t.Fatalf("got %d, %v", status, err)
					}
				}
				return (cpu.Spent(t) - before) / time.Duration(times)
			}
			send(1) // the first finds caches cold
			text := body(0)
			var sent struct{ Query string }
			_ = json.Unmarshal(text, &sent)
			points := len(text)/256 + len(sent.Query)/256 + bytes.Count(text, []byte(","))/10 + max(strings.Count(sent.Query, "\n")-1000, 0)/100 + max(tokensOf(sent.Query)-200, 0)/4
			limit := time.Duration(slack * float64(10*time.Millisecond+time.Duration(points)*10*time.Microsecond))
			for try := 1; ; try++ {
				each, slower := send(times), 1.0
				if each > limit {
					slower = cpu.Slowdown(t)
				}
				if each <= time.Duration(slower*float64(limit)) {
					t.Logf("%v of CPU each, of %v, try %d, %.2f times the limit", each, limit, try, slower)
					return
				}
				if try == tries {
					t.Fatalf("%v of CPU each, want at most %v times %.2f for a slow machine", each, limit, slower)
				}
			}
		})
	}
}

// tokensOf counts a document's tokens, up to the most that a document may have.
func tokensOf(document string) (n int) {
	for l := lexer.New(&ast.Source{Input: document}); n < 1500; n++ {
		if token, err := l.ReadToken(); err != nil || token.Kind == lexer.EOF {
			break
		}
	}
	return n
}

// TestFloodIsCharged floods from one address with different documents. After its burst the address is refused, and another
// address is not.
func TestFloodIsCharged(t *testing.T) {
	e := house.NewEstate(t, func(s *app.ServerSettings) {
		s.Proxies, s.Operations = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 0
		s.Cost, s.CostBurst, s.AddressFactor = 100, 5000, 4
	})
	body := costlyRequests()["one field 1,480 times"]
	refused := 0
	for n := range 100 {
		status, text, err := e.Send(t.Context(), "", body(n), "X-Forwarded-For", "203.0.113.9", "Accept", "application/graphql-response+json")
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusTooManyRequests {
			refused++
			if !strings.Contains(string(text), "retryAfterSeconds") {
				t.Fatalf("got %s, want to know when to try again", text)
			}
		}
	}
	if refused == 0 {
		t.Error("100 large documents from one address were all read")
	}
	if a := e.Ask("", `{ rateLimit { limit } }`, nil, "X-Forwarded-For", "203.0.113.10"); a.Code() != "" {
		t.Errorf("another address: got %v", a.Errors)
	}
}
