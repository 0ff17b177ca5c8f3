package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/graph"
)

func (r queryResolver) Me(ctx context.Context) (*delivery.Actor, error) {
	a, err := signedIn(ctx)
	return &a, err
}

// RateLimit resolves the caller's budget. It shadows the option of that name.
func (r queryResolver) RateLimit(ctx context.Context) (*delivery.RateLimit, error) {
	return r.Options.RateLimit(ctx), nil
}

type viewerResolver struct{ *Resolver }

// Viewer returns the resolver of Viewer.
func (r *Resolver) Viewer() graph.ViewerResolver { return viewerResolver{r} }

func (viewerResolver) Community(ctx context.Context, a *delivery.Actor) (*delivery.Community, error) {
	if a.Community == 0 {
		return nil, nil
	}
	return get(ctx, communityByID.in(load(ctx)), delivery.ID{Kind: delivery.KindCommunity, Community: a.Community})
}

func (viewerResolver) Volunteer(ctx context.Context, a *delivery.Actor) (*delivery.Volunteer, error) {
	return maybe(ctx, volunteerByID.in(load(ctx)), rowOf(a, delivery.KindVolunteer))
}

func (viewerResolver) Supplier(ctx context.Context, a *delivery.Actor) (*delivery.Supplier, error) {
	return maybe(ctx, supplierByID.in(load(ctx)), rowOf(a, delivery.KindSupplier))
}

func (viewerResolver) Household(ctx context.Context, a *delivery.Actor) (*delivery.Household, error) {
	return maybe(ctx, householdByID.in(load(ctx)), rowOf(a, delivery.KindHousehold))
}

// rowOf returns the id of the actor's row if it is of the kind, else nil.
func rowOf(a *delivery.Actor, kind delivery.Kind) *delivery.ID {
	if id := a.Ref().ID(); id != nil && id.Kind == kind {
		return id
	}
	return nil
}
