//go:build soak

package live_test

import "baogong/internal/cpu"

// The full numbers of what volume_test.go has little of.
const (
	burstOrders      = 1000
	burstReaders     = 5
	hostileMoves     = 60
	churnBulk        = 100 / (1 + cpu.Dearer)
	stormSubscribers = 5000 / cpu.Dearer
)
