package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const pidFileName = "postmaster.pid"

// folder holds all files of one server.
type folder struct {
	dir      string
	data     string // PostgreSQL's own; never deleted, renamed or rewritten here
	password string
	log      string
	owner    *os.File // locked by the program that runs PostgreSQL here
	work     *os.File // locked while any process of PostgreSQL runs
}

// openFolder returns the paths and touches nothing.
func openFolder(dir string) (*folder, error) {
	if dir == "" {
		return nil, errors.New("embedded: Options.Dir is empty")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find database folder: %w", err)
	}
	return &folder{
		dir:      dir,
		data:     filepath.Join(dir, "data"),
		password: filepath.Join(dir, "password"),
		log:      filepath.Join(dir, "postgres.log"),
	}, nil
}

// major returns the version of PostgreSQL that made the data, and 0 if there is none yet.
func (f *folder) major() (int, error) {
	if _, err := os.Lstat(filepath.Join(f.dir, "PG_VERSION")); err == nil {
		return 0, refuse(ErrUnusable, "%s is itself a data folder of PostgreSQL; choose another folder.", f.dir)
	}
	content, err := os.ReadFile(filepath.Join(f.data, "PG_VERSION"))
	switch {
	case err == nil:
		first, _, _ := strings.Cut(strings.TrimSpace(string(content)), ".")
		if major, err := strconv.Atoi(first); err == nil && major > 0 {
			return major, nil
		}
	case errors.Is(err, fs.ErrPermission):
		return 0, refuse(ErrUnusable, "This user may not read the database in %s; run as its owner, or choose another folder.", f.dir)
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(f.data); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
	}
	return 0, refuse(ErrUnusable, "%s is not a data folder of PostgreSQL; move it away, or choose another folder.", f.data)
}

// Holds reports whether dir holds a database. It touches nothing. It fails with ErrUnusable if the contents are not a
// database of PostgreSQL.
func Holds(dir string) (bool, error) {
	f, err := openFolder(dir)
	if err != nil {
		return false, err
	}
	major, err := f.major()
	return major > 0, err
}

// give makes the account the owner of the folder, so that the same user can open it with or without root.
func (f *folder) give(a account) error {
	if os.Geteuid() != 0 {
		return nil
	}
	given := true
	for _, path := range []string{f.dir, f.data, f.owner.Name(), f.work.Name()} {
		if uid, _, err := owner(path); err == nil && uid != a.uid {
			given = false
		}
	}
	if given {
		return nil
	}
	err := filepath.WalkDir(f.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.uid, a.gid)
	})
	if err != nil {
		return fmt.Errorf("give database folder to %s: %w", a.name, err)
	}
	return nil
}

// prepare makes the data if there is none and returns its superuser's password.
func (f *folder) prepare(ctx context.Context, b build, a account, o Options) (string, error) {
	existing, err := f.major() // again: another program may have made it before we held the lock
	if err != nil {
		return "", err
	}
	if existing != 0 && existing != b.major {
		return "", otherMajor(f.dir, existing)
	}
	content, err := os.ReadFile(f.password)
	switch {
	case err == nil && len(content) > 0:
	case existing != 0:
		return "", refuse(ErrUnusable, "The file %s, which holds the database's password, is missing or unreadable; restore it from a backup.", f.password)
	default:
		content = []byte(rand.Text())
		if err := f.writePassword(content, a); err != nil {
			return "", fmt.Errorf("write database password: %w", err)
		}
	}
	if existing == 0 {
		o.Progress("creating the database folder")
		if err := f.initialise(ctx, b, a, o.NoFsync); err != nil {
			return "", fmt.Errorf("create database: %w", err)
		}
	}
	return string(content), nil
}

func (f *folder) writePassword(content []byte, a account) error {
	_ = os.Remove(f.password)
	file, err := os.OpenFile(f.password, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return a.own(f.password)
}

// initialise makes the data beside its place and renames it when it is complete.
func (f *folder) initialise(ctx context.Context, b build, a account, noFsync bool) error {
	unfinished := f.data + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	args := []string{"-D", unfinished, "-U", role, "-E", "UTF8", "--locale=" + locale,
		"-A", "scram-sha-256", "--pwfile=" + f.password, "-k"}
	if noFsync {
		args = append(args, "-N")
	}
	var out tail
	cmd := a.command(ctx, b.path("initdb"), args...)
	cmd.Dir = f.dir
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.ExtraFiles = []*os.File{f.work}
	if err := run(cmd); err != nil {
		_ = os.RemoveAll(unfinished)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("initdb: %w: %s", err, out.last())
	}
	if err := os.Rename(unfinished, f.data); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// clearPidFile removes the pid file of a dead postmaster: its number may belong to another process by now, and PostgreSQL
// would refuse to start. The work lock is held, so no PostgreSQL of ours is alive.
func (f *folder) clearPidFile() error {
	if pids := workers(f.data); len(pids) > 0 {
		return refuse(ErrInUse, "PostgreSQL (process %d) already works in %s; stop it first.", slices.Min(pids), f.data)
	}
	if err := os.Remove(f.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove stale pid file: %w", err)
	}
	return nil
}

func (f *folder) pidFile() string { return filepath.Join(f.data, pidFileName) }

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
