//go:build soak

package program_test

// The full amounts of volume_test.go.
const (
	benchScale      = "0.002"
	benchOnly       = "delivery,own,memory,moves,bulk,chain,people,imports,webhooks,board,page,latency,city,growth,prices"
	purgeHomes      = 20_000
	placedUntilKill = 120
	walkActs        = 2_000
	walkKills       = 40
	importRows      = 5_000
	importKills     = 10
)
