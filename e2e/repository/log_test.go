package repository_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLogs checks how the program writes log lines: an error has the key err, and only app chooses the logger, which the other
// packages are given.
func TestLogs(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			for _, fault := range logFaults(t, filepath.Join(p.Dir, name), nil, p.place() == "app") {
				t.Error(fault)
			}
		}
	}
	const example = `package p
import "log/slog"
func f(l *slog.Logger, s *slog.Logger, err error) {
	l.Info("it failed", "error", err)
	l.ErrorContext(ctx, "it failed", "id", id, "why", errors.Join(err, last))
	l.Warn("it failed", slog.Any("reason", tx.Err()))
	l.With("cause", err).Info("it failed")
	slog.Info("it failed", "err", err)
	l = slog.Default()
	h(slog.Warn)
	l.Info("it failed", "err", err, "errors", 3)
	t.Error("it failed", err, "error")
	w.WriteJSON(map[string]any{"error": "it failed"})
	fail("cause", err)
}`
	var got []string
	for _, fault := range logFaults(t, "example.go", example, false) {
		at, _, _ := strings.Cut(fault, ": ")
		got = append(got, strings.TrimPrefix(at[:strings.LastIndex(at, ":")], "example.go:"))
	}
	if want := []string{"4", "5", "6", "7", "8", "9", "10"}; !slices.Equal(got, want) {
		t.Errorf("got faults in lines %v of the example, want %v", got, want)
	}
	if got := logFaults(t, "example.go", example, true); len(got) != 4 {
		t.Errorf("got %q in app, want the keys only", got)
	}
}

// logCalls are the methods of slog.Logger and the functions of slog that take keys and values.
var logCalls = []string{"Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "With", "Any", "Group"}

// logFaults returns the places in a file, or in the text if there is one, that log an error under another key than err, or that use
// the global logger although chooses is false.
func logFaults(t *testing.T, path string, text any, chooses bool) (out []string) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains(logCalls, f.Sel.Name) {
				for i, key := range n.Args[:max(0, len(n.Args)-1)] {
					if key, ok := key.(*ast.BasicLit); ok && key.Kind == token.STRING && (len(n.Args)-i)%2 == 0 && key.Value != `"err"` && (isError(n.Args[i+1]) || key.Value == `"error"`) {
						out = append(out, files.Position(key.Pos()).String()+`: an error is logged under the key "err"`)
					}
				}
			}
		case *ast.SelectorExpr:
			if of, ok := n.X.(*ast.Ident); ok && of.Name == "slog" && !chooses && slices.Contains([]string{
				"Default", "SetDefault", "Debug", "DebugContext", "Info", "InfoContext", "Warn", "WarnContext", "Error", "ErrorContext", "Log", "LogAttrs", "With",
			}, n.Sel.Name) {
				out = append(out, files.Position(n.Pos()).String()+": uses the global logger; take one in the options")
			}
		}
		return true
	})
	return out
}

// isError reports whether an expression is an error, by the names that errors have here.
func isError(e ast.Expr) bool {
	if call, ok := e.(*ast.CallExpr); ok {
		if f, ok := call.Fun.(*ast.SelectorExpr); ok {
			of, _ := f.X.(*ast.Ident)
			return f.Sel.Name == "Err" || f.Sel.Name == "Cause" || of != nil && of.Name == "errors" || f.Sel.Name == "Errorf"
		}
		return false
	}
	if s, ok := e.(*ast.SelectorExpr); ok {
		e = s.Sel
	}
	name, ok := e.(*ast.Ident)
	return ok && (name.Name == "err" || strings.HasSuffix(name.Name, "Err") || strings.HasPrefix(name.Name, "err") && name.Name != "errs")
}
