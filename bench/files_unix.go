package bench

import "syscall"

// manyFiles lets this process hold as many sockets as the system allows it.
func manyFiles() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) == nil && l.Cur < l.Max {
		l.Cur = l.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l) // Go has done so already on most systems
	}
}
