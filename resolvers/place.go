package resolvers

import (
	"context"

	"baogong/delivery"
)

type buildingResolver struct{ *Resolver }

// AccessNote is how a cart gets there, which whoever follows a link does not need.
func (buildingResolver) AccessNote(ctx context.Context, b *delivery.Building) (string, error) {
	if !sight(ctx).Whole {
		return "", nil
	}
	return b.AccessNote, nil
}

func (buildingResolver) Units(ctx context.Context, b *delivery.Building) ([]*delivery.Unit, error) {
	return of(ctx, load(ctx).unitsOf, b, by((*delivery.Building).ID))
}

func (buildingResolver) Services(ctx context.Context, b *delivery.Building) ([]*delivery.Service, error) {
	return of(ctx, load(ctx).servicesAt, b, by((*delivery.Building).ID))
}

func (buildingResolver) Holds(ctx context.Context, b *delivery.Building) ([]*delivery.Hold, error) {
	return of(ctx, load(ctx).holdsOn, b, by((*delivery.Building).ID))
}

type unitResolver struct{ *Resolver }

func (unitResolver) Building(ctx context.Context, u *delivery.Unit) (*delivery.Building, error) {
	return of(ctx, load(ctx).buildings, u, func(u *delivery.Unit) *delivery.ID {
		return refOf(delivery.KindBuilding, u.CommunityID, &u.BuildingUUID)
	})
}

type householdResolver struct{ *Resolver }

func (householdResolver) Needs(ctx context.Context, h *delivery.Household) ([]delivery.Need, error) {
	if !load(ctx).actor.SeesNeeds() {
		return []delivery.Need{}, nil
	}
	return h.Needs, nil
}

func (householdResolver) Instructions(_ context.Context, h *delivery.Household) ([]delivery.Instruction, error) {
	return h.Needs.Instructions(), nil
}

func (householdResolver) Building(ctx context.Context, h *delivery.Household) (*delivery.Building, error) {
	return of(ctx, load(ctx).buildings, h, func(h *delivery.Household) *delivery.ID {
		return refOf(delivery.KindBuilding, h.CommunityID, &h.BuildingUUID)
	})
}

func (householdResolver) Unit(ctx context.Context, h *delivery.Household) (*delivery.Unit, error) {
	return of(ctx, load(ctx).units, h, func(h *delivery.Household) *delivery.ID {
		return refOf(delivery.KindUnit, h.CommunityID, &h.UnitUUID)
	})
}
