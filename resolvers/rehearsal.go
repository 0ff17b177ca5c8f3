package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch/plan"
	"baogong/graph"
	"baogong/rehearsal"
)

// mostOrderRuns is the limit of one answer, which must be ready within the time of a request: orders × replications, about 3 s of CPU.
const mostOrderRuns = 3_000_000

func (r queryResolver) Rehearse(ctx context.Context, scenario rehearsal.ScenarioInput) (*rehearsal.Rehearsal, error) {
	s, day, err := r.scenario(ctx, &scenario, "scenario")
	if err != nil {
		return nil, err
	}
	if most := s.Affordable(mostOrderRuns); s.Replications > most {
		return nil, s.TooLarge(most).At("scenario", "replications")
	}
	done, err := r.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	day.Outlook, err = rehearsal.Rehearse(ctx, *s)
	if err != nil {
		return nil, within(err, "scenario")
	}
	return day, nil
}

func (r queryResolver) CompareRehearsals(ctx context.Context, first, second rehearsal.ScenarioInput) (*rehearsal.RehearsalComparison, error) {
	a, before, err := r.scenario(ctx, &first, "first")
	if err != nil {
		return nil, err
	}
	if first.CommunityID != second.CommunityID {
		return nil, delivery.Refuse(plan.ReasonScenarioElsewhere).At("second", "communityId")
	}
	second.Seed, second.Replications = first.Seed, first.Replications // the same random numbers
	b, after, err := r.scenario(ctx, &second, "second")
	if err != nil {
		return nil, err
	}
	if a.Cost()+b.Cost() > mostOrderRuns {
		half := mostOrderRuns / 2
		return nil, delivery.Refuse(rehearsal.ReasonScenarioTooLarge, a.Orders()+b.Orders(), len(a.Held)+len(b.Held), min(a.Affordable(half), b.Affordable(half))).At("first", "replications")
	}
	for _, s := range []struct {
		scenario *rehearsal.Scenario
		field    string
	}{{a, "first"}, {b, "second"}} {
		if err := s.scenario.Check(); err != nil {
			return nil, within(err, s.field)
		}
	}
	done, err := r.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	compared, err := rehearsal.Compare(ctx, *a, *b)
	if err != nil {
		return nil, err
	}
	return rehearsal.NewRehearsalComparison(compared, before, after), nil
}

// scenario returns a scenario made from the community's rows and the input, with its day. It refuses callers who may not rehearse. Paths of refusals begin
// at the argument.
func (r queryResolver) scenario(ctx context.Context, in *rehearsal.ScenarioInput, argument string) (*rehearsal.Scenario, *rehearsal.Rehearsal, error) {
	community := in.CommunityID
	if err := r.enter(ctx, community, argument, "communityId"); err != nil {
		return nil, nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanRehearse(community.Community) {
		return nil, nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	c, err := there(get(ctx, communityByID.in(load(ctx)), community))(delivery.KindCommunity)
	if err != nil {
		return nil, nil, missing(err, argument, "communityId")
	}
	now := r.now().Truncate(time.Microsecond)
	if in.Day == nil {
		_, tomorrow := c.Today(now) // days of 23 and 25 hours too
		in.Day = new(c.Day(tomorrow))
	}
	from, until, refusal := c.DayOf(*in.Day)
	if refusal != nil {
		return nil, nil, refusal.At(argument, "day")
	}
	if refusal := in.Check(from); refusal != nil {
		return nil, nil, refusal.At(argument)
	}
	facts, err := r.DB.DayFacts(ctx, a.Scope(), community.Community, from, until, now)
	if err != nil {
		return nil, nil, err
	}
	start, own := plan.FromClockStart(c, from, facts, in)
	s, times, err := rehearsal.FitExpected(facts, own, start)
	if err != nil {
		return nil, nil, within(err, argument)
	}
	return &s, &rehearsal.Rehearsal{Day: *in.Day, Midnight: start, MeasuredTimes: times, MeasuredCut: facts.Cut, ClassShares: rehearsal.ClassShares(facts, own), Hands: s.MostHands()}, nil
}

// turn waits until no other rehearsal runs on this server. The caller calls done at the end of its own. It fails with the context's error.
func (r queryResolver) turn(ctx context.Context) (done func(), err error) {
	select {
	case r.rehearsing <- struct{}{}:
		return func() { <-r.rehearsing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// within returns the error with the path of the argument in which its field is.
func within(err error, argument string) error {
	if refusal := delivery.AsError(err); refusal != nil {
		return refusal.At(argument)
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

type comparisonResolver struct{}

// RehearsalComparison returns the resolver of RehearsalComparison.
func (*Resolver) RehearsalComparison() graph.RehearsalComparisonResolver { return comparisonResolver{} }

func (comparisonResolver) Sentence(ctx context.Context, c *rehearsal.RehearsalComparison) (string, error) {
	return c.SentenceIn(LocaleFrom(ctx)), nil
}
