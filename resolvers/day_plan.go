package resolvers

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/dispatch/plan"
	"baogong/graph"
	"baogong/live"
)

func (r queryResolver) PlanAgainstActual(ctx context.Context, communityID delivery.ID, day *string) (*delivery.PlanAgainstActual, error) {
	if err := r.enterPlan(ctx, communityID); err != nil {
		return nil, err
	}
	p, err := r.planOf(ctx, ActorFrom(ctx).Scope(), communityID.Community, day)
	return p, missing(err, "communityId")
}

// PlanAgainstActual streams the plan of the present day, now and after changes.
func (r subscriptionResolver) PlanAgainstActual(ctx context.Context, communityID delivery.ID) (<-chan *delivery.PlanAgainstActual, error) {
	return live.Subscribe[*delivery.PlanAgainstActual](ctx, func() (live.Flow, error) {
		if err := r.enterPlan(ctx, communityID); err != nil {
			return nil, err
		}
		plans, err := watch(ctx, r.plans, ActorFrom(ctx), live.Target{Community: communityID.Community}, delivery.KindCommunity)
		return plans, missing(err, "communityId")
	})
}

// enterPlan refuses callers who do not belong to the community, and viewers who do not see all its orders.
func (r *Resolver) enterPlan(ctx context.Context, communityID delivery.ID) error {
	if err := r.enter(ctx, communityID, "communityId"); err != nil {
		return err
	}
	if !ActorFrom(ctx).Scope().SeesPlan(communityID.Community) {
		return delivery.Refuse(delivery.ReasonNotYours)
	}
	return nil
}

// loadPlan reads the present plan once for all its subscribers with one View.
func (r *Resolver) loadPlan(ctx context.Context, k live.StateKey) (*delivery.PlanAgainstActual, error) {
	if !k.Scope.SeesPlan(k.Community) {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	p, err := r.planOf(ctx, k.Scope, k.Community, nil)
	return p, missing(err, "communityId")
}

// changesPlan reports whether the event may change a day's plan beside what happened.
func changesPlan(e *delivery.Event, k *live.StateKey) bool {
	return e.OfPlans() && e.MayChange(&k.Scope)
}

// planOf reads the plan of a day, nil for the present one, and how many orders were handed over. It returns nil if the day has no plan.
func (r *Resolver) planOf(ctx context.Context, scope delivery.Scope, community int32, day *string) (*delivery.PlanAgainstActual, error) {
	c, err := there(single(r.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: community}})))(delivery.KindCommunity)
	if err != nil {
		return nil, err
	}
	now := r.now().Truncate(time.Microsecond)
	if day == nil {
		day = new(c.Day(now))
	} else if _, _, refusal := c.DayOf(*day); refusal != nil {
		return nil, refusal.At("day")
	}
	plans, err := r.DB.Plans(ctx, scope, community, *day)
	if err != nil || len(plans) == 0 {
		return nil, err
	}
	delivered, err := r.DB.DeliveredOn(ctx, scope, community, plans[0].StartsAt, plans[0].EndsAt)
	if err != nil {
		return nil, err
	}
	return plans[0].Against(delivered, now), nil
}

// planKey is the day of a board.
type planKey struct {
	community int32
	day       string
}

// plansOfBoards loads the plans of the days of boards, nil without one.
var plansOfBoards = &loader[planKey, *delivery.DayPlan]{func(ctx context.Context, l *loaders, keys []planKey) (map[planKey]*delivery.DayPlan, error) {
	out := map[planKey]*delivery.DayPlan{}
	for _, k := range keys { // a response has one board, or few
		plans, err := l.db.Plans(ctx, l.scope, k.community, k.day)
		if err != nil {
			return nil, err
		}
		for _, p := range plans {
			out[k] = p
		}
	}
	return out, nil
}}

// planOfBoard returns the plan of the board's day for viewers who see all orders, nil for others and without a plan.
func planOfBoard(ctx context.Context, b *delivery.Board) (*delivery.DayPlan, error) {
	l := load(ctx)
	if !l.scope.SeesPlan(b.CommunityID) {
		return nil, nil
	}
	c, err := get(ctx, communityByID.in(l), delivery.ID{Kind: delivery.KindCommunity, Community: b.CommunityID})
	if err != nil || c == nil {
		return nil, err
	}
	return get(ctx, plansOfBoards.in(l), planKey{b.CommunityID, c.Day(b.At)})
}

// Plan is the plan of the board's day beside what the board counts.
func (boardResolver) Plan(ctx context.Context, b *delivery.Board) (*delivery.PlanAgainstActual, error) {
	p, err := planOfBoard(ctx, b)
	if err != nil || p == nil {
		return nil, err
	}
	return p.Against(b.DeliveredToday, b.At), nil
}

func (r mutationResolver) PlanDay(ctx context.Context, input plan.PlanDayInput) (*plan.PlanDayPayload, error) {
	return r.Verbs.Plan.PlanDay(ctx, ActorFrom(ctx), input)
}

type planAgainstActualResolver struct{}

// PlanAgainstActual returns the resolver of PlanAgainstActual.
func (*Resolver) PlanAgainstActual() graph.PlanAgainstActualResolver {
	return planAgainstActualResolver{}
}

func (planAgainstActualResolver) LeftOutOrders(ctx context.Context, p *delivery.PlanAgainstActual) (*int, error) {
	if !p.At.Before(p.EndsAt) {
		return nil, nil
	}
	l := load(ctx)
	n, err := l.db.LeftOutOrders(ctx, l.scope, p.CommunityID)
	if err != nil {
		return nil, err
	}
	return &n, nil
}

type planDayPayloadResolver struct{ *Resolver }

// PlanDayPayload returns the resolver of PlanDayPayload.
func (r *Resolver) PlanDayPayload() graph.PlanDayPayloadResolver { return planDayPayloadResolver{r} }

func (r planDayPayloadResolver) Plan(ctx context.Context, p *plan.PlanDayPayload) (*delivery.PlanAgainstActual, error) {
	if p.CommunityID == nil {
		return nil, nil
	}
	return r.planOf(ctx, ActorFrom(ctx).Scope(), p.CommunityID.Community, &p.Day)
}
