package live

import (
	"context"
	"errors"
	"testing"
)

// An account with a thousand jobs delays another by one job and runs no more than its share at once. A job whose caller gave
// up takes no place.
func TestTurnsAreFair(t *testing.T) {
	t.Parallel()
	q := NewFairQueue(3, 2)
	began, goOn := make(chan string, 2000), make(chan struct{})
	job := func(name string) func() {
		return func() { began <- name; <-goOn }
	}
	for range 1000 {
		q.Do("heavy", job("heavy"))
	}
	if first, second := <-began, <-began; first != "heavy" || second != "heavy" {
		t.Fatalf("got %s and %s, want the heavy account's", first, second)
	}
	if its, all := q.Waiting("heavy"); its != 998 || all != 998 {
		t.Errorf("got %d of %d waiting, want 998: the share is two at once", its, all)
	}
	q.Do("light", job("light")) // the third place is free
	if got := <-began; got != "light" {
		t.Fatalf("got %s, want the light account at once", got)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Wait(gone, "light"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want to give up", err)
	}
	q.Do("light", job("light"))
	goOn <- struct{}{} // one place becomes free: whose turn it is depends on who gave it up, but light is next or the one after
	goOn <- struct{}{}
	for range 2 {
		if <-began == "light" {
			close(goOn)
			for range 997 { // the rest must run too
				<-began
			}
			return
		}
	}
	t.Error("the light account waits behind more than two jobs of the heavy one")
	close(goOn)
}
