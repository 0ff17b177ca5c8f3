package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch"
)

type mutationResolver struct{ *Resolver }

func (r mutationResolver) CreateCommunities(ctx context.Context, input dispatch.CreateCommunitiesInput) (*dispatch.CommunitiesPayload, error) {
	return r.Dispatch.CreateCommunities(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateCommunities(ctx context.Context, input dispatch.UpdateCommunitiesInput) (*dispatch.CommunitiesPayload, error) {
	return r.Dispatch.UpdateCommunities(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CreateBuildings(ctx context.Context, input dispatch.CreateBuildingsInput) (*dispatch.BuildingsPayload, error) {
	return r.Dispatch.CreateBuildings(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateBuildings(ctx context.Context, input dispatch.UpdateBuildingsInput) (*dispatch.BuildingsPayload, error) {
	return r.Dispatch.UpdateBuildings(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CreateUnits(ctx context.Context, input dispatch.CreateUnitsInput) (*dispatch.UnitsPayload, error) {
	return r.Dispatch.CreateUnits(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateUnits(ctx context.Context, input dispatch.UpdateUnitsInput) (*dispatch.UnitsPayload, error) {
	return r.Dispatch.UpdateUnits(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CreateHouseholds(ctx context.Context, input dispatch.CreateHouseholdsInput) (*dispatch.HouseholdsPayload, error) {
	return r.Dispatch.CreateHouseholds(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateHouseholds(ctx context.Context, input dispatch.UpdateHouseholdsInput) (*dispatch.HouseholdsPayload, error) {
	return r.Dispatch.UpdateHouseholds(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CreateVolunteers(ctx context.Context, input dispatch.CreateVolunteersInput) (*dispatch.VolunteersPayload, error) {
	return r.Dispatch.CreateVolunteers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateVolunteers(ctx context.Context, input dispatch.UpdateVolunteersInput) (*dispatch.VolunteersPayload, error) {
	return r.Dispatch.UpdateVolunteers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) CreateSuppliers(ctx context.Context, input dispatch.CreateSuppliersInput) (*dispatch.SuppliersPayload, error) {
	return r.Dispatch.CreateSuppliers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateSuppliers(ctx context.Context, input dispatch.UpdateSuppliersInput) (*dispatch.SuppliersPayload, error) {
	return r.Dispatch.UpdateSuppliers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) PlaceOrder(ctx context.Context, input dispatch.PlaceOrderInput) (*dispatch.PlaceOrderPayload, error) {
	return r.Dispatch.PlaceOrder(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) AdvanceOrders(ctx context.Context, input dispatch.AdvanceOrdersInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.AdvanceOrders(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) CancelOrder(ctx context.Context, input dispatch.CancelOrderInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.CancelOrder(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) UndoMove(ctx context.Context, input dispatch.UndoMoveInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.UndoMove(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) PlaceHold(ctx context.Context, input dispatch.PlaceHoldInput) (*dispatch.HoldPayload, error) {
	return r.Dispatch.PlaceHold(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ReleaseHold(ctx context.Context, input dispatch.ReleaseHoldInput) (*dispatch.HoldPayload, error) {
	return r.Dispatch.ReleaseHold(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) RevealContact(ctx context.Context, input dispatch.RevealContactInput) (*dispatch.RevealContactPayload, error) {
	return r.Dispatch.RevealContact(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) RevealRound(ctx context.Context, input dispatch.RevealRoundInput) (*dispatch.RevealRoundPayload, error) {
	p, err := r.Dispatch.RevealRound(ctx, ActorFrom(ctx), input)
	if err != nil {
		return nil, err
	}
	homes := make([]*delivery.Household, len(p.Contacts))
	for i, c := range p.Contacts {
		homes[i] = c.Household
	}
	relate(load(ctx), homes)
	return p, nil
}

// The payloads hold ids; the rows are read again, under the permission of now.

type placedResolver struct{ *Resolver }

func (placedResolver) Order(ctx context.Context, p *dispatch.PlaceOrderPayload) (*delivery.Order, error) {
	return maybe(ctx, load(ctx).orders, p.OrderID)
}

// together has what all results of a payload name read at once.
func together[P, R any](ctx context.Context, results func(P) []R) func(P, error) (P, error) {
	return func(p P, err error) (P, error) {
		if err == nil {
			relate(load(ctx), results(p))
		}
		return p, err
	}
}

func moved(p *dispatch.MovePayload) []*dispatch.MoveResult { return p.Results }

type moveResultResolver struct{ *Resolver }

func (moveResultResolver) Order(ctx context.Context, m *dispatch.MoveResult) (*delivery.Order, error) {
	return of(ctx, load(ctx).orders, m, func(m *dispatch.MoveResult) *delivery.ID {
		if m.OrderID.Kind != delivery.KindOrder {
			return nil
		}
		return &m.OrderID
	})
}

type resultResolver struct{ *Resolver }

func (resultResolver) Hold(ctx context.Context, h *dispatch.HoldResult) (*delivery.Hold, error) {
	return maybe(ctx, load(ctx).holds, h.HoldID)
}

func (resultResolver) Community(ctx context.Context, i *dispatch.CommunityResult) (*delivery.Community, error) {
	return maybe(ctx, load(ctx).communities, i.ID)
}

func (resultResolver) Building(ctx context.Context, i *dispatch.BuildingResult) (*delivery.Building, error) {
	return maybe(ctx, load(ctx).buildings, i.ID)
}

func (resultResolver) Unit(ctx context.Context, i *dispatch.UnitResult) (*delivery.Unit, error) {
	return maybe(ctx, load(ctx).units, i.ID)
}

func (resultResolver) Household(ctx context.Context, i *dispatch.HouseholdResult) (*delivery.Household, error) {
	return maybe(ctx, load(ctx).households, i.ID)
}

func (resultResolver) Volunteer(ctx context.Context, i *dispatch.VolunteerResult) (*delivery.Volunteer, error) {
	return maybe(ctx, load(ctx).volunteers, i.ID)
}

func (resultResolver) Supplier(ctx context.Context, i *dispatch.SupplierResult) (*delivery.Supplier, error) {
	return maybe(ctx, load(ctx).suppliers, i.ID)
}
