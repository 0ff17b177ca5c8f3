package api_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/e2e/house"
)

// promisedFields are the root fields that front ends are written against.
var promisedFields = map[ast.Operation][]string{
	ast.Query: {"me", "node", "nodes", "communities", "community", "buildings", "households", "volunteers", "suppliers", "order", "orders", "board"},
	ast.Mutation: {"placeOrder", "advanceOrders", "cancelOrder", "undoMove", "placeHold", "releaseHold",
		"createCommunities", "createBuildings", "createUnits", "createHouseholds", "createVolunteers", "createSuppliers",
		"updateCommunities", "updateBuildings", "updateUnits", "updateHouseholds", "updateVolunteers", "updateSuppliers"},
	ast.Subscription: {"order", "board", "orderEvents"},
}

// gqlgenCodes are the codes that gqlgen answers with by itself.
var gqlgenCodes = []string{errcode.ParseFailed, errcode.ValidationFailed, "COMPLEXITY_LIMIT_EXCEEDED"}

func TestSchemaDescribesEverything(t *testing.T) {
	t.Parallel()
	for _, name := range undescribed(house.ReadSchema(t)) {
		t.Errorf("%s is not described", name)
	}
}

func TestSchemaSaysHowRootFieldsFail(t *testing.T) {
	t.Parallel()
	for _, name := range silent(house.ReadSchema(t)) {
		t.Errorf("%s does not say with which codes it is refused", name)
	}
}

func TestSchemaHasThePromisedNames(t *testing.T) {
	t.Parallel()
	s := house.ReadSchema(t)
	for operation, names := range promisedFields {
		for _, name := range names {
			if root := rootOf(s, operation); root == nil || root.Fields.ForName(name) == nil {
				t.Errorf("there is no %s %s", operation, name)
			}
		}
	}
}

// The helpers of the checks above find what they should.
func TestSchemaChecksFindWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := house.SchemaOf(t, `
		directive @ours("Said enough." said: Int, bare: Int) on FIELD_DEFINITION
		"What can be read."
		type Query {
			"Many things. NOT_FOUND if there are none."
			told("Said enough." said: Int, bare: Int): Thing
			"Word"
			short: Letters
			"Fails with NOTHING_KNOWN, or a NOT_FOUNDLING."
			odd(input: Bare): Int
		}
		union Thing = Told
		"A thing that is told."
		type Told { bare: Int }
		"Some letters."
		enum Letters { "一" A "one" B C }
		input Bare { "Said enough." said: Int bare: Int }
		"Everything that can be refused."
		enum ErrorCode { "It is not there." NOT_FOUND }`)
	want := []string{"@ours", "@ours(bare)", "Bare", "Bare.bare", "Letters.B", "Letters.C", "Query.odd(input)", "Query.short", "Query.told(bare)", "Thing", "Told.bare"}
	if diff := cmp.Diff(want, undescribed(s)); diff != "" {
		t.Errorf("undescribed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Query.odd", "Query.short"}, silent(s)); diff != "" {
		t.Errorf("silent (-want +got):\n%s", diff)
	}
}

// undescribed names everything of ours that has no description of two words or more, sorted. For a value of an enum one
// word is enough if it is Chinese.
func undescribed(s *ast.Schema) (out []string) {
	check := func(description, format string, names ...any) {
		if len(strings.Fields(description)) < 2 {
			out = append(out, fmt.Sprintf(format, names...))
		}
	}
	for name, d := range s.Directives {
		if d.Position.Src.BuiltIn {
			continue
		}
		check(d.Description, "@%s", name)
		for _, a := range d.Arguments {
			check(a.Description, "@%s(%s)", name, a.Name)
		}
	}
	for name, d := range s.Types {
		if d.BuiltIn {
			continue
		}
		check(d.Description, "%s", name)
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			check(f.Description, "%s.%s", name, f.Name)
			for _, a := range f.Arguments {
				check(a.Description, "%s.%s(%s)", name, f.Name, a.Name)
			}
		}
		for _, v := range d.EnumValues {
			if !strings.ContainsFunc(v.Description, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				check(v.Description, "%s.%s", name, v.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

var codeWord = regexp.MustCompile(`\b[A-Z][A-Z_]+\b`)

// silent names the root fields whose description names no code, sorted.
func silent(s *ast.Schema) (out []string) {
	codes := slices.Clone(gqlgenCodes)
	for _, v := range s.Types["ErrorCode"].EnumValues {
		codes = append(codes, v.Name)
	}
	for _, root := range []*ast.Definition{s.Query, s.Mutation, s.Subscription} {
		if root == nil {
			continue
		}
		for _, f := range root.Fields {
			if !strings.HasPrefix(f.Name, "__") && !slices.ContainsFunc(codeWord.FindAllString(f.Description, -1), func(c string) bool { return slices.Contains(codes, c) }) {
				out = append(out, root.Name+"."+f.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

func rootOf(s *ast.Schema, operation ast.Operation) *ast.Definition {
	return map[ast.Operation]*ast.Definition{ast.Query: s.Query, ast.Mutation: s.Mutation, ast.Subscription: s.Subscription}[operation]
}

// TestAbstractTypesMerge checks that fields with the same name have one shape in all types of an interface or union, so that a
// document can select them without aliases.
func TestAbstractTypesMerge(t *testing.T) {
	t.Parallel()
	s := house.ReadSchema(t)
	leafShape := func(f *ast.FieldDefinition) string {
		if s.Types[f.Type.Name()].IsLeafType() {
			return f.Type.String()
		}
		return strings.ReplaceAll(f.Type.String(), f.Type.Name(), "object")
	}
	aliased := map[string]bool{"unit": true, "kind": true, "subjectId": true, "building": true}
	for _, abstract := range s.Types {
		if !abstract.IsAbstractType() {
			continue
		}
		shapes := map[string]string{}
		for _, possible := range s.GetPossibleTypes(abstract) {
			for _, f := range possible.Fields {
				// Order.unit is null for a LINK, who may not learn it: non-null, it would make the whole order null. Household.unit
				// is never null, and to make it nullable would break clients. Nouns have kinds of their own (Supplier.kind,
				// Incident.kind), an incident always has a subject (a code may have none) and not always a building. The schema says
				// how to select both.
				if abstract.Name == "Node" && aliased[f.Name] {
					continue
				}
				// The states of nouns are enums of their own: clients that select several through node give them aliases.
				if abstract.Name == "Node" && f.Name == "state" {
					continue
				}
				if shape, seen := shapes[f.Name]; seen && shape != leafShape(f) {
					t.Errorf("%s: %s is %s in %s, elsewhere %s", abstract.Name, f.Name, leafShape(f), possible.Name, shape)
				}
				shapes[f.Name] = leafShape(f)
			}
		}
	}
	for name := range aliased { // a description of each says so
		says := func(f *ast.FieldDefinition) bool { return f.Name == name && strings.Contains(f.Description, "alias") }
		if !slices.ContainsFunc(s.GetPossibleTypes(s.Types["Node"]), func(d *ast.Definition) bool { return slices.ContainsFunc(d.Fields, says) }) {
			t.Errorf("no description of a field %s says how to select it beside another of the name", name)
		}
	}
}

// TestUnitOfANode checks the way that Order.unit names for a document that selects both units through node.
func TestUnitOfANode(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	order := e.Place("E6-1-1203")
	const document = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { orderUnit: unit { number } } ... on Household { unit { number } } } }`
	var got struct {
		Nodes []struct{ OrderUnit, Unit struct{ Number int } }
	}
	e.Must("C01", document, obj{"ids": []string{order, e.Homes["E6-1-1203"]}}, &got)
	if len(got.Nodes) != 2 || got.Nodes[0].OrderUnit.Number != 1 || got.Nodes[1].Unit.Number != 1 {
		t.Errorf("got %+v", got)
	}
}

// TestAPIPageListsCodes checks that docs/api.md names every code that an error can have.
func TestAPIPageListsCodes(t *testing.T) {
	t.Parallel()
	_, errors, found := strings.Cut(house.PageText(t, "docs/api.md"), "\n## Errors\n")
	if !found {
		t.Fatal("docs/api.md does not tell of errors")
	}
	errors, _, _ = strings.Cut(errors, "\n## ")
	codes := slices.Clone(gqlgenCodes)
	for _, v := range house.ReadSchema(t).Types["ErrorCode"].EnumValues {
		codes = append(codes, v.Name)
	}
	for _, c := range codes {
		if !slices.Contains(codeWord.FindAllString(errors, -1), c) {
			t.Errorf("docs/api.md does not list %s", c)
		}
	}
}
