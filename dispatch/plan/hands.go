package plan

import (
	"context"
	"time"

	"baogong/delivery"
	"baogong/rehearsal"
)

// Hands returns how much work the orders of a day are at each post; of tomorrow, if the day is "". The caller has checked that the actor may read it. It waits until no other
// rehearsal that a caller asked for runs. It fails with BAD_VALUE for a day that is not valid, with a refusal of rehearsal.HandsScenario, and with the context's error.
func (v *Verbs) Hands(ctx context.Context, a delivery.Actor, c *delivery.Community, day string) (*rehearsal.HandsForecast, error) {
	now := v.Now().Truncate(time.Microsecond)
	if day == "" {
		_, tomorrow := c.Today(now)
		day = c.Day(tomorrow)
	}
	from, until, refusal := c.DayOf(day)
	if refusal != nil {
		return nil, refusal.At("day")
	}
	facts, err := v.DB.DayFacts(ctx, a.Scope(), c.CommunityID, from, until, now)
	if err != nil {
		return nil, err
	}
	out := rehearsal.NoHands(facts)
	if out.Orders > 0 {
		s, times, err := rehearsal.HandsScenario(facts, c.ID(), from)
		if err != nil {
			return nil, err
		}
		select {
		case v.Asked <- struct{}{}:
			defer func() { <-v.Asked }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		outlook, err := rehearsal.Rehearse(ctx, s)
		if err != nil {
			return nil, err
		}
		out = outlook.Hands(facts, &s, times)
	}
	out.Day = day
	return out, nil
}
