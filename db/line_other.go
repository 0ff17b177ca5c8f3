//go:build !linux

package db

import "syscall"

// patient does nothing where the system knows no such limit; keepalives and deadlines are left.
func patient(string, string, syscall.RawConn) error { return nil }
