package resolvers

import (
	"context"

	"baogong/delivery"
)

type eventResolver struct{ *Resolver }

// Cursor is the event's position in the feed's present epoch, also of an event of history.
func (r eventResolver) Cursor(ctx context.Context, e *delivery.Event) (string, error) {
	at := delivery.Position{Community: e.CommunityID, Seq: e.Seq}
	if head, known := r.Hub.Head(e.CommunityID); known {
		at.Epoch = head.Epoch
	} else { // a community so new that the hub has not met it
		end, err := r.DB.FeedEnd(ctx, load(ctx).scope, e.CommunityID)
		if err != nil {
			return "", err
		}
		at.Epoch = end.Epoch
	}
	return r.Keys.FeedCursor(at), nil
}

type boardResolver struct{ *Resolver }

func (boardResolver) Community(ctx context.Context, b *delivery.Board) (*delivery.Community, error) {
	return get(ctx, load(ctx).communities, delivery.ID{Kind: delivery.KindCommunity, Community: b.CommunityID})
}

func (r boardResolver) FeedCursor(_ context.Context, b *delivery.Board) (string, error) {
	return r.Keys.ReadCursor(b.Position), nil
}

func (boardResolver) Building(ctx context.Context, b *delivery.BoardBuilding) (*delivery.Building, error) {
	return get(ctx, load(ctx).buildings, *refOf(delivery.KindBuilding, b.CommunityID, &b.BuildingUUID))
}
