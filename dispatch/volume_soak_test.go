//go:build soak

package dispatch_test

const (
	truckload   = 300
	truckRounds = 5
	days        = 6
	walkSteps   = 20000
)
