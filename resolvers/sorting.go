package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/sorting"
	"baogong/graph"
	"baogong/live"
)

func (r mutationResolver) SortOrders(ctx context.Context, input sorting.SortOrdersInput) (*sorting.SortOrdersPayload, error) {
	return together(ctx, func(p *sorting.SortOrdersPayload) []*sorting.SortResult { return p.Results })(r.Verbs.Sorting.SortOrders(ctx, ActorFrom(ctx), input))
}

type sortResultResolver struct{ *Resolver }

// SortResult returns the resolver of SortResult.
func (r *Resolver) SortResult() graph.SortResultResolver { return sortResultResolver{r} }

func (sortResultResolver) Order(ctx context.Context, s *sorting.SortResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), s, func(s *sorting.SortResult) *delivery.ID { return s.OrderID })
}

// inTeam refuses callers who do not belong to the community of the argument, or not to its team.
func (r *Resolver) inTeam(ctx context.Context, community delivery.ID) (delivery.Scope, error) {
	if err := r.enter(ctx, community, "communityId"); err != nil {
		return delivery.Scope{}, err
	}
	a := ActorFrom(ctx)
	if !a.OfTeam() {
		return delivery.Scope{}, delivery.Refuse(delivery.ReasonNotYours)
	}
	return a.Scope(), nil
}

func (r queryResolver) LookUp(ctx context.Context, communityID delivery.ID, text string) ([]*delivery.Order, error) {
	scope, err := r.inTeam(ctx, communityID)
	if err != nil {
		return nil, err
	}
	label, refusal := delivery.ParseLabel(text)
	if refusal != nil {
		return nil, refusal.At("text")
	}
	if label.OrderID != nil && label.OrderID.Community != communityID.Community {
		return []*delivery.Order{}, nil
	}
	rows, err := r.DB.LookUpOrders(ctx, scope, communityID.Community, label, delivery.PhoneTail(text))
	relate(load(ctx), rows)
	return rows, err
}

func (r queryResolver) SortingManifest(ctx context.Context, communityID delivery.ID, arrivalID, buildingID *delivery.ID) (*delivery.SortingManifest, error) {
	scope, err := r.inTeam(ctx, communityID)
	if err != nil {
		return nil, err
	}
	var f db.ManifestFilter
	for _, narrow := range []struct {
		id    *delivery.ID
		kind  delivery.Kind
		field string
		to    **delivery.UUID
	}{{arrivalID, delivery.KindArrival, "arrivalId", &f.Arrival}, {buildingID, delivery.KindBuilding, "buildingId", &f.Building}} {
		if narrow.id == nil {
			continue
		}
		if refusal := dispatch.CheckID(*narrow.id, narrow.kind, communityID.Community); refusal != nil {
			return nil, refusal.At(narrow.field)
		}
		*narrow.to = &narrow.id.UUID
	}
	rows, err := r.DB.ManifestOrders(ctx, scope, communityID.Community, f)
	if err != nil {
		return nil, err
	}
	relate(load(ctx), rows)
	m := delivery.NewSortingManifest(rows)
	relate(load(ctx), m.Buildings)
	return m, nil
}

type manifestResolver struct{ *Resolver }

// ManifestBuilding returns the resolver of ManifestBuilding.
func (r *Resolver) ManifestBuilding() graph.ManifestBuildingResolver { return manifestResolver{r} }

func (manifestResolver) Building(ctx context.Context, b *delivery.ManifestBuilding) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), b, func(b *delivery.ManifestBuilding) *delivery.ID {
		return refOf(delivery.KindBuilding, b.CommunityID, &b.BuildingUUID)
	})
}

type progressResolver struct{ *Resolver }

// SortingBuilding returns the resolver of SortingBuilding.
func (r *Resolver) SortingBuilding() graph.SortingBuildingResolver { return progressResolver{r} }

func (progressResolver) Building(ctx context.Context, b *delivery.SortingBuilding) (*delivery.Building, error) {
	return get(ctx, buildingByID.in(load(ctx)), *refOf(delivery.KindBuilding, b.CommunityID, &b.BuildingUUID))
}

// SortingProgress streams how far the sorting is, now and after changes.
func (r subscriptionResolver) SortingProgress(ctx context.Context, communityID delivery.ID) (<-chan *delivery.SortingProgress, error) {
	return live.Subscribe[*delivery.SortingProgress](ctx, func() (live.Flow, error) {
		if _, err := r.inTeam(ctx, communityID); err != nil {
			return nil, err
		}
		progress, err := watch(ctx, r.sorting, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return progress, missing(err, "communityId")
	})
}

// loadSortingProgress reads the progress once for all its subscribers with one View.
func (r *Resolver) loadSortingProgress(ctx context.Context, k live.StateKey) (*delivery.SortingProgress, error) {
	p, err := r.DB.SortingProgress(ctx, k.Scope, k.Community)
	return p, missing(err, "communityId")
}
