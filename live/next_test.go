package live

import (
	"context"

	"baogong/delivery"
)

// Next waits for the next event, as pump does.
func (s *Stream) Next(ctx context.Context) (*delivery.Event, error) {
	e, err := next(ctx, s)
	if err != nil {
		return nil, err
	}
	return e.(*delivery.Event), nil
}

// Next waits for a newer state, as pump does.
func (v *Watcher[V]) Next(ctx context.Context) (value V, err error) {
	state, err := next(ctx, v)
	if err != nil {
		return value, err
	}
	return state.(V), nil
}
