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
)

// ClockWorker appends the events that time alone causes. One runs per database; the others stand by. Its tasks are in Jobs, Aside and Upkeep.
type ClockWorker struct {
	Engine *Engine
	Jobs   []Job
	Aside  []Job // jobs that may take longer, for which Run waits at no tick
	Upkeep []Upkeep
	Every  time.Duration // how often it looks
	Log    *slog.Logger
}

// Job returns the task that is due in one community at an instant of business time, or nil if nothing is due. It runs
// within tickLimit, or asideLimit; if that times out it is retried at the next tick.
type Job func(c db.CommunityClock, now time.Time) func(context.Context) error

// Upkeep is periodic work that belongs to no one community.
type Upkeep struct {
	Every time.Duration // by machine time
	Do    func(context.Context) error
}

// Run works until ctx is done, whenever it is the one that leads.
func (c *ClockWorker) Run(ctx context.Context) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	upkeep, aside := newUpkeeper(c), &aside{log: c.Log}
	defer upkeep.running.Wait()
	defer aside.running.Wait()
	failing := false
	for ctx.Err() == nil {
		err := c.Engine.DB.Lead(ctx, db.ClockWorker, func(ctx context.Context) error {
			upkeep.begin(ctx)
			return c.tick(ctx, aside)
		}, tick.C)
		failed := err != nil && ctx.Err() == nil
		if failed && !failing { // said once, not at every look while it lasts
			c.Log.Error("the clock worker stopped and will try again", "err", err)
		}
		failing = failed
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// upkeeper does the leader's upkeep. It works on its own goroutine, so that no job waits for it.
type upkeeper struct {
	clock   *ClockWorker
	running sync.WaitGroup
	busy    atomic.Bool
	all     []Upkeep
	last    []time.Time // attempts; owned by the goroutine
}

func newUpkeeper(c *ClockWorker) *upkeeper {
	all := append([]Upkeep{{Every: time.Hour, Do: c.Engine.forget}}, c.Upkeep...)
	return &upkeeper{clock: c, all: all, last: make([]time.Time, len(all))}
}

// begin starts the work that is due, unless the last run is still going.
func (u *upkeeper) begin(ctx context.Context) {
	if u.busy.Swap(true) {
		return
	}
	u.running.Go(func() {
		defer u.busy.Store(false)
		ctx, cancel := context.WithTimeout(ctx, upkeepLimit)
		defer cancel()
		if err := u.work(ctx); err != nil && ctx.Err() == nil {
			u.clock.Log.Error("the clock worker's upkeep failed and will be retried", "err", err)
		}
	})
}

func (u *upkeeper) work(ctx context.Context) error {
	var errs []error
	for i, work := range u.all {
		if now := u.clock.Engine.Machine(); now.Sub(u.last[i]) > work.Every {
			u.last[i] = now
			errs = append(errs, work.Do(ctx))
		}
	}
	return errors.Join(errs...)
}

// aside does the jobs that no tick waits for. They run one after another on one goroutine.
type aside struct {
	log     *slog.Logger
	running sync.WaitGroup
	busy    atomic.Bool
}

// begin starts the jobs, which are all that are due. The caller has seen that the last ones are done.
func (a *aside) begin(ctx context.Context, due []func(context.Context) error) {
	a.busy.Store(true)
	a.running.Go(func() {
		defer a.busy.Store(false)
		for _, do := range due {
			if err := briefly(ctx, asideLimit, do); err != nil && ctx.Err() == nil {
				a.log.Error("a long job of the clock worker failed and will be retried", "err", err)
			}
		}
	})
}

// forget deletes the stored calls and the counts of quotas that are over.
func (e *Engine) forget(ctx context.Context) error {
	_, calls := e.DB.UnscopedPurgeCalls(ctx, e.Machine().Add(-KeepCalls))
	_, quotas := e.DB.UnscopedForgetQuotas(ctx)
	return errors.Join(calls, quotas)
}

// Timeouts of the clock: of one job in one community, of one aside, and of the upkeep. Work that times out is retried at the next tick, in
// smaller parts.
const (
	tickLimit   = 2 * time.Second
	asideLimit  = 10 * time.Second
	tickAtOnce  = 4
	upkeepLimit = time.Minute
)

// Tick does what is due in every community, also what Run does aside, and waits for it. A community whose rows are locked or whose connection is lost delays the others by
// tickLimit for each job at most, and by asideLimit for each that Run does aside.
func (c *ClockWorker) Tick(ctx context.Context) error { return c.tick(ctx, nil) }

// tick does what is due. It hands the jobs of Aside over if the last ones are done; with nil it does them too.
func (c *ClockWorker) tick(ctx context.Context, a *aside) error {
	reading, cancel := context.WithTimeout(ctx, tickLimit)
	defer cancel()
	clocks, err := c.Engine.DB.UnscopedClocks(reading)
	if err != nil {
		return err
	}
	now := c.Engine.BusinessTime()
	errs := make([]error, len(clocks))
	var long []func(context.Context) error
	free := a != nil && !a.busy.Load() // for the whole tick, so that a job sees either all communities or none
	var working errgroup.Group
	working.SetLimit(tickAtOnce)
	for i, community := range clocks {
		due := dueOf(c.Jobs, community, now)
		var after []func(context.Context) error
		switch {
		case a == nil:
			after = dueOf(c.Aside, community, now)
		case free:
			long = append(long, dueOf(c.Aside, community, now)...)
		}
		if len(due)+len(after) == 0 {
			continue
		}
		working.Go(func() error {
			for _, do := range due {
				errs[i] = errors.Join(errs[i], briefly(ctx, tickLimit, do))
			}
			for _, do := range after {
				errs[i] = errors.Join(errs[i], briefly(ctx, asideLimit, do))
			}
			return nil
		})
	}
	if len(long) > 0 {
		a.begin(ctx, long)
	}
	_ = working.Wait()
	return errors.Join(errs...)
}

// dueOf returns the tasks of the jobs that are due in a community.
func dueOf(jobs []Job, c db.CommunityClock, now time.Time) (due []func(context.Context) error) {
	for _, job := range jobs {
		if do := job(c, now); do != nil {
			due = append(due, do)
		}
	}
	return due
}

// briefly runs one job of the clock within its timeout.
func briefly(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}
