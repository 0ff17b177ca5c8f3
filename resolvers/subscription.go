package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/graph"
	"baogong/live"
)

// Prompt are the subscriptions whose answers need no row: the server makes them at once, while it writes. A subscription that
// is not listed reads rows for its answers, and waits its turn for the database.
var Prompt = map[string]bool{"orderEvents": true}

// subscriptionResolver has one method per subscription. Each returns live.Subscribe of the flow it opens.
type subscriptionResolver struct{ *Resolver }

// Order is the order's state, now and after changes.
func (r subscriptionResolver) Order(ctx context.Context, id delivery.ID) (<-chan *delivery.Order, error) {
	return live.Subscribe[*delivery.Order](ctx, func() (live.Flow, error) {
		a, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if refusal := ofKind(id, delivery.KindOrder); refusal != nil {
			return nil, refusal.At("id")
		}
		orders, err := watch(ctx, r.orders, a, live.Topic{Community: id.Community, Order: id.UUID}, delivery.KindOrder)
		return orders, missing(err, "id")
	})
}

// Board is the board's state, now and after changes.
func (r subscriptionResolver) Board(ctx context.Context, communityID delivery.ID) (<-chan *delivery.Board, error) {
	return live.Subscribe[*delivery.Board](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		boards, err := watch(ctx, r.boards, ActorFrom(ctx), live.Topic{Community: communityID.Community}, delivery.KindCommunity)
		return boards, missing(err, "communityId")
	})
}

// OrderEvents is every event after a cursor, or from now on.
func (r subscriptionResolver) OrderEvents(ctx context.Context, communityID delivery.ID, filter *graph.OrderEventFilter, after *string) (<-chan *delivery.Event, error) {
	return live.Subscribe[*delivery.Event](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
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
		switch delivery.CodeOf(err) {
		case delivery.CodeBadUserInput, delivery.CodeResyncRequired: // only the cursor is left to be wrong
			return nil, r.atCursor(ctx, err)
		}
		if err != nil {
			return nil, missing(err, "communityId")
		}
		return stream, nil
	})
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
	return &p, r.atCursor(ctx, err)
}

// atCursor says that a refusal is about the argument, unless the cursor came in the Last-Event-ID.
func (r *Resolver) atCursor(ctx context.Context, err error) error {
	if r.LastEventID(ctx) != "" {
		return err
	}
	return about(err, "after")
}

// watch opens the flow of a state. A topic that the actor may not see is refused as missing.
func watch[V any](ctx context.Context, w *live.Watch[V], a delivery.Actor, t live.Topic, kind delivery.Kind) (live.Flow, error) {
	watcher, err := w.Watch(ctx, a, t)
	if err != nil {
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = delivery.Refuse(delivery.ReasonNoSuch, kind.String())
		}
		return nil, err
	}
	return watcher, nil
}

// loadOrder reads an order for all who watch it with one View.
func (r *Resolver) loadOrder(ctx context.Context, k live.WatchKey) (*delivery.Order, error) {
	id := delivery.ID{Kind: delivery.KindOrder, Community: k.Community, UUID: k.Order}
	o, err := there(single(r.DB.OrdersByID(ctx, k.Scope, []delivery.ID{id})))(delivery.KindOrder)
	return o, missing(err, "id")
}

// loadBoard reads a board for all who watch it with one View.
func (r *Resolver) loadBoard(ctx context.Context, k live.WatchKey) (*delivery.Board, error) {
	b, err := r.readBoard(ctx, k.Scope, k.Community)
	return b, missing(err, "communityId")
}
