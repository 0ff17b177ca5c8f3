//go:build soak

package program_test

// The full numbers of what volume_test.go has little of.
const (
	benchScale      = "0.002"
	purgeHomes      = 20_000
	placedUntilKill = 120
)
