package window

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// mostPassed is how many windows the clock opens or closes in one transaction.
const mostPassed = 50

// Pass is a dispatch.Job: it appends that windows have opened and closed. Nothing depends on it but who follows the feed.
func (v *Verbs) Pass(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Window == nil || c.Window.After(now) {
		return nil
	}
	return func(ctx context.Context) error {
		due, err := v.DB.UnscopedDueWindows(ctx, c.Community, now, mostPassed)
		if err != nil || len(due) == 0 {
			return err
		}
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			windows, err := t.LockWindows(ctx, c.Community, due)
			if err != nil {
				return err
			}
			var events []*delivery.Event
			for _, w := range windows {
				passed := w.Pass(delivery.System(c.Community), now)
				if len(passed) == 0 { // it was decided meanwhile
					continue
				}
				events = append(events, passed...)
				if err := t.SaveWindow(ctx, w); err != nil {
					return err
				}
			}
			if len(events) == 0 {
				return dispatch.ErrNothing
			}
			return t.Append(ctx, c.Community, events)
		}))
	}
}
