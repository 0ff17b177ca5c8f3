package estate

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// StartDay is a dispatch.Job: the start of a community's day.
func (v *Verbs) StartDay(c db.CommunityClock, now time.Time) func(context.Context) error {
	day := (&delivery.Community{TimeZone: c.TimeZone}).Day(now)
	if day <= c.Day {
		return nil
	}
	return func(ctx context.Context) error { return v.startDay(ctx, c.Community, day, now) }
}

func (v *Verbs) startDay(ctx context.Context, community int32, day string, now time.Time) error {
	err := v.DB.InTx(ctx, func(t *db.Tx) error {
		if err := t.EndIdleRounds(ctx, community, now); err != nil {
			return err
		}
		last, err := t.LockDay(ctx, community)
		if err != nil {
			return err
		}
		if last >= day {
			return dispatch.ErrNothing
		}
		if err := t.SaveDay(ctx, community, day); err != nil {
			return err
		}
		return t.Append(ctx, community, []*delivery.Event{delivery.StartDay(community, day, now)})
	})
	return dispatch.UnlessNothing(err)
}
