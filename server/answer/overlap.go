package answer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// overlap checks that fields with the same response name can be merged (specification, 5.3.2). It takes time in proportion to
// the document's size times its depth. gqlparser compares every pair of such fields instead: 9 KB of one repeated field cost
// 120 ms. Following graphql-java, overlap looks at all fields of a name together. They must have one shape, and fields that
// can apply to the same object must be the same field with equal arguments. Their selections are then merged and checked the
// same way.
//
// The document must pass all other rules first.
type overlap struct {
	schema *ast.Schema
	doc    *ast.QueryDocument
	budget int // fields that may still be visited; the document is refused at 0
	err    *gqlerror.Error
}

// mergeable is how many fields overlap visits at most: about a hundred times as many as a document of 1,500 tokens without
// repeated fields needs.
const mergeable = 50_000

// overlapping returns the error to show for the first fields that cannot be merged. checked is false if the document needs
// more visits than mergeable.
func overlapping(schema *ast.Schema, doc *ast.QueryDocument) (err *gqlerror.Error, checked bool) {
	o := overlap{schema: schema, doc: doc, budget: mergeable}
	for _, op := range doc.Operations {
		o.shapes([]ast.SelectionSet{op.SelectionSet})
		o.meet([]ast.SelectionSet{op.SelectionSet})
	}
	return o.err, o.budget > 0
}

// collect groups the fields of selections by response name, in document order. It visits each fragment once.
func (o *overlap) collect(sets []ast.SelectionSet) [][]*ast.Field {
	var groups [][]*ast.Field
	index, spread := map[string]int{}, map[string]bool{}
	var add func(ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, selection := range set {
			if o.budget--; o.budget <= 0 || o.err != nil {
				return
			}
			switch s := selection.(type) {
			case *ast.Field:
				i, known := index[s.Alias]
				if !known {
					i = len(groups)
					index[s.Alias] = i
					groups = append(groups, nil)
				}
				groups[i] = append(groups[i], s)
			case *ast.InlineFragment:
				add(s.SelectionSet)
			case *ast.FragmentSpread:
				if f := o.doc.Fragments.ForName(s.Name); f != nil && !spread[s.Name] {
					spread[s.Name] = true
					add(f.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		add(set)
	}
	return groups
}

func below(fields []*ast.Field) (sets []ast.SelectionSet) {
	for _, f := range fields {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	return sets
}

// shapes checks that all fields of one response name have one shape, on any type.
func (o *overlap) shapes(sets []ast.SelectionSet) {
	for _, fields := range o.collect(sets) {
		first := fields[0]
		for _, f := range fields[1:] {
			if !sameShape(o.schema, first.Definition.Type, f.Definition.Type) {
				o.conflict(first, f, fmt.Sprintf("they return conflicting types %q and %q", first.Definition.Type, f.Definition.Type))
			}
		}
		if next := below(fields); len(next) > 0 && o.err == nil {
			o.shapes(next)
		}
	}
}

// meet checks that fields of one response name are the same field if they can apply to the same object.
func (o *overlap) meet(sets []ast.SelectionSet) {
	for _, fields := range o.collect(sets) {
		for _, group := range meeting(fields) {
			first := group[0]
			arguments := argumentsOf(first)
			for _, f := range group[1:] {
				switch {
				case f.Name != first.Name:
					o.conflict(first, f, fmt.Sprintf("%q and %q are different fields", first.Name, f.Name))
				case argumentsOf(f) != arguments:
					o.conflict(first, f, "they have differing arguments")
				}
			}
			if next := below(group); len(next) > 0 && o.err == nil {
				o.meet(next)
			}
		}
	}
}

// meeting groups fields by their parent object type. Fields of interfaces and unions join every group.
func meeting(fields []*ast.Field) [][]*ast.Field {
	objects := map[string][]*ast.Field{}
	var names []string
	var anywhere []*ast.Field
	for _, f := range fields {
		if parent := f.ObjectDefinition; parent == nil || parent.IsAbstractType() {
			anywhere = append(anywhere, f)
		} else {
			if objects[parent.Name] == nil {
				names = append(names, parent.Name)
			}
			objects[parent.Name] = append(objects[parent.Name], f)
		}
	}
	if len(names) == 0 {
		return [][]*ast.Field{anywhere}
	}
	groups := make([][]*ast.Field, len(names))
	for i, name := range names {
		groups[i] = slices.Concat(anywhere, objects[name])
	}
	return groups
}

// argumentsOf formats a field's arguments, sorted by name.
func argumentsOf(f *ast.Field) string {
	switch len(f.Arguments) {
	case 0:
		return ""
	case 1:
		return f.Arguments[0].Name + ":" + f.Arguments[0].Value.String()
	}
	parts := make([]string, len(f.Arguments))
	for i, a := range f.Arguments {
		parts[i] = a.Name + ":" + a.Value.String()
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// sameShape reports whether both types have the same list and non-null wrappers around the same scalar or enum, or around
// objects.
func sameShape(schema *ast.Schema, a, b *ast.Type) bool {
	for {
		switch {
		case a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil):
			return false
		case a.Elem != nil:
			a, b = a.Elem, b.Elem
			continue
		}
		x, y := schema.Types[a.NamedType], schema.Types[b.NamedType]
		return a.NamedType == b.NamedType || x.IsCompositeType() && y.IsCompositeType()
	}
}

func (o *overlap) conflict(a, b *ast.Field, why string) {
	if o.err == nil {
		o.err = gqlerror.ErrorPosf(b.Position, "Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", a.Alias, why)
	}
}
