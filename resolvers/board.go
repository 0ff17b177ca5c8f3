package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/graph"
	"baogong/live"
)

type boardResolver struct{ *Resolver }

// BoardBuilding returns the resolver of BoardBuilding.
func (r *Resolver) BoardBuilding() graph.BoardBuildingResolver { return boardResolver{r} }

// Board returns the resolver of Board.
func (r *Resolver) Board() graph.BoardResolver { return boardResolver{r} }

func (boardResolver) Community(ctx context.Context, b *delivery.Board) (*delivery.Community, error) {
	return get(ctx, communityByID.in(load(ctx)), delivery.ID{Kind: delivery.KindCommunity, Community: b.CommunityID})
}

func (r boardResolver) FeedCursor(_ context.Context, b *delivery.Board) (string, error) {
	return r.Keys.ReadCursor(b.Position), nil
}

func (boardResolver) Building(ctx context.Context, b *delivery.BoardBuilding) (*delivery.Building, error) {
	return get(ctx, buildingByID.in(load(ctx)), *refOf(delivery.KindBuilding, b.CommunityID, &b.BuildingUUID))
}

func (r queryResolver) Board(ctx context.Context, communityID delivery.ID) (*delivery.Board, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	b, err := r.readBoard(ctx, ActorFrom(ctx).Scope(), communityID.Community)
	return b, missing(err, "communityId")
}

// readBoard reads the board for the community's current day.
func (r *Resolver) readBoard(ctx context.Context, scope delivery.Scope, community int32) (*delivery.Board, error) {
	c, err := there(single(r.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: community}})))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	now := r.now().Truncate(time.Microsecond)
	from, until := c.Today(now)
	return r.DB.Board(ctx, scope, community, now, from, until)
}

// Board streams the board's state, now and after changes.
func (r subscriptionResolver) Board(ctx context.Context, communityID delivery.ID) (<-chan *delivery.Board, error) {
	return live.Subscribe[*delivery.Board](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		boards, err := watch(ctx, r.boards, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return boards, missing(err, "communityId")
	})
}

// loadBoard reads a board once for all its subscribers with one View.
func (r *Resolver) loadBoard(ctx context.Context, k live.StateKey) (*delivery.Board, error) {
	b, err := r.readBoard(ctx, k.Scope, k.Community)
	return b, missing(err, "communityId")
}
