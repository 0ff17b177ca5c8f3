// Package volume says how much tests do. A plain run is quick; a run in CI, or by make thorough, has every test in full; the longest
// forms, which need an idle machine, have the build tag soak.
package volume

import (
	"os"
	"testing"
)

// Thorough reports whether the tests may do what a plain run has no time for: in CI, and in the longest forms.
func Thorough() bool { return soak || os.Getenv("CI") != "" }

// InCI returns ci in CI, and plain elsewhere.
func InCI[T any](plain, ci T) T {
	if Thorough() {
		return ci
	}
	return plain
}

// OnlyInCI skips a test that takes many seconds of CPU, unless it runs in CI.
func OnlyInCI(t testing.TB) {
	t.Helper()
	if !Thorough() {
		t.Skip("it takes long: make thorough runs it")
	}
}
