package house

import (
	"testing"
	"time"
)

// WaitFor looks until something outside the program is so.
func WaitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not yet: " + what)
		}
	}
}
