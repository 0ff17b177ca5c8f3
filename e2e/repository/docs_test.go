package repository_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baogong/delivery"
	"baogong/e2e/house"
)

// sameSet compares two lists whose order does not matter.
func sameSet(t *testing.T, what string, page, code []string) {
	t.Helper()
	slices.Sort(page)
	slices.Sort(code)
	if diff := cmp.Diff(code, page); diff != "" {
		t.Errorf("%s (-code +page):\n%s", what, diff)
	}
}

// commas joins what is a string at heart, as the pages write lists.
func commas[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}

// TestStagesPage holds docs/stages.md and the stage table together.
func TestStagesPage(t *testing.T) {
	t.Parallel()
	text := house.PageText(t, "docs/stages.md")

	var moves, arrows []string
	for _, from := range delivery.Stages {
		for _, e := range delivery.EdgesFrom(from, delivery.ChannelErrand) { // which has every edge
			channels := "all"
			if e.Errand {
				channels = "BUY_FOR, ERRAND"
			}
			moves = append(moves, fmt.Sprintf("%s → %s %s by %s of %s", e.From, e.To, e.Kind, commas(e.By), channels))
			arrows = append(arrows, fmt.Sprintf("%s → %s", e.From, e.To))
		}
	}
	var told []string
	for _, r := range house.TableOf(t, text, "from") {
		told = append(told, fmt.Sprintf("%s → %s %s by %s of %s", r[0], r[1], r[2], r[3], r[4]))
	}
	sameSet(t, "moves", told, moves)

	var drawn []string
	for _, a := range regexp.MustCompile(`(?m)^\s+([A-Z_]+) --> ([A-Z_]+)\b`).FindAllStringSubmatch(text, -1) {
		drawn = append(drawn, a[1]+" → "+a[2])
	}
	sameSet(t, "arrows", drawn, arrows)

	var nexts []string
	for _, s := range delivery.Stages {
		post, errand := s.ActsNext(delivery.ChannelApp), s.ActsNext(delivery.ChannelErrand)
		next := string(post)
		if errand != post {
			next += " (" + string(errand) + " for BUY_FOR and ERRAND)"
		}
		nexts = append(nexts, string(s)+": "+next)
	}
	told = nil
	for _, r := range house.TableOf(t, text, "stage") {
		for s := range strings.SplitSeq(r[0], ", ") {
			told = append(told, s+": "+r[2])
		}
	}
	sameSet(t, "posts that act next", told, nexts)

	var reasons []string
	for kind, list := range delivery.MoveReasons {
		reasons = append(reasons, string(kind)+": "+commas(list))
	}
	told = nil
	for _, r := range house.TableOf(t, text, "kind") {
		told = append(told, r[0]+": "+r[1])
	}
	sameSet(t, "reasons", told, reasons)

	var posts []string
	for _, v := range house.ReadSchema(t).Types["Post"].EnumValues {
		if p := delivery.Post(v.Name); p != delivery.PostNone {
			squad := string(p.Squad())
			if squad == "" {
				squad = "–"
			}
			posts = append(posts, v.Name+": "+squad)
		}
	}
	told = nil
	for _, r := range house.TableOf(t, text, "post") {
		told = append(told, r[0]+": "+r[2])
	}
	sameSet(t, "posts and the squads that answer", told, posts)
}

// TestReadmeIsShort keeps README.md to what a newcomer reads in one sitting.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if size := len(house.PageText(t, "README.md")); size > 8<<10 {
		t.Errorf("README.md has %d bytes, want at most 8 KiB", size)
	}
}

// linked finds the targets of a page's links and pictures.
var linked = regexp.MustCompile(`\]\(([^)]+)\)`)

// TestLinksOfPagesLead checks that every link of a page to a file of the repository, or to a heading, leads there.
func TestLinksOfPagesLead(t *testing.T) {
	t.Parallel()
	pages := []string{"README.md", "README.zh-CN.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/decisions/*.md", "clients/*.md"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, more...)
	}
	for _, page := range pages {
		for _, m := range linked.FindAllStringSubmatch(house.PageText(t, page), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(m[1], "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			info, err := os.Stat(target)
			if err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, m[1])
				continue
			}
			if heading != "" && !info.IsDir() && !slices.Contains(headings(house.PageText(t, target)), heading) {
				t.Errorf("%s: %s has no heading %s", page, target, heading)
			}
		}
	}
}

// headings returns the anchors of a page's headings.
func headings(text string) (anchors []string) {
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
	}
	return anchors
}

// TestDependenciesAreExplained checks that the page of dependencies lists what go.mod and the package.json files ask
// for, and nothing else.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	text := house.PageText(t, "docs/decisions/0006-dependencies.md")
	names := func(first string) (out []string) {
		for _, r := range house.TableOf(t, text, first) {
			out = append(out, strings.Split(r[0], ", ")...)
		}
		return out
	}

	listing, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(listing, &mod); err != nil {
		t.Fatal(err)
	}
	var modules []string
	major := regexp.MustCompile(`/v\d+$`)
	for _, r := range mod.Require {
		if !r.Indirect {
			modules = append(modules, major.ReplaceAllString(r.Path, ""))
		}
	}
	sameSet(t, "modules", names("module"), modules)

	var packages []string
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == ".baogong"):
			return fs.SkipDir
		case d.Name() != "package.json":
			return nil
		}
		var npm struct{ Dependencies, DevDependencies map[string]string }
		if err := json.Unmarshal([]byte(house.PageText(t, path)), &npm); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, list := range []map[string]string{npm.Dependencies, npm.DevDependencies} {
			for name := range list {
				if !slices.Contains(packages, name) {
					packages = append(packages, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sameSet(t, "npm packages", names("npm package"), packages)
}

// TestPagesNameWhatExists: the tests and files that docs/recipes.md and CONTRIBUTING.md name are in the repository, so that a
// recipe leads somewhere after a rename.
func TestPagesNameWhatExists(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "git", "ls-files", "*.go").Output()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	named := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for path := range strings.FieldsSeq(string(list)) {
		if strings.HasSuffix(path, "_test.go") {
			for _, f := range named.FindAllStringSubmatch(house.PageText(t, path), -1) {
				tests[f[1]] = true
			}
		}
	}
	missing := func(text string) (out []string) {
		for _, quoted := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
			name := quoted[1]
			switch {
			case regexp.MustCompile(`^Test\w+$`).MatchString(name):
				if !tests[name] {
					out = append(out, name)
				}
			case regexp.MustCompile(`^\.?\w[\w./-]*\.(go|md|sql|graphql|mjs|html|js|json|txt)$`).MatchString(name) && strings.Contains(name, "/"):
				if _, err := os.Stat(name); err != nil {
					out = append(out, name)
				}
			}
		}
		return out
	}
	for _, page := range []string{"docs/recipes.md", "CONTRIBUTING.md"} {
		if got := missing(house.PageText(t, page)); len(got) > 0 {
			t.Errorf("%s names %q, which do not exist", page, got)
		}
	}
	if got := missing("`TestNothing` in `db/nothing.go`, as `TestMigrate` in `db/migrate.go`"); !slices.Equal(got, []string{"TestNothing", "db/nothing.go"}) {
		t.Errorf("got %q, want the test and the file that do not exist", got)
	}
}
