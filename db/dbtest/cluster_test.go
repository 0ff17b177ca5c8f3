package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db/embedded"
	"baogong/internal/volume"
)

func TestCluster(t *testing.T) {
	volume.OnlyInCI(t)
	cache := func(t *testing.T, home string) {
		t.Setenv("HOME", home)
		t.Setenv("XDG_CACHE_HOME", "")
	}
	starts := func(t *testing.T, dir string) {
		t.Helper()
		server, err := start(t.Context(), embedded.Options{Dir: dir, NoFsync: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
	t.Run("without a cache folder PostgreSQL makes its own", func(t *testing.T) {
		cache(t, os.DevNull)
		dir := openDir(t)
		if Cluster(t, dir); len(names(t, dir)) > 0 {
			t.Errorf("got %q, want an empty folder", names(t, dir))
		}
		starts(t, dir)
	})

	home := openDir(t)
	folder := filepath.Join(home, ".cache", "baogong")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var cached string
	t.Run("of two processes at once one makes it, and both use it", func(t *testing.T) {
		cache(t, home)
		var processes errgroup.Group
		made := make([]string, 2)
		for i := range made {
			processes.Go(func() (err error) {
				made[i], err = cachedCluster(t.Context())
				return err
			})
		}
		if err := processes.Wait(); err != nil {
			t.Fatal(err)
		}
		if left := names(t, folder); made[0] != made[1] || len(left) != 1 || left[0] != filepath.Base(made[0]) {
			t.Errorf("got %q, and left %q, want one cluster", made, left)
		}
		cached = made[0]
	})
	t.Run("a damaged one is replaced, and old leftovers are removed", func(t *testing.T) {
		cache(t, home)
		damaged := filepath.Join(cached, "data", "global", "pg_control")
		if err := os.Truncate(damaged, 0); err != nil {
			t.Fatal(err)
		}
		for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "new": 23 * time.Hour} {
			dir := filepath.Join(folder, unfinished+name)
			if err := errors.Join(os.MkdirAll(filepath.Join(dir, "data"), 0o700), os.Chtimes(dir, time.Time{}, time.Now().Add(-age))); err != nil {
				t.Fatal(err)
			}
		}
		starts(t, openDir(t))
		if info, err := os.Stat(damaged); err != nil || info.Size() == 0 {
			t.Errorf("got %v, %v, want a new cluster", info, err)
		}
		if left, want := names(t, folder), []string{filepath.Base(cached), unfinished + "new"}; !slices.Equal(left, want) {
			t.Errorf("left %q, want %q", left, want)
		}
	})
	t.Run("one that another process has replaced stays", func(t *testing.T) {
		used, err := os.Stat(openDir(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := discard(cached, used); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(cached); err != nil {
			t.Error(err)
		}
	})
}

// openDir makes a folder that every account can reach, unlike t.TempDir: without user namespaces a root process runs PostgreSQL as another.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "baogong-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}
