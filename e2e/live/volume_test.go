//go:build !soak

package live_test

import (
	"baogong/internal/cpu"
	"baogong/internal/volume"
)

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	burstOrders  = 200 // of one call
	burstReaders = 3
	hostileMoves = 30 // while each hostile peer misbehaves
	churnBulk    = 20 // orders of one call
)

// stormSubscribers are cut off at once.
var stormSubscribers = volume.InCI(300, 800) / cpu.Dearer

// The day of TestDay has the length that theDay says.
var dayLong daySize
