package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/embedded"
)

// start starts PostgreSQL in options.Dir, which is empty, on a copy of the cached cluster if there is one. If that copy does not start, the
// cached cluster is damaged: it is replaced, and start tries once more.
func start(ctx context.Context, options embedded.Options) (*embedded.Postgres, error) {
	for try := 1; ; try++ {
		cached := cluster(ctx)
		if cached == "" {
			return embedded.Start(ctx, options)
		}
		used, err := os.Stat(cached)
		if err == nil {
			err = copyFolder(cached, options.Dir)
		}
		if err == nil {
			var server *embedded.Postgres
			if server, err = embedded.Start(ctx, options); err == nil {
				return server, nil
			}
		}
		if try == 2 || ctx.Err() != nil {
			return nil, err
		}
		fmt.Fprintln(os.Stderr, "the cached PostgreSQL cluster is replaced:", err)
		if err := errors.Join(discard(cached, used), empty(options.Dir)); err != nil {
			return nil, err
		}
	}
}

// discard removes a cached cluster, unless another process has replaced it.
func discard(cached string, used os.FileInfo) error {
	if now, err := os.Stat(cached); used == nil || err != nil || !os.SameFile(now, used) {
		return nil //nolint:nilerr // another process has removed or replaced it
	}
	aside, err := os.MkdirTemp(filepath.Dir(cached), unfinished)
	if err != nil {
		return err
	}
	// Packages are tested in parallel: none must copy a half of it.
	if err := os.Rename(cached, filepath.Join(aside, "cluster")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(aside)
}

// empty removes what a folder holds.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// Cluster copies a stopped cluster to dir, as the folder of an embedded PostgreSQL, with the program's database: its schema is up to date and it
// has no rows. It is for tests that do not check how a program makes such a folder. dir need not exist. Where no cluster can be cached, the program makes its own.
func Cluster(t testing.TB, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cached := cluster(ctx)
	if cached == "" {
		return
	}
	if err := errors.Join(os.MkdirAll(dir, 0o700), copyFolder(cached, dir)); err != nil {
		t.Fatal(err)
	}
}

// cluster returns the folder of the cached cluster, which it makes if there is none yet: initdb and the migrations cost more CPU than many
// tests. It returns "" where none can be cached: there is no cache folder that this user and PostgreSQL's account may use.
func cluster(ctx context.Context) string {
	folder, err := cachedCluster(ctx)
	if err != nil { // the tests run without a cache too, only slower
		fmt.Fprintln(os.Stderr, "no PostgreSQL cluster is cached:", err)
		return ""
	}
	return folder
}

func cachedCluster(ctx context.Context) (string, error) {
	parent, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	version, err := embedded.NewestVersion(ctx)
	if err != nil {
		return "", err
	}
	schema, err := db.MigrationsHash()
	if err != nil {
		return "", err
	}
	parent = filepath.Join(parent, "baogong")
	cached := filepath.Join(parent, finished+version+"-"+schema) // never changed once it is there
	if _, err := os.Stat(cached); !errors.Is(err, fs.ErrNotExist) {
		return cached, err
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	removeLeftovers(parent)
	dir, err := os.MkdirTemp(parent, unfinished)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	server, err := embedded.Start(ctx, embedded.Options{Dir: dir, NoFsync: true})
	if err != nil {
		return "", err
	}
	_, err = db.Migrate(ctx, server.DSN(program))
	if err := errors.Join(err, server.Stop(ctx)); err != nil {
		return "", err
	}
	// Packages are tested in parallel; the first cluster stays.
	if err := os.Rename(dir, cached); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return cached, nil
}

// What the names of clusters begin with: of one that is there to be copied, and of one that is being made, or removed.
const (
	finished   = "test-cluster-"
	unfinished = "unfinished-cluster-"
)

// removeLeftovers removes unfinished clusters older than a day, whose process was killed, and clusters older than a month, most of which have
// another schema than tests need now. What it may not remove stays.
func removeLeftovers(parent string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		most := 24 * time.Hour
		switch {
		case strings.HasPrefix(e.Name(), finished):
			most *= 30
		case !strings.HasPrefix(e.Name(), unfinished):
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > most {
			_ = os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}

// copyFolder copies what a folder holds, with owners and modes.
func copyFolder(from, to string) error {
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the cluster: %w: %s", err, out)
	}
	return nil
}
