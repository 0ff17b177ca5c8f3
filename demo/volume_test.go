//go:build !soak

package demo

import (
	"time"

	"baogong/internal/volume"
)

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	dayOrders = 120 // about a tenth of a day's
)

// dayLasts are the hours of a small estate.
var dayLasts = volume.InCI(3*time.Hour, 5*time.Hour)
