//go:build soak

package db_test

import (
	"strings"
	"testing"
	"time"

	"baogong/db/crowd"
)

// Of 300,000 orders, no list looks at more than a seventh, whatever it is narrowed and sorted by and whoever asks. What is
// named is two large sets that have nothing in common, by ROUND.
func TestEveryListOf300000OrdersLooksAtFew(t *testing.T) {
	c := newCrowd(t, crowd.Size{})
	c.lists(func(name string, touched float64, took time.Duration) {
		if touched > 43_000 && !strings.HasPrefix(name, "supplier, channel BUY_FOR by ROUND") {
			t.Errorf("%s looked at %.0f orders in %v", name, touched, took)
		}
	})
}
