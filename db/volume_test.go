//go:build !soak

package db_test

// The volumes of tests that take their time. Those of `go test -tags soak` are in volume_soak_test.go.
const (
	rapidChecks      = "25" // drawn cases of each property
	feedRounds       = 60   // transactions of each writer
	positionedOrders = 100  // orders placed while lists are read
)
