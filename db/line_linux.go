package db

import (
	"strings"
	"syscall"
)

// patient sets how long bytes may stay unacknowledged before the system ends a TCP connection.
func patient(network, _ string, c syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	const tcpUserTimeout = 0x12
	controlled := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(userTimeout.Milliseconds()))
	})
	if controlled != nil {
		return controlled
	}
	return err
}
