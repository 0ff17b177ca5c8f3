package house

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/resolvers"
)

// SchemaOf parses a schema.
func SchemaOf(t *testing.T, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ReadSchema is the schema that the program serves.
func ReadSchema(t *testing.T) *ast.Schema {
	t.Helper()
	return SchemaOf(t, resolvers.Contract())
}
