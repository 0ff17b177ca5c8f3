package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"baogong/app"
	"baogong/e2e/house"
)

// TestIntrospectionByKind reads fields of __Type that a kind of type does not have: they are null, not empty lists.
func TestIntrospectionByKind(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	const lists = `fields { name } interfaces { name } possibleTypes { name } enumValues { name } inputFields { name }`
	for name, has := range map[string][]string{
		"Stage":           {"enumValues"},
		"DateTime":        {},
		"Order":           {"fields", "interfaces"},
		"Node":            {"fields", "interfaces", "possibleTypes"},
		"Holder":          {"possibleTypes"},
		"PlaceOrderInput": {"inputFields"},
	} {
		var got struct {
			Type map[string]json.RawMessage `json:"__type"`
		}
		e.Must(e.As("C01"), `query ($n: String!) { __type(name: $n) { `+lists+` } }`, obj{"n": name}, &got)
		for _, list := range []string{"fields", "interfaces", "possibleTypes", "enumValues", "inputFields"} {
			want := false
			for _, h := range has {
				want = want || h == list
			}
			if null := string(got.Type[list]) == "null"; null == want {
				t.Errorf("%s.%s: got %s", name, list, got.Type[list])
			}
		}
	}
	var wrapped struct {
		Type struct {
			Fields []struct {
				Type struct {
					Kind   string
					Fields json.RawMessage
				}
			}
		} `json:"__type"`
	}
	e.Must(e.As("C01"), `{ __type(name: "Order") { fields { type { kind fields { name } } } } }`, nil, &wrapped)
	for _, f := range wrapped.Type.Fields {
		if f.Type.Kind == "NON_NULL" && string(f.Type.Fields) != "null" {
			t.Errorf("fields of a NON_NULL type: got %s, want null", f.Type.Fields)
		}
	}
}

// TestIntrospectionIsPricedByItsAnswer checks the price of introspection. It used not to depend on the selection: 60 aliases
// of the fields of all types took most of a second for the price of a name.
func TestIntrospectionIsPricedByItsAnswer(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst = 1e6, 1e6 })
	aliases := func(n int, field string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "a%d: %s ", i, field)
		}
		return b.String()
	}
	const wrapped = `{ kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`
	const value = `{ name description type ` + wrapped + ` defaultValue }`
	for _, c := range []struct {
		claim, query string
		least, most  int // of points; 0: it is refused
	}{
		{"a name", `{ __schema { queryType { name } } }`, 1000, 1010},
		{"one type", `{ __type(name: "Stage") { name } }`, 1, 5},
		{"what tools ask", `{ __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name description locations args ` + value + ` }
			types { kind name description fields(includeDeprecated: true) { name description args ` + value + ` type ` + wrapped + ` isDeprecated deprecationReason }
			inputFields ` + value + ` interfaces ` + wrapped + ` enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes ` + wrapped + ` } } }`, 3000, 14_000},
		{"a fragment of all types 10 times", `{ __schema { ` + aliases(10, "types { ...F }") + `} } fragment F on __Type { name fields { name args { name } } }`, 5000, 18_000},
		{"fields 60 times", `{ __schema { types { ` + aliases(60, "fields { name description }") + `} } }`, 0, 0},
		{"fields of one type 20 times", `{ __type(name: "Mutation") { ` + aliases(20, "fields { name args { name description } }") + `} }`, 3000, 15_000},
		{"fields of possible types", `{ __type(name: "Node") { possibleTypes { ` + aliases(60, "fields { name args { name } }") + `} } }`, 0, 0},
	} {
		_, text, err := e.Send(t.Context(), e.As("C01"), fmt.Appendf(nil, `{"query":%q}`, strings.Join(strings.Fields(c.query), " ")))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Errors     []struct{ Extensions struct{ Code string } }
			Extensions struct{ Cost struct{ Requested int } }
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		switch cost := got.Extensions.Cost.Requested; {
		case c.most == 0 && (len(got.Errors) == 0 || got.Errors[0].Extensions.Code != "COMPLEXITY_LIMIT_EXCEEDED"):
			t.Errorf("%s: got %.200s, want COMPLEXITY_LIMIT_EXCEEDED", c.claim, text)
		case cost < c.least || cost > c.most:
			t.Errorf("%s: got %d points (%.200s), want %d to %d", c.claim, cost, text, c.least, c.most)
		}
	}
}

// TestDeferIsNotSupported checks that @defer is neither announced nor applied: answers come whole.
func TestDeferIsNotSupported(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	var got struct {
		Schema struct{ Directives []struct{ Name string } } `json:"__schema"`
	}
	e.Must(e.As("C01"), `{ __schema { directives { name } } }`, nil, &got)
	names := map[string]bool{}
	for _, d := range got.Schema.Directives {
		names[d.Name] = true
	}
	if names["defer"] || !names["include"] || !names["skip"] {
		t.Errorf("got %v", names)
	}
	for _, document := range []string{`{ ... @defer { me { role } } }`, `{ ...F @defer } fragment F on Query { me { role } }`} {
		if a := e.Ask(e.As("C01"), document, nil); a.Code() == "" {
			t.Errorf("%s: got %s, want a refusal", document, a.Data)
		}
	}
}

// TestHolderNames selects the name of every kind of holder without aliases.
func TestHolderNames(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Place("E6-1-1103")
	var got struct {
		Orders struct {
			Nodes []struct{ Holder struct{ Name string } }
		}
	}
	e.Must(e.As("C01"), `query ($c: ID!) { orders(communityId: $c) { nodes { holder { ... on Volunteer { name } ... on Supplier { name } } } } }`, obj{"c": e.Community}, &got)
	if len(got.Orders.Nodes) != 1 || got.Orders.Nodes[0].Holder.Name == "" {
		t.Errorf("got %+v", got)
	}
}
