package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/incident"
	"baogong/graph"
	"baogong/live"
)

var incidentByID = noun(delivery.KindIncident, (*db.DB).IncidentsByID)

var incidentsOfOrder = belonging((*db.DB).IncidentsOfOrders, func(i *delivery.Incident) delivery.ID { return *i.OrderID() })

func (r mutationResolver) ReportIncidents(ctx context.Context, input incident.ReportIncidentsInput) (*incident.ReportIncidentsPayload, error) {
	return r.Verbs.Incident.ReportIncidents(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) TakeIncidents(ctx context.Context, input incident.TakeIncidentsInput) (*incident.TakeIncidentsPayload, error) {
	return r.Verbs.Incident.TakeIncidents(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ResolveIncidents(ctx context.Context, input incident.ResolveIncidentsInput) (*incident.ResolveIncidentsPayload, error) {
	return r.Verbs.Incident.ResolveIncidents(ctx, ActorFrom(ctx), input)
}

// IncidentResult returns the resolver of IncidentResult.
func (r *Resolver) IncidentResult() graph.IncidentResultResolver { return resultResolver{r} }

func (resultResolver) Incident(ctx context.Context, i *incident.IncidentResult) (*delivery.Incident, error) {
	return maybe(ctx, incidentByID.in(load(ctx)), i.IncidentID)
}

type incidentResolver struct{ *Resolver }

// Incident returns the resolver of Incident.
func (r *Resolver) Incident() graph.IncidentResolver { return incidentResolver{r} }

func (incidentResolver) Order(ctx context.Context, i *delivery.Incident) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), i, (*delivery.Incident).OrderID)
}

func (incidentResolver) Building(ctx context.Context, i *delivery.Incident) (*delivery.Building, error) {
	return of(ctx, buildingByID.in(load(ctx)), i, (*delivery.Incident).BuildingID)
}

func (incidentResolver) Owner(ctx context.Context, i *delivery.Incident) (*delivery.Volunteer, error) {
	return of(ctx, volunteerByID.in(load(ctx)), i, (*delivery.Incident).OwnerID)
}

// Note is what the actor who opened it wrote. It is empty for viewers who may not read it.
func (incidentResolver) Note(ctx context.Context, i *delivery.Incident) (string, error) {
	if !sight(ctx).Reads(i) {
		return "", nil
	}
	return i.Note, nil
}

// ResolutionNote is what the actor who resolved it wrote. It is empty outside the team.
func (incidentResolver) ResolutionNote(ctx context.Context, i *delivery.Incident) (string, error) {
	if !sight(ctx).Team {
		return "", nil
	}
	return i.ResolutionNote, nil
}

func (orderResolver) Incidents(ctx context.Context, o *delivery.Order) ([]*delivery.Incident, error) {
	if !sight(ctx).Whole {
		return []*delivery.Incident{}, nil
	}
	return of(ctx, incidentsOfOrder.in(load(ctx)), o, by((*delivery.Order).ID))
}

func (boardResolver) Uncovered(ctx context.Context, b *delivery.Board) ([]*delivery.Building, error) {
	ids := make([]delivery.ID, len(b.Uncovered))
	for i, u := range b.Uncovered {
		ids[i] = delivery.ID{Kind: delivery.KindBuilding, Community: b.CommunityID, UUID: u}
	}
	rows, errs := buildingByID.in(load(ctx)).LoadMany(ctx, ids)()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func incidentFilter(f *graph.IncidentFilter, community int32) (out db.IncidentFilter, err error) {
	if f == nil {
		return out, nil
	}
	if out.Buildings, err = named(f.BuildingIds, community, "buildingIds", delivery.KindBuilding); err != nil {
		return out, err
	}
	out.Orders, err = named(f.OrderIds, community, "orderIds", delivery.KindOrder)
	return out, err
}

func (r queryResolver) Incidents(ctx context.Context, communityID delivery.ID, states []delivery.IncidentState, kinds []delivery.IncidentKind, levels []delivery.EscalationLevel,
	filter *graph.IncidentFilter, first *int, after *string, last *int, before *string) (*graph.IncidentConnection, error) {
	rows, err := listed[graph.IncidentEdge](ctx, r.Resolver, communityID, paging{first, last, after, before}, boundTo("incidents", communityID, states, kinds, levels, filter),
		func(s delivery.Scope, p db.Range) (*db.Rows[delivery.Incident], error) {
			f, err := incidentFilter(filter, communityID.Community)
			if err != nil {
				return nil, err
			}
			f.States, f.Kinds, f.Levels = states, kinds, levels
			return r.DB.Incidents(ctx, s, communityID.Community, f, p)
		})
	return (*graph.IncidentConnection)(rows), err
}

// Alerts streams the open incidents that are for the caller's level, now and after changes.
func (r subscriptionResolver) Alerts(ctx context.Context, communityID delivery.ID) (<-chan []*delivery.Incident, error) {
	return live.Subscribe[[]*delivery.Incident](ctx, func() (live.Flow, error) {
		if err := r.enter(ctx, communityID, "communityId"); err != nil {
			return nil, err
		}
		a := ActorFrom(ctx)
		if a.Level() == "" {
			return nil, delivery.Refuse(delivery.ReasonNotYours)
		}
		alerts, err := watch(ctx, r.alerts, a, live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return alerts, missing(err, "communityId")
	})
}

// loadAlerts reads the alerts once for all their subscribers with one View, which has their level.
func (r *Resolver) loadAlerts(ctx context.Context, k live.StateKey) ([]*delivery.Incident, error) {
	return r.DB.OpenIncidents(ctx, k.Scope, k.Community, k.Scope.Level)
}
