package incident

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// mostRising is how many incidents Rise raises in one transaction. The next tick raises the next ones.
const mostRising = 200

// Rise is a dispatch.Job: the levels of a community's incidents that are due.
func (v *Verbs) Rise(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Rises == nil || c.Rises.After(now) {
		return nil
	}
	return func(ctx context.Context) error {
		due, err := v.DB.UnscopedRisingIncidents(ctx, c.Community, now, mostRising)
		if err != nil {
			return err
		}
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			rows, err := t.LockIncidents(ctx, c.Community, due)
			if err != nil {
				return err
			}
			var risen []*delivery.Incident
			var events []*delivery.Event
			for _, i := range rows {
				if e := i.Rise(delivery.System(c.Community), now); e != nil {
					risen, events = append(risen, i), append(events, e)
				}
			}
			if len(risen) == 0 { // resolved meanwhile
				return dispatch.ErrNothing
			}
			if err := t.SaveIncidents(ctx, c.Community, risen); err != nil {
				return err
			}
			return t.Append(ctx, c.Community, events)
		}))
	}
}
