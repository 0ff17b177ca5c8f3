//go:build soak

package main

import "baogong/internal/cpu"

// The full numbers of what volume_test.go has little of.
const (
	benchScale       = "0.002"
	burstOrders      = 1000
	burstReaders     = 5
	churnBulk        = 100 / (1 + cpu.Dearer)
	purgeHomes       = 20_000
	placedUntilKill  = 120
	stormSubscribers = 5000 / cpu.Dearer
)
