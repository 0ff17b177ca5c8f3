//go:build !linux

package bench

import "syscall"

func dieWithUs(attr *syscall.SysProcAttr) *syscall.SysProcAttr { return attr }
