//go:build !linux

package server

import (
	"net"
	"time"
)

// setUserTimeout does nothing where there is no such option: keep-alives alone must do.
func setUserTimeout(*net.TCPConn, time.Duration) error { return nil }
