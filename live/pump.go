package live

import (
	"context"
	"errors"
	"log/slog"

	"baogong/delivery"
)

// pump sends a flow's values on a channel, for transports that do not know flows. Its goroutine ends, and closes the channel
// and then the flow, when the flow or ctx ends.
func pump[T any](ctx context.Context, f Flow) <-chan T {
	values := make(chan T)
	go func() {
		defer f.Close()
		defer close(values)
		for {
			value, err := next(ctx, f)
			if err != nil {
				if l, ok := f.(logged); ok && ctx.Err() == nil {
					l.log().DebugContext(ctx, "live: a stream ends", "err", err)
				}
				return
			}
			select {
			case values <- value.(T):
			case <-ctx.Done():
				return
			}
		}
	}()
	return values
}

// logged is a flow of a hub, with the hub's logger.
type logged interface{ log() *slog.Logger }

func (s *Stream) log() *slog.Logger     { return s.feed.hub.options.Log }
func (v *Watcher[V]) log() *slog.Logger { return v.feed.hub.options.Log }

// next waits for the flow's next value. It fails with the flow's error, or with ctx's.
func next(ctx context.Context, f Flow) (any, error) {
	woken := make(chan struct{}, 1)
	f.Listen(WakerFunc(func() { signal(woken) }))
	for {
		switch t := f.Take(); t.Step {
		case Got:
			return t.Value, nil
		case Over:
			return nil, t.Err
		case Behind:
			f.Fetch(ctx)
		default:
			select {
			case <-woken:
			case <-ctx.Done():
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// ClientError returns the part of a flow's final error that the client may see, or nil for an ordinary end. It logs the rest.
func ClientError(log *slog.Logger, err error) error {
	switch {
	case err == nil, errors.Is(err, errClosed):
		return nil
	case errors.Is(err, ErrSlow) || errors.Is(err, ErrStale) || delivery.AsError(err) != nil:
		return err
	case errors.Is(err, context.Canceled): // the hub or the subscriber has ended
		return delivery.Refuse(delivery.ReasonUnavailable)
	}
	log.Error("live: a stream fails", "err", err)
	return delivery.Refuse(delivery.ReasonInternal)
}
