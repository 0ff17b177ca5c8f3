package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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
	var upkeep upkeep
	defer upkeep.running.Wait()
	failing := false
	for ctx.Err() == nil {
		err := c.Dispatch.DB.Lead(ctx, db.ClockWorker, func(ctx context.Context) error {
			upkeep.begin(ctx, c)
			return c.Dispatch.Tick(ctx)
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

// upkeep is the leader's periodic clean-up. It runs on its own goroutine, so that no hold waits for it.
type upkeep struct {
	running        sync.WaitGroup
	busy           atomic.Bool
	purged, linked time.Time // last attempts; owned by the goroutine
}

// begin starts the work that is due, unless the last run is still going.
func (u *upkeep) begin(ctx context.Context, c *Clock) {
	if u.busy.Swap(true) {
		return
	}
	u.running.Go(func() {
		defer u.busy.Store(false)
		ctx, cancel := context.WithTimeout(ctx, upkeepLimit)
		defer cancel()
		if err := u.work(ctx, c.Dispatch); err != nil && ctx.Err() == nil {
			c.Log.Error("the clock worker's upkeep failed and will be retried", "err", err)
		}
	})
}

func (u *upkeep) work(ctx context.Context, d *Dispatch) error {
	var errs []error
	if now := d.Machine(); now.Sub(u.purged) > time.Hour {
		u.purged = now
		_, err := d.DB.UnscopedPurgeCalls(ctx, now.Add(-KeepCalls))
		errs = append(errs, err, d.DB.UnscopedPurgeSignIns(ctx, now.Add(-KeepSignIns)))
		_, err = d.DB.UnscopedPurgeTokens(ctx, now.Add(-time.Hour))
		errs = append(errs, err)
		_, err = d.DB.UnscopedForgetQuotas(ctx)
		errs = append(errs, err)
	}
	if now := d.Machine(); now.Sub(u.linked) > linksEvery {
		u.linked = now
		errs = append(errs, d.EndLinks(ctx))
	}
	return errors.Join(errs...)
}

// Timeouts of the clock: of one community's holds and day starts, and of the upkeep. Work that times out is retried at the next
// tick, in smaller parts.
const (
	tickLimit   = 2 * time.Second
	tickAtOnce  = 4
	upkeepLimit = time.Minute
)

// Tick ends the holds that are due and starts the days that have begun, in every community. A community whose rows are locked
// or whose connection is lost delays the others by tickLimit at most.
func (d *Dispatch) Tick(ctx context.Context) error {
	reading, cancel := context.WithTimeout(ctx, tickLimit)
	defer cancel()
	clocks, err := d.DB.UnscopedClocks(reading)
	if err != nil {
		return err
	}
	now := d.now()
	errs := make([]error, len(clocks))
	var due errgroup.Group
	due.SetLimit(tickAtOnce)
	for i, c := range clocks {
		day := localDay(&delivery.Community{TimeZone: c.TimeZone}, now)
		ends, starts := c.Due != nil && !c.Due.After(now), day > c.Day
		if !ends && !starts {
			continue
		}
		due.Go(func() error {
			if ends {
				errs[i] = briefly(ctx, func(ctx context.Context) error { return d.endDueHolds(ctx, c.Community, now) })
			}
			if starts {
				errs[i] = errors.Join(errs[i], briefly(ctx, func(ctx context.Context) error { return d.startDay(ctx, c.Community, day, now) }))
			}
			return nil
		})
	}
	_ = due.Wait()
	return errors.Join(errs...)
}

// briefly runs one transaction of the clock within its timeout.
func briefly(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, tickLimit)
	defer cancel()
	return do(ctx)
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
	most := dueHolds
	if _, failed := d.late.Load(community); failed {
		most = 1
	}
	due, err := d.DB.UnscopedDueHolds(ctx, community, now, most)
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
	if err = unlessNothing(err); err != nil {
		d.late.Store(community, true)
	} else {
		d.late.Delete(community)
	}
	return err
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
