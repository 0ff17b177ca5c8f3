//go:build !unix

package wire

import (
	"net"
	"syscall"
)

// rawOf is nil: every connection has a goroutine that reads, and one while there is something to write.
func rawOf(net.Conn) syscall.RawConn { return nil }

func (p *pass) writeTo(uintptr) {}

func readable(uintptr) bool { return true }
