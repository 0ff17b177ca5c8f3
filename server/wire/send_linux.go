//go:build linux && (amd64 || arm64) && !race

package wire

import (
	"syscall"
	"unsafe"
)

// send is write for sockets, without what the system does only for files and without what the runtime does around calls
// that may wait for a peer, which this one never does: both show where frames are small. Should the system itself have
// to wait, for memory say, a collection of garbage waits with it. The race detector takes a write for an order of
// things, which it cannot see here, so with it write is used.
func send(fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
