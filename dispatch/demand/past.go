package demand

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// UnscopedPast returns the demand of the last complete days of a community, from the first day with an order. It first counts the days that the
// clock has not counted yet.
func (v *Verbs) UnscopedPast(ctx context.Context, community int32, days int, now time.Time) (*delivery.DemandPast, error) {
	for {
		more, err := dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (bool, error) {
			estate, mark, err := lock(ctx, t, community)
			if err != nil || mark.Counted >= dayBefore(estate, now) {
				return false, err
			}
			return true, count(ctx, t, community, now)
		})
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	return dispatch.InTx(ctx, v.Engine, func(t *db.Tx) (*delivery.DemandPast, error) {
		estate, _, err := lock(ctx, t, community)
		if err != nil {
			return nil, err
		}
		from, until := estate.Today(now)
		yesterday := dayBefore(estate, now)
		past, err := t.PastOf(ctx, community, shift(yesterday, 1-days), yesterday, from, until, now)
		if err != nil {
			return nil, err
		}
		past.Rows, err = t.WholeDays(ctx, community, shift(yesterday, 1-days), yesterday)
		if len(past.Rows) > 0 {
			past.Days = delivery.DaysFrom(past.Rows[0].Day, yesterday)
		}
		return past, err
	})
}
