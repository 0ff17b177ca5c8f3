package gate

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// mostLate is how many late arrivals the clock notes in one transaction.
const mostLate = 20

// NoteLate is a dispatch.Job: announced trucks that have not come delivery.LateAfter after the beginning of their slots.
func (v *Verbs) NoteLate(c db.CommunityClock, now time.Time) func(context.Context) error {
	slot := now.Add(-delivery.LateAfter)
	if c.Slot == nil || c.Slot.After(slot) {
		return nil
	}
	return func(ctx context.Context) error {
		late, err := v.DB.UnscopedLateArrivals(ctx, c.Community, slot, mostLate)
		if err != nil || len(late) == 0 {
			return err
		}
		system := delivery.System(c.Community)
		return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
			arrivals, err := t.LockArrivals(ctx, system.Scope(), c.Community, late)
			if err != nil {
				return err
			}
			var changed []*delivery.Arrival
			var incidents []*delivery.Incident
			var events []*delivery.Event
			for _, a := range arrivals {
				e := a.BeLate(system, now)
				if e == nil { // it came meanwhile
					continue
				}
				changed, events = append(changed, a), append(events, e)
				incidents = append(incidents, delivery.NewIncident(delivery.IncidentLate, a.ID(), a.Keys()))
			}
			if len(changed) == 0 {
				return dispatch.ErrNothing
			}
			if err := t.SaveArrivals(ctx, changed); err != nil {
				return err
			}
			opened, err := dispatch.OpenIncidents(ctx, t, system, now, incidents)
			if err != nil {
				return err
			}
			return t.Append(ctx, c.Community, append(events, opened...))
		}))
	}
}
