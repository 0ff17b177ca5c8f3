package db

import (
	"context"
	"database/sql"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lib/pq"
)

// TestStatementsHaveAPurpose reads the package: each call of a helper that runs a statement names the purpose, a phrase such as
// "lock orders", and not the text of the statement in its place.
func TestStatementsHaveAPurpose(t *testing.T) {
	t.Parallel()
	place := map[string]int{"list": 2, "listOf": 2, "listTx": 2, "insertAll": 2, "saveEach": 2, "exec": 1, "named": 1}
	phrase := regexp.MustCompile(`^"[a-z]+ [a-z' -]+"$`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	check := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fun := call.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		name := ""
		switch f := fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		at, ok := place[name]
		if !ok || len(call.Args) <= at {
			return true
		}
		calls++
		switch purpose := call.Args[at].(type) {
		case *ast.BasicLit:
			if !phrase.MatchString(purpose.Value) {
				t.Errorf("%s is called with %s, want a purpose", name, purpose.Value)
			}
		case *ast.Ident:
			if purpose.Name != "purpose" {
				t.Errorf("%s is called with %s, want a purpose", name, purpose.Name)
			}
		case *ast.SelectorExpr:
			if purpose.Sel.Name != "read" {
				t.Errorf("%s is called with a field %s, want a purpose", name, purpose.Sel.Name)
			}
		default:
			t.Errorf("%s is called without a purpose", name)
		}
		return true
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, check)
	}
	if calls < 150 {
		t.Errorf("found %d statements, want all of them", calls)
	}
}

// TestErrorsNameThePurpose: the wrapped error still tells its constraint and SQLSTATE, and whether it is temporary.
func TestErrorsNameThePurpose(t *testing.T) {
	broken := forPurpose("insert codes", &pq.Error{Code: "23505", Constraint: "codes_selector_key", Message: "duplicate key"})
	if !strings.HasPrefix(broken.Error(), "insert codes: ") {
		t.Errorf("got %q, want the purpose first", broken)
	}
	if got := Constraint(broken); got != "codes_selector_key" {
		t.Errorf("got the constraint %q", got)
	}
	if !Retryable(forPurpose("save orders", &pq.Error{Code: "40001"})) || !Unavailable(forPurpose("save orders", &pq.Error{Code: "57P01"})) {
		t.Error("a temporary error is not taken for one")
	}
	if !errors.Is(forPurpose("read orders", context.Canceled), context.Canceled) || !errors.Is(forPurpose("read orders", sql.ErrTxDone), sql.ErrTxDone) {
		t.Error("the cause is lost")
	}
	if n := testing.AllocsPerRun(100, func() { _ = forPurpose("read orders", nil) }); n != 0 {
		t.Errorf("a statement without an error allocates %v times more", n)
	}
}
