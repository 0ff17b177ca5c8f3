//go:build soak

package live_test

import (
	"time"

	"baogong/internal/cpu"
)

// The full numbers of what volume_test.go has little of.
const (
	burstOrders      = 1000
	burstReaders     = 5
	hostileMoves     = 60
	churnBulk        = 100 / (1 + cpu.Dearer)
	stormSubscribers = 5000 / cpu.Dearer
)

// The whole day of TestDay.
var dayLong = daySize{placed: 1250, calls: 160, hour: 25 * time.Second, morning: 3 * time.Minute, evening: 3 * time.Minute, enough: 97, pace: time.Second}
