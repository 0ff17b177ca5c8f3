package resolvers

import (
	"context"

	"baogong/delivery"
)

type orderResolver struct{ *Resolver }

func (orderResolver) Building(ctx context.Context, o *delivery.Order) (*delivery.Building, error) {
	return get(ctx, load(ctx).buildings, o.BuildingID())
}

func (orderResolver) Unit(ctx context.Context, o *delivery.Order) (*delivery.Unit, error) {
	return get(ctx, load(ctx).units, o.UnitID())
}

func (orderResolver) Household(ctx context.Context, o *delivery.Order) (*delivery.Household, error) {
	return get(ctx, load(ctx).households, o.HouseholdID())
}

func (orderResolver) Supplier(ctx context.Context, o *delivery.Order) (*delivery.Supplier, error) {
	return maybe(ctx, load(ctx).suppliers, o.SupplierID())
}

func (orderResolver) Taker(ctx context.Context, o *delivery.Order) (*delivery.Volunteer, error) {
	return maybe(ctx, load(ctx).volunteers, refOf(delivery.KindVolunteer, o.CommunityID, o.TakerUUID))
}

func (orderResolver) Lines(ctx context.Context, o *delivery.Order) ([]*delivery.Line, error) {
	return get(ctx, load(ctx).linesOf, o.ID())
}

func (orderResolver) Holds(ctx context.Context, o *delivery.Order) ([]*delivery.Hold, error) {
	if !o.Held() {
		return []*delivery.Hold{}, nil
	}
	l := load(ctx)
	own, building := l.holdsOn.Load(ctx, o.ID()), l.holdsOn.Load(ctx, o.BuildingID())
	holds, err := own()
	if err != nil {
		return nil, err
	}
	more, err := building()
	return append(append([]*delivery.Hold{}, holds...), more...), err
}

func (orderResolver) Holder(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	return holder(ctx, o, o.HolderVolunteer, o.HolderSupplier)
}

func (orderResolver) Reach(ctx context.Context, o *delivery.Order) (delivery.Holder, error) {
	roster, err := get(ctx, load(ctx).rosters, o.CommunityID)
	if err != nil {
		return nil, err
	}
	v, s := roster.Reach(&o.OrderSnapshot)
	return holder(ctx, o, v, s)
}

func holder(ctx context.Context, o *delivery.Order, volunteer, supplier *delivery.UUID) (delivery.Holder, error) {
	if volunteer != nil {
		v, err := maybe(ctx, load(ctx).volunteers, refOf(delivery.KindVolunteer, o.CommunityID, volunteer))
		if v == nil {
			return nil, err
		}
		return v, err
	}
	s, err := maybe(ctx, load(ctx).suppliers, refOf(delivery.KindSupplier, o.CommunityID, supplier))
	if s == nil {
		return nil, err
	}
	return s, err
}

func (orderResolver) AllowedMoves(ctx context.Context, o *delivery.Order) ([]*delivery.Edge, error) {
	edges := ActorFrom(ctx).AllowedMoves(&o.OrderSnapshot)
	out := make([]*delivery.Edge, len(edges))
	for i := range edges {
		out[i] = &edges[i]
	}
	return out, nil
}

func (orderResolver) History(ctx context.Context, o *delivery.Order) ([]*delivery.Event, error) {
	return get(ctx, load(ctx).eventsOf, o.ID())
}

func (orderResolver) StageTimes(ctx context.Context, o *delivery.Order) ([]*delivery.StageTime, error) {
	events, err := get(ctx, load(ctx).eventsOf, o.ID())
	return delivery.StageTimes(events), err
}

type holdResolver struct{ *Resolver }

func (holdResolver) Note(ctx context.Context, h *delivery.Hold) (string, error) {
	if !ActorFrom(ctx).OfTeam() {
		return "", nil
	}
	return h.Note, nil
}
