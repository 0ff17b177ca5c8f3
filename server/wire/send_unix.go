//go:build unix && !(linux && (amd64 || arm64) && !race)

package wire

import "syscall"

func send(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }
