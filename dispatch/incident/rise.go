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

// Rise is a dispatch.Job: the levels of a community's incidents that are due. Orders that are late have the level of their incident.
func (v *Verbs) Rise(c db.CommunityClock, now time.Time) func(context.Context) error {
	if c.Rises == nil || c.Rises.After(now) {
		return nil
	}
	return func(ctx context.Context) error {
		due, err := v.DB.UnscopedRisingIncidents(ctx, c.Community, now, mostRising)
		if err != nil {
			return err
		}
		var ids, late []delivery.UUID
		for _, i := range due {
			if ids = append(ids, i.UUID); i.Order != nil {
				late = append(late, *i.Order)
			}
		}
		system := delivery.System(c.Community)
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			var orders []*delivery.Order
			if len(late) > 0 {
				var err error
				if orders, err = t.LockOrders(ctx, system.Scope(), c.Community, late, nil); err != nil {
					return err
				}
			}
			rows, err := t.LockIncidents(ctx, c.Community, ids)
			if err != nil {
				return err
			}
			byID := dispatch.ByUUID(orders)
			var risen []*delivery.Incident
			var events []*delivery.Event
			for _, i := range rows {
				e := i.Rise(system, now)
				if e == nil {
					continue
				}
				risen, events = append(risen, i), append(events, e)
				if i.Kind == delivery.IncidentLate && i.OrderUUID != nil {
					events = append(events, byID[*i.OrderUUID].BeLate(system, i.Level, now))
				}
			}
			if len(risen) == 0 { // resolved meanwhile
				return dispatch.ErrNothing
			}
			if err := t.SaveIncidents(ctx, c.Community, risen); err != nil {
				return err
			}
			return dispatch.Record(ctx, t, c.Community, events)
		}))
	}
}
