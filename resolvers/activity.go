package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/graph"
)

type activityResolver struct{ *Resolver }

// Activity returns the resolver of Activity.
func (r *Resolver) Activity() graph.ActivityResolver { return activityResolver{r} }

// Cursor is the event's position in the feed's current epoch.
func (r activityResolver) Cursor(ctx context.Context, e *delivery.Event) (string, error) {
	return eventResolver(r).Cursor(ctx, e)
}

// Events streams every event of any noun after a cursor, or from now on. Its answers are not compiled, unlike those of orderEvents:
// subscribers are few, and share each answer.
func (r subscriptionResolver) Events(ctx context.Context, communityID delivery.ID, kinds []delivery.EventKind, after *string) (<-chan *delivery.Event, error) {
	return r.follow(ctx, communityID, after, func() (delivery.EventFilter, error) {
		if none(kinds) {
			return delivery.EventFilter{}, delivery.Refuse(dispatch.ReasonEmptyList).At("kinds")
		}
		return delivery.EventFilter{Activities: true, Kinds: kinds}, nil
	})
}
