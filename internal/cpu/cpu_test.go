package cpu

import (
	"testing"
	"time"
)

// judged is a test that notes whether it failed.
type judged struct {
	testing.TB
	failed bool
}

func (j *judged) Errorf(string, ...any) { j.failed = true }

func TestWithin(t *testing.T) {
	const most = 50 * time.Millisecond
	for name, c := range map[string]struct {
		do   func()
		dear bool
	}{
		"waiting costs nothing": {func() { time.Sleep(2 * most) }, false},
		"work does": {func() {
			for before := Spent(t); Spent(t)-before < 2*most; {
			}
		}, true},
	} {
		j := &judged{TB: t}
		if within(j, most, c.do); j.failed != c.dear {
			t.Errorf("%s: failed %t, want %t", name, j.failed, c.dear)
		}
	}
}

func TestSlowdownIsFromOneToTwo(t *testing.T) {
	for took, want := range map[time.Duration]float64{idle / 2: 1, idle: 1, idle * 3 / 2: 1.5, 10 * idle: 2} {
		if got := slowdown(Dearer * took); got != want {
			t.Errorf("%v: got %v, want %v", took, got, want)
		}
	}
	if got := Slowdown(t); got < 1 || got > 2 {
		t.Errorf("got %v", got)
	}
}
