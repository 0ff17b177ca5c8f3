//go:build !soak

package program_test

// How much the long tests do in CI, which alone runs most of them; volume_soak_test.go has the full numbers.
const (
	benchScale      = "0.0005"
	benchOnly       = "delivery,memory,moves,bulk,chain,imports,board,latency,city,prices"
	purgeHomes      = 3_000 // of a community
	placedUntilKill = 25    // orders placed before the program is ended
	walkActs        = 400   // of the walk on which the server and PostgreSQL are killed
	walkKills       = 5     // on the way
	importRows      = 2_000 // of a file during whose import the program is killed
	importKills     = 3     // of the server, and of the command
)
