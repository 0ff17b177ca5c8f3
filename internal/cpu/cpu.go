// Package cpu measures in tests what work costs.
package cpu

import (
	"runtime/debug"
	"syscall"
	"testing"
	"time"
)

// Cheaply runs do and fails if it costs more than 2 s of CPU, or a multiple of that under the race detector. The whole
// process counts, both sides of the wire and concurrent tests: do not run such a test in parallel.
func Cheaply(t testing.TB, do func()) {
	t.Helper()
	within(t, Dearer*2*time.Second, do)
}

// within fails if do costs more than most.
func within(t testing.TB, most time.Duration, do func()) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as the program runs; tests with a database collect garbage less often
	began, before := time.Now(), Spent(t)
	do()
	cost := Spent(t) - before
	t.Logf("cost %v CPU in %v", cost, time.Since(began))
	if cost > most {
		t.Errorf("cost %v CPU", cost)
	}
}

// Spent is what the process has spent so far.
func Spent(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
