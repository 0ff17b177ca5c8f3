package delivery

import "time"

// RateLimit is where a caller stands with what operations cost.
type RateLimit struct {
	Limit     int       // what may be spent at once after a pause
	Cost      int       // of the operation that asks
	Remaining int       // after it
	ResetAt   time.Time // machine time: when Remaining would be Limit again if nothing were asked
}
