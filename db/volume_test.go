//go:build !soak

package db_test

import "baogong/internal/volume"

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	positionedOrders = 100 // orders placed while lists are read
)

var (
	rapidChecks = volume.InCI("10", "25") // drawn cases of each property
	feedRounds  = volume.InCI(20, 60)     // transactions of each writer
)
