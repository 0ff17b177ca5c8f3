package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/graph"
	"baogong/live"
)

// InlineSubscriptions lists the subscriptions whose answers need no row: the server makes them while it writes. The answers of other
// subscriptions read rows, and wait their turn for the database.
var InlineSubscriptions = map[string]bool{"orderEvents": true, "events": true}

// subscriptionResolver has one method per subscription. Each returns live.Subscribe of the flow it opens.
type subscriptionResolver struct{ *Resolver }

// Subscription returns the resolver of Subscription.
func (r *Resolver) Subscription() graph.SubscriptionResolver { return subscriptionResolver{r} }

// watch opens the flow of a state. A topic that the actor may not see is refused as missing.
func watch[V any](ctx context.Context, w *live.States[V], a delivery.Actor, t live.Target, kind delivery.Kind) (live.Flow, error) {
	watcher, err := w.Watch(ctx, a, t)
	if err != nil {
		if delivery.CodeOf(err) == delivery.CodeNotFound {
			err = delivery.Refuse(delivery.ReasonNoSuch, kind.String())
		}
		return nil, err
	}
	return watcher, nil
}
