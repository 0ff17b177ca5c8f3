package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNotRunning means that no program runs a PostgreSQL in the folder.
var ErrNotRunning = errors.New("no program runs a PostgreSQL in the folder")

// Attached is a PostgreSQL that another program runs in a folder.
type Attached struct{ socket, password string }

// Attach returns the PostgreSQL that another program runs in dir. It waits until that takes connections, or until ctx ends.
// The other program still starts and stops it; Attach changes nothing.
//
// It fails with ErrNotRunning if no program runs one, and with ErrUnusable if this user cannot read the folder.
func Attach(ctx context.Context, dir string) (*Attached, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if running, err := f.running(); err != nil || !running {
			return nil, errors.Join(err, notRunning(running))
		}
		if a, err := f.attach(); !errors.Is(err, errNotReady) {
			return a, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("attach to the PostgreSQL in %s: %w", f.dir, context.Cause(ctx))
		}
	}
}

func unreadable(dir string) error {
	return refuse(ErrUnusable, "This user may not read the database in %s; run as its owner.", dir)
}

func notRunning(running bool) error {
	if running {
		return nil
	}
	return ErrNotRunning
}

// running reports whether a program owns the folder.
func (f *folder) running() (bool, error) {
	owner, err := os.Open(filepath.Join(f.dir, "owner"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case errors.Is(err, fs.ErrPermission):
		return false, unreadable(f.dir)
	case err != nil:
		return false, fmt.Errorf("open lock: %w", err)
	}
	defer owner.Close()
	free, err := try(owner)
	return !free && err == nil, err
}

var errNotReady = errors.New("PostgreSQL does not accept connections yet")

// attach reads how to connect to the PostgreSQL. It fails with errNotReady until PostgreSQL accepts connections.
func (f *folder) attach() (*Attached, error) {
	content, err := os.ReadFile(f.pidFile())
	if errors.Is(err, fs.ErrPermission) {
		return nil, unreadable(f.dir)
	}
	// Its lines: process, data folder, start, port, socket folder, address, shared memory, state.
	lines := strings.Split(string(content), "\n")
	if len(lines) <= 7 || strings.TrimSpace(lines[7]) != readyState {
		return nil, errNotReady
	}
	if pid, _ := strconv.Atoi(lines[0]); !slices.Contains(workers(f.data), pid) {
		return nil, errNotReady // the file was left by a killed program
	}
	password, err := os.ReadFile(f.password)
	if err != nil {
		return nil, refuse(ErrUnusable, "The file %s, which holds the database's password, is missing or unreadable; run as its owner, or restore it from a backup.", f.password)
	}
	return &Attached{socket: lines[4], password: string(password)}, nil
}

// DSN returns lib/pq's connection string for a database of this server, as its superuser. It contains the password, and is
// valid until the other program stops the server.
func (r *Attached) DSN(database string) string { return dsn(r.socket, r.password, database) }
