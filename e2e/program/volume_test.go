//go:build !soak

package program_test

// How much of everything the long tests have in a plain run; volume_soak_test.go has the full numbers.
const (
	benchScale      = "0.0005"
	purgeHomes      = 5_000 // of a community
	placedUntilKill = 40    // orders placed before the program is ended
)
