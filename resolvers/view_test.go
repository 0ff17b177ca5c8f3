package resolvers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	gql "github.com/vektah/gqlparser/v2/ast"
)

// reachable returns the fields, as "Type.field", that a selection on a type can reach.
func reachable(schema *gql.Schema, from string, found map[string]bool) map[string]bool {
	for _, object := range schema.GetPossibleTypes(schema.Types[from]) {
		for _, f := range object.Fields {
			if name := object.Name + "." + f.Name; !strings.HasPrefix(f.Name, "__") && !found[name] {
				found[name] = true
				reachable(schema, f.Type.Name(), found)
			}
		}
	}
	return found
}

// An event and a board are the same for all viewers with one View: no field below them depends on the person.
func TestSharedAnswersDependOnTheViewOnly(t *testing.T) {
	t.Parallel()
	schema := new(Resolver).Schema().Schema()
	for _, root := range []string{"OrderEvent", "Activity", "Board"} {
		fields := reachable(schema, root, map[string]bool{})
		if !fields[root+".community"] && !fields[root+".order"] {
			t.Fatalf("%s: the walk found nothing: %v", root, fields)
		}
		for field := range PerViewerFields {
			if fields[field] {
				t.Errorf("%s can be selected below %s", field, root)
			}
		}
	}
}

// If a resolver reads the actor of the response and a subscription can reach its field, PerViewerFields lists the field.
func TestPerViewerFieldsIsWhole(t *testing.T) {
	t.Parallel()
	schema := new(Resolver).Schema().Schema()
	live := map[string]bool{}
	for _, f := range schema.Subscription.Fields {
		reachable(schema, f.Type.Name(), live)
	}
	asking := map[string]bool{}
	for field, f := range methods(t) {
		if asks(f) {
			asking[field] = true
		}
	}
	for field := range asking {
		if live[field] && !PerViewerFields[field] {
			t.Errorf("%s asks who is answered and a subscription can select it; list it in PerViewerFields", field)
		}
	}
	for field := range PerViewerFields {
		if !live[field] || !asking[field] {
			t.Errorf("PerViewerFields lists %s, which reads no actor, or which no subscription can select", field)
		}
	}
}

// methods returns our methods by the field that they resolve, as "Type.field".
func methods(t *testing.T) map[string]*ast.FuncDecl {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string][]string{} // by the struct that resolves them
	var all []*ast.FuncDecl
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			all = append(all, f)
			if made := returned(f); made != "" {
				types[made] = append(types[made], f.Name.Name)
			}
		}
	}
	found := map[string]*ast.FuncDecl{}
	for _, f := range all {
		receiver, _ := f.Recv.List[0].Type.(*ast.Ident)
		if receiver == nil {
			continue
		}
		for _, object := range types[receiver.Name] {
			name := []rune(f.Name.Name)
			name[0] = unicode.ToLower(name[0])
			found[object+"."+string(name)] = f
		}
	}
	if len(found) < 50 || found["OrderEvent.cursor"] == nil || found["BoardBuilding.building"] == nil {
		t.Fatalf("read %d methods only", len(found))
	}
	return found
}

// returned returns the struct that a function of one statement returns: orderResolver for Resolver.Order.
func returned(f *ast.FuncDecl) string {
	if f.Body == nil || len(f.Body.List) != 1 {
		return ""
	}
	if r, ok := f.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
		if made, ok := r.Results[0].(*ast.CompositeLit); ok {
			if name, ok := made.Type.(*ast.Ident); ok {
				return name.Name
			}
		}
	}
	return ""
}

// asks reports whether a function reads the caller, or the actor of the response.
func asks(f *ast.FuncDecl) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			found = found || x.Sel.Name == "actor"
		case *ast.Ident:
			found = found || x.Name == "ActorFrom" || x.Name == "signedIn"
		}
		return true
	})
	return found
}

// Inline answers need no loader: below the subscriptions in InlineSubscriptions every field is resolved from the event itself.
func TestInlineAnswersWaitForNothing(t *testing.T) {
	t.Parallel()
	schema := new(Resolver).Schema().Schema()
	ours := methods(t)
	there := map[string]bool{"OrderEvent.cursor": true, "Activity.cursor": true, "Actor.id": true, "OrderSnapshot.targetAt": true, "OrderSnapshot.lateLevel": true}
	for root := range InlineSubscriptions {
		field := schema.Subscription.Fields.ForName(root)
		if field == nil {
			t.Errorf("there is no subscription %s", root)
			continue
		}
		for name := range reachable(schema, field.Type.Name(), map[string]bool{}) {
			if ours[name] != nil && !there[name] {
				t.Errorf("%s below %s has a resolver that may wait", name, root)
			}
		}
	}
}
