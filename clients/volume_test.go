//go:build !soak

package clients_test

import "time"

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	exampleMoves = 100    // that each example follows while it is cut off
	manyMoves    = 1_000  // of a tenth as many orders, while the server restarts
	manyBytes    = 25_000 // between two cuts, on average
	manyCuts     = 5      // at least

	chaosRate  = 60 // moves a second
	chaosPause = 300 * time.Millisecond
	crowdPart  = 3 // one of so many subscribers
	deafened   = 2 // times that all listeners are cut off

	everyUsage = false // every example without arguments, or one
)
