package resolvers

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// Every list of objects has a price: its page, its arguments, or an estimate.
func TestItemsKnowsEveryList(t *testing.T) {
	t.Parallel()
	schema := (&Resolver{}).Schema().Schema()
	for _, object := range schema.Types {
		if object.Kind != ast.Object || object.BuiltIn {
			continue
		}
		for _, field := range object.Fields {
			of := schema.Types[field.Type.Name()]
			if field.Type.Elem == nil || of.Kind == ast.Scalar || of.Kind == ast.Enum || of.BuiltIn || len(field.Arguments) > 0 {
				continue
			}
			if ListLengths[object.Name+"."+field.Name] == 0 && ListLengths[field.Name] == 0 {
				t.Errorf("Items does not say how many %s.%s holds", object.Name, field.Name)
			}
		}
	}
}

// Every root field has a row, every row names a field, and every page has the size by which its price is multiplied.
func TestEveryRootFieldHasAPrice(t *testing.T) {
	t.Parallel()
	schema := (&Resolver{}).Schema().Schema()
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			if _, ok := Prices[root.Name+"."+field.Name]; !ok && !strings.HasPrefix(field.Name, "__") {
				t.Errorf("Points does not say what %s.%s costs", root.Name, field.Name)
			}
		}
	}
	for key := range Prices {
		object, rest, _ := strings.Cut(strings.TrimSuffix(key, "[]"), ".")
		name, _, _ := strings.Cut(rest, "(")
		if def := schema.Types[object]; def == nil || def.Fields.ForName(name) == nil || !hasArgument(schema, def.Fields.ForName(name), rest) {
			t.Errorf("Points names %s, which the schema does not have", key)
		}
	}
	for _, object := range schema.Types {
		for _, field := range object.Fields {
			if strings.HasSuffix(field.Type.Name(), "Connection") && field.Arguments.ForName("first") == nil {
				t.Errorf("%s.%s is a page without first", object.Name, field.Name)
			}
		}
	}
}

// hasArgument reports whether a field has the argument that a key names in brackets, or the member of it.
func hasArgument(schema *ast.Schema, field *ast.FieldDefinition, key string) bool {
	_, path, ok := strings.Cut(key, "(")
	if !ok {
		return true
	}
	path, _, _ = strings.Cut(strings.TrimSuffix(path, ")"), ":")
	first, rest, deeper := strings.Cut(path, ".")
	argument := field.Arguments.ForName(first)
	if argument == nil || !deeper {
		return argument != nil
	}
	of := schema.Types[argument.Type.Name()]
	return of != nil && of.Fields.ForName(rest) != nil
}
