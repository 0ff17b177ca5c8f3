package plan

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/rehearsal"
)

// TestLooks: one community at a tick, each in its turn, also where the next are due before all had theirs. A look that failed waits as others do.
func TestLooks(t *testing.T) {
	t.Parallel()
	l, now := &looks{}, time.Date(2022, 4, 12, 9, 0, 0, 0, time.UTC)
	tick := func(communities ...int32) (begun []int32) {
		for _, c := range communities {
			if l.begin(c, now) {
				begun = append(begun, c)
			}
		}
		return begun
	}
	for i, want := range []int32{1, 2, 3, 1, 2, 3} {
		if got := tick(1, 2, 3); !slices.Equal(got, []int32{want}) {
			t.Errorf("tick %d: got %v, want %d", i, got, want)
		}
		now = now.Add(delivery.PresentEvery)
	}
	l = &looks{}
	if got := append(tick(1), tick(1)...); len(got) != 1 {
		t.Errorf("at one instant: got %v, want one look", got)
	}
	_ = tick(1, 2) // of 2
	now = now.Add(delivery.PresentEvery)
	_ = tick(1, 2) // of 1, and 2 waits
	now = now.Add(delivery.PresentEvery)
	if got := append(tick(1), tick(1)...); len(got) != 1 {
		t.Errorf("got %v, want that a community that is gone delays no other one", got)
	}
	if !l.failed(1, errors.New("x")) || l.failed(1, errors.New("x")) || l.failed(1, nil) || !l.failed(1, errors.New("x")) {
		t.Error("a failure is not told once")
	}
}

// TestTurnEnds: a wait for the turn ends with its context.
func TestTurnEnds(t *testing.T) {
	t.Parallel()
	v := &Verbs{Turn: make(chan struct{}, 1)}
	v.Turn <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := v.rehearse(ctx, rehearsal.Assumed()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the wait ends", err)
	}
}
