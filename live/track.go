package live

import "context"

// Track is the way of a subscription's values past the channel that gqlgen wants of its resolver. Of a subscriber it
// carries the flow out to the transport; of a shared execution it carries values in, one at a time.
type Track struct {
	// Flow is what the subscriber reads; nil if the resolver refused.
	Flow Flow
	// Cursor is the cursor of a value; nil where values have none.
	Cursor func(value any) string

	shared bool
	give   func(value any)
}

type trackKey struct{}

// WithTrack returns a context for one subscriber's operation: the resolver leaves its flow in the Track.
func WithTrack(ctx context.Context) (context.Context, *Track) {
	t := &Track{}
	return context.WithValue(ctx, trackKey{}, t), t
}

// WithSharedTrack returns a context for an execution that many may share: its resolver opens nothing, and answers
// what Give gives.
func WithSharedTrack(ctx context.Context) (context.Context, *Track) {
	t := &Track{shared: true}
	return context.WithValue(ctx, trackKey{}, t), t
}

// Give hands one value to a shared execution, which must be asked for its answer before the next. It reports false if
// the execution takes none.
func (t *Track) Give(value any) bool {
	if t.give == nil {
		return false
	}
	t.give(value)
	return true
}

// Shared is the channel of a shared execution's values, nil if the context is of a subscriber's own. A resolver asks
// for it first.
func Shared[T any](ctx context.Context) <-chan T {
	t, _ := ctx.Value(trackKey{}).(*Track)
	if t == nil || !t.shared {
		return nil
	}
	values := make(chan T, 1)
	t.give = func(v any) { values <- v.(T) }
	return values
}

// Carry hands a flow of T to the transport, which closes it, and returns what the resolver must return. Where there
// is no Track, as on gqlgen's own transports, a goroutine carries the values until ctx is done.
func Carry[T any](ctx context.Context, f Flow, cursor func(T) string) <-chan T {
	t, _ := ctx.Value(trackKey{}).(*Track)
	if t == nil {
		return pump[T](ctx, f)
	}
	t.Flow = f
	if cursor != nil {
		t.Cursor = func(v any) string { return cursor(v.(T)) }
	}
	return make(chan T) // nobody reads it
}
