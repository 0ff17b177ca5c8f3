package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/graph"
)

var buildingByID = noun(delivery.KindBuilding, (*db.DB).BuildingsByID)

func (r mutationResolver) CreateBuildings(ctx context.Context, input estate.CreateBuildingsInput) (*estate.BuildingsPayload, error) {
	return r.Verbs.Estate.CreateBuildings(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateBuildings(ctx context.Context, input estate.UpdateBuildingsInput) (*estate.BuildingsPayload, error) {
	return r.Verbs.Estate.UpdateBuildings(ctx, ActorFrom(ctx), input)
}

// BuildingResult returns the resolver of BuildingResult.
func (r *Resolver) BuildingResult() graph.BuildingResultResolver { return resultResolver{r} }

func (resultResolver) Building(ctx context.Context, i *estate.BuildingResult) (*delivery.Building, error) {
	return maybe(ctx, buildingByID.in(load(ctx)), i.ID)
}

type buildingResolver struct{ *Resolver }

// Building returns the resolver of Building.
func (r *Resolver) Building() graph.BuildingResolver { return buildingResolver{r} }

// AccessNote is how a cart gets there. It is empty for viewers who follow a link.
func (buildingResolver) AccessNote(ctx context.Context, b *delivery.Building) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return b.AccessNote, nil
}

func (buildingResolver) Units(ctx context.Context, b *delivery.Building) ([]*delivery.Unit, error) {
	return of(ctx, unitsOfBuilding.in(load(ctx)), b, by((*delivery.Building).ID))
}

func (buildingResolver) Services(ctx context.Context, b *delivery.Building) ([]*delivery.Service, error) {
	return of(ctx, servicesOfBuilding.in(load(ctx)), b, by((*delivery.Building).ID))
}

func (buildingResolver) Holds(ctx context.Context, b *delivery.Building) ([]*delivery.Hold, error) {
	return of(ctx, holdsOn.in(load(ctx)), b, by((*delivery.Building).ID))
}

func (r queryResolver) Buildings(ctx context.Context, communityID delivery.ID, includeArchived bool, first *int, after *string, last *int, before *string) (*graph.BuildingConnection, error) {
	rows, err := listed[graph.BuildingEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("buildings", communityID, includeArchived),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Building], error) {
			return r.DB.Buildings(ctx, s, communityID.Community, includeArchived, p)
		})
	return (*graph.BuildingConnection)(rows), err
}
