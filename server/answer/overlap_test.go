package answer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"pgregory.net/rapid"
)

var overlapSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { n: N, a: A, b: B, u: U }
	interface N { n: N, x(k: Int): Int, y: String }
	type A implements N { n: N, a: A, x(k: Int): Int, y: String, z: Int, list: [Int], must: Int! }
	type B implements N { n: N, b: B, x(k: Int): Int, y: String, z: String, list: [Int!], must: Int! }
	union U = A | B
`})

// TestOverlap compares the verdict on random documents with gqlparser's, which compares every pair of fields.
func TestOverlap(t *testing.T) {
	t.Parallel()
	pairs := rules.NewRules(rules.OverlappingFieldsCanBeMergedRule)
	others := rules.NewDefaultRules()
	others.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	others.RemoveRule(rules.NoUnusedFragmentsRule.Name)
	clashes := 0
	rapid.Check(t, func(t *rapid.T) {
		fragments := []string{"FA", "FB", "FN"}
		fits := map[string][]string{"Query": {"Query"}, "A": {"A", "N", "U"}, "B": {"B", "N", "U"}, "N": {"A", "B", "N", "U"}, "U": {"A", "B", "N", "U"}}
		var selection func(on string, depth, spread int) string // spreads the fragments from spread on: so there are no cycles
		selection = func(on string, depth, spread int) string {
			var b strings.Builder
			b.WriteString("{ ")
			for range rapid.IntRange(1, 3).Draw(t, "fields") {
				def := overlapSchema.Types[on]
				kind := rapid.IntRange(0, 9).Draw(t, "kind")
				switch {
				case kind < 2 && depth < 4:
					to := rapid.SampledFrom(fits[on]).Draw(t, "on")
					fmt.Fprintf(&b, "... on %s %s ", to, selection(to, depth+1, spread))
				case kind < 5 && on != "Query" && spread < len(fragments):
					f := rapid.SampledFrom(fragments[spread:]).Draw(t, "fragment")
					if slices.Contains(fits[on], f[1:]) {
						fmt.Fprintf(&b, "...%s ", f)
					}
				case def.Kind == ast.Union:
					b.WriteString("__typename ")
				default:
					f := def.Fields[rapid.IntRange(0, len(def.Fields)-1).Draw(t, "field")]
					if strings.HasPrefix(f.Name, "__") {
						continue
					}
					name := f.Name
					if rapid.Bool().Draw(t, "aliased") {
						name = rapid.SampledFrom([]string{"p", "q", "x"}).Draw(t, "alias") + ": " + name
					}
					if len(f.Arguments) > 0 && rapid.Bool().Draw(t, "argued") {
						name += fmt.Sprintf("(k: %d)", rapid.IntRange(1, 2).Draw(t, "k"))
					}
					b.WriteString(name + " ")
					if overlapSchema.Types[f.Type.Name()].IsCompositeType() {
						if depth > 4 {
							b.WriteString("{ __typename } ")
						} else {
							b.WriteString(selection(f.Type.Name(), depth+1, spread))
						}
					}
				}
			}
			b.WriteString("__typename } ")
			return b.String()
		}
		document := "query P { n { ...FA ...FB ...FN } } query Q " + selection("Query", 0, 0)
		for i, f := range fragments {
			document += "fragment " + f + " on " + f[1:] + " " + selection(f[1:], 2, i+1)
		}
		parsed, err := parser.ParseQuery(&ast.Source{Input: document})
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		if len(validator.ValidateWithRules(overlapSchema, parsed, others)) > 0 {
			t.Skip("not valid otherwise")
		}
		want := validator.ValidateWithRules(overlapSchema, parsed, pairs)
		got, checked := overlapping(overlapSchema, parsed)
		if !checked {
			t.Fatalf("%s: not checked", document)
		}
		if got != nil {
			clashes++
		}
		if (got != nil) != (len(want) > 0) {
			t.Fatalf("%s\ngot %v, want %v", document, got, want)
		}
	})
	if clashes == 0 {
		t.Error("no document had a clash")
	}
}
