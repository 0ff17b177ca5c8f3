package resolvers

import (
	"context"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/plan"
	"baogong/graph"
	"baogong/rehearsal"
)

var scenarioByID = guardedNoun(delivery.KindScenario, (*db.DB).ScenariosByID, func(a delivery.Actor, id delivery.ID) bool {
	return a.CanRehearse(id.Community)
})

func (r queryResolver) Scenarios(ctx context.Context, communityID delivery.ID, archived bool) ([]*delivery.SavedScenario, error) {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return nil, err
	}
	a := ActorFrom(ctx)
	if !a.CanRehearse(communityID.Community) {
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	}
	rows, err := r.DB.Scenarios(ctx, a.Scope(), communityID.Community, archived)
	relate(load(ctx), rows)
	return rows, err
}

func (r mutationResolver) SaveScenario(ctx context.Context, input plan.SaveScenarioInput) (*plan.SaveScenarioPayload, error) {
	return r.Verbs.Plan.SaveScenario(ctx, ActorFrom(ctx), input)
}

func (r mutationResolver) ArchiveScenario(ctx context.Context, input plan.ArchiveScenarioInput) (*plan.ArchiveScenarioPayload, error) {
	return r.Verbs.Plan.ArchiveScenario(ctx, ActorFrom(ctx), input)
}

// scenarioOf resolves the scenario of a payload.
type scenarioOf[P interface{ Of() *delivery.ID }] struct{}

func (scenarioOf[P]) Scenario(ctx context.Context, p P) (*delivery.SavedScenario, error) {
	return maybe(ctx, scenarioByID.in(load(ctx)), p.Of())
}

// SaveScenarioPayload returns the resolver of SaveScenarioPayload.
func (*Resolver) SaveScenarioPayload() graph.SaveScenarioPayloadResolver {
	return scenarioOf[*plan.SaveScenarioPayload]{}
}

// ArchiveScenarioPayload returns the resolver of ArchiveScenarioPayload.
func (*Resolver) ArchiveScenarioPayload() graph.ArchiveScenarioPayloadResolver {
	return scenarioOf[*plan.ArchiveScenarioPayload]{}
}

type scenarioResolver struct{ *Resolver }

// Scenario returns the resolver of Scenario.
func (r *Resolver) Scenario() graph.ScenarioResolver { return scenarioResolver{r} }

func (r scenarioResolver) Values(ctx context.Context, s *delivery.SavedScenario) (*rehearsal.ScenarioInput, error) {
	id := delivery.ID{Kind: delivery.KindCommunity, Community: s.CommunityID}
	c, err := there(get(ctx, communityByID.in(load(ctx)), id))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	_, from := c.Today(r.now())
	if s.Body.Day != nil {
		day, _, refusal := c.DayOf(*s.Body.Day)
		if refusal != nil {
			return nil, refusal
		}
		from = day
	}
	return rehearsal.SavedInput(c, &s.Body, from), nil
}
