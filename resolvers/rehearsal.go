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
		_, tomorrow := c.Today(now) // days of 23 and 25 hours too
		scenario.Day = new(c.Day(tomorrow))
	}
	from, until, refusal := c.DayOf(*scenario.Day)
	if refusal != nil {
		return nil, refusal.At("scenario", "day")
	}
	facts, err := r.DB.DayFacts(ctx, a.Scope(), community.Community, from, until, now)
	if err != nil {
		return nil, err
	}
	if scenario.Replications < 1 || scenario.Replications > mostReplications {
		return nil, delivery.Refuse(rehearsal.ReasonScenarioRange, 1, mostReplications).At("scenario", "replications")
	}
	s, times, err := rehearsal.Fit(facts, &scenario, from)
	if err != nil {
		return nil, inScenario(err)
	}
	if most := s.Affordable(mostOrderRuns); s.Replications > most {
		return nil, delivery.Refuse(rehearsal.ReasonScenarioTooLarge, s.Orders(), most).At("scenario", "replications")
	}
	select {
	case r.rehearsing <- struct{}{}:
		defer func() { <-r.rehearsing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	outlook, err := rehearsal.Rehearse(ctx, s)
	if err != nil {
		return nil, inScenario(err)
	}
	return &rehearsal.Rehearsal{Outlook: outlook, Day: *scenario.Day, Midnight: from, MeasuredTimes: times}, nil
}

// inScenario returns the error with the path of the input in which its field is.
func inScenario(err error) error {
	if refusal := delivery.AsError(err); refusal != nil {
		return refusal.At("scenario")
	}
	return err
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
