package live

import "context"

// Subscribe returns the channel that the resolver of a subscription returns to gqlgen. The context decides what it does:
//
//   - With an Opening it opens the flow, leaves it there for the transport, and returns a channel that stays empty.
//   - With an Inlet it opens nothing, and returns the channel of the values passed to Give.
//   - With neither, as on gqlgen's own transports, it opens the flow, and a goroutine sends its values of type T until ctx is
//     done.
//
// It fails with the error of open.
func Subscribe[T any](ctx context.Context, open func() (Flow, error)) (<-chan T, error) {
	seam := ctx.Value(seamKey{})
	if in, ok := seam.(*Inlet); ok {
		values := make(chan T, 1)
		in.give = func(v any) { values <- v.(T) }
		return values, nil
	}
	flow, err := open()
	if err != nil {
		return nil, err
	}
	if o, ok := seam.(*Opening); ok {
		o.Flow = flow
		return make(chan T), nil
	}
	return pump[T](ctx, flow), nil
}

type seamKey struct{}

// Opening receives the flow of one subscriber.
type Opening struct {
	Flow Flow // nil if the resolver refused
}

// WithOpening returns a context in which the resolver of a subscription opens its flow.
func WithOpening(ctx context.Context) (context.Context, *Opening) {
	o := &Opening{}
	return context.WithValue(ctx, seamKey{}, o), o
}

// Inlet hands values to an execution that many subscribers share.
type Inlet struct{ give func(value any) }

// WithInlet returns a context in which the resolver of a subscription answers the values passed to Give.
func WithInlet(ctx context.Context) (context.Context, *Inlet) {
	in := &Inlet{}
	return context.WithValue(ctx, seamKey{}, in), in
}

// Give passes one value. The caller must read its answer from the execution before the next call. It reports false if the
// resolver has not been called.
func (in *Inlet) Give(value any) bool {
	if in.give == nil {
		return false
	}
	in.give(value)
	return true
}
