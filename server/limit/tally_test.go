package limit

import (
	"strconv"
	"testing"
)

// One key cannot take everything: some is left for the next key, until the rest is too small to share.
func TestTallyLeavesSomething(t *testing.T) {
	t.Parallel()
	b := Tally{Total: 1000}
	for i, want := range []int{500, 250, 125, 63, 31, 16} {
		key, n := strconv.Itoa(i), 0
		for b.Take(key) {
			n++
		}
		if n != want {
			t.Errorf("number %d: got %d, want %d", i, n, want)
		}
	}
	if b.takeMany("large", 16) || !b.takeMany("none", 0) {
		t.Error("more than is free was taken")
	}
	for key, n := range b.held {
		b.giveMany(key, n)
	}
	if b.sum != 0 || len(b.held) != 0 {
		t.Errorf("%d are left, of %v", b.sum, b.held)
	}
}
