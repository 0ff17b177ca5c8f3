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
	"syscall"
	"time"
)

const (
	forkWindow = 300 * time.Millisecond // a killed program's half-made child holds its locks briefly
	leaveQuit  = 20 * time.Second       // how long an orphaned PostgreSQL may take to shut down
	leaveAtAll = 30 * time.Second       // and to have ended
)

// lock makes the folder and takes its two locks. The owner lock belongs to this program alone. PostgreSQL inherits the work
// lock, so after this program is killed it is free only when the last process of its PostgreSQL has ended.
func (f *folder) lock(ctx context.Context, undo *cleanup, progress func(string)) error {
	if err := f.make(); err != nil {
		return err
	}
	var err error
	if f.owner, err = f.openLock("owner", undo); err != nil {
		return err
	}
	if ok, err := tryFor(ctx, f.owner, forkWindow); err != nil {
		return err
	} else if !ok {
		return f.inUse()
	}
	if err := f.owner.Truncate(0); err != nil {
		return fmt.Errorf("write owner: %w", err)
	}
	if _, err := f.owner.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return fmt.Errorf("write owner: %w", err)
	}
	if f.work, err = f.openLock("work", undo); err != nil {
		return err
	}
	return f.outwait(ctx, progress)
}

// make keeps an existing folder as it is.
func (f *folder) make() error {
	err := os.MkdirAll(filepath.Dir(f.dir), 0o755)
	if err == nil {
		err = os.Mkdir(f.dir, 0o700)
	}
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return refuse(ErrUnusable, "This user may not make the database folder %s; choose another folder.", f.dir)
	}
	return fmt.Errorf("make database folder: %w", err)
}

// outwait asks the PostgreSQL of a killed program to stop, and returns when it has ended.
func (f *folder) outwait(ctx context.Context, progress func(string)) error {
	if ok, err := tryFor(ctx, f.work, 0); ok || err != nil {
		return err
	}
	progress("waiting for the PostgreSQL of a killed program to end")
	f.signalOrphan(syscall.SIGINT)
	if ok, err := tryFor(ctx, f.work, leaveQuit); ok || err != nil {
		return err
	}
	f.signalOrphan(syscall.SIGQUIT)
	if ok, err := tryFor(ctx, f.work, leaveAtAll-leaveQuit); ok || err != nil {
		return err
	}
	return refuse(ErrInUse, "An earlier PostgreSQL in %s does not end; end it, then try again.", f.dir)
}

// signalOrphan signals a postmaster only if it provably works in the folder.
func (f *folder) signalOrphan(sig syscall.Signal) {
	content, _ := os.ReadFile(f.pidFile())
	first, _, _ := strings.Cut(string(content), "\n")
	if pid, err := strconv.Atoi(first); err == nil && pid > 1 && slices.Contains(workers(f.data), pid) {
		_ = syscall.Kill(pid, sig)
	}
}

func (f *folder) inUse() error {
	owner := "Another program"
	if content, err := os.ReadFile(f.owner.Name()); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(content))); err == nil {
			owner = fmt.Sprintf("Another program (process %d)", pid)
		}
	}
	return refuse(ErrInUse, "%s already uses the database folder %s; stop it, or choose another folder.", owner, f.dir)
}

// openLock opens a lock file without locking it. A lock is released by closing the file, never by unlocking it, which would
// also release it for the children that hold it.
func (f *folder) openLock(name string, undo *cleanup) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(f.dir, name), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, refuse(ErrUnusable, "This user may not write to the database folder %s; run as its owner, or choose another folder.", f.dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	undo.add(func() { file.Close() })
	return file, nil
}

// tryFor tries to lock the file until it succeeds or the time is up.
func tryFor(ctx context.Context, file *os.File, d time.Duration) (bool, error) {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		ok, err := try(file)
		if ok || err != nil {
			return ok, err
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

func try(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR):
		return false, nil
	default:
		return false, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
}
