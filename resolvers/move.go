package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/graph"
)

func (r mutationResolver) AdvanceOrders(ctx context.Context, input order.AdvanceOrdersInput) (*order.MovePayload, error) {
	return together(ctx, moved)(r.Verbs.Order.AdvanceOrders(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) CancelOrder(ctx context.Context, input order.CancelOrderInput) (*order.MovePayload, error) {
	return together(ctx, moved)(r.Verbs.Order.CancelOrder(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) UndoMove(ctx context.Context, input order.UndoMoveInput) (*order.MovePayload, error) {
	return together(ctx, moved)(r.Verbs.Order.UndoMove(ctx, ActorFrom(ctx), input))
}

func moved(p *order.MovePayload) []*order.MoveResult { return p.Results }

// The fields of an event that are of a move or an undo.
var _ = eventParts.add(parts{
	"from":          func(b []byte, p *part) []byte { return maybeText(b, p.event.From()) },
	"reason":        func(b []byte, p *part) []byte { return maybeText(b, p.event.Reason()) },
	"undoneVersion": func(b []byte, p *part) []byte { return maybeNumber(b, p.event.UndoneVersion()) },
})

type moveResultResolver struct{ *Resolver }

// MoveResult returns the resolver of MoveResult.
func (r *Resolver) MoveResult() graph.MoveResultResolver { return moveResultResolver{r} }

func (moveResultResolver) Order(ctx context.Context, m *order.MoveResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), m, func(m *order.MoveResult) *delivery.ID {
		if m.OrderID.Kind != delivery.KindOrder {
			return nil
		}
		return &m.OrderID
	})
}

func (orderResolver) AllowedMoves(ctx context.Context, o *delivery.Order) ([]*delivery.Edge, error) {
	edges := load(ctx).actor.AllowedMoves(&o.OrderSnapshot)
	out := make([]*delivery.Edge, len(edges))
	for i := range edges {
		out[i] = &edges[i]
	}
	return out, nil
}
