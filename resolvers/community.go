package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/graph"
)

var communityByID = noun(delivery.KindCommunity, (*db.DB).CommunitiesByID)

func (r mutationResolver) CreateCommunities(ctx context.Context, input estate.CreateCommunitiesInput) (*estate.CommunitiesPayload, error) {
	return r.Verbs.Estate.CreateCommunities(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateCommunities(ctx context.Context, input estate.UpdateCommunitiesInput) (*estate.CommunitiesPayload, error) {
	return r.Verbs.Estate.UpdateCommunities(ctx, ActorFrom(ctx), input)
}

// CommunityResult returns the resolver of CommunityResult.
func (r *Resolver) CommunityResult() graph.CommunityResultResolver { return resultResolver{r} }

func (resultResolver) Community(ctx context.Context, i *estate.CommunityResult) (*delivery.Community, error) {
	return maybe(ctx, communityByID.in(load(ctx)), i.ID)
}

func (r queryResolver) Communities(ctx context.Context, first *int, after *string, last *int, before *string) (*graph.CommunityConnection, error) {
	a, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	args, bound := paging{first, last, after, before}, boundTo("communities")
	p, err := r.page(ctx, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := r.DB.Communities(ctx, a.Scope(), p)
	if err != nil {
		return nil, err
	}
	return (*graph.CommunityConnection)(connection[graph.CommunityEdge](ctx, r.Resolver, args, rows, bound)), nil
}

func (r queryResolver) Community(ctx context.Context, id delivery.ID) (*delivery.Community, error) {
	if err := r.enter(ctx, id, "id"); err != nil {
		return nil, err
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), id))(delivery.KindCommunity)
	return c, missing(err, "id")
}
