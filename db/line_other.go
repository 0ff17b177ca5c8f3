//go:build !linux

package db

import "syscall"

// setUserTimeout does nothing on systems without the option; keepalives and deadlines remain.
func setUserTimeout(string, string, syscall.RawConn) error { return nil }
