package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/graph"
	"baogong/rehearsal"
)

// The limits of one answer, which must be ready within the time of a request.
const (
	mostReplications = 1000
	mostOrderRuns    = 3_000_000 // orders × replications, about 3 s of CPU
)

func (r queryResolver) Rehearse(ctx context.Context, scenario rehearsal.ScenarioInput) (*rehearsal.Rehearsal, error) {
	community := scenario.CommunityID
	if err := r.enter(ctx, community, "scenario.communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanRehearse(community.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), community))(delivery.KindCommunity)
	if err != nil {
		return nil, missing(err, "scenario.communityId")
	}
	now := r.now().Truncate(time.Microsecond)
	if scenario.Day == nil {
		scenario.Day = new(c.Day(now.Add(24 * time.Hour)))
	}
	from, until, refusal := c.DayOf(*scenario.Day)
	if refusal != nil {
		return nil, refusal.At("scenario", "day")
	}
	facts, err := r.DB.DayFacts(ctx, a.Scope(), community.Community, from, until, now)
	if err != nil {
		return nil, err
	}
	s, times, err := rehearsal.Fit(facts, &scenario, from)
	if err != nil {
		return nil, err
	}
	if orders := max(s.Orders(), 1); s.Replications > mostReplications || s.Cost() > mostOrderRuns && s.Replications > 1 {
		return nil, delivery.Refuse(rehearsal.ReasonScenarioTooLarge, orders, min(mostReplications, max(mostOrderRuns/orders, 1))).At("scenario", "replications")
	}
	select {
	case r.rehearsing <- struct{}{}:
		defer func() { <-r.rehearsing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	outlook, err := rehearsal.Rehearse(ctx, s)
	if err != nil {
		return nil, err
	}
	return &rehearsal.Rehearsal{Outlook: outlook, Day: *scenario.Day, Midnight: from, MeasuredTimes: times}, nil
}

type rehearsalResolver struct{}

// Rehearsal returns the resolver of Rehearsal.
func (*Resolver) Rehearsal() graph.RehearsalResolver { return rehearsalResolver{} }

func (rehearsalResolver) Advice(ctx context.Context, o *rehearsal.Rehearsal) ([]string, error) {
	return o.AdviceIn(LocaleFrom(ctx)), nil
}

type rehearsedChangeResolver struct{}

// RehearsedChange returns the resolver of RehearsedChange.
func (*Resolver) RehearsedChange() graph.RehearsedChangeResolver { return rehearsedChangeResolver{} }

func (rehearsedChangeResolver) What(ctx context.Context, c *rehearsal.RehearsedChange) (string, error) {
	return c.What(LocaleFrom(ctx)), nil
}
