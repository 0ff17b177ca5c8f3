package incident

import (
	"context"
	"errors"
	"slices"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// LateEvery is how often the clock looks for orders and drops that are past their targets (business time).
const LateEvery = 10 * time.Second

// mostLate is how many orders become late in one transaction: moves of these orders, and the feed, wait for it. The next tick takes the next ones.
const mostLate = 100

// drops that were left longer ago are not counted any more.
const forgottenDrop = 24 * time.Hour

// Late is a dispatch.Job: the orders of a community that are past their targets, and the runs whose drops no one has counted.
func (v *Verbs) Late(c db.CommunityClock, now time.Time) func(context.Context) error {
	if last, seen := v.measured.Load(c.Community); seen {
		if since := now.Sub(last.(time.Time)); since >= 0 && since < LateEvery {
			return nil
		}
	}
	return func(ctx context.Context) error {
		more, err := v.lateOrders(ctx, c.Community, now)
		if err = errors.Join(err, v.lateRuns(ctx, c.Community, now)); err == nil && !more {
			v.measured.Store(c.Community, now)
		}
		return err
	}
}

// lateOrders opens the incidents LATE of orders, at most mostLate, and reports whether there may be more.
func (v *Verbs) lateOrders(ctx context.Context, community int32, now time.Time) (more bool, err error) {
	ids, err := v.DB.UnscopedOverdueOrders(ctx, community, now, mostLate)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	system := delivery.System(community)
	return len(ids) == mostLate, dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		orders, err := t.LockOrders(ctx, system.Scope(), community, ids, nil)
		if err != nil {
			return err
		}
		var late []*delivery.OrderSnapshot
		var incidents []*delivery.Incident
		for _, o := range orders {
			if o.Overdue(now) { // else it moved meanwhile
				late, incidents = append(late, &o.OrderSnapshot), append(incidents, o.NewLate())
			}
		}
		if len(late) == 0 {
			return dispatch.ErrNothing
		}
		opened, err := dispatch.OpenIncidents(ctx, t, system, now, incidents)
		if err != nil {
			return err
		}
		events := make([]*delivery.Event, len(late), len(late)+len(opened))
		for k, o := range late {
			events[k] = o.BeLate(system, incidents[k].Level, now)
		}
		return dispatch.Record(ctx, t, community, append(events, opened...))
	}))
}

// lateRuns opens the incidents LATE of runs whose drops no one has counted in time, and closes those of runs whose drops were taken back.
func (v *Verbs) lateRuns(ctx context.Context, community int32, now time.Time) error {
	from, until := now.Add(-forgottenDrop), now.Add(-delivery.DropAcceptedWithin)
	overdue, settled, err := v.DB.UnscopedOverdueRuns(ctx, community, from, until)
	runs := slices.Concat(overdue, settled)
	if err != nil || len(runs) == 0 {
		return err
	}
	system := delivery.System(community)
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		if err := t.LockRuns(ctx, community, runs); err != nil {
			return err
		}
		overdue, settled, err := t.OverdueRuns(ctx, community, from, until, runs)
		if err != nil {
			return err
		}
		if len(overdue)+len(settled) == 0 { // counted meanwhile
			return dispatch.ErrNothing
		}
		closed, err := dispatch.ResolveIncidents(ctx, t, system, now, community, delivery.ResolutionMovedOn, settled, delivery.IncidentLate)
		if err != nil {
			return err
		}
		incidents := make([]*delivery.Incident, len(overdue))
		for k, run := range overdue {
			incidents[k] = delivery.NewIncident(delivery.IncidentLate, delivery.ID{Kind: delivery.KindRun, Community: community, UUID: run}, delivery.Keys{Community: community})
			incidents[k].Level = delivery.LevelLead // the volunteers of the building did not count
		}
		opened, err := dispatch.OpenIncidents(ctx, t, system, now, incidents)
		if err != nil {
			return err
		}
		return t.Append(ctx, community, append(closed, opened...))
	}))
}
