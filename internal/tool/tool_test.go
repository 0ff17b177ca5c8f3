package tool

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// verdict is a test that notes how it was left.
type verdict struct {
	testing.TB
	how string
}

func (v *verdict) Fatal(args ...any) { v.leave("failed: " + fmt.Sprint(args...)) }
func (v *verdict) Skip(args ...any)  { v.leave("skipped: " + fmt.Sprint(args...)) }
func (v *verdict) leave(how string)  { v.how = how; runtime.Goexit() }

func TestFind(t *testing.T) {
	for ci, want := range map[string]string{"": "skipped: baogong-1 or baogong-2 is not on the PATH", "true": "failed: baogong-1 or baogong-2 is not on the PATH"} {
		t.Setenv("CI", ci)
		v := &verdict{TB: t}
		var looked sync.WaitGroup
		looked.Go(func() { Find(v, "baogong-1", "baogong-2") })
		if looked.Wait(); v.how != want {
			t.Errorf("CI=%q: got %q, want %q", ci, v.how, want)
		}
	}
	if path := Find(t, "baogong-1", "go"); filepath.Base(path) != "go" {
		t.Errorf("got %s, want the second, which is there", path)
	}
}

func TestNodePackagesAreInstalledOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json", `{"name":"a","dependencies":{"b":"file:b"}}`)
	write("package-lock.json", `{"name":"a","lockfileVersion":3,"packages":{"":{"name":"a","dependencies":{"b":"file:b"}},
		"b":{"version":"1.0.0"},"node_modules/b":{"resolved":"b","link":true}}}`)
	if err := os.Mkdir(filepath.Join(dir, "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("b/package.json", `{"name":"b","version":"1.0.0"}`)
	installed := func() time.Time {
		t.Helper()
		there, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
		if err != nil {
			t.Fatal(err)
		}
		return there.ModTime()
	}

	var all sync.WaitGroup
	times := make([]time.Time, 3)
	for i := range times {
		all.Go(func() { install(t, dir); times[i] = installed() })
	}
	all.Wait()
	if times[0] != times[1] || times[1] != times[2] {
		t.Errorf("three at once installed at %v, want once", times)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "b", "package.json")); err != nil {
		t.Error(err)
	}
	later := times[0].Add(time.Second)
	if err := os.Chtimes(filepath.Join(dir, "package-lock.json"), later, later); err != nil {
		t.Fatal(err)
	}
	install(t, dir)
	if installed().Equal(times[0]) {
		t.Error("another lock file installed nothing")
	}
}
