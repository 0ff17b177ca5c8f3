package answer

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// nullableUse is a nullable variable in a non-null position of an operation. Validation allows it if the variable has a default;
// at run time the specification refuses null there.
type nullableUse struct {
	variable string
	expected *ast.Type
	position *ast.Position
}

// check refuses null for variables in non-null positions.
func (c coercer) check(usages []nullableUse, variables map[string]any) *gqlerror.Error {
	for _, u := range usages {
		if value, there := variables[u.variable]; there && value == nil {
			return c.wrong(inputPath{"variable", u.variable}, u.expected, "null", u.position)
		}
	}
	return nil
}

// inputs walks the arguments of an operation's fields and directives, after validation. It visits each fragment once.
type inputs struct {
	c         coercer
	doc       *ast.QueryDocument
	nullable  map[string]bool // variables of the operation whose type allows null
	fragments map[string]bool
	usages    []nullableUse
	err       *gqlerror.Error // for the first constant that a custom scalar refuses
}

// usagesOf lists the places to check in an operation. It fails with the error to show for a literal that its custom scalar
// refuses, since validation does not check those.
func (c coercer) usagesOf(doc *ast.QueryDocument, op *ast.OperationDefinition) ([]nullableUse, *gqlerror.Error) {
	in := inputs{c: c, doc: doc, nullable: map[string]bool{}, fragments: map[string]bool{}}
	for _, v := range op.VariableDefinitions {
		if !v.Type.NonNull {
			in.nullable[v.Variable] = true
		}
		if v.DefaultValue != nil {
			in.value(v.Type, v.DefaultValue, inputPath{"variable", v.Variable})
		}
		in.directives(v.Directives)
	}
	in.directives(op.Directives)
	in.selections(op.SelectionSet)
	return in.usages, in.err
}

func (in *inputs) selections(set ast.SelectionSet) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			in.directives(s.Directives)
			if s.Definition != nil {
				in.arguments(s.Definition.Arguments, s.Arguments)
			}
			in.selections(s.SelectionSet)
		case *ast.InlineFragment:
			in.directives(s.Directives)
			in.selections(s.SelectionSet)
		case *ast.FragmentSpread:
			in.directives(s.Directives)
			if f := in.doc.Fragments.ForName(s.Name); f != nil && !in.fragments[s.Name] {
				in.fragments[s.Name] = true
				in.directives(f.Directives)
				in.selections(f.SelectionSet)
			}
		}
	}
}

func (in *inputs) directives(list ast.DirectiveList) {
	for _, d := range list {
		if d.Definition != nil {
			in.arguments(d.Definition.Arguments, d.Arguments)
		}
	}
}

func (in *inputs) arguments(definitions ast.ArgumentDefinitionList, arguments ast.ArgumentList) {
	for _, a := range arguments {
		if def := definitions.ForName(a.Name); def != nil {
			in.value(def.Type, a.Value, inputPath{a.Name})
		}
	}
}

// value visits one value in a position of type t.
func (in *inputs) value(t *ast.Type, v *ast.Value, at inputPath) {
	switch {
	case v.Kind == ast.Variable:
		if t.NonNull && in.nullable[v.Raw] {
			in.usages = append(in.usages, nullableUse{v.Raw, t, v.Position})
		}
	case v.Kind == ast.ListValue && t.Elem != nil:
		for i, child := range v.Children {
			in.value(t.Elem, child.Value, append(slices.Clip(at), i))
		}
	case v.Kind == ast.ObjectValue && t.Elem == nil && in.c.schema.Types[t.NamedType].Kind == ast.InputObject:
		def := in.c.schema.Types[t.NamedType]
		for _, child := range v.Children {
			if field := def.Fields.ForName(child.Name); field != nil {
				in.value(field.Type, child.Value, append(slices.Clip(at), child.Name))
			}
		}
	case t.Elem != nil && v.Kind != ast.NullValue: // a single value coerces to a list of one
		in.value(t.Elem, v, at)
	case in.err == nil:
		if _, err := in.c.literal(t, v, at); err != nil {
			err.Locations = locationsOf(v.Position)
			in.err = err
		}
	}
}
