package resolvers

import (
	"context"

	"baogong/delivery"
	"baogong/dispatch"
)

func (r mutationResolver) AdvanceOrders(ctx context.Context, input dispatch.AdvanceOrdersInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.AdvanceOrders(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) CancelOrder(ctx context.Context, input dispatch.CancelOrderInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.CancelOrder(ctx, ActorFrom(ctx), input))
}

func (r mutationResolver) UndoMove(ctx context.Context, input dispatch.UndoMoveInput) (*dispatch.MovePayload, error) {
	return together(ctx, moved)(r.Dispatch.UndoMove(ctx, ActorFrom(ctx), input))
}

func moved(p *dispatch.MovePayload) []*dispatch.MoveResult { return p.Results }

type moveResultResolver struct{ *Resolver }

func (moveResultResolver) Order(ctx context.Context, m *dispatch.MoveResult) (*delivery.Order, error) {
	return of(ctx, orderByID.in(load(ctx)), m, func(m *dispatch.MoveResult) *delivery.ID {
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
