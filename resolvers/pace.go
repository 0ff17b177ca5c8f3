package resolvers

import (
	"context"
	"sync"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// paces keeps the pace of each community for a minute of business time. The pace is of the whole community, so all viewers share it.
type paces struct {
	mu sync.Mutex
	of map[int32]*keptPace
}

// keptPace is the pace of one community. mu is held while it is read, so that it is read once.
type keptPace struct {
	mu   sync.Mutex
	pace *delivery.Pace
}

// pace returns the community's pace, which is at most delivery.PaceFor old.
func (r *Resolver) pace(ctx context.Context, community int32) (*delivery.Pace, error) {
	r.paces.mu.Lock()
	if r.paces.of == nil {
		r.paces.of = map[int32]*keptPace{}
	}
	kept := r.paces.of[community]
	if kept == nil {
		kept = &keptPace{}
		r.paces.of[community] = kept
	}
	r.paces.mu.Unlock()
	kept.mu.Lock()
	defer kept.mu.Unlock()
	now := r.now().Truncate(time.Microsecond)
	if kept.pace != nil && now.Sub(kept.pace.At).Abs() < delivery.PaceFor {
		return kept.pace, nil
	}
	pace, err := r.DB.Pace(ctx, delivery.Scope{Class: delivery.SeesAll, Community: community}, community, now)
	if err != nil {
		return nil, err
	}
	kept.pace = pace
	return pace, nil
}

var aheadOfOrder = &loader[delivery.ID, *db.OrderAhead]{func(ctx context.Context, l *loaders, ids []delivery.ID) (map[delivery.ID]*db.OrderAhead, error) {
	rows, err := l.db.AheadOfOrders(ctx, l.scope, ids)
	out := make(map[delivery.ID]*db.OrderAhead, len(rows))
	for _, r := range rows {
		out[delivery.ID{Kind: delivery.KindOrder, Community: r.CommunityID, UUID: r.UUID}] = r
	}
	return out, err
}}

func (orderResolver) Ahead(ctx context.Context, o *delivery.Order) (*int, error) {
	if !sight(ctx).Whole {
		return nil, nil
	}
	ahead, err := of(ctx, aheadOfOrder.in(load(ctx)), o, func(o *delivery.Order) *delivery.ID {
		if !o.Stage.PastTheGate() {
			return nil
		}
		return new(o.ID())
	})
	if ahead == nil {
		return nil, err
	}
	return &ahead.Ahead, err
}

func (r orderResolver) ExpectedAt(ctx context.Context, o *delivery.Order) (*time.Time, error) {
	if !sight(ctx).Whole || o.Stage.Final() {
		return nil, nil
	}
	pace, err := r.pace(ctx, o.CommunityID)
	if err != nil {
		return nil, err
	}
	return pace.ExpectedAt(&o.OrderSnapshot, r.now()), nil
}

// ExpectedClearAt is about the orders that the board's viewers see: by the rest of the day as it was rehearsed lately, else by the pace.
func (r boardResolver) ExpectedClearAt(ctx context.Context, b *delivery.Board) (*time.Time, error) {
	if plan, err := planOfBoard(ctx, b); err != nil {
		return nil, err
	} else if plan != nil {
		if at := plan.ExpectedClear(b.At); at != nil && b.Open > 0 {
			return at, nil
		}
	}
	pace, err := r.pace(ctx, b.CommunityID)
	if err != nil {
		return nil, err
	}
	return pace.ClearAt(load(ctx).scope), nil
}
