package resolvers

import (
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
			if Items[object.Name+"."+field.Name] == 0 && Items[field.Name] == 0 {
				t.Errorf("Items does not say how many %s.%s holds", object.Name, field.Name)
			}
		}
	}
}
