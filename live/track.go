package live

import (
	"context"
	"sync"
)

// Track runs beside one subscription and carries what its channel of values cannot: the cursor of each value,
// for SSE's id lines, and why the stream ended. The transport makes one (WithTrack) before it dispatches the
// operation; whoever pumps the stream fills it; the transport reads it after each value and at the end.
// The nil Track swallows everything, so a subscription also works without one.
type Track struct {
	mu      sync.Mutex
	cursors []string // of values handed over and not yet written, oldest first; bounded by the pump's channel
	err     error
}

type trackKey struct{}

// WithTrack returns a context that carries a new Track.
func WithTrack(ctx context.Context) (context.Context, *Track) {
	t := &Track{}
	return context.WithValue(ctx, trackKey{}, t), t
}

// TrackFrom is the context's Track, nil if it has none.
func TrackFrom(ctx context.Context) *Track {
	t, _ := ctx.Value(trackKey{}).(*Track)
	return t
}

// Push notes the cursor of the value that is handed over next; empty for values without one.
func (t *Track) Push(cursor string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cursors = append(t.cursors, cursor)
}

// Pop is the cursor of the oldest value not yet popped, empty if there is none.
func (t *Track) Pop() string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.cursors) == 0 {
		return ""
	}
	c := t.cursors[0]
	t.cursors = t.cursors[1:]
	return c
}

// End notes why the stream is over: a *delivery.Error is told to the client, ErrSlow closes the connection so
// that the client comes back, nil is an ordinary end. The first End counts. Call it before the channel is closed.
func (t *Track) End(err error) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// Err is what End noted.
func (t *Track) Err() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
