package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sync/errgroup"

	"baogong/db/embedded"
)

func TestCluster(t *testing.T) {
	cache := func(t *testing.T, home string) {
		t.Setenv("HOME", home)
		t.Setenv("XDG_CACHE_HOME", "")
	}
	t.Run("without a cache folder PostgreSQL makes its own", func(t *testing.T) {
		cache(t, os.DevNull)
		dir := t.TempDir()
		if Cluster(t, dir); len(names(t, dir)) > 0 {
			t.Errorf("got %q, want an empty folder", names(t, dir))
		}
		server, err := start(t.Context(), embedded.Options{Dir: dir, NoFsync: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Run("of two processes at once one makes it, and both use it", func(t *testing.T) {
		home := t.TempDir()
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
		left := names(t, filepath.Join(home, ".cache", "baogong"))
		if made[0] != made[1] || len(left) != 1 || left[0] != filepath.Base(made[0]) {
			t.Errorf("got %q, and left %q, want one cluster", made, left)
		}
	})
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
