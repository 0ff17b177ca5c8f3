package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"baogong/dispatch"
)

// An account reads one file at a time, and leaves the other slots to others.
func TestSlots(t *testing.T) {
	t.Parallel()
	s := dispatch.NewSlots(2)
	take := func(account string, within time.Duration) (func(), error) {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		return s.Take(ctx, account)
	}
	first := must(take("a", time.Minute))
	if _, err := take("a", time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second file of an account: got %v, want that it waits", err)
	}
	second := must(take("b", time.Minute))
	if _, err := take("c", time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with all slots taken: got %v, want that it waits", err)
	}
	next := make(chan func())
	go func() {
		release, _ := take("a", time.Minute)
		next <- release
	}()
	first()
	first() // is given back once
	third := <-next
	if _, err := take("c", time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with all slots taken again: got %v, want that it waits", err)
	}
	second()
	third()
	must(take("c", time.Minute))()
	if release, err := (*dispatch.Slots)(nil).Take(t.Context(), "a"); err != nil {
		t.Error(err)
	} else {
		release()
	}
}
