package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/rehearsal"
)

// timedFor is how long the measured times of a community serve (business time): to measure them reads thousands of events.
const timedFor = time.Hour

// timed holds the measured times of a community.
type timed struct {
	at    time.Time
	day   string
	week  []delivery.StepFact // of the last days
	today []delivery.StepTime
}

// present rehearses the rest of a planned day from where the orders stand, and stores when everything will be delivered. The rehearsal is outside the transaction.
func (v *Verbs) present(ctx context.Context, estate *delivery.Community, p *delivery.DayPlan, now time.Time) error {
	scope, community := delivery.System(p.CommunityID).Scope(), p.CommunityID
	rest, err := v.DB.RestFacts(ctx, scope, community, p.StartsAt, p.EndsAt)
	if err != nil {
		return err
	}
	facts, err := v.DB.DayRows(ctx, scope, community, p.StartsAt, p.EndsAt, now)
	if err != nil {
		return err
	}
	times, err := v.times(ctx, scope, p, now)
	if err != nil {
		return err
	}
	facts.Steps = times.week
	in := &rehearsal.ScenarioInput{CommunityID: estate.ID()}
	if p.ByHand {
		if err := json.Unmarshal(p.Scenario, in); err != nil {
			return fmt.Errorf("read the scenario of a plan: %w", err)
		}
	}
	in.Replications = presentReplications
	s, err := rehearsal.FitRest(facts, rest, in, p, now)
	if err != nil {
		return unlessRefused(err)
	}
	s.Earliest += estate.ClockStart(p.StartsAt).Sub(p.StartsAt) // as clocks show it
	present := delivery.PlanPresent{NowAt: &now, Expected: new(rest.Delivered + s.Orders()), Measured: times.today, MeasuredUntil: &times.at}
	looked := *p
	looked.PlanPresent = present
	present.Behind = looked.BehindOf(rest.Delivered, now)
	if s.Orders() == 0 {
		present.ClearNow, present.ClearNowP95, present.Behind = rest.LastDelivered, rest.LastDelivered, nil
		if looked.ClearNow = rest.LastDelivered; rest.LastDelivered != nil {
			present.Behind = looked.BehindOf(rest.Delivered, *rest.LastDelivered)
		}
	} else {
		s.Replications = min(s.Replications, s.Affordable(mostPresentRuns))
		r, err := v.rehearse(ctx, s)
		switch {
		case err == nil:
			present.ClearNow, present.ClearNowP95 = instant(p.StartsAt, r.ClearMedian), instant(p.StartsAt, r.ClearP95)
		case delivery.AsError(err) == nil:
			return err
		}
	}
	return v.save(ctx, p, present, now)
}

// times returns the measured times of the last days and of the planned day. They are measured once an hour.
func (v *Verbs) times(ctx context.Context, scope delivery.Scope, p *delivery.DayPlan, now time.Time) (*timed, error) {
	if kept, ok := v.timed.Load(p.CommunityID); ok {
		if t := kept.(*timed); t.day == p.Day && now.Sub(t.at) >= 0 && now.Sub(t.at) < timedFor {
			return t, nil
		}
	}
	t := &timed{at: now, day: p.Day}
	var err error
	if t.week, err = v.DB.StepFacts(ctx, scope, p.CommunityID, now.AddDate(0, 0, -delivery.MeasuredDays), now); err != nil {
		return nil, err
	}
	if t.today, err = v.measure(ctx, scope, p, now); err != nil {
		return nil, err
	}
	v.timed.Store(p.CommunityID, t)
	return t, nil
}

// measure returns the times of a planned day until an instant.
func (v *Verbs) measure(ctx context.Context, scope delivery.Scope, p *delivery.DayPlan, until time.Time) ([]delivery.StepTime, error) {
	facts, err := v.DB.StepFacts(ctx, scope, p.CommunityID, p.StartsAt, until)
	var out []delivery.StepTime
	for _, f := range facts {
		out = append(out, f.Minutes())
	}
	return out, err
}

// close stores the times of a day that is over.
func (v *Verbs) close(ctx context.Context, scope delivery.Scope, p *delivery.DayPlan) error {
	measured, err := v.measure(ctx, scope, p, p.EndsAt)
	if err != nil {
		return err
	}
	present := p.PlanPresent
	present.Measured, present.MeasuredUntil = measured, &p.EndsAt
	return v.save(ctx, p, present, p.EndsAt)
}

// save stores where a day stands, and appends an event if that has moved.
func (v *Verbs) save(ctx context.Context, p *delivery.DayPlan, present delivery.PlanPresent, now time.Time) error {
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		estate, err := t.LockCommunity(ctx, p.CommunityID, false)
		if err != nil {
			return err
		}
		stored, err := t.LockPlan(ctx, p.CommunityID, p.Day)
		if err != nil {
			return err
		}
		if stored == nil || estate.Archived() || estate.Purged() || stored.NowAt != nil && stored.NowAt.After(now) || !stored.MadeAt.Equal(p.MadeAt) {
			return dispatch.ErrNothing // another clock worker is ahead, or the plan is another one
		}
		was := stored.PlanPresent
		stored.PlanPresent = present
		if err := t.SavePresent(ctx, stored); err != nil || !present.Moved(&was) {
			return err
		}
		return t.Append(ctx, p.CommunityID, []*delivery.Event{stored.Changed(delivery.System(p.CommunityID), now)})
	}))
}
