package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/graph"
)

var unitByID = noun(delivery.KindUnit, (*db.DB).UnitsByID)

var unitsOfBuilding = belonging((*db.DB).UnitsOfBuildings, func(u *delivery.Unit) delivery.ID {
	return delivery.ID{Kind: delivery.KindBuilding, Community: u.CommunityID, UUID: u.BuildingUUID}
})

func (r mutationResolver) CreateUnits(ctx context.Context, input estate.CreateUnitsInput) (*estate.UnitsPayload, error) {
	return r.Verbs.Estate.CreateUnits(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateUnits(ctx context.Context, input estate.UpdateUnitsInput) (*estate.UnitsPayload, error) {
	return r.Verbs.Estate.UpdateUnits(ctx, ActorFrom(ctx), input)
}

// UnitResult returns the resolver of UnitResult.
func (r *Resolver) UnitResult() graph.UnitResultResolver { return resultResolver{r} }

func (resultResolver) Unit(ctx context.Context, i *estate.UnitResult) (*delivery.Unit, error) {
	return maybe(ctx, unitByID.in(load(ctx)), i.ID)
}

type unitResolver struct{ *Resolver }

// Unit returns the resolver of Unit.
func (r *Resolver) Unit() graph.UnitResolver { return unitResolver{r} }

func (unitResolver) Building(ctx context.Context, u *delivery.Unit) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), u, func(u *delivery.Unit) *delivery.ID {
		return refOf(delivery.KindBuilding, u.CommunityID, &u.BuildingUUID)
	})
}
