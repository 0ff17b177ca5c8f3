package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch/sorting"
	"baogong/graph"
)

func (r mutationResolver) SortOrders(ctx context.Context, input sorting.SortOrdersInput) (*sorting.SortOrdersPayload, error) {
	return together(ctx, func(p *sorting.SortOrdersPayload) []*sorting.SortResult { return p.Results })(r.Verbs.Sorting.SortOrders(ctx, ActorFrom(ctx), input))
}

type sortResultResolver struct{ *Resolver }

// SortResult returns the resolver of SortResult.
func (r *Resolver) SortResult() graph.SortResultResolver { return sortResultResolver{r} }

func (sortResultResolver) Order(ctx context.Context, s *sorting.SortResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), s, func(s *sorting.SortResult) *delivery.ID { return s.OrderID })
}

// inTeam refuses callers who do not belong to the community of the argument, or not to its team.
func (r *Resolver) inTeam(ctx context.Context, community delivery.ID) (delivery.Scope, error) {
	if err := r.enter(ctx, community, "communityId"); err != nil {
		return delivery.Scope{}, err
	}
	a := ActorFrom(ctx)
	if !a.OfTeam() {
		return delivery.Scope{}, delivery.Refuse(delivery.ReasonNotYours)
	}
	return a.Scope(), nil
}

func (r queryResolver) LookUp(ctx context.Context, communityID delivery.ID, text string) ([]*delivery.Order, error) {
	scope, err := r.inTeam(ctx, communityID)
	if err != nil {
		return nil, err
	}
	label, refusal := delivery.ParseLabel(text)
	if refusal != nil {
		return nil, refusal.At("text")
	}
	if label.OrderID != nil && label.OrderID.Community != communityID.Community {
		return []*delivery.Order{}, nil
	}
	rows, err := r.DB.LookUpOrders(ctx, scope, communityID.Community, label, delivery.PhoneTail(text))
	relate(load(ctx), rows)
	return rows, err
}
