//go:build soak

package db_test

const (
	rapidChecks      = "100"
	feedRounds       = 600
	positionedOrders = 300
)
