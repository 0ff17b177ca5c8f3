package answer

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"baogong/delivery"
)

// form holds the properties of a subscription's document that decide how its execution is shared.
type form struct {
	source    string // text of a document with this form
	shape     string // the selection in normal form: equal shapes give answers of equal bytes
	varies    bool   // the shape depends on variables, not on the document alone
	inline    bool   // answers wait for nothing
	perViewer bool   // something that is selected depends on the person
	null      string // the data of an answer whose root field failed; "" if the root field is nullable

	plan func(buffer []byte, value any, scope *delivery.Scope) ([]byte, bool) // nil where the executor makes every answer
}

// resuming is the argument with the cursor to resume from. Answers do not depend on it.
const resuming = "after"

// formOf computes the form of a subscription. It applies directives, expands fragments and merges repeated fields. So inert
// directives, names, white space and default values do not change the form. The order of fields and aliases do, since they
// change the bytes of the answers.
func (e *Executor) formOf(op *graphql.OperationContext) form {
	f := form{source: op.RawQuery, varies: varies(op.Operation.SelectionSet, true, map[string]bool{})}
	root := e.rootOf(op)
	if root == nil {
		return f // refused by the executor
	}
	w := shapes{op: op, schema: e.schema.Schema(), listed: e.opt.Rules.PerViewer, left: shapeFields}
	if w.field("", root); w.left < 0 { // too large to normalise: not shared
		w.text.Reset()
		formatter.NewFormatter(&w.text, formatter.WithIndent("")).FormatQueryDocument(op.Doc)
		f.shape, f.perViewer, f.inline = w.text.String(), true, e.opt.Rules.Inline[root.Name]
		f.null = nullOf(root)
		return f
	}
	f.shape = w.text.String()
	if known, ok := e.forms.get(f.shape); ok {
		known.source, known.varies = f.source, f.varies
		return known
	}
	f.inline, f.perViewer, f.null = e.opt.Rules.Inline[root.Name], w.perViewer, nullOf(root)
	if f.inline {
		f.plan = e.opt.Schema.Plan(op)
	}
	e.forms.put(f)
	return f
}

// form returns the form of an operation, computed once for each document unless it depends on the variables.
func (e *Executor) form(op *graphql.OperationContext) form {
	f := e.documents.form(op, e.formOf)
	if f.varies {
		source := f.source // one copy for all requests with the document
		f = e.formOf(op)
		f.source = source
	}
	return f
}

// rootOf returns the root field of a subscription, or nil unless there is exactly one.
func (e *Executor) rootOf(op *graphql.OperationContext) *graphql.CollectedField {
	roots := graphql.CollectFields(op, op.Operation.SelectionSet, []string{e.schema.Schema().Subscription.Name})
	if len(roots) != 1 {
		return nil
	}
	return &roots[0]
}

// nullOf returns the executor's data for a non-null root field that failed.
func nullOf(root *graphql.CollectedField) string {
	if root.Definition == nil || !root.Definition.Type.NonNull {
		return ""
	}
	return `{"` + root.Alias + `":null}`
}

// arguments encodes the arguments of a subscription's root field as JSON, without the cursor to resume from. Shape and
// arguments together determine the answers.
func (e *Executor) arguments(op *graphql.OperationContext) string {
	root := e.rootOf(op)
	if root == nil {
		return ""
	}
	values := root.ArgumentMap(op.Variables)
	delete(values, resuming)
	return encoded(values)
}

// encoded returns values as JSON, members sorted by name.
func encoded(values map[string]any) string {
	text, err := json.Marshal(values)
	if err != nil { // cannot happen: the values came from JSON or a document
		panic(err)
	}
	return string(text)
}

// shapeFields is the most fields of a selection that may be shared, counted after fragments are expanded for each type.
const shapeFields = 5000

// shapes writes the normal form of a selection.
type shapes struct {
	op        *graphql.OperationContext
	schema    *ast.Schema
	listed    map[string]bool // fields whose values depend on the viewer
	text      strings.Builder
	left      int
	perViewer bool
}

// field writes a field of an object. Object "" is the root, whose arguments are kept apart.
func (w *shapes) field(object string, f *graphql.CollectedField) {
	if w.left--; w.left < 0 {
		return
	}
	w.text.WriteString(f.Alias + ":" + f.Name)
	if object == "" {
		w.perViewer = w.listed[w.schema.Subscription.Name+"."+f.Name]
	} else {
		w.perViewer = w.perViewer || w.listed[object+"."+f.Name]
		if f.Definition != nil && len(f.Definition.Arguments) > 0 {
			w.text.WriteString("(" + encoded(f.ArgumentMap(w.op.Variables)) + ")")
		}
	}
	if f.Definition == nil || len(f.Selections) == 0 {
		w.text.WriteString(" ")
		return
	}
	def := w.schema.Types[f.Definition.Type.Name()]
	if def == nil || !def.IsAbstractType() {
		w.object(f.Definition.Type.Name(), f.Selections)
		return
	}
	possible := slices.Clone(w.schema.GetPossibleTypes(def))
	slices.SortFunc(possible, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	for _, one := range possible {
		w.text.WriteString("..." + one.Name)
		w.object(one.Name, f.Selections)
	}
}

func (w *shapes) object(name string, set ast.SelectionSet) {
	satisfied := []string{name}
	for _, abstract := range w.schema.Implements[name] {
		satisfied = append(satisfied, abstract.Name)
	}
	w.text.WriteString("{")
	fields := graphql.CollectFields(w.op, set, satisfied)
	for i := range fields {
		w.field(name, &fields[i])
	}
	w.text.WriteString("}")
}

// varies reports whether the selection, or an argument below the root, depends on a variable.
func varies(set ast.SelectionSet, root bool, seen map[string]bool) bool {
	for _, selection := range set {
		switch x := selection.(type) {
		case *ast.Field:
			if varied(x.Directives) || !root && variable(x.Arguments) || varies(x.SelectionSet, false, seen) {
				return true
			}
		case *ast.InlineFragment:
			if varied(x.Directives) || varies(x.SelectionSet, root, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if varied(x.Directives) {
				return true
			}
			if seen[x.Name] || x.Definition == nil {
				continue
			}
			if seen[x.Name] = true; varies(x.Definition.SelectionSet, root, seen) {
				return true
			}
		}
	}
	return false
}

func varied(directives ast.DirectiveList) bool {
	return slices.ContainsFunc(directives, func(d *ast.Directive) bool { return variable(d.Arguments) })
}

func variable(arguments ast.ArgumentList) bool {
	var in func(*ast.Value) bool
	in = func(v *ast.Value) bool {
		return v.Kind == ast.Variable || slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return in(c.Value) })
	}
	return slices.ContainsFunc(arguments, func(a *ast.Argument) bool { return in(a.Value) })
}

// forms caches forms by shape, so that documents of one shape share a plan. It has two generations; when the younger is full
// the older is dropped.
type forms struct {
	mu         sync.Mutex
	young, old map[string]form
	kept       int // bytes of text in young
}

const formsKept = 256 << 10

func (k *forms) get(shape string) (form, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := k.young[shape]
	if !ok {
		if f, ok = k.old[shape]; ok {
			k.add(f)
		}
	}
	return f, ok
}

func (k *forms) put(f form) {
	if len(f.shape) > documentsLength {
		return
	}
	f.source = "" // each caller sets its own
	k.mu.Lock()
	defer k.mu.Unlock()
	k.add(f)
}

// add must hold mu.
func (k *forms) add(f form) {
	if k.young == nil || k.kept+len(f.shape) > formsKept {
		k.old, k.young, k.kept = k.young, map[string]form{}, 0
	}
	k.young[f.shape] = f
	k.kept += len(f.shape)
}
