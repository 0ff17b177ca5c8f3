//go:build soak

package db_test

const (
	rapidChecks      = "100"
	feedRounds       = 1_000
	positionedOrders = 300
)
