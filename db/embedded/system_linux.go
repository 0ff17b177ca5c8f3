package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const locale = "C.UTF-8"

// namespace is an account that a root process can use anywhere: in a user namespace of its own, PostgreSQL sees itself as
// user 1000, while outside its files belong to root.
func namespace() (account, bool) {
	one := []syscall.SysProcIDMap{{ContainerID: 1000, HostID: 0, Size: 1}}
	return account{name: "root in a user namespace", attr: syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: one,
		GidMappings: one,
	}}, true
}

// dieWith makes the child receive sig when the thread that starts it ends.
func dieWith(attr *syscall.SysProcAttr, sig syscall.Signal) *syscall.SysProcAttr {
	attr.Pdeathsig = sig
	return attr
}

// workers returns the processes that work in a data folder: PostgreSQL and its children keep it as their working directory.
func workers(data string) []int {
	folder, err := os.Stat(data)
	if err != nil {
		return nil
	}
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if at, err := os.Stat(link); err == nil && os.SameFile(at, folder) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}
