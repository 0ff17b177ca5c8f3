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

// start starts PostgreSQL in options.Dir, which is empty, on a copy of the cached cluster if there is one.
func start(ctx context.Context, options embedded.Options) (*embedded.Postgres, error) {
	if cached := cluster(ctx); cached != "" {
		if err := copyFolder(cached, options.Dir); err != nil {
			return nil, err
		}
	}
	return embedded.Start(ctx, options)
}

// Cluster copies a stopped cluster without databases to dir, as the folder of an embedded PostgreSQL. It is for tests that do
// not check how a program makes such a folder. dir need not exist. Where no cluster can be cached, the program makes its own.
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

// cluster returns the folder of the cached cluster, which it makes if there is none yet: initdb costs more CPU than many
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
	parent = filepath.Join(parent, "baogong")
	cached := filepath.Join(parent, "test-cluster-"+version) // never changed once it is there
	if _, err := os.Stat(cached); !errors.Is(err, fs.ErrNotExist) {
		return cached, err
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(parent, "unfinished-cluster-")
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
	// Packages are tested in parallel; the first cluster stays.
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
