package web

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"baogong/internal/tool"
)

// TestBundleIsWhatItsSourcesBuild is slow: it runs where CI or BAOGONG_TEST_BUNDLE is set.
func TestBundleIsWhatItsSourcesBuild(t *testing.T) {
	t.Parallel()
	if os.Getenv("CI") == "" && os.Getenv("BAOGONG_TEST_BUNDLE") == "" {
		t.Skip("CI and BAOGONG_TEST_BUNDLE are not set")
	}
	npm, node := tool.Find(t, "npm"), tool.Find(t, "node")
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc", "build.mjs"} {
		b, err := os.ReadFile(filepath.Join("graphiql", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "src"), os.DirFS("graphiql/src")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{npm, "ci"}, {node, "build.mjs"}} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	got, want := read(t, filepath.Join(dir, "dist")), read(t, "graphiql/dist")
	if len(got) != len(want) {
		t.Errorf("got %d files, want %d", len(got), len(want))
	}
	for name, b := range want {
		if !bytes.Equal(got[name], b) {
			t.Errorf("%s differs: run `npm ci && npm run build` in web/graphiql", name)
		}
	}
}

func TestLockNamesNoHost(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("graphiql/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte(`"resolved"`)) {
		t.Error("package-lock.json says where packages came from; .npmrc should keep that out")
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
