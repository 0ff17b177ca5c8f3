//go:build !soak

package dispatch_test

import "baogong/internal/volume"

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const truckload = 100 // orders on a truck

var (
	truckRounds = volume.InCI(1, 3)         // of everything that takes locks
	days        = volume.InCI[uint64](1, 2) // of each kind, that lose nothing
	walkSteps   = 2000                      // of the walk through all verbs
)
