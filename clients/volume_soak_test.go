//go:build soak

package clients_test

import "time"

const (
	exampleMoves = 300
	manyMoves    = 10_000
	manyBytes    = 90_000
	manyCuts     = 20

	chaosRate  = 300
	chaosPause = time.Second
	crowdPart  = 1
	deafened   = 4

	everyUsage = true
)
