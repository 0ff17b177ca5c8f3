package db

import (
	"strings"
	"syscall"
)

// setUserTimeout sets TCP_USER_TIMEOUT: how long sent bytes may stay unacknowledged before the kernel ends the connection.
func setUserTimeout(network, _ string, c syscall.RawConn) (err error) {
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
