package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"baogong/db/embedded"
)

// start starts PostgreSQL in options.Dir, which is empty, on a copy of the cached cluster.
func start(ctx context.Context, options embedded.Options) (*embedded.Postgres, error) {
	for range 2 {
		cached, err := cluster(ctx)
		if err != nil {
			return nil, err
		}
		if cached == "" {
			break
		}
		if err := copyFolder(cached, options.Dir); err != nil {
			return nil, err
		}
		server, err := embedded.Start(ctx, options)
		if !errors.Is(err, embedded.ErrUnusable) && !errors.Is(err, embedded.ErrNoBinaries) {
			return server, err
		}
		// PostgreSQL has been upgraded since the cluster was made.
		if err := errors.Join(os.RemoveAll(cached), empty(options.Dir)); err != nil {
			return nil, err
		}
	}
	return embedded.Start(ctx, options)
}

// Cluster copies a stopped cluster without databases to dir, as the folder of an embedded PostgreSQL. It is for tests that
// claim nothing of how a program makes such a folder. dir need not exist.
func Cluster(t testing.TB, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cached, err := cluster(ctx)
	if err == nil && cached != "" {
		err = errors.Join(os.MkdirAll(dir, 0o700), copyFolder(cached, dir))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// cluster returns the folder of the cached cluster, which it makes if there is none yet: initdb costs more CPU than the tests
// of many a package. It returns "" for a user without a cache folder.
func cluster(ctx context.Context) (string, error) {
	parent, err := os.UserCacheDir()
	if err != nil {
		return "", nil
	}
	parent = filepath.Join(parent, "baogong")
	cached := filepath.Join(parent, "test-cluster")
	if _, err := os.Stat(cached); !errors.Is(err, fs.ErrNotExist) {
		return cached, err
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(parent, "test-cluster-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(unfinished)
	server, err := embedded.Start(ctx, embedded.Options{Dir: unfinished, NoFsync: true})
	if err != nil {
		return "", err
	}
	if err := server.Stop(ctx); err != nil {
		return "", err
	}
	// Packages are tested side by side; the cluster that is there first stays.
	if err := os.Rename(unfinished, cached); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return cached, nil
}

// copyFolder copies what a folder holds, with owners and modes.
func copyFolder(from, to string) error {
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the cluster: %w: %s", err, out)
	}
	return nil
}

// empty removes what a folder holds.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}
