package live

import "context"

// Subscribe returns the channel that the resolver of a subscription returns to gqlgen. The context decides what it does:
//
//   - With a Capture it opens the flow, leaves it there for the transport, and returns a channel that stays empty.
//   - With an Injector it opens nothing, and returns the channel of the values passed to Give.
//   - With neither, as on gqlgen's own transports, it opens the flow, and a goroutine sends its values of type T until ctx is
//     done.
//
// It fails with the error of open.
func Subscribe[T any](ctx context.Context, open func() (Flow, error)) (<-chan T, error) {
	seam := ctx.Value(seamKey{})
	if in, ok := seam.(*Injector); ok {
		values := make(chan T, 1)
		in.give = func(v any) { values <- v.(T) }
		return values, nil
	}
	flow, err := open()
	if err != nil {
		return nil, err
	}
	if o, ok := seam.(*Capture); ok {
		o.Flow = flow
		return make(chan T), nil
	}
	return pump[T](ctx, flow), nil
}

type seamKey struct{}

// Capture receives the flow of one subscriber.
type Capture struct {
	Flow Flow // nil if the resolver refused
}

// WithCapture returns a context in which the resolver of a subscription opens its flow.
func WithCapture(ctx context.Context) (context.Context, *Capture) {
	o := &Capture{}
	return context.WithValue(ctx, seamKey{}, o), o
}

// Injector hands values to an execution that many subscribers share.
type Injector struct{ give func(value any) }

// WithInjector returns a context in which the resolver of a subscription answers the values passed to Give.
func WithInjector(ctx context.Context) (context.Context, *Injector) {
	in := &Injector{}
	return context.WithValue(ctx, seamKey{}, in), in
}

// Give passes one value. The caller must read its answer from the execution before the next call. It reports false if the
// resolver has not been called.
func (in *Injector) Give(value any) bool {
	if in.give == nil {
		return false
	}
	in.give(value)
	return true
}
