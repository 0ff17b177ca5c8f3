package resolvers

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"baogong/graph"
)

// Contract returns the whole schema as one document, as its files are written: schema.graphql, then the files of schema/ by
// name. The fields of an `extend type` are merged into the type.
var Contract = sync.OnceValue(func() string {
	text := ""
	for _, file := range files(graph.NewExecutableSchema(graph.Config{}).Schema()) {
		rest := extension.ReplaceAllStringFunc(file.Input, func(extend string) string {
			m := extension.FindStringSubmatch(extend)
			text = insert(text, m[1], m[2])
			return ""
		})
		text += "\n" + rest
	}
	return strings.TrimLeft(text, "\n")
})

var extension = regexp.MustCompile(`(?ms)^extend type (\w+) \{\n(.*?)^\}\n\n?`)

// insert appends fields to the type of the name.
func insert(text, name, fields string) string {
	head := regexp.MustCompile(`\ntype ` + name + `( implements [^{]*)? \{\n`).FindStringIndex(text)
	if head == nil {
		return text + "\nextend type " + name + " {\n" + fields + "}\n"
	}
	end := head[0] + strings.Index(text[head[0]:], "\n}\n") + 1
	return text[:end] + fields + text[end:]
}

// files returns the files of a schema, those at the root first.
func files(s *ast.Schema) []*ast.Source {
	named := map[string]*ast.Source{}
	for _, d := range s.Types {
		if !d.BuiltIn {
			named[d.Position.Src.Name] = d.Position.Src
			for _, f := range d.Fields { // a file may only extend types
				if f.Position != nil {
					named[f.Position.Src.Name] = f.Position.Src
				}
			}
		}
	}
	return slices.SortedFunc(maps.Values(named), func(a, b *ast.Source) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Name, "/"), strings.Count(b.Name, "/")), cmp.Compare(a.Name, b.Name))
	})
}
