package resolvers

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"baogong/db"
	"baogong/delivery"
	"baogong/graph"
)

// Reveals is who looked at the household. Those of all households that were read together are read at once.
func (r householdResolver) Reveals(ctx context.Context, h *delivery.Household, first *int, after *string, last *int, before *string) (*graph.RevealConnection, error) {
	l := load(ctx)
	if !l.actor.SeesReveals() {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	args, bound := paging{first, last, after, before}, boundTo("reveals", h.ID())
	p, err := r.page(ctx, args, bound)
	if err != nil {
		return nil, err
	}
	rows, err := of(ctx, l.revealsOf(r.DB, p, boundTo("", first, after, last, before, p.Count)), h, by((*delivery.Household).ID))
	if err != nil {
		return nil, err
	}
	edges, info := connection(ctx, r.Resolver, args, rows, bound, func(c string, n *delivery.Reveal) *graph.RevealEdge {
		return &graph.RevealEdge{Cursor: c, Node: n}
	})
	return &graph.RevealConnection{Edges: edges, Nodes: rows.Items, PageInfo: info, TotalCount: rows.Total, TotalCountExact: rows.Exact}, nil
}

// revealsOf loads one page of each household's reveals; the pages of the response that are asked for alike share it.
func (l *loaders) revealsOf(d *db.DB, p db.Page, alike string) *dataloader.Loader[delivery.ID, *db.Rows[delivery.Reveal]] {
	made, _ := l.reveals.LoadOrStore(alike, batched(func(ctx context.Context, ids []delivery.ID) (map[delivery.ID]*db.Rows[delivery.Reveal], error) {
		return d.RevealsOfHouseholds(ctx, l.actor.Scope(), ids, p)
	}))
	return made.(*dataloader.Loader[delivery.ID, *db.Rows[delivery.Reveal]])
}

type revealResolver struct{ *Resolver }

func (revealResolver) Order(ctx context.Context, r *delivery.Reveal) (*delivery.Order, error) {
	return of(ctx, load(ctx).orders, r, (*delivery.Reveal).OrderID)
}
