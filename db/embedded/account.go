package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that runs PostgreSQL, which refuses to run as root.
type account struct {
	name     string
	uid, gid int // owner of its files, as this process sees them
	attr     syscall.SysProcAttr
}

// command is like the function command, but as the account.
func (a account) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := command(ctx, name, args...)
	attr := a.attr
	attr.Setpgid = true
	cmd.SysProcAttr = &attr
	return cmd
}

// own makes the account the owner of a file or folder of ours.
func (a account) own(path string) error {
	if a.uid == os.Geteuid() {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

// choose returns the first account that can run b and reach the folder. An ordinary user's program has only that user. For a
// root process an existing folder stays with its owner. A new folder, or one of root's, is for a user namespace, which needs
// no other account, and otherwise for the accounts likely to reach it.
func (h host) choose(ctx context.Context, b build, f *folder) (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "this user", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	var candidates []account
	uid, gid, err := owner(f.data)
	if err != nil || uid == 0 {
		uid, gid, err = owner(f.dir)
	}
	if err == nil && uid != 0 {
		candidates = append(candidates, credential("the folder's owner", uid, gid))
	} else {
		if a, ok := namespace(); ok && !h.noNamespace {
			candidates = append(candidates, a)
		}
		// Below a home that is closed to others, only its owner can reach the folder.
		for at := filepath.Dir(f.dir); at != filepath.Dir(at); at = filepath.Dir(at) {
			if uid, gid, err := owner(at); err == nil && uid != 0 {
				candidates = append(candidates, credential("the owner of "+at, uid, gid))
				break
			}
		}
		for _, name := range []string{"postgres", "nobody"} {
			if u, err := user.Lookup(name); err == nil {
				uid, _ := strconv.Atoi(u.Uid)
				gid, _ := strconv.Atoi(u.Gid)
				candidates = append(candidates, credential(name, uid, gid))
			}
		}
	}
	var reason error
	for _, a := range candidates {
		probe := a.command(ctx, b.path("postgres"), "--version")
		// The folder gets its owner later; its parents must be accessible already.
		probe.Dir = filepath.Dir(f.dir)
		if reason = run(probe); reason == nil {
			return a, nil
		}
		if ctx.Err() != nil {
			return account{}, context.Cause(ctx)
		}
	}
	return account{}, refuse(ErrUnusable,
		"PostgreSQL does not run as root, and no other account can work with both %s and %s (%v); run this program as an ordinary user.", b.dir, f.dir, reason)
}

func credential(name string, uid, gid int) account {
	return account{name: name, uid: uid, gid: gid, attr: syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
	}}
}

func owner(path string) (uid, gid int, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("owner of %s is not known", path)
	}
	return int(stat.Uid), int(stat.Gid), nil
}
