package dispatch

import (
	"context"
	"fmt"
	"sync"
)

// Slots bound how many imported files are read at once, because a workbook takes up to 500 MB of memory while it is read. Nil is no bound.
type Slots chan struct{}

// Take waits for a slot and returns the function that gives it back, which may be called again. It fails when ctx ends first.
func (s Slots) Take(ctx context.Context) (release func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	select {
	case s <- struct{}{}:
		return sync.OnceFunc(func() { <-s }), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to read an imported file: %w", context.Cause(ctx))
	}
}
