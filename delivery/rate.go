package delivery

import "time"

// RateLimit is a caller's budget for the cost of operations.
type RateLimit struct {
	Limit     int       // the budget after a pause
	Cost      int       // of the current operation
	Remaining int       // after the current operation
	ResetAt   time.Time // machine time: when Remaining equals Limit again if no operation is sent
}
