package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const (
	socketPrefix = "baogong-pg-"
	socketFile   = ".s.PGSQL." + port
	socketMax    = 103 // bytes that a socket's path may have everywhere
)

// socketFolder is a new folder with a short path for every start. PostgreSQL inherits its lock, which tells later programs,
// and systemd's cleaner of temporary files, that the folder is in use.
type socketFolder struct {
	path string
	lock *os.File
}

// makeSocketFolder retries if a sweeper removed the folder before it was locked.
func makeSocketFolder(a account) (*socketFolder, error) {
	for {
		path, err := os.MkdirTemp(socketBase(), socketPrefix)
		if err != nil {
			return nil, fmt.Errorf("make socket folder: %w", err)
		}
		s, err := lockSocketFolder(path, a)
		if err == nil {
			return s, nil
		}
		_ = os.Remove(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("lock socket folder: %w", err)
		}
	}
}

// lockSocketFolder fails with fs.ErrNotExist if the folder is gone or a sweeper holds it.
func lockSocketFolder(path string, a account) (*socketFolder, error) {
	if err := a.own(path); err != nil {
		return nil, err
	}
	lock, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	ok, err := try(lock)
	if err == nil && !ok {
		err = fs.ErrNotExist
	}
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &socketFolder{path, lock}, nil
}

func (s *socketFolder) remove() {
	_ = os.RemoveAll(s.path)
	s.lock.Close()
}

// socketBase must be open to the account, which a root process's own folder for temporary files may not be.
func socketBase() string {
	base := os.TempDir()
	if os.Geteuid() == 0 || len(filepath.Join(base, socketPrefix+"1234567890", socketFile)) > socketMax {
		return "/tmp"
	}
	return base
}

// sweepSockets removes the socket folders of killed programs. In doubt it leaves a folder.
func sweepSockets(a account) {
	paths, _ := filepath.Glob(filepath.Join(socketBase(), socketPrefix+"*"))
	for _, path := range paths {
		sweepSocket(path, a)
	}
}

func sweepSocket(path string, a account) {
	if info, err := os.Lstat(path); err != nil || info.Mode() != os.ModeDir|0o700 {
		return
	}
	if uid, _, err := owner(path); err != nil || (uid != os.Geteuid() && uid != a.uid) {
		return
	}
	// From here on use the opened folder, since its name may lead elsewhere by now.
	root, err := os.OpenRoot(path)
	if err != nil {
		return
	}
	defer root.Close()
	lock, err := root.Open(".")
	if err != nil {
		return
	}
	defer lock.Close()
	if ok, err := try(lock); !ok || err != nil {
		return
	}
	known := []string{socketFile, socketFile + ".lock"}
	names, err := lock.Readdirnames(-1)
	if err != nil || slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(known, n) }) {
		return
	}
	for _, name := range names {
		_ = root.Remove(name)
	}
	_ = os.Remove(path)
}
