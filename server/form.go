package server

import (
	"encoding/json"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"baogong/delivery"
)

// form is what the server knows of a subscription's document for sharing its execution.
type form struct {
	source   string // of the document
	text     string // the same, whatever spaces, commas and comments it was written with
	after    string // the variable that says where to go on, "" if there is none
	prompt   bool   // answers wait for nothing
	personal bool   // something that is selected depends on the person

	plan func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool) // nil where the executor makes every answer
}

// resuming is the argument that says where a subscription goes on. Whoever comes back gives another one and is
// answered the same from there on.
const resuming = "after"

// formOf reads the form of an operation that is a subscription.
func (s *Server) formOf(op *graphql.OperationContext) form {
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("")).FormatQueryDocument(op.Doc)
	f := form{source: op.RawQuery, text: text.String()}
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, nil)
	if len(fields) != 1 {
		return f // refused by the executor
	}
	root := fields[0]
	if a := root.Arguments.ForName(resuming); a != nil && a.Value.Kind == ast.Variable && mentions(f.text, a.Value.Raw) == 2 {
		f.after = a.Value.Raw
	}
	f.prompt, f.personal = s.opt.Prompt[root.Name], s.personal(op.Operation.SelectionSet, map[string]bool{})
	if s.opt.Plan != nil && f.prompt {
		f.plan = s.opt.Plan(op)
	}
	return f
}

// variables are those of an operation that its answers depend on, as JSON.
func (f form) variables(all map[string]any) string {
	some := make(map[string]any, len(all))
	for name, value := range all {
		if name != f.after {
			some[name] = value
		}
	}
	text, err := json.Marshal(some) // sorted by name
	if err != nil {                 // of values that came as JSON
		panic(err)
	}
	return string(text)
}

// personal reports that a selection holds a field that depends on the person.
func (s *Server) personal(set ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range set {
		switch x := selection.(type) {
		case *ast.Field:
			if x.ObjectDefinition != nil && s.opt.Personal[x.ObjectDefinition.Name+"."+x.Name] || s.personal(x.SelectionSet, seen) {
				return true
			}
		case *ast.InlineFragment:
			if s.personal(x.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if seen[x.Name] || x.Definition == nil {
				continue
			}
			if seen[x.Name] = true; s.personal(x.Definition.SelectionSet, seen) {
				return true
			}
		}
	}
	return false
}

// mentions counts where a text names a variable: where it is declared, and where it is used.
func mentions(text, variable string) (n int) {
	for {
		_, rest, found := strings.Cut(text, "$"+variable)
		if !found {
			return n
		}
		if rest == "" || !strings.ContainsRune(nameRunes, rune(rest[0])) {
			n++
		}
		text = rest
	}
}

const nameRunes = "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
