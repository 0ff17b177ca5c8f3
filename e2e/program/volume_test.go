//go:build !soak

package program_test

import "baogong/internal/volume"

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	benchScale      = "0.0005"
	purgeHomes      = 3_000 // of a community
	placedUntilKill = 25    // orders placed before the program is ended
	walkActs        = 120   // of the walk on which the server and PostgreSQL are killed
	walkKills       = 2     // on the way
	importRows      = 2_000 // of a file during whose import the program is killed
	importKills     = 3     // of the server, and of the command
)

// benchOnly are the subjects of bench that a test runs. The table of growth takes a third of the time and is in the long form only.
var benchOnly = volume.InCI("moves", "delivery,memory,moves,bulk,chain,imports,board,latency,city,prices")
