//go:build !soak

package demo

import "time"

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	dayLasts  = 5 * time.Hour // of the small estate
	dayOrders = 120           // about a tenth of a day's
	wholeDay  = false         // of the whole estate
)
