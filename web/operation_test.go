package web

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/resolvers"
)

var actors = []DeskActor{
	{Name: "C01", Role: "COMMANDER", About: "指挥部"},
	{Name: "S01", Role: "VOLUNTEER", About: "保供队员，E6"},
	{Name: "D01", Role: "VOLUNTEER", About: "值守，小区门口"},
	{Name: "Q01", Role: "VOLUNTEER", About: "电话台"},
	{Name: "yiyao", Role: "SUPPLIER", About: "药房"},
	{Name: "E6-1-1203", Role: "RESIDENT", About: "住户"},
}

func TestOperationsFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := mustSchema(t)
	ops := Filled(Operations(), map[string]string{"COMMUNITY_ID": "Y29tbXVuaXR5"})
	if len(ops) != 17 {
		t.Errorf("got %d operations, want 17", len(ops))
	}
	for _, op := range ops {
		t.Run(op.Name, func(t *testing.T) {
			doc, err := gqlparser.LoadQueryWithRules(schema, op.Query, rules.NewDefaultRules())
			if err != nil {
				t.Fatal(err)
			}
			var variables map[string]any
			if op.Variables != "" {
				if err := json.Unmarshal([]byte(op.Variables), &variables); err != nil {
					t.Fatalf("variables: %v", err)
				}
			}
			used := map[string]bool{}
			for _, o := range doc.Operations {
				if _, err := validator.VariableValues(schema, o, variables); err != nil {
					t.Errorf("variables of %s: %v", o.Name, err)
				}
				for _, v := range o.VariableDefinitions {
					used[v.Variable] = true
				}
			}
			for name := range variables {
				if !used[name] {
					t.Errorf("variable %s is used by no operation", name)
				}
			}
			if op.Title == "" || !strings.HasPrefix(op.Query, "# as: "+op.Actor+"\n") {
				t.Errorf("got title %q and actor %q for\n%s", op.Title, op.Actor, op.Query)
			}
			if !slices.ContainsFunc(actors, func(a DeskActor) bool { return a.Name == op.Actor }) {
				t.Errorf("the demonstration has no actor %s", op.Actor)
			}
		})
	}
}

func TestPlainOperationsFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := mustSchema(t)
	for i, op := range PlainOperations() {
		if _, err := gqlparser.LoadQueryWithRules(schema, op.Query, rules.NewDefaultRules()); err != nil {
			t.Errorf("%s: %v", op.Name, err)
		}
		if op.Actor != "" || strings.Contains(op.Query, "# as:") || regexp.MustCompile(`[A-Z]_ID`).MatchString(op.Variables) {
			t.Errorf("%s is about the demonstration: %s %s", op.Name, op.Query, op.Variables)
		}
		if needs := strings.Contains(op.Query, "$communityId"); needs != strings.Contains(op.Query, "First put the community's id") || needs != (i > 0) {
			t.Errorf("%s does not say where the community's id comes from: %s", op.Name, op.Query)
		}
	}
}

func TestFilled(t *testing.T) {
	t.Parallel()
	ops := Operations()
	before := slices.Clone(ops)
	after := Filled(ops, map[string]string{"COMMUNITY_ID": "abc", "ORDER_ID": "no name of a whole value"})
	if !slices.Equal(ops, before) {
		t.Error("the operations given were changed")
	}
	for i, op := range after {
		if got, want := op.Variables, strings.ReplaceAll(before[i].Variables, "COMMUNITY_ID", "abc"); got != want {
			t.Errorf("%s: got %s, want %s", op.Name, got, want)
		}
	}
}

func mustSchema(t *testing.T) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: resolvers.Contract()})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
