package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/graph"
)

type cityCommunityResolver struct{ *Resolver }

// CityCommunity returns the resolver of CityCommunity.
func (r *Resolver) CityCommunity() graph.CityCommunityResolver { return cityCommunityResolver{r} }

// readCityPlans loads the plans of the present day of communities whose numbers may be shown.
func readCityPlans(now func() time.Time) *loader[int32, *delivery.DayPlan] {
	return &loader[int32, *delivery.DayPlan]{func(ctx context.Context, l *loaders, communities []int32) (map[int32]*delivery.DayPlan, error) {
		plans, err := l.db.CityPlans(ctx, l.scope, communities, now().Truncate(time.Microsecond))
		out := map[int32]*delivery.DayPlan{}
		for _, p := range plans {
			out[p.CommunityID] = p
		}
		return out, err
	}}
}

// plan returns the plan of the community's day, nil without one and for a day that is over.
func (r cityCommunityResolver) plan(ctx context.Context, c *delivery.CityCommunity) (*delivery.DayPlan, error) {
	if c.Past {
		return nil, nil
	}
	return get(ctx, r.cityPlans.in(load(ctx)), c.Community.CommunityID)
}

func (r cityCommunityResolver) PlannedToday(ctx context.Context, c *delivery.CityCommunity) (*int, error) {
	p, err := r.plan(ctx, c)
	if err != nil || p == nil {
		return nil, err
	}
	return c.PlannedToday(p), nil
}

func (r cityCommunityResolver) BehindMinutes(ctx context.Context, c *delivery.CityCommunity) (*int, error) {
	p, err := r.plan(ctx, c)
	if err != nil || p == nil {
		return nil, err
	}
	return c.BehindMinutes(p), nil
}

func (r cityCommunityResolver) ExpectedClearAt(ctx context.Context, c *delivery.CityCommunity) (*time.Time, error) {
	p, err := r.plan(ctx, c)
	if err != nil || p == nil {
		return nil, err
	}
	return c.ExpectedClearAt(p, r.now()), nil
}
