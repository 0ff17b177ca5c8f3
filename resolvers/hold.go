package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/hold"
	"baogong/graph"
)

var holdByID = noun(delivery.KindHold, (*db.DB).HoldsByID)

// holdsOn loads the open holds on an order, a building, a household or a supplier.
var holdsOn = belonging((*db.DB).OpenHolds, (*delivery.Hold).SubjectID)

func (r mutationResolver) PlaceHold(ctx context.Context, input hold.PlaceHoldInput) (*hold.HoldPayload, error) {
	return r.Verbs.Hold.PlaceHold(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ReleaseHold(ctx context.Context, input hold.ReleaseHoldInput) (*hold.HoldPayload, error) {
	return r.Verbs.Hold.ReleaseHold(ctx, ActorFrom(ctx), input)
}

// HoldResult returns the resolver of HoldResult.
func (r *Resolver) HoldResult() graph.HoldResultResolver { return resultResolver{r} }

func (resultResolver) Hold(ctx context.Context, h *hold.HoldResult) (*delivery.Hold, error) {
	return maybe(ctx, holdByID.in(load(ctx)), h.HoldID)
}

// The fields of an event that are of a hold.
var _ = eventParts.add(parts{
	"holdReason": func(b []byte, p *part) []byte { return maybeText(b, p.event.HoldReason()) },
	"holdUntil":  func(b []byte, p *part) []byte { return maybeInstant(b, p.event.HoldUntil()) },
})

type holdResolver struct{ *Resolver }

// Hold returns the resolver of Hold.
func (r *Resolver) Hold() graph.HoldResolver { return holdResolver{r} }

func (holdResolver) Note(ctx context.Context, h *delivery.Hold) (string, error) {
	if !sight(ctx).Team {
		return "", nil
	}
	return h.Note, nil
}

// HouseholdID is the held household. Only the team and the household itself see it: a supplier learns only that its order is held.
func (holdResolver) HouseholdID(ctx context.Context, h *delivery.Hold) (*delivery.ID, error) {
	if s := sight(ctx); !s.Team && s.Own != delivery.RoleResident {
		return nil, nil
	}
	return h.HouseholdID(), nil
}
