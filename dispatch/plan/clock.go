package plan

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// Days returns a dispatch.Job. Every delivery.PresentEvery it makes the plans that are due, and rehearses the rest of the present day. In the evening, from
// delivery.ForecastHour on and after the forecast, the plan of the next day is due; it is made again while the announced trucks change. A day that has begun without a plan gets one, which
// is made again when more orders are known than it has. At each tick one community is looked at. A look that fails or takes too long is told to the log once, and comes again after
// delivery.PresentEvery: the clock's other work goes on. Without a log the job fails instead, but not for a look that takes too long.
func (v *Verbs) Days(log *slog.Logger) dispatch.Job {
	return func(c db.CommunityClock, now time.Time) func(context.Context) error {
		if v.Off || !v.looks.begin(c.Community, now) {
			return nil
		}
		return func(ctx context.Context) error {
			err := v.look(ctx, c, now)
			switch first := v.looks.failed(c.Community, err); {
			case err == nil, errors.Is(ctx.Err(), context.Canceled): // the clock stops
				return err
			case log == nil && !errors.Is(err, context.DeadlineExceeded):
				return err
			case first && log != nil:
				log.Error("the plan of a day failed and will be tried again", "community", c.Community, "err", err)
			}
			return nil
		}
	}
}

// forecastWithin is how long after delivery.ForecastHour the plan of the next day waits for a forecast.
const forecastWithin = 10 * time.Minute

func (v *Verbs) look(ctx context.Context, c db.CommunityClock, now time.Time) error {
	scope := delivery.System(c.Community).Scope()
	rows, err := v.DB.CommunitiesByID(ctx, scope, []delivery.ID{{Kind: delivery.KindCommunity, Community: c.Community}})
	if err != nil || len(rows) == 0 {
		return err
	}
	estate := rows[0]
	if estate.Archived() || estate.Purged() || estate.Ended(now) {
		return nil
	}
	from, until := estate.Today(now)
	_, after := estate.Today(until)
	yesterday, today, tomorrow := estate.Day(from.Add(-time.Hour)), estate.Day(now), estate.Day(until)
	plans, err := v.DB.Plans(ctx, scope, c.Community, yesterday, today, tomorrow)
	if err != nil {
		return err
	}
	of := func(day string) *delivery.DayPlan {
		if i := slices.IndexFunc(plans, func(p *delivery.DayPlan) bool { return p.Day == day }); i >= 0 {
			return plans[i]
		}
		return nil
	}
	if p := of(yesterday); p != nil && (p.MeasuredUntil == nil || p.MeasuredUntil.Before(p.EndsAt)) {
		if err := v.close(ctx, scope, p); err != nil {
			return err
		}
	}
	p := of(today)
	if p == nil || p.StandIn() {
		if err := v.make(ctx, &dayToPlan{estate: estate, name: today, from: from, until: until, begun: now.Sub(from)}, p, now); err != nil {
			return err
		}
	}
	if p != nil && p.StandIn() { // it may be another one now
		fresh, err := v.DB.Plans(ctx, scope, c.Community, today)
		if err != nil || len(fresh) == 0 {
			return err
		}
		p = fresh[0]
	}
	if p != nil {
		if err := v.present(ctx, estate, p, now); err != nil {
			return err
		}
	}
	local := estate.Local(now)
	evening := local.Hour() > delivery.ForecastHour || local.Hour() == delivery.ForecastHour && (c.Forecast != nil && *c.Forecast >= tomorrow || local.Minute() >= int(forecastWithin.Minutes()))
	if p := of(tomorrow); evening && (p == nil || !p.ByHand) && !estate.Ended(until) {
		return v.make(ctx, &dayToPlan{estate: estate, name: tomorrow, from: until, until: after}, p, now)
	}
	return nil
}

// make stores the plan of a day that has none, or whose trucks have changed since its plan was made. A day that cannot be rehearsed, because the community has no households or
// fewer than delivery.FewestPlanned orders are expected, gets none.
func (v *Verbs) make(ctx context.Context, d *dayToPlan, was *delivery.DayPlan, now time.Time) error {
	scope, community := delivery.System(d.estate.CommunityID).Scope(), d.estate.CommunityID
	rest, err := v.DB.RestFacts(ctx, scope, community, d.from, d.until)
	if err != nil {
		return err
	}
	if d.facts, err = v.DB.DayRows(ctx, scope, community, d.from, d.until, now); err != nil {
		return err
	}
	if d.facts.Forecast != nil {
		d.expected = int(math.Round(*d.facts.Forecast))
	}
	begun := d.begun > 0
	switch {
	case begun: // more may be known than was expected
		if d.expected == 0 {
			d.expected = d.facts.PerDay
		}
		d.expected = max(d.facts.Deliverable(d.expected, time.Time{}), rest.Open-rest.LeftOut+rest.Delivered)
		d.came = rest.Came(d.facts)
	case d.expected == 0:
		if d.expected, err = v.likeToday(ctx, scope, d, rest, now); err != nil {
			return err
		}
		d.expected = steady(d.facts.Deliverable(d.expected, time.Time{}), was)
	default:
		d.expected = d.facts.Deliverable(d.expected, time.Time{})
	}
	s, _, err := d.scenario()
	switch {
	case err != nil:
		return unlessRefused(err)
	case s.Orders() < delivery.FewestPlanned, was != nil && begun && 10*s.Orders() < 11*was.Orders, was != nil && slices.Equal(d.planned(&s), was.Trucks):
		return nil
	}
	if d.facts.Steps, err = v.DB.StepFacts(ctx, scope, community, now.AddDate(0, 0, -delivery.MeasuredDays), now); err != nil {
		return err
	}
	p, err := v.plan(ctx, d, now)
	if err != nil {
		return unlessRefused(err)
	}
	if was != nil {
		p.PlanPresent = was.PlanPresent
	}
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		estate, err := t.LockCommunity(ctx, community, false)
		if err != nil {
			return err
		}
		stored, err := t.LockPlan(ctx, community, p.Day)
		if err != nil {
			return err
		}
		if estate.Archived() || estate.Purged() || stored != nil && (stored.ByHand || begun && !stored.StandIn() || stored.MadeAt.After(p.MadeAt)) {
			return dispatch.ErrNothing
		}
		if err := t.SavePlan(ctx, p); err != nil {
			return err
		}
		return t.Append(ctx, community, []*delivery.Event{p.Changed(delivery.System(community), now)})
	}))
}

// likeToday returns how many orders the present day has, for a next day of which there is no forecast: those that are open, and those that are delivered.
func (v *Verbs) likeToday(ctx context.Context, scope delivery.Scope, d *dayToPlan, rest *delivery.RestFacts, now time.Time) (int, error) {
	from, until := d.estate.Today(now)
	delivered, err := v.DB.DeliveredOn(ctx, scope, d.estate.CommunityID, from, until)
	return max(d.facts.PerDay, rest.Open+delivered), err
}

// steady returns the number of orders of the earlier plan in place of one that differs from it by less than a tenth, so that a plan is not made again for a single order.
func steady(expected int, was *delivery.DayPlan) int {
	if was != nil && 10*max(expected-was.Orders, was.Orders-expected) < was.Orders {
		return was.Orders
	}
	return expected
}

// unlessRefused returns the error unless it is a refusal: a day that cannot be rehearsed is no fault of the clock.
func unlessRefused(err error) error {
	if delivery.AsError(err) == nil {
		return err
	}
	return nil
}
