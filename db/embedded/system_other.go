//go:build !linux

package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const locale = "C" // C.UTF-8 is not known everywhere

func namespace() (account, bool) { return account{}, false }

func dieWith(attr *syscall.SysProcAttr, _ syscall.Signal) *syscall.SysProcAttr { return attr }

// workers returns the postmaster named by the data folder's pid file, if it is one.
func workers(data string) []int {
	content, err := os.ReadFile(filepath.Join(data, pidFileName))
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return nil
	}
	out, err := exec.Command("ps", "-o", "command=", "-p", first).Output()
	if err != nil || !strings.Contains(string(out), "postgres") {
		return nil
	}
	return []int{pid}
}
