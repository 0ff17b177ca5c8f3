package resolvers

import (
	"context"

	"baogong/delivery"
)

type volunteerResolver struct{ *Resolver }

func (volunteerResolver) Services(ctx context.Context, v *delivery.Volunteer) ([]*delivery.Service, error) {
	return of(ctx, load(ctx).servicesOf, v, by((*delivery.Volunteer).ID))
}

// HomeOrganisation is who seconded the volunteer, which with a masked name would still tell who it is.
func (volunteerResolver) HomeOrganisation(ctx context.Context, v *delivery.Volunteer) (string, error) {
	if !sight(ctx).Team {
		return "", nil
	}
	return v.HomeOrganisation, nil
}

type serviceResolver struct{ *Resolver }

func (serviceResolver) Building(ctx context.Context, s *delivery.Service) (*delivery.Building, error) {
	return of(ctx, load(ctx).buildings, s, func(s *delivery.Service) *delivery.ID {
		return refOf(delivery.KindBuilding, s.CommunityID, &s.BuildingUUID)
	})
}

func (serviceResolver) Volunteer(ctx context.Context, s *delivery.Service) (*delivery.Volunteer, error) {
	return of(ctx, load(ctx).volunteers, s, func(s *delivery.Service) *delivery.ID {
		return refOf(delivery.KindVolunteer, s.CommunityID, &s.VolunteerUUID)
	})
}

type viewerResolver struct{ *Resolver }

func (viewerResolver) Community(ctx context.Context, a *delivery.Actor) (*delivery.Community, error) {
	if a.Community == 0 {
		return nil, nil
	}
	return get(ctx, load(ctx).communities, delivery.ID{Kind: delivery.KindCommunity, Community: a.Community})
}

func (viewerResolver) Volunteer(ctx context.Context, a *delivery.Actor) (*delivery.Volunteer, error) {
	return maybe(ctx, load(ctx).volunteers, rowOf(a, delivery.KindVolunteer))
}

func (viewerResolver) Supplier(ctx context.Context, a *delivery.Actor) (*delivery.Supplier, error) {
	return maybe(ctx, load(ctx).suppliers, rowOf(a, delivery.KindSupplier))
}

func (viewerResolver) Household(ctx context.Context, a *delivery.Actor) (*delivery.Household, error) {
	return maybe(ctx, load(ctx).households, rowOf(a, delivery.KindHousehold))
}

// rowOf is the actor's row if it is of the kind.
func rowOf(a *delivery.Actor, kind delivery.Kind) *delivery.ID {
	if id := a.Ref().ID(); id != nil && id.Kind == kind {
		return id
	}
	return nil
}
