package repository_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// TestNoLoopOverAMapLiteral finds loops whose order changes from run to run although the values are written in order. The first
// refusal, log line or statement of such a loop would be another each time.
func TestNoLoopOverAMapLiteral(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			for _, at := range mapLoops(t, filepath.Join(p.Dir, name), nil) {
				t.Errorf("%s loops over a map literal; use a slice", at)
			}
		}
	}
	const example = "package p\nfunc f() {\n\tfor range map[string]int{} {\n\t}\n\tfor range []int{} {\n\t}\n}"
	if got := mapLoops(t, "example.go", example); len(got) != 1 || got[0].Line != 3 {
		t.Errorf("got %v, want line 3 of the example", got)
	}
}

// mapLoops returns the positions of loops over map literals in a file, or in the text if there is one.
func mapLoops(t *testing.T, path string, text any) (out []token.Position) {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		loop, ok := n.(*ast.RangeStmt)
		if !ok {
			return true
		}
		if literal, ok := loop.X.(*ast.CompositeLit); ok {
			if _, ok := literal.Type.(*ast.MapType); ok {
				out = append(out, files.Position(loop.Pos()))
			}
		}
		return true
	})
	return out
}
