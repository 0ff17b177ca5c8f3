package live

import (
	"context"
	"errors"
	"log/slog"

	"baogong/delivery"
)

// Pump makes a channel of what next gives, for a resolver to return. It hands over one value at a time, notes
// each value's cursor and the end in the context's Track, closes the channel when next fails or ctx is done,
// and calls end last. A panic or a fault in next is logged and told as INTERNAL.
func Pump[T any](ctx context.Context, next func(context.Context) (T, string, error), end func()) <-chan T {
	values := make(chan T)
	track := TrackFrom(ctx)
	go func() {
		defer end()
		defer close(values)
		for {
			value, cursor, err := attempt(ctx, next)
			if err != nil {
				track.End(told(ctx, err))
				return
			}
			track.Push(cursor)
			select {
			case values <- value:
			case <-ctx.Done():
				return
			}
		}
	}()
	return values
}

func attempt[T any](ctx context.Context, next func(context.Context) (T, string, error)) (value T, cursor string, err error) {
	defer recovered(&err)
	return next(ctx)
}

// told is what the transport may know of why a stream ended.
func told(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil || errors.Is(err, errClosed):
		return nil
	case errors.Is(err, ErrSlow) || delivery.AsError(err) != nil:
		return err
	}
	slog.ErrorContext(ctx, "live: a stream fails", "err", err)
	return delivery.Refuse(delivery.ReasonInternal)
}
