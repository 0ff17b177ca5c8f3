package house

import (
	"testing"
	"time"
)

// WaitFor polls until a condition outside the program is true.
func WaitFor(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Timeout); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not yet: " + what)
		}
	}
}
