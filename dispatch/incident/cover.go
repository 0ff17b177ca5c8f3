package incident

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// CoverEvery is how often the clock looks for buildings that are not covered (business time). A building whose only volunteer is
// away for less opens no incident.
const CoverEvery = time.Minute

// Cover is a dispatch.Job: the incidents UNCOVERED of a community. It begins CoverEvery after the first look, so that a community
// that is being set up opens none.
func (v *Verbs) Cover(c db.CommunityClock, now time.Time) func(context.Context) error {
	last, seen := v.looked.LoadOrStore(c.Community, now)
	if since := now.Sub(last.(time.Time)); !seen || since >= 0 && since < CoverEvery {
		return nil
	}
	return func(ctx context.Context) error {
		a := delivery.System(c.Community)
		err := dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			closed, err := dispatch.Cover(ctx, t, a, now, c.Community)
			if err != nil {
				return err
			}
			opened, err := dispatch.Uncover(ctx, t, a, now, c.Community)
			if err != nil {
				return err
			}
			if len(closed)+len(opened) == 0 {
				return dispatch.ErrNothing
			}
			return t.Append(ctx, c.Community, append(closed, opened...))
		}))
		if err == nil {
			v.looked.Store(c.Community, now)
		}
		return err
	}
}
