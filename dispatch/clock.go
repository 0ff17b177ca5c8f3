package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"baogong/db"
	"baogong/delivery"
)

// Clock appends what time alone causes: holds end and days start. One runs per database; the others stand by.
type Clock struct {
	Dispatch *Dispatch
	Every    time.Duration // how often it looks
	Log      *slog.Logger
}

// Run works until ctx is done, whenever it is the one that leads.
func (c *Clock) Run(ctx context.Context) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	var purged, linked time.Time
	failing := false
	for ctx.Err() == nil {
		err := c.Dispatch.DB.Lead(ctx, db.ClockWorker, func(ctx context.Context) error {
			if err := c.Dispatch.Tick(ctx); err != nil {
				return err
			}
			if now := c.Dispatch.Machine(); now.Sub(purged) > time.Hour {
				purged = now
				if _, err := c.Dispatch.DB.UnscopedPurgeCalls(ctx, now.Add(-KeepCalls)); err != nil {
					return err
				}
				if err := c.Dispatch.DB.UnscopedPurgeSignIns(ctx, now.Add(-KeepSignIns)); err != nil {
					return err
				}
			}
			if now := c.Dispatch.Machine(); now.Sub(linked) > linksEvery {
				linked = now
				return c.Dispatch.EndLinks(ctx)
			}
			return nil
		}, tick.C)
		failed := err != nil && ctx.Err() == nil
		if failed && !failing { // said once, not at every look while it lasts
			c.Log.Error("the clock worker stopped and will try again", "error", err)
		}
		failing = failed
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// Tick ends the holds whose time has come and starts the days that have begun, in every community.
func (d *Dispatch) Tick(ctx context.Context) error {
	clocks, err := d.DB.UnscopedClocks(ctx)
	if err != nil {
		return err
	}
	now := d.now()
	var errs []error
	for _, c := range clocks {
		if c.Due != nil && !c.Due.After(now) {
			errs = append(errs, d.endDueHolds(ctx, c.Community, now))
		}
		if day := localDay(&delivery.Community{TimeZone: c.TimeZone}, now); day > c.Day {
			errs = append(errs, d.startDay(ctx, c.Community, day, now))
		}
	}
	return errors.Join(errs...)
}

const dueHolds = 20

// linksEvery is how often links are looked for whose order's day is over: a running stream of one may go on for as long.
const linksEvery = 10 * time.Second

// EndLinks ends the links to orders that have been final for delivery.LinkAfter, in every community.
func (d *Dispatch) EndLinks(ctx context.Context) error {
	due, err := d.DB.UnscopedDueLinks(ctx, d.now().Add(-delivery.LinkAfter), delivery.MaxBulk)
	if err != nil {
		return err
	}
	var errs []error
	for community, orders := range due {
		err := d.inTx(ctx, func(t *db.Tx) error { return d.endLinks(ctx, t, community, orders) })
		errs = append(errs, unlessNothing(err))
	}
	return errors.Join(errs...)
}

// endLinks ends the links to the orders. Those that somebody has brought back from their final stage meanwhile keep theirs.
func (d *Dispatch) endLinks(ctx context.Context, t *db.Tx, community int32, due []delivery.UUID) error {
	system, at := delivery.System(community), d.now()
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
		return errNothing
	}
	lost, err := t.EndCodes(ctx, idsOf(links), d.Machine().Truncate(time.Microsecond))
	if err != nil {
		return err
	}
	return t.Append(ctx, community, append(accessLost(system, community, lost, at),
		delivery.NewEvent(delivery.CodesEnded, system, at, delivery.Keys{Community: community}, delivery.EventBody{})))
}

func (d *Dispatch) endDueHolds(ctx context.Context, community int32, now time.Time) error {
	// A few at a time: each is an event for every order in its building. The next tick ends the next ones.
	due, err := d.DB.UnscopedDueHolds(ctx, community, now, dueHolds)
	if err != nil {
		return err
	}
	ids := make([]delivery.ID, len(due))
	for i, id := range due {
		ids[i] = delivery.ID{Kind: delivery.KindHold, Community: community, UUID: id}
	}
	err = d.DB.InTx(ctx, func(t *db.Tx) error {
		changed, err := endHolds(ctx, t, delivery.System(community), community, ids, now, false, &HoldPayload{})
		if err == nil && !changed { // somebody released them meanwhile
			return errNothing
		}
		return err
	})
	return unlessNothing(err)
}

func (d *Dispatch) startDay(ctx context.Context, community int32, day string, now time.Time) error {
	err := d.DB.InTx(ctx, func(t *db.Tx) error {
		last, err := t.LockDay(ctx, community)
		if err != nil {
			return err
		}
		if last >= day {
			return errNothing
		}
		if err := t.SaveDay(ctx, community, day); err != nil {
			return err
		}
		e := delivery.NewEvent(delivery.DayStarted, delivery.System(community), now, delivery.Keys{Community: community}, delivery.EventBody{Day: day})
		return t.Append(ctx, community, []*delivery.Event{e})
	})
	return unlessNothing(err)
}

// unlessNothing takes a transaction in which there was nothing to do for a success.
func unlessNothing(err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
