package plan

import (
	"context"
	"slices"
	"time"

	"baogong/delivery"
	"baogong/rehearsal"
)

// How much is simulated: replications, and at most so many orders in all of them, so that a look takes a small part of its time.
const (
	planReplications    = 100
	presentReplications = 30
	mostGivenRuns       = 400_000 // of a scenario that a person gave
	mostPlanRuns        = 150_000
	mostPresentRuns     = 50_000
)

// dayToPlan is a day to plan.
type dayToPlan struct {
	estate   *delivery.Community
	name     string
	from     time.Time
	until    time.Time
	given    *rehearsal.ScenarioInput // by a person, nil: everything is taken from the rows
	expected int                      // orders, if the trucks do not say, without those that are left out
	leftOut  int                      // orders of buildings that are held without an end
	begun    time.Duration            // how long ago the day began; 0 before
	came     int                      // orders that have come to the gate, of a day that has begun
	facts    *delivery.DayFacts
}

// input is what was given, or a scenario that leaves everything out.
func (d *dayToPlan) input() *rehearsal.ScenarioInput {
	if d.given != nil {
		return d.given
	}
	return &rehearsal.ScenarioInput{CommunityID: d.estate.ID(), Replications: planReplications}
}

// scenario returns the scenario of the day and the times that it uses.
func (d *dayToPlan) scenario() (rehearsal.Scenario, []delivery.StepTime, error) {
	start, in := FromClockStart(d.estate, d.from, d.facts, d.input())
	in.Compare = false
	return rehearsal.FitPlan(d.facts, in, start, func(s *rehearsal.Scenario) {
		if d.begun > 0 {
			s.ExpectBegun(d.facts, d.expected, d.came, max(d.begun-d.shift(), 0))
		} else {
			s.Expect(d.facts, in, d.expected, d.leftOut)
		}
	})
}

// shift is by how much the scenario's times count from later than the beginning of the day, see delivery.Community.ClockStart.
func (d *dayToPlan) shift() time.Duration { return d.estate.ClockStart(d.from).Sub(d.from) }

// planned returns the trucks of the scenario as the plan keeps them: their times count from the beginning of the day.
func (d *dayToPlan) planned(s *rehearsal.Scenario) []delivery.PlanTruck {
	trucks := s.Planned()
	for i := range trucks {
		trucks[i].Due = max(trucks[i].Due+d.shift(), 0)
	}
	return trucks
}

// plan rehearses the day and returns its plan. It fails with a refusal if the day cannot be rehearsed, also one that is too large.
func (v *Verbs) plan(ctx context.Context, d *dayToPlan, now time.Time) (*delivery.DayPlan, error) {
	s, times, err := d.scenario()
	if err != nil {
		return nil, err
	}
	runs := mostPlanRuns
	if d.given != nil {
		runs = mostGivenRuns
	}
	if most := s.Affordable(runs); s.Replications > most {
		if d.given != nil {
			return nil, s.TooLarge(most).At("replications")
		}
		s.Replications = most
	}
	r, err := v.rehearse(ctx, s)
	if err != nil {
		return nil, err
	}
	start := d.estate.ClockStart(d.from)
	p := &delivery.DayPlan{CommunityID: d.estate.CommunityID, Day: d.name, StartsAt: d.from, EndsAt: d.until, Orders: r.Orders, AllBy: start.Add(r.By), ClearMedian: instant(start, r.ClearMedian),
		ClearP95: instant(start, r.ClearP95), Chance: r.Chance.Share, Trucks: d.planned(&s), Steps: times, MadeAt: now}
	begun := slices.IndexFunc(r.Band, func(b rehearsal.BandPoint) bool { return b.High > 0 })
	for _, b := range r.Band[max(begun, 0):] {
		p.Points = append(p.Points, delivery.PlanPoint{Minute: int((b.At + d.shift()) / time.Minute), Low: b.Low, Median: b.Median, High: b.High})
	}
	return p, nil
}

// rehearse simulates a scenario when it is its turn. It fails with the context's error if that ends first.
func (v *Verbs) rehearse(ctx context.Context, s rehearsal.Scenario) (*rehearsal.Outlook, error) {
	select {
	case v.Turn <- struct{}{}:
		defer func() { <-v.Turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.Workers = 1 // the other cores serve
	return rehearsal.Rehearse(ctx, s)
}

// instant returns the instant of a time that counts from another one, nil for rehearsal.Never.
func instant(from time.Time, t time.Duration) *time.Time {
	if t == rehearsal.Never {
		return nil
	}
	return new(from.Add(t).Truncate(time.Second))
}
