package answer

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/delivery"
)

// TestValidationInChinese provokes every rule of validation, and asks for each message in Chinese.
func TestValidationInChinese(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		directive @oneOf on INPUT_OBJECT
		type Query { a(n: Int, b: Boolean, s: String, f: Float, i: ID, e: E, o: O, one: One, need: [Int!]): A!, u: U, c: String }
		type A { x: Int!, a: A }
		type B { x: String }
		union U = A | B
		enum E { RED GREEN }
		input O { n: Int!, s: String = "x" }
		input One @oneOf { a: Int, b: Int }
		type Subscription { s: Int, t: Int }
	`})
	provoked := map[string]string{
		"FieldsOnCorrectType":          `{ nope } | { a { xx } } | { u { x } }`,
		"FragmentsOnCompositeTypes":    `{ ...F } fragment F on E { x } | { ... on E { x } }`,
		"KnownArgumentNames":           `{ a(m: 1) { x } } | { c @include(when: true) }`,
		"KnownDirectives":              `{ c @nope } | query @include(if: true) { c }`,
		"KnownFragmentNames":           `{ ...F }`,
		"KnownRootType":                `mutation { c }`,
		"KnownTypeNames":               `query($a: Nope) { c } | { ... on QueryX { c } }`,
		"LoneAnonymousOperation":       `{ c } { c }`,
		"MaxIntrospectionDepth":        `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
		"NoFragmentCycles":             `{ ...F } fragment F on Query { ...F } | { ...F } fragment F on Query { ...G } fragment G on Query { ...F }`,
		"NoUndefinedVariables":         `{ a(n: $n) { x } } | query Q { a(n: $n) { x } }`,
		"NoUnusedFragments":            `{ c } fragment F on Query { c }`,
		"NoUnusedVariables":            `query($n: Int) { c } | query Q($n: Int) { c }`,
		"OverlappingFieldsCanBeMerged": `{ c: u { __typename } c } | { u { ... on A { x } ... on B { x } } } | { a(n: 1) { x } a(n: 2) { x } }`,
		"PossibleFragmentSpreads":      `{ ... on A { x } } | { ...F } fragment F on A { x }`,
		"ProvidedRequiredArguments":    `{ c @include }`,
		"ScalarLeafs":                  `{ c { x } } | { a }`,
		"SingleFieldSubscriptions":     `subscription { s t } | subscription S { s t } | subscription { __typename } | subscription S { __typename }`,
		"UniqueArgumentNames":          `{ a(n: 1, n: 2) { x } }`,
		"UniqueDirectivesPerLocation":  `{ c @include(if: true) @include(if: true) }`,
		"UniqueFragmentNames":          `{ ...F } fragment F on Query { c } fragment F on Query { c }`,
		"UniqueInputFieldNames":        `{ a(o: {n: 1, n: 2}) { x } }`,
		"UniqueOperationNames":         `query Q { c } query Q { c }`,
		"UniqueVariableNames":          `query($n: Int, $n: Int) { a(n: $n) { x } }`,
		"ValuesOfCorrectType": `{ a(n: "x") { x } } | { a(n: 2.5) { x } } | { a(n: 3000000000000000000000) { x } } | { a(b: 1) { x } } | { a(s: 1) { x } } | { a(f: "x") { x } } | { a(i: 2.5) { x } } ` +
			`| { a(e: "RED") { x } } | { a(e: BLUE) { x } } | { a(e: REDD) { x } } | { a(e: 1) { x } } | { a(o: {}) { x } } | { a(o: {n: 1, m: 2}) { x } } | { a(o: 1) { x } } | { a(need: [null]) { x } } | { a(one: {}) { x } } | { a(one: {a: null}) { x } } | { a(n: RED) { x } }`,
		"VariablesAreInputTypes":     `query($a: A) { c }`,
		"VariablesInAllowedPosition": `query($s: String) { a(n: $s) { x } } | query($n: Int) { a(one: {a: $n}) { x } }`,
	}
	for name := range rules.NewDefaultRules().GetInner() {
		documents, ok := provoked[name]
		if !ok {
			t.Errorf("no document provokes %s: write one, and put its messages into words.go", name)
			continue
		}
		for document := range strings.SplitSeq(documents, " | ") {
			parsed, err := parser.ParseQuery(&ast.Source{Input: document})
			if err != nil {
				t.Fatalf("%s: %v", document, err)
			}
			found := validator.ValidateWithRules(schema, parsed, nil)
			if name == "OverlappingFieldsCanBeMerged" {
				overlaps, _ := overlapping(schema, parsed)
				if overlaps == nil || len(found) == 0 {
					t.Errorf("%s: got %v of ours, %v of gqlparser's", document, overlaps, found)
					continue
				}
				found = gqlerror.List{{Rule: name, Message: overlaps.Message}}
			}
			hit := false
			for _, e := range found {
				hit = hit || e.Rule == name || strings.HasPrefix(e.Rule, name)
				said := inLocale(e, delivery.Chinese).Message
				if strings.HasPrefix(said, unknownMessage) || !strings.ContainsAny(said, "。") || strings.Contains(said, "%") {
					t.Errorf("%s: %q is %q in Chinese", document, e.Message, said)
				}
			}
			if !hit {
				t.Errorf("%s: provokes %v, want %s", document, found, name)
			}
		}
	}
	for _, document := range []string{"{", "{ a(", "{ c }}", "query {", "{ c 'x' }", `{ a(s: "x`, `{ a(s: "\q") { x } }`, "{ a(n: 01) { x } }", "{ a(n: 1.) { x } }", "{ \x01 }", "?", `{ a(s: "` + "\x01" + `") { x } }`} {
		_, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: document}, 20)
		if err == nil {
			t.Errorf("%q: no error", document)
			continue
		}
		if said := inChinese(err.(*gqlerror.Error).Message); strings.HasPrefix(said, unknownMessage) || strings.Contains(said, "%") {
			t.Errorf("%q: %v is %q in Chinese", document, err, said)
		}
	}
}
