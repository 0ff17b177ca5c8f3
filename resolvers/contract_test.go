package resolvers

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"baogong/graph"
)

func TestContract(t *testing.T) {
	t.Parallel()
	text := Contract()
	contract, err := gqlparser.LoadSchema(&ast.Source{Name: "contract", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("is the schema that answers", func(t *testing.T) {
		t.Parallel()
		if !sameSchema(contract, graph.NewExecutableSchema(graph.Config{}).Schema()) {
			t.Error("the contract is another schema than that of the server")
		}
	})
	t.Run("is every file", func(t *testing.T) {
		t.Parallel()
		files, err := filepath.Glob("../schema/*.graphql")
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in schema/: %v", err)
		}
		var sources []*ast.Source
		for _, name := range append([]string{"../schema.graphql"}, files...) {
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, &ast.Source{Name: name, Input: string(file)})
		}
		whole, err := gqlparser.LoadSchema(sources...)
		if err != nil {
			t.Fatal(err)
		}
		if !sameSchema(contract, whole) {
			t.Error("the contract and the files differ; run go generate ./...")
		}
	})
	t.Run("begins with the conventions, then the core", func(t *testing.T) {
		t.Parallel()
		at := -1
		for _, part := range []string{"Baogong (保供) carries the orders", "scalar DateTime", "type Query {", "enum Stage {", "type Order implements Node {", "input RedeemCodeInput {"} {
			next := strings.Index(text, part)
			if next <= at {
				t.Errorf("%q is at %d, want it after %d", part, next, at)
			}
			at = next
		}
		if strings.Contains(text, "extend ") {
			t.Error("the contract extends a type; want its fields inside the type")
		}
	})
}

// sameSchema reports whether two schemas are equal but for the order of their parts.
func sameSchema(a, b *ast.Schema) bool {
	return a.Description == b.Description && sorted(a) == sorted(b)
}

// sorted formats a schema with its types and their fields in alphabetical order.
func sorted(s *ast.Schema) string {
	ordered := *s
	ordered.Types = map[string]*ast.Definition{}
	for name, d := range s.Types {
		of := *d
		of.Fields = slices.SortedFunc(slices.Values(d.Fields), func(a, b *ast.FieldDefinition) int { return cmp.Compare(a.Name, b.Name) })
		ordered.Types[name] = &of
	}
	var out strings.Builder
	formatter.NewFormatter(&out).FormatSchema(&ordered)
	return out.String()
}
