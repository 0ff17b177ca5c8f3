// Package tool finds the programs beside Go's that some tests run, and installs npm packages for them. Where a program
// is missing the test is skipped, or fails if CI is set, so that nothing goes untested there.
package tool

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Find returns the path of the first of the programs that is installed.
func Find(t testing.TB, programs ...string) string {
	t.Helper()
	for _, p := range programs {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	missing := strings.Join(programs, " or ") + " is not on the PATH"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Chromium returns the path of a browser.
func Chromium(t testing.TB) string {
	t.Helper()
	return Find(t, "chromium", "chromium-browser", "google-chrome")
}

// Node returns the path of Node, with the packages installed that the repository's package-lock.json lists. It installs them
// if they are missing or older than that file, one test process at a time.
func Node(t testing.TB) string {
	t.Helper()
	return install(t, root(t))
}

func install(t testing.TB, folder string) string {
	t.Helper()
	node, npm := Find(t, "node"), Find(t, "npm")
	lock, err := os.Open(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close() // and so unlocked
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatalf("lock %s: %v", lock.Name(), err)
	}
	wanted, err := lock.Stat()
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json")) // written last
	if err == nil && !there.ModTime().Before(wanted.ModTime()) {
		return node
	}
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return node
}

// root returns the folder of the npm workspace: the nearest above the test's that has a lock file.
func root(t testing.TB) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "package-lock.json")); err == nil {
			return at
		}
		above := filepath.Dir(at)
		if above == at {
			t.Fatal("no folder above has a package-lock.json")
		}
		at = above
	}
}
