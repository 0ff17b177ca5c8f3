//go:build linux && (amd64 || arm64) && !race

package wire

import (
	"syscall"
	"unsafe"
)

// send is write for sockets without two overheads that matter for small frames: the system's work for files, and the
// runtime's bookkeeping for calls that may block. This call never waits for a peer. If the kernel itself must wait, for
// example for memory, garbage collection waits too. The race detector treats a write as a synchronisation, which it
// cannot see here; race builds use write instead.
func send(fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
