package resolvers

import (
	"context"

	"baogong/delivery"
)

type buildingResolver struct{ *Resolver }

func (buildingResolver) Units(ctx context.Context, b *delivery.Building) ([]*delivery.Unit, error) {
	return get(ctx, load(ctx).unitsOf, b.ID())
}

func (buildingResolver) Services(ctx context.Context, b *delivery.Building) ([]*delivery.Service, error) {
	return get(ctx, load(ctx).servicesAt, b.ID())
}

func (buildingResolver) Holds(ctx context.Context, b *delivery.Building) ([]*delivery.Hold, error) {
	return get(ctx, load(ctx).holdsOn, b.ID())
}

type unitResolver struct{ *Resolver }

func (unitResolver) Building(ctx context.Context, u *delivery.Unit) (*delivery.Building, error) {
	return get(ctx, load(ctx).buildings, *refOf(delivery.KindBuilding, u.CommunityID, &u.BuildingUUID))
}

type householdResolver struct{ *Resolver }

func (householdResolver) Needs(ctx context.Context, h *delivery.Household) ([]delivery.Need, error) {
	if !ActorFrom(ctx).SeesNeeds() {
		return []delivery.Need{}, nil
	}
	return h.Needs, nil
}

func (householdResolver) Instructions(_ context.Context, h *delivery.Household) ([]delivery.Instruction, error) {
	return h.Needs.Instructions(), nil
}

func (householdResolver) Building(ctx context.Context, h *delivery.Household) (*delivery.Building, error) {
	return get(ctx, load(ctx).buildings, *refOf(delivery.KindBuilding, h.CommunityID, &h.BuildingUUID))
}

func (householdResolver) Unit(ctx context.Context, h *delivery.Household) (*delivery.Unit, error) {
	return get(ctx, load(ctx).units, *refOf(delivery.KindUnit, h.CommunityID, &h.UnitUUID))
}
