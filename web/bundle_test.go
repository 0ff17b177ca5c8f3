package web

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"baogong/internal/tool"
	"baogong/internal/volume"
)

// TestBundleIsWhatItsSourcesBuild is slow: it runs where CI or BAOGONG_TEST_BUNDLE is set.
func TestBundleIsWhatItsSourcesBuild(t *testing.T) {
	t.Parallel()
	if !volume.Thorough() && os.Getenv("BAOGONG_TEST_BUNDLE") == "" {
		t.Skip("CI and BAOGONG_TEST_BUNDLE are not set")
	}
	for name, b := range map[string]struct {
		dir   string // in which its build runs, as by npm
		build []string
	}{
		"GraphiQL":      {"graphiql", []string{"build.mjs"}},
		"the front end": {"app", []string{"../../node_modules/vite/bin/vite.js", "build", "--logLevel", "error", "--outDir"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dist := filepath.Join(t.TempDir(), "dist")
			build := exec.CommandContext(t.Context(), tool.Node(t), append(b.build, dist)...)
			build.Dir = b.dir
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			got, want := read(t, dist), read(t, filepath.Join(b.dir, "dist"))
			if len(got) != len(want) {
				t.Errorf("got %d files, want %d", len(got), len(want))
			}
			for name, b := range want {
				if !bytes.Equal(got[name], b) {
					t.Errorf("%s differs: run `npm ci && make web`", name)
				}
			}
		})
	}
}

func TestLockNamesNoHost(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"resolved": "([^"]*)"`).FindAllSubmatch(b, -1) {
		if bytes.Contains(m[1], []byte(":")) { // the workspace's own folders have none
			t.Errorf("package-lock.json says that a package came from %s; .npmrc should keep that out", m[1])
		}
	}
}

func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		if out[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
