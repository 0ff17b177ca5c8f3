package embedded

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestSweepSocket(t *testing.T) {
	t.Parallel()
	self := account{uid: os.Geteuid(), gid: os.Getegid()}
	leftover := func(t *testing.T, names ...string) string {
		path := filepath.Join(t.TempDir(), socketPrefix+"1")
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	for name, c := range map[string]struct {
		path  func(t *testing.T) string
		stays bool
	}{
		"a leftover goes":               {func(t *testing.T) string { return leftover(t, socketFile, socketFile+".lock") }, false},
		"an empty leftover goes":        {func(t *testing.T) string { return leftover(t) }, false},
		"one with something else stays": {func(t *testing.T) string { return leftover(t, socketFile, "letters.txt") }, true},
		"one that others may read stays": {func(t *testing.T) string {
			path := leftover(t)
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
			return path
		}, true},
		"one in use stays": {func(t *testing.T) string {
			path := leftover(t)
			lock, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { lock.Close() })
			if ok, err := try(lock); !ok || err != nil {
				t.Fatal(ok, err)
			}
			return path
		}, true},
		"a link to a folder stays": {func(t *testing.T) string {
			link := filepath.Join(t.TempDir(), socketPrefix+"2")
			if err := os.Symlink(leftover(t), link); err != nil {
				t.Fatal(err)
			}
			return link
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := c.path(t)
			sweepSocket(path, self)
			if _, err := os.Stat(path); (err == nil) != c.stays {
				t.Errorf("got %v, want it to stay: %v", err, c.stays)
			}
		})
	}
}

func TestSocketFolderSurvivesSweepers(t *testing.T) {
	t.Parallel()
	self := account{uid: os.Geteuid(), gid: os.Getegid()}
	stop := make(chan struct{})
	var sweepers sync.WaitGroup
	sweepers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				sweepSockets(self)
			}
		}
	})
	for range 300 {
		s, err := makeSocketFolder(self)
		if err != nil {
			t.Error(err)
			break
		}
		if _, err := os.Stat(s.path); err != nil {
			t.Error(err)
		}
		s.remove()
	}
	close(stop)
	sweepers.Wait()
}
