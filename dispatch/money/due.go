package money

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// UnsettledEvery is how often the clock looks for money that is not settled in time (business time).
const UnsettledEvery = time.Minute

// mostUnsettled is how many incidents the clock opens in one transaction. The next tick opens the next ones.
const mostUnsettled = 100

// Unsettled is a dispatch.Job: it opens an incident MONEY for each order that ended at least delivery.SettleWithin ago and whose purse has been open
// for as long.
func (v *Verbs) Unsettled(c db.CommunityClock, now time.Time) func(context.Context) error {
	if last, seen := v.measured.Load(c.Community); seen {
		if since := now.Sub(last.(time.Time)); since >= 0 && since < UnsettledEvery {
			return nil
		}
	}
	return func(ctx context.Context) error {
		until := now.Add(-delivery.SettleWithin)
		ids, err := v.DB.UnscopedUnsettled(ctx, c.Community, until, mostUnsettled)
		if err == nil && len(ids) > 0 {
			err = v.openUnsettled(ctx, c.Community, ids, until, now)
		}
		if err == nil && len(ids) < mostUnsettled {
			v.measured.Store(c.Community, now)
		}
		return err
	}
}

func (v *Verbs) openUnsettled(ctx context.Context, community int32, ids []delivery.UUID, until, now time.Time) error {
	system := delivery.System(community)
	return dispatch.UnlessNothing(v.InTx(ctx, func(t *db.Tx) error {
		orders, err := t.LockOrders(ctx, system.Scope(), community, ids, nil)
		if err != nil {
			return err
		}
		open, err := t.LockOpenIncidents(ctx, community, []delivery.IncidentKind{delivery.IncidentMoney}, ids)
		if err != nil {
			return err
		}
		reported := map[delivery.UUID]bool{}
		for _, i := range open {
			reported[*i.OrderUUID] = true
		}
		purses, err := t.LockPurses(ctx, community, ids)
		if err != nil {
			return err
		}
		var incidents []*delivery.Incident
		for _, o := range orders {
			p := purses[o.UUID]
			if o.Stage.Final() && !o.MovedAt.After(until) && p != nil && !p.Settled() && !p.OpenedAt.After(until) && !reported[o.UUID] { // else it changed meanwhile
				incidents = append(incidents, o.NewUnsettled())
			}
		}
		if len(incidents) == 0 {
			return dispatch.ErrNothing
		}
		events, err := dispatch.OpenIncidents(ctx, t, system, now, incidents)
		if err != nil {
			return err
		}
		return t.Append(ctx, community, events)
	}))
}
