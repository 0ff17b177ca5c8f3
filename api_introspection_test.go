package main

import (
	"encoding/json"
	"testing"
)

// TestIntrospectionByKind asks every kind of type for what only other kinds have: null, and not an empty list.
func TestIntrospectionByKind(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
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
		e.must(e.as("C01"), `query ($n: String!) { __type(name: $n) { `+lists+` } }`, obj{"n": name}, &got)
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
	e.must(e.as("C01"), `{ __type(name: "Order") { fields { type { kind fields { name } } } } }`, nil, &wrapped)
	for _, f := range wrapped.Type.Fields {
		if f.Type.Kind == "NON_NULL" && string(f.Type.Fields) != "null" {
			t.Errorf("fields of a NON_NULL type: got %s, want null", f.Type.Fields)
		}
	}
}

// TestDeferIsNotThere checks that @defer is neither announced nor taken: answers come whole.
func TestDeferIsNotThere(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var got struct {
		Schema struct{ Directives []struct{ Name string } } `json:"__schema"`
	}
	e.must(e.as("C01"), `{ __schema { directives { name } } }`, nil, &got)
	names := map[string]bool{}
	for _, d := range got.Schema.Directives {
		names[d.Name] = true
	}
	if names["defer"] || !names["include"] || !names["skip"] {
		t.Errorf("got %v", names)
	}
	for _, document := range []string{`{ ... @defer { me { role } } }`, `{ ...F @defer } fragment F on Query { me { role } }`} {
		if a := e.ask(e.as("C01"), document, nil); a.code() == "" {
			t.Errorf("%s: got %s, want a refusal", document, a.Data)
		}
	}
}

// TestHolderNames selects the name of any holder without aliases.
func TestHolderNames(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.place("E6-1-1103")
	var got struct {
		Orders struct {
			Nodes []struct{ Holder struct{ Name string } }
		}
	}
	e.must(e.as("C01"), `query ($c: ID!) { orders(communityId: $c) { nodes { holder { ... on Volunteer { name } ... on Supplier { name } } } } }`, obj{"c": e.community}, &got)
	if len(got.Orders.Nodes) != 1 || got.Orders.Nodes[0].Holder.Name == "" {
		t.Errorf("got %+v", got)
	}
}
