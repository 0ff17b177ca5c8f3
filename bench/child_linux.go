package bench

import "syscall"

// dieWithUs makes the child end when the thread that starts it does, so also when we are killed.
func dieWithUs(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	attr.Pdeathsig = syscall.SIGKILL
	return attr
}
