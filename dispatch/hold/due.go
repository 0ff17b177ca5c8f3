package hold

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// dueHolds is how many holds EndDue ends in one transaction.
const dueHolds = 20

// EndDue is a dispatch.Job: the end of a community's holds that are due.
func (v *Verbs) EndDue(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Due == nil || c.Due.After(now) {
		return nil
	}
	return func(ctx context.Context) error { return v.endDue(ctx, c.Community, now) }
}

func (v *Verbs) endDue(ctx context.Context, community int32, now time.Time) error {
	// A few at a time: each is an event for every order in its building. The next tick ends the next ones.
	most := dueHolds
	if _, failed := v.late.Load(community); failed {
		most = 1
	}
	due, err := v.DB.UnscopedDueHolds(ctx, community, now, most)
	if err != nil {
		return err
	}
	ids := make([]delivery.ID, len(due))
	for i, id := range due {
		ids[i] = delivery.ID{Kind: delivery.KindHold, Community: community, UUID: id}
	}
	err = v.DB.InTx(ctx, func(t *db.Tx) error {
		changed, err := endHolds(ctx, t, delivery.System(community), community, ids, now, false, &HoldPayload{})
		if err == nil && !changed { // released meanwhile
			return dispatch.ErrNothing
		}
		return err
	})
	if err = dispatch.UnlessNothing(err); err != nil {
		v.late.Store(community, true)
	} else {
		v.late.Delete(community)
	}
	return err
}
