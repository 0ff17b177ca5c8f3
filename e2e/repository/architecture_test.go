package repository_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// areas are the packages of the verbs. They import what every verb needs, and never each other.
var areas = []string{"access", "city", "contact", "demand", "desk", "errand", "estate", "export", "file", "gate", "hold", "incident", "intake", "money", "notice", "order", "plan", "purge", "round", "shift", "sorting", "supplier", "task", "team", "transport", "webhook", "window"}

// below says which of our packages each may import: what is below it, nothing beside it or above it.
// A new package needs a place here.
var below = func() map[string][]string {
	db := []string{"delivery"}
	dispatch := append([]string{"db"}, db...)
	area := append([]string{"dispatch"}, dispatch...)
	verbs := append([]string{"dispatch/verbs", "dispatch/workbook"}, area...)
	for _, name := range areas {
		verbs = append(verbs, "dispatch/"+name)
	}
	resolvers := append([]string{"graph", "live", "reading/estatefile", "rehearsal"}, verbs...)
	edge := append([]string{"resolvers"}, resolvers...)
	subpackages := []string{"server/answer", "server/limit", "server/wire"} // of the edge, whose names the wiring and the metrics use
	places := map[string][]string{
		"delivery": {},
		"live":     {"delivery"},
		"issuer":   {"delivery"},

		// The simulation: numbers in, numbers out.
		"rehearsal": {"delivery"},

		// What reads files and lists: bytes in, rows out.
		"reading":            {"delivery", "reading/address"},
		"reading/address":    {"delivery", "reading/amount"},
		"reading/amount":     {"delivery"},
		"reading/sheet":      {"delivery"},
		"reading/orderfile":  {"delivery", "reading", "reading/address", "reading/amount", "reading/sheet"},
		"reading/jielong":    {"delivery", "reading", "reading/address", "reading/amount"},
		"reading/estatefile": {"delivery", "reading", "reading/amount", "reading/sheet"},

		"db":          db,
		"db/embedded": {},
		"db/dbtest":   {"db", "db/embedded"},
		"db/crowd":    {},
		"dispatch":    dispatch,                                                                                   // and so none of the areas, which are above it
		"graph":       {"delivery", "dispatch", "dispatch/workbook", "reading/estatefile", "rehearsal", "scalar"}, // and the areas
		"scalar":      {"delivery"},
		"resolvers":   resolvers,
		"push":        {"delivery", "db", "live", "dispatch", "dispatch/webhook"},
		"server":      slices.Concat([]string{"issuer"}, subpackages, edge),
		"telemetry":   slices.Concat([]string{"server", "push"}, subpackages, edge),
		"demo":        edge,
		"bench":       append([]string{"db/crowd", "push", "reading/address", "rehearsal"}, edge...),
		"web":         {"internal/coding"},
		"clients":     {},
		"app":         slices.Concat([]string{"server", "push", "telemetry", "issuer", "demo", "bench", "rehearsal", "web", "db/embedded", "reading/estatefile", "reading/sheet"}, subpackages, edge),
		"":            {"app"},

		// The packages of the edge.
		"server/answer": {"server/limit", "live", "delivery"},
		"server/limit":  {"delivery"},
		"server/wire":   {"server/limit", "live", "delivery", "internal/coding"},

		// What tests share, and no place may import. The other folders of e2e hold tests alone.
		"e2e/house":            {"app", "db", "db/dbtest", "delivery", "internal/cpu", "dispatch", "dispatch/order", "issuer", "resolvers"},
		"dispatch/walk":        append([]string{"rehearsal"}, verbs[1:]...),
		"internal/certificate": {},
		"internal/coding":      {},
		"internal/cpu":         {},
		"internal/volume":      {},
		"internal/photo":       {},
		"internal/proxy":       {"internal/cpu"},
		"internal/slowest":     {},
		"internal/tool":        {},
	}
	for _, name := range areas {
		places["dispatch/"+name] = area // and so none of the other areas
		places["graph"] = append(places["graph"], "dispatch/"+name)
	}
	places["dispatch/file"] = append([]string{"internal/photo"}, area...)
	places["dispatch/plan"] = append([]string{"rehearsal"}, area...)
	places["dispatch/workbook"] = append([]string{"dispatch/estate", "dispatch/supplier", "dispatch/team", "reading/address", "reading/estatefile", "reading/sheet"}, area...)
	places["dispatch/plan"] = append([]string{"rehearsal"}, area...)
	places["dispatch/export"] = append([]string{"reading/sheet"}, area...)
	places["dispatch/intake"] = append([]string{"reading", "reading/address", "reading/jielong", "reading/orderfile", "reading/sheet"}, area...)
	places["dispatch/verbs"] = verbs[1:]
	return places
}()

// only names the packages that may import a module, or a part of the standard library, and those inside them.
var only = map[string][]string{
	"database/sql":               {"db", "e2e/house"},
	"github.com/jmoiron/sqlx":    {"db"},
	"github.com/lib/pq":          {"db"},
	"github.com/pressly/goose":   {"db"},
	"github.com/gorilla":         {"server/wire", "bench", "e2e/house"},
	"github.com/99designs":       {"graph", "scalar", "resolvers", "server/answer", "bench"},
	"github.com/vektah":          {"graph", "resolvers", "server", "bench", "e2e/house"},
	"github.com/maypok86":        {"server/limit"},
	"github.com/klauspost":       {"server/wire"},
	"github.com/rs/cors":         {"server"},
	"golang.org/x/time":          {"server/limit"},
	"github.com/prometheus":      {"telemetry", "e2e/house"},
	"go.opentelemetry.io":        {"telemetry", "db"},
	"github.com/XSAM":            {"db"},
	"github.com/graph-gophers":   {"resolvers"},
	"github.com/alecthomas/kong": {"app"},
	"github.com/golang-jwt":      {"issuer"},
	"github.com/MicahParks":      {"issuer"},
	"golang.org/x/text":          {"delivery", "reading"},
	"github.com/xuri/excelize":   {"reading/sheet"},
}

// never names what a package must not import, although the packages around it may.
var never = map[string][]string{
	"server":        {"github.com/99designs", "github.com/vektah/gqlparser/v2/ast"}, // what a document is, server/answer knows
	"server/answer": {"net", "github.com/gorilla"},
	"server/limit":  {"github.com/99designs", "github.com/vektah", "net/http"},
	"server/wire":   {"github.com/99designs", "github.com/vektah"},
}

// pkg is what the go command says about one package; tests are not in it.
type pkg struct {
	ImportPath string
	Dir        string
	Name       string
	GoFiles    []string
	Imports    []string

	TestGoFiles, XTestGoFiles []string
}

// place is the package's folder, empty for main.
func (p pkg) place() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "baogong"), "/")
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Name,GoFiles,TestGoFiles,XTestGoFiles,Imports", "./...").Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		may, known := below[p.place()]
		if !known && len(p.GoFiles) > 0 {
			t.Errorf("%s has no place in the house", p.ImportPath)
		}
		for _, path := range p.Imports {
			if ours, ok := strings.CutPrefix(path, "baogong/"); ok {
				if !slices.Contains(may, ours) {
					t.Errorf("%s imports %s, which is not below it", p.ImportPath, path)
				}
				continue
			}
			// Exception: Unicode's normal forms are data, like unicode's own tables, and not in the standard library (docs/decisions/0027).
			if module, _, _ := strings.Cut(path, "/"); p.place() == "delivery" && strings.Contains(module, ".") && path != "golang.org/x/text/unicode/norm" {
				t.Errorf("delivery imports %s, which is not in the standard library", path)
			}
			for _, theirs := range never[p.place()] {
				if path == theirs || strings.HasPrefix(path, theirs+"/") && path != "net/netip" && path != "net/url" {
					t.Errorf("%s imports %s, which it must not", p.ImportPath, path)
				}
			}
			for theirs, places := range only {
				inside := path == theirs || strings.HasPrefix(path, theirs+"/")
				if inside && !slices.ContainsFunc(places, func(at string) bool {
					return p.place() == at || at != "" && strings.HasPrefix(p.place(), at+"/")
				}) {
					t.Errorf("%s imports %s, which is for %q", p.ImportPath, path, places)
				}
			}
		}
	}
}

// TestOnlyMainAtTheRoot keeps the root for what a newcomer reads first.
func TestOnlyMainAtTheRoot(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || !slices.Equal(files, []string{"main.go"}) {
		t.Errorf("got %q, %v, want main.go alone", files, err)
	}
}

// TestOnlyTestsImportE2E checks that no package of the program, nor of what it is built with, imports the harness.
func TestOnlyTestsImportE2E(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if strings.HasPrefix(path, "baogong/e2e/") {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
		if strings.HasPrefix(p.place(), "e2e/") && p.place() != "e2e/house" && len(p.GoFiles) > 0 {
			t.Errorf("%s has %q beside its tests", p.ImportPath, p.GoFiles)
		}
	}
}

func TestPackagesAreNamedForWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if slices.Contains([]string{"util", "utils", "common", "models", "model", "helpers", "helper", "misc"}, p.Name) {
			t.Errorf("%s is called %s, which says nothing", p.ImportPath, p.Name)
		}
	}
}

func TestGraphIsGeneratedWhole(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("graph/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no generated files", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := bytes.Cut(b, []byte("\n"))
		if !bytes.Contains(first, []byte("DO NOT EDIT")) {
			t.Errorf("%s is not generated", f)
		}
	}
}

func TestExportedNamesAreExplained(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.place() == "graph" || len(p.GoFiles) == 0 {
			continue
		}
		explained := p.Name == "main"
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			explained = explained || f.Doc != nil
			grouped := 0 // the line on which a function would stand in the group of the one before
			for _, d := range f.Decls {
				bare := unexplained(d)
				if len(bare) == 0 || files.Position(d.Pos()).Line == grouped {
					grouped = files.Position(d.End()).Line + 1
					continue
				}
				for _, name := range bare {
					t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name)
				}
			}
		}
		if !explained {
			t.Errorf("%s has no comment", p.ImportPath)
		}
	}
}

// unexplained are the exported names of a declaration that neither have a comment nor stand in a group that has one.
func unexplained(d ast.Decl) (out []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || exportedType(d.Recv.List[0].Type)) {
			out = append(out, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Doc == nil && d.Doc == nil && s.Name.IsExported() {
					out = append(out, s.Name)
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if s.Doc == nil && s.Comment == nil && d.Doc == nil && name.IsExported() {
						out = append(out, name)
					}
				}
			}
		}
	}
	return out
}

// exportedType reports whether a receiver's methods can be seen from outside.
func exportedType(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StarExpr:
		return exportedType(e.X)
	case *ast.IndexExpr:
		return exportedType(e.X)
	case *ast.IndexListExpr:
		return exportedType(e.X)
	case *ast.Ident:
		return e.IsExported()
	}
	return false
}
