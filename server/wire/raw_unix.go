//go:build unix

package wire

import (
	"errors"
	"net"
	"syscall"
)

// rawOf returns the connection for reads and writes that do not wait; nil where that is impossible, as with TLS.
func rawOf(c net.Conn) syscall.RawConn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// writeTo writes the rest of a pass, once. It never waits.
func (p *pass) writeTo(fd uintptr) {
	for {
		n, err := send(int(fd), p.left)
		switch {
		case n > 0:
			p.left = p.left[n:]
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil && !errors.Is(err, syscall.EAGAIN):
			p.err = err
		}
		return
	}
}

// readable reports whether a read would return at once, with bytes or the end. The peek is needed: without it, bytes
// that arrive between the last read and the parking would not wake the reader.
func readable(fd uintptr) bool {
	var one [1]byte
	for {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		return !errors.Is(err, syscall.EAGAIN)
	}
}
