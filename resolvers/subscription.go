package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/graph"
	"baogong/live"
)

type subscriptionResolver struct{ *Resolver }

// Order is the order's state, now and after changes.
func (r subscriptionResolver) Order(ctx context.Context, id delivery.ID) (<-chan *delivery.Order, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if id.Kind != delivery.KindOrder {
		return nil, delivery.Refuse(delivery.ReasonWrongKind, id.Kind.String(), delivery.KindOrder.String())
	}
	return watch(ctx, r.orders, a, live.Topic{Community: id.Community, Order: id.UUID}, delivery.KindOrder)
}

// Board is the board's state, now and after changes.
func (r subscriptionResolver) Board(ctx context.Context, communityID delivery.ID) (<-chan *delivery.Board, error) {
	if err := r.enter(ctx, communityID); err != nil {
		return nil, err
	}
	return watch(ctx, r.boards, ActorFrom(ctx), live.Topic{Community: communityID.Community}, delivery.KindCommunity)
}

// OrderEvents is every event after a cursor, or from now on.
func (r subscriptionResolver) OrderEvents(ctx context.Context, communityID delivery.ID, filter *graph.OrderEventFilter, after *string) (<-chan *delivery.Event, error) {
	if err := r.enter(ctx, communityID); err != nil {
		return nil, err
	}
	f, err := eventFilter(filter, communityID.Community)
	if err != nil {
		return nil, err
	}
	from, err := r.position(ctx, after)
	if err != nil {
		return nil, err
	}
	stream, err := r.Hub.Subscribe(ctx, ActorFrom(ctx), communityID.Community, f, from)
	if err != nil {
		return nil, err
	}
	return live.Pump(ctx, func(ctx context.Context) (*delivery.Event, string, error) {
		e, err := stream.Next(ctx)
		if err != nil {
			return nil, "", err
		}
		at := stream.Position()
		at.Seq = e.Seq // the stream may have looked further, for its own filter
		return e, r.Keys.FeedCursor(at), nil
	}, stream.Close), nil
}

// position is where the client has got to: what its event stream said last, else the argument.
func (r *Resolver) position(ctx context.Context, after *string) (*delivery.Position, error) {
	if last := r.LastEventID(ctx); last != "" {
		after = &last
	}
	if after == nil {
		return nil, nil
	}
	p, err := r.Keys.ParseFeedCursor(*after)
	return &p, err
}

func watch[V any](ctx context.Context, w *live.Watch[V], a delivery.Actor, t live.Topic, kind delivery.Kind) (<-chan V, error) {
	watcher, err := w.Watch(ctx, a, t)
	if err != nil {
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = delivery.Refuse(delivery.ReasonNoSuch, kind.String())
		}
		return nil, err
	}
	return live.Pump(ctx, func(ctx context.Context) (V, string, error) {
		v, err := watcher.Next(ctx)
		return v, "", err
	}, watcher.Close), nil
}

// loadOrder reads an order for all who watch it with one View.
func (r *Resolver) loadOrder(ctx context.Context, k live.WatchKey) (*delivery.Order, error) {
	id := delivery.ID{Kind: delivery.KindOrder, Community: k.Community, UUID: k.Order}
	return there(single(r.DB.OrdersByID(ctx, k.Scope, []delivery.ID{id})))(delivery.KindOrder)
}

// loadBoard reads a board for all who watch it with one View.
func (r *Resolver) loadBoard(ctx context.Context, k live.WatchKey) (*delivery.Board, error) {
	return r.readBoard(ctx, k.Scope, k.Community)
}
