package answer

import (
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// field returns the path as refusals carry it in extensions.field: without the word "variable", with indexes as text.
func (p inputPath) field() []string {
	if len(p) > 1 && p[0] == "variable" {
		p = p[1:]
	}
	out := make([]string, len(p))
	for i, part := range p {
		switch part := part.(type) {
		case string:
			out[i] = part
		case int:
			out[i] = strconv.Itoa(part)
		}
	}
	return out
}

// located adds extensions.field to the errors of validation about values. Validation gives only a line and a column.
func located(doc *ast.QueryDocument, errs gqlerror.List) {
	for _, err := range errs {
		if err.Rule != rules.ValuesOfCorrectTypeRule.Name || len(err.Locations) == 0 {
			continue
		}
		if at := (search{err.Locations[0]}).document(doc); at != nil {
			err.Extensions["field"] = at.field()
		}
	}
}

// search finds the path of the value that begins at a location. Its methods return nil for no such value.
type search struct{ gqlerror.Location }

func (s search) document(doc *ast.QueryDocument) inputPath {
	for _, op := range doc.Operations {
		for _, v := range op.VariableDefinitions {
			if at := s.value(v.DefaultValue, inputPath{"variable", v.Variable}); at != nil {
				return at
			}
			if at := s.directives(v.Directives); at != nil {
				return at
			}
		}
		if at := s.selections(op.Directives, op.SelectionSet); at != nil {
			return at
		}
	}
	for _, f := range doc.Fragments {
		if at := s.selections(f.Directives, f.SelectionSet); at != nil {
			return at
		}
	}
	return nil
}

func (s search) selections(directives ast.DirectiveList, set ast.SelectionSet) (at inputPath) {
	if at = s.directives(directives); at != nil {
		return at
	}
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if at = s.arguments(selection.Arguments); at == nil {
				at = s.selections(selection.Directives, selection.SelectionSet)
			}
		case *ast.InlineFragment:
			at = s.selections(selection.Directives, selection.SelectionSet)
		case *ast.FragmentSpread:
			at = s.directives(selection.Directives)
		}
		if at != nil {
			return at
		}
	}
	return nil
}

func (s search) directives(list ast.DirectiveList) inputPath {
	for _, d := range list {
		if at := s.arguments(d.Arguments); at != nil {
			return at
		}
	}
	return nil
}

func (s search) arguments(list ast.ArgumentList) inputPath {
	for _, a := range list {
		if at := s.value(a.Value, inputPath{a.Name}); at != nil {
			return at
		}
	}
	return nil
}

func (s search) value(v *ast.Value, at inputPath) inputPath {
	if v == nil {
		return nil
	}
	if s.begins(v.Position) {
		return at
	}
	for i, child := range v.Children {
		var step any = i
		if v.Kind == ast.ObjectValue {
			step = child.Name
		}
		below := append(slices.Clip(at), step)
		if s.begins(child.Position) { // validation reports an unknown member at its name
			return below
		}
		if found := s.value(child.Value, below); found != nil {
			return found
		}
	}
	return nil
}

func (s search) begins(at *ast.Position) bool {
	return at != nil && at.Line == s.Line && at.Column == s.Column
}
