//go:build !soak

package program_test

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	benchScale      = "0.0005"
	benchOnly       = "delivery,memory,moves,bulk,chain,board,latency,city,prices"
	benchGrowth     = ""    // words in the table of growth, which takes a third of the time and runs in the long form only
	purgeHomes      = 3_000 // of a community
	placedUntilKill = 25    // orders placed before the program is ended
	walkActs        = 120   // of the walk on which the server and PostgreSQL are killed
	walkKills       = 2     // on the way
	importRows      = 2_000 // of a file during whose import the program is killed
	importKills     = 1     // of the server, and of the command
)
