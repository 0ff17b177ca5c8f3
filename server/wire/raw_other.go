//go:build !unix

package wire

import (
	"net"
	"syscall"
)

// rawOf returns nil: every connection has a goroutine that reads, and another while there is output to write.
func rawOf(net.Conn) syscall.RawConn { return nil }

func (p *pass) writeTo(uintptr) {}

func readable(uintptr) bool { return true }
