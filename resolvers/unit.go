package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

var unitByID = noun(delivery.KindUnit, (*db.DB).UnitsByID)

var unitsOfBuilding = belonging((*db.DB).UnitsOfBuildings, func(u *delivery.Unit) delivery.ID {
	return delivery.ID{Kind: delivery.KindBuilding, Community: u.CommunityID, UUID: u.BuildingUUID}
})

func (r mutationResolver) CreateUnits(ctx context.Context, input dispatch.CreateUnitsInput) (*dispatch.UnitsPayload, error) {
	return r.Dispatch.CreateUnits(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateUnits(ctx context.Context, input dispatch.UpdateUnitsInput) (*dispatch.UnitsPayload, error) {
	return r.Dispatch.UpdateUnits(ctx, ActorFrom(ctx), input)
}

func (resultResolver) Unit(ctx context.Context, i *dispatch.UnitResult) (*delivery.Unit, error) {
	return maybe(ctx, unitByID.in(load(ctx)), i.ID)
}

type unitResolver struct{ *Resolver }

func (unitResolver) Building(ctx context.Context, u *delivery.Unit) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), u, func(u *delivery.Unit) *delivery.ID {
		return refOf(delivery.KindBuilding, u.CommunityID, &u.BuildingUUID)
	})
}
