package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/team"
	"baogong/graph"
)

var volunteerByID = noun(delivery.KindVolunteer, (*db.DB).VolunteersByID)

var servicesOfBuilding = belonging((*db.DB).ServicesOfBuildings, func(s *delivery.Service) delivery.ID {
	return delivery.ID{Kind: delivery.KindBuilding, Community: s.CommunityID, UUID: s.BuildingUUID}
})

var servicesOfVolunteer = belonging((*db.DB).ServicesOfVolunteers, func(s *delivery.Service) delivery.ID {
	return delivery.ID{Kind: delivery.KindVolunteer, Community: s.CommunityID, UUID: s.VolunteerUUID}
})

// rosterOfCommunity loads rosters; a response has one, except for an administrator's node queries.
var rosterOfCommunity = &loader[int32, *delivery.Roster]{func(ctx context.Context, l *loaders, communities []int32) (map[int32]*delivery.Roster, error) {
	out := map[int32]*delivery.Roster{}
	for _, c := range communities {
		r, err := l.db.Roster(ctx, l.scope, c)
		if err != nil {
			return nil, err
		}
		out[c] = r
	}
	return out, nil
}}

func volunteerFilter(f *graph.VolunteerFilter, community int32) (out db.VolunteerFilter, err error) {
	if f == nil {
		return out, nil
	}
	out = db.VolunteerFilter{Squads: f.Squads, Reachable: f.Reachable, Archived: f.IncludeArchived}
	if out.Text, err = textFilter(f.Text); err != nil {
		return out, err
	}
	out.Buildings, err = named(f.BuildingIds, community, "buildingIds", delivery.KindBuilding)
	return out, err
}

func (r mutationResolver) CreateVolunteers(ctx context.Context, input team.CreateVolunteersInput) (*team.VolunteersPayload, error) {
	return r.Verbs.Team.CreateVolunteers(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) UpdateVolunteers(ctx context.Context, input team.UpdateVolunteersInput) (*team.VolunteersPayload, error) {
	return r.Verbs.Team.UpdateVolunteers(ctx, ActorFrom(ctx), input)
}

// VolunteerResult returns the resolver of VolunteerResult.
func (r *Resolver) VolunteerResult() graph.VolunteerResultResolver { return resultResolver{r} }

func (resultResolver) Volunteer(ctx context.Context, i *team.VolunteerResult) (*delivery.Volunteer, error) {
	return maybe(ctx, volunteerByID.in(load(ctx)), i.ID)
}

func (r queryResolver) Volunteers(ctx context.Context, communityID delivery.ID, filter *graph.VolunteerFilter, first *int, after *string, last *int, before *string) (*graph.VolunteerConnection, error) {
	rows, err := listed[graph.VolunteerEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("volunteers", communityID, filter),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Volunteer], error) {
			f, err := volunteerFilter(filter, communityID.Community)
			if err != nil {
				return nil, err
			}
			return r.DB.Volunteers(ctx, s, communityID.Community, f, p)
		})
	return (*graph.VolunteerConnection)(rows), err
}

type volunteerResolver struct{ *Resolver }

// Volunteer returns the resolver of Volunteer.
func (r *Resolver) Volunteer() graph.VolunteerResolver { return volunteerResolver{r} }

func (volunteerResolver) Services(ctx context.Context, v *delivery.Volunteer) ([]*delivery.Service, error) {
	return of(ctx, servicesOfVolunteer.in(load(ctx)), v, by((*delivery.Volunteer).ID))
}

// HomeOrganisation is the organisation that seconded the volunteer. With a masked name it would still identify a person, so
// only the team sees it.
func (volunteerResolver) HomeOrganisation(ctx context.Context, v *delivery.Volunteer) (string, error) {
	if !sight(ctx).Team {
		return "", nil
	}
	return v.HomeOrganisation, nil
}

type serviceResolver struct{ *Resolver }

// Service returns the resolver of Service.
func (r *Resolver) Service() graph.ServiceResolver { return serviceResolver{r} }

func (serviceResolver) Building(ctx context.Context, s *delivery.Service) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), s, func(s *delivery.Service) *delivery.ID {
		return refOf(delivery.KindBuilding, s.CommunityID, &s.BuildingUUID)
	})
}

func (serviceResolver) Volunteer(ctx context.Context, s *delivery.Service) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), s, func(s *delivery.Service) *delivery.ID {
		return refOf(delivery.KindVolunteer, s.CommunityID, &s.VolunteerUUID)
	})
}
