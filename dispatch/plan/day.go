package plan

import (
	"context"
	"encoding/json"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// MaxDaysAhead is how many days ahead a day can be planned.
const MaxDaysAhead = 14

// ReasonPlanBegun refuses to change the plan of a day that has begun.
var ReasonPlanBegun = delivery.NewReason("PLAN_BEGUN", delivery.CodeConflict,
	"The day has begun. Its plan stays as it is, so that the day can be compared with it.",
	"当天已开始，计划不能再改，以便对照实际。")

// PlanDay rehearses a day that has not begun and stores the outcome as its plan, in place of an earlier one.
func (v *Verbs) PlanDay(ctx context.Context, a delivery.Actor, in PlanDayInput) (*PlanDayPayload, error) {
	community := in.CommunityID.Community
	plan, err := v.byHand(ctx, a, &in)
	refusal := delivery.AsError(err)
	if err != nil && refusal == nil {
		return nil, err
	}
	c := dispatch.Call{Actor: a, Mutation: "planDay", Community: community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *PlanDayPayload) (bool, error) {
		if refusal != nil {
			return false, refusal
		}
		estate, err := t.LockCommunity(ctx, community, false)
		if err != nil {
			return false, err
		}
		switch {
		case estate.Archived():
			return false, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
		case estate.Purged():
			return false, delivery.Refuse(dispatch.ReasonPurged).At("communityId")
		case !at.Before(plan.StartsAt):
			return false, delivery.Refuse(ReasonPlanBegun).At("scenario", "day")
		}
		if _, err := t.LockPlan(ctx, community, plan.Day); err != nil {
			return false, err
		}
		t.Spend(delivery.QuotaRows, 1)
		id := estate.ID()
		out.CommunityID, out.Day = &id, plan.Day
		if err := t.SavePlan(ctx, plan); err != nil {
			return false, err
		}
		return true, t.Append(ctx, community, []*delivery.Event{plan.Changed(a, at)})
	})
}

// byHand rehearses the day of the input. It fails with the refusals of the mutation.
func (v *Verbs) byHand(ctx context.Context, a delivery.Actor, in *PlanDayInput) (*delivery.DayPlan, error) {
	community := in.CommunityID.Community
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return nil, refusal.At("communityId")
	}
	switch {
	case !a.SignedIn():
		return nil, delivery.Refuse(delivery.ReasonSignIn)
	case !a.Scope().SeesCommunity(community):
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	case !a.CanRehearse(community):
		return nil, delivery.Refuse(delivery.ReasonNotYours)
	case in.Scenario.CommunityID != in.CommunityID:
		return nil, delivery.Refuse(dispatch.ReasonTwoCommunities).At("scenario", "communityId")
	}
	rows, err := v.DB.CommunitiesByID(ctx, a.Scope(), []delivery.ID{in.CommunityID})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	estate, now := rows[0], v.BusinessTime()
	_, tomorrow := estate.Today(now)
	given := in.Scenario
	d := &dayToPlan{estate: estate, name: estate.Day(tomorrow), given: &given}
	if given.Day != nil {
		d.name = *given.Day
	}
	var refusal *delivery.Error
	if d.from, d.until, refusal = estate.DayOf(d.name); refusal != nil {
		return nil, refusal.At("scenario", "day")
	}
	switch {
	case !now.Before(d.from):
		return nil, delivery.Refuse(ReasonPlanBegun).At("scenario", "day")
	case d.from.Sub(now) > MaxDaysAhead*24*time.Hour:
		return nil, delivery.Refuse(delivery.ReasonBadValue).At("scenario", "day")
	}
	if refusal := given.Check(d.from); refusal != nil {
		return nil, refusal.At("scenario")
	}
	if d.facts, err = v.DB.DayFacts(ctx, a.Scope(), community, d.from, d.until, now); err != nil {
		return nil, err
	}
	d.expected = d.facts.Expected()
	d.leftOut = d.facts.Orders() - d.expected
	p, err := v.plan(ctx, d, now)
	if refusal := delivery.AsError(err); refusal != nil {
		return nil, refusal.At("scenario")
	} else if err != nil {
		return nil, err
	}
	p.ByHand = true
	p.Scenario, err = json.Marshal(in.Scenario)
	return p, err
}
