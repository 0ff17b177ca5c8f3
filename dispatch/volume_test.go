//go:build !soak

package dispatch_test

import "baogong/internal/volume"

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	truckload   = 100 // orders on a truck
	truckRounds = 3   // of everything that takes locks
	days        = 2   // of each kind, that lose nothing
)

// walkSteps are those of the walk through all verbs.
var walkSteps = volume.InCI(1000, 2000)
