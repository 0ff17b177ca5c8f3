package repository_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"baogong/e2e/house"
)

// repeatedTypes are the type names that several packages may declare, each with the reason.
var repeatedTypes = map[string]string{
	"Options": "the usual name of what a constructor takes",
	"Verbs":   "the mutations of one area, of which each area has its own",
}

// typesOf returns the names of the types that a file declares at its top level.
func typesOf(t *testing.T, name string, text any) (names []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			continue
		}
		for _, s := range d.Specs {
			names = append(names, s.(*ast.TypeSpec).Name.Name)
		}
	}
	return names
}

// TestATypeNameIsInOnePackage checks that one word stands for one idea: a type's name, exported or not, is declared in one
// package only. Tests and generated code do not count.
func TestATypeNameIsInOnePackage(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string][]string{} // by the type's name
	for file := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "graph/") {
			continue
		}
		for _, name := range typesOf(t, file, house.PageText(t, file)) {
			if folder := path.Dir(file); !slices.Contains(folders[name], folder) {
				folders[name] = append(folders[name], folder)
			}
		}
	}
	if len(folders) < 300 {
		t.Fatalf("got %d types, want 300 or more", len(folders))
	}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		switch _, allowed := repeatedTypes[name]; {
		case len(folders[name]) > 1 && !allowed:
			t.Errorf("the type name %s is declared in %s: name one of them after what it is", name, strings.Join(folders[name], " and "))
		case len(folders[name]) == 1 && allowed:
			t.Errorf("the type name %s is declared only in %s: take it off the list", name, folders[name][0])
		}
	}
}

func TestTypeNamesAreFound(t *testing.T) {
	t.Parallel()
	got := typesOf(t, "x.go", "package x\ntype A struct{}\ntype (\n\tb int\n\tC[T any] []T\n)\nfunc f() { type inner int }\nvar D int\n")
	if want := []string{"A", "b", "C"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
