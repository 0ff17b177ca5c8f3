package access

import (
	"context"
	"errors"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// KeepSignIns is how long codes, sign-ins and tokens are kept after they ended.
const KeepSignIns = 30 * 24 * time.Hour

// linksEvery is how often links are looked for whose order's day is over: a running stream of one may go on for as long.
const linksEvery = 10 * time.Second

// Upkeep lists the clock worker's tasks for the area.
func (v *Verbs) Upkeep() []dispatch.Upkeep {
	return []dispatch.Upkeep{{Every: time.Hour, Do: v.forget}, {Every: linksEvery, Do: v.EndLinks}}
}

// forget deletes codes, sign-ins and tokens that ended long ago.
func (v *Verbs) forget(ctx context.Context) error {
	now := v.Machine()
	ended := v.DB.UnscopedPurgeSignIns(ctx, now.Add(-KeepSignIns))
	_, replaced := v.DB.UnscopedPurgeTokens(ctx, now.Add(-time.Hour))
	return errors.Join(ended, replaced)
}

// EndLinks ends the links to orders that have been final for delivery.LinkAfter, in every community.
func (v *Verbs) EndLinks(ctx context.Context) error {
	due, err := v.DB.UnscopedDueLinks(ctx, v.BusinessTime().Add(-delivery.LinkAfter), delivery.MaxBulk)
	if err != nil {
		return err
	}
	var errs []error
	for community, orders := range due {
		err := v.InTx(ctx, func(t *db.Tx) error { return v.endLinks(ctx, t, community, orders) })
		errs = append(errs, dispatch.UnlessNothing(err))
	}
	return errors.Join(errs...)
}

// endLinks ends the links to the orders. Orders that were brought back from their final stage meanwhile keep theirs.
func (v *Verbs) endLinks(ctx context.Context, t *db.Tx, community int32, due []delivery.UUID) error {
	system, at := delivery.System(community), v.BusinessTime()
	locked, err := t.LockOrders(ctx, system.Scope(), community, due, nil)
	if err != nil {
		return err
	}
	var orders []delivery.UUID
	for _, o := range locked {
		if o.Stage.Final() && at.Sub(o.StageSince) >= delivery.LinkAfter {
			orders = append(orders, o.UUID)
		}
	}
	links, err := t.LockCodesOf(ctx, community, delivery.AccessLink, orders)
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return dispatch.ErrNothing
	}
	lost, err := t.EndCodes(ctx, dispatch.CodeUUIDs(links), v.MachineTime())
	if err != nil {
		return err
	}
	return t.Append(ctx, community, append(dispatch.AccessLost(system, community, lost, at),
		dispatch.CodesEvent(delivery.CodesEnded, system, community, at)))
}
