//go:build !soak

package live_test

import "baogong/internal/cpu"

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	burstOrders      = 200 // of one call
	burstReaders     = 3
	hostileMoves     = 30               // while each hostile peer misbehaves
	churnBulk        = 20               // orders of one call
	stormSubscribers = 800 / cpu.Dearer // cut off at once
)

// The day of TestDay has the length that theDay says.
var dayLong daySize
