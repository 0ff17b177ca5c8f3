package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/graph"
	"baogong/live"
)

type eventResolver struct{ *Resolver }

// OrderEvent returns the resolver of OrderEvent.
func (r *Resolver) OrderEvent() graph.OrderEventResolver { return eventResolver{r} }

// Cursor is the event's position in the feed's current epoch, for events of the history too.
func (r eventResolver) Cursor(ctx context.Context, e *delivery.Event) (string, error) {
	at := delivery.Position{Community: e.CommunityID, Seq: e.Seq}
	if head, known := r.Hub.Head(e.CommunityID); known {
		at.Epoch = head.Epoch
	} else { // the hub does not know a new community yet
		end, err := r.DB.FeedEnd(ctx, load(ctx).scope, e.CommunityID)
		if err != nil {
			return "", err
		}
		at.Epoch = end.Epoch
	}
	return r.Keys.FeedCursor(at), nil
}

func eventFilter(f *graph.OrderEventFilter, community int32) (out delivery.EventFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = delivery.EventFilter{Kinds: f.Kinds, Stages: f.Stages, Channels: f.Channels}
	for _, ids := range []struct {
		to    *[]delivery.UUID
		from  []*delivery.ID
		field string
		kind  delivery.Kind
	}{
		{&out.Buildings, f.BuildingIds, "buildingIds", delivery.KindBuilding},
		{&out.Households, f.HouseholdIds, "householdIds", delivery.KindHousehold},
		{&out.Suppliers, f.SupplierIds, "supplierIds", delivery.KindSupplier},
		{&out.Orders, f.OrderIds, "orderIds", delivery.KindOrder},
	} {
		if *ids.to, err = named(ids.from, community, ids.field, ids.kind); err != nil {
			return out, err
		}
	}
	// An empty list would be treated as no filter.
	for _, list := range []struct {
		field string
		empty bool
	}{
		{"kinds", none(f.Kinds)}, {"stages", none(f.Stages)}, {"channels", none(f.Channels)}, {"buildingIds", none(f.BuildingIds)},
		{"householdIds", none(f.HouseholdIds)}, {"supplierIds", none(f.SupplierIds)}, {"orderIds", none(f.OrderIds)},
	} {
		if list.empty {
			return out, delivery.Refuse(dispatch.ReasonEmptyList).At("filter", list.field)
		}
	}
	return out, nil
}

// OrderEvents streams every event of orders after a cursor, or from now on.
func (r subscriptionResolver) OrderEvents(ctx context.Context, communityID delivery.ID, filter *graph.OrderEventFilter, after *string) (<-chan *delivery.Event, error) {
	return r.follow(ctx, communityID, after, func() (delivery.EventFilter, error) { return eventFilter(filter, communityID.Community) })
}

// follow streams the events that match a filter after a cursor, or from now on.
func (r *Resolver) follow(ctx context.Context, communityID delivery.ID, after *string, filter func() (delivery.EventFilter, error)) (<-chan *delivery.Event, error) {
	return live.Subscribe[*delivery.Event](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		f, err := filter()
		if err != nil {
			return nil, err
		}
		from, err := r.position(ctx, after)
		if err != nil {
			return nil, err
		}
		stream, err := r.Hub.Subscribe(ctx, ActorFrom(ctx), communityID.Community, f, from)
		switch delivery.CodeOf(err) {
		case delivery.CodeBadUserInput, delivery.CodeResyncRequired: // only the cursor can cause these
			return nil, r.atCursor(ctx, err)
		}
		if err != nil {
			return nil, missing(err, "communityId")
		}
		return stream, nil
	})
}

// position returns the position to resume after: that of the Last-Event-ID, else that of the argument.
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

// atCursor adds the argument's path to a refusal, unless the cursor came in the Last-Event-ID.
func (r *Resolver) atCursor(ctx context.Context, err error) error {
	if r.LastEventID(ctx) != "" {
		return err
	}
	return about(err, "after")
}
