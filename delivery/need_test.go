package delivery_test

import (
	"fmt"
	"slices"
	"testing"

	"baogong/delivery"
)

// TestInstructionsProveNoNeed goes through all sets of needs. For every set of instructions and every need there is a set of
// needs without that need that has the same instructions, so no need is proved. The order of the needs does not matter.
func TestInstructionsProveNoNeed(t *testing.T) {
	t.Parallel()
	behind := map[string][]delivery.Needs{}
	for set := range 1 << len(delivery.AllNeeds) {
		var needs delivery.Needs
		for i, n := range delivery.AllNeeds {
			if set&(1<<i) != 0 {
				needs = append(needs, n)
			}
		}
		read := fmt.Sprint(needs.Instructions())
		behind[read] = append(behind[read], needs)
		turned := slices.Clone(needs)
		slices.Reverse(turned)
		if got := fmt.Sprint(turned.Instructions()); got != read {
			t.Errorf("%v: got %s, in the other order %s", needs, read, got)
		}
	}
	if len(behind) < 4 {
		t.Errorf("got %d sets of instructions: they say nothing to do", len(behind))
	}
	for read, sets := range behind {
		for _, n := range delivery.AllNeeds {
			with := 0
			for _, s := range sets {
				if slices.Contains(s, n) {
					with++
				}
			}
			if with == len(sets) {
				t.Errorf("%s proves %s: all %d sets of needs behind it have it", read, n, with)
			}
		}
		// Most households have at most one need: even among those no set of instructions proves a need.
		one := slices.DeleteFunc(slices.Clone(sets), func(s delivery.Needs) bool { return len(s) > 1 })
		if len(one) == 1 && len(one[0]) == 1 {
			t.Errorf("%s has only the need %s behind it", read, one[0][0])
		}
	}
}
