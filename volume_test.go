//go:build !soak

package main

import "baogong/internal/cpu"

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	benchScale       = "0.0005"
	burstOrders      = 300 // of one call
	burstReaders     = 3
	churnBulk        = 20                // orders of one call
	purgeHomes       = 5_000             // of a community
	placedUntilKill  = 40                // orders placed before the program is ended
	stormSubscribers = 1250 / cpu.Dearer // cut off at once
)
