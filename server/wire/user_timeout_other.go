//go:build !linux

package wire

import (
	"net"
	"time"
)

// setUserTimeout does nothing on systems without the option; keepalives remain.
func setUserTimeout(*net.TCPConn, time.Duration) error { return nil }
