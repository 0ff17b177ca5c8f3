package dispatch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// A closure that is retried, or that runs as a look first, returns its result. One that fills a variable outside would have to
// reset it, and would show only after a deadlock that it does not.
func TestRetriedClosuresFillNothingOutside(t *testing.T) {
	t.Parallel()
	files, closures := token.NewFileSet(), 0
	for _, pattern := range []string{"*.go", "*/*.go", "../db/*.go"} {
		for _, path := range must(filepath.Glob(pattern)) {
			if match, _ := filepath.Match("*_test.go", filepath.Base(path)); match {
				continue
			}
			f := must(parser.ParseFile(files, path, nil, parser.SkipObjectResolution))
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !slices.Contains([]string{"InTx", "Run", "Save", "Judge"}, called(call.Fun)) {
					return true
				}
				for _, arg := range call.Args {
					if closure, ok := arg.(*ast.FuncLit); ok {
						closures++
						for _, at := range fills(closure) {
							t.Errorf("%s: %s is not the closure's own", files.Position(at.Pos()), at.Name)
						}
					}
				}
				return true
			})
		}
	}
	if closures < 20 {
		t.Errorf("found only %d closures", closures)
	}
}

// called is the last name of what a call calls.
func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.IndexExpr: // with a type argument
		return called(f.X)
	}
	return ""
}

// fills returns what a closure assigns to, or to a part of, without having declared it.
func fills(closure *ast.FuncLit) (out []*ast.Ident) {
	own, assigned := map[string]bool{"_": true}, []ast.Expr{}
	ast.Inspect(closure, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field: // a parameter or result
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				own[name.Name] = true
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if name, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					own[name.Name] = true
				}
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if name, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					own[name.Name] = true
				} else {
					assigned = append(assigned, e)
				}
			}
		case *ast.IncDecStmt:
			assigned = append(assigned, n.X)
		}
		return true
	})
	for _, e := range assigned {
		if name := root(e); name != nil && !own[name.Name] {
			out = append(out, name)
		}
	}
	return out
}

// root is the variable of which an expression is a part.
func root(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	}
	return nil
}
