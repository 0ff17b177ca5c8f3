package db

import (
	"context"
	"fmt"
	"time"
)

// Work is a task that one program per database does. Its number is the key in the table of leases.
type Work int64

// ClockWorker appends the events that only time causes.
const ClockWorker Work = 0x62616f676f6e6701

// leaseLimit is the timeout of one renewal. Each renewal extends the lease by Options.Lease, by PostgreSQL's clock. If the
// holder vanishes, another program takes over after that time and one tick.
const leaseLimit = time.Second

// Lead does the work at every tick while this program holds the work's lease. It returns nil at once if another program
// holds it, and an error if the work fails or the lease cannot be renewed. The work must be safe to run twice at once: a
// program whose lease has expired may still be working when the next one starts.
func (d *DB) Lead(ctx context.Context, work Work, do func(context.Context) error, tick <-chan time.Time) error {
	defer d.release(ctx, work)
	for {
		if leads, err := d.lease(ctx, work); err != nil || !leads {
			return err
		}
		if err := do(ctx); err != nil {
			return err
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return nil
		}
	}
}

// lease takes or renews the lease. It reports false if another program holds it.
func (d *DB) lease(ctx context.Context, work Work) (leads bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, leaseLimit)
	defer cancel()
	held, err := list[bool](ctx, d.feeding, "renew a lease", `
		insert into leases as l (work, holder, until)
		values ($1, $2, clock_timestamp() + cast($3 as int) * interval '1 millisecond')
		    on conflict (work) do update
		   set holder = excluded.holder, until = excluded.until
		 where l.holder = excluded.holder or l.until <= clock_timestamp()
		returning true`, int64(work), d.holder, d.lasting.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("lead: %w", err)
	}
	return len(held) > 0, nil
}

// release ends the lease, so that another program can take it at once. If that fails the lease expires by itself.
func (d *DB) release(ctx context.Context, work Work) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseLimit)
	defer cancel()
	_, _ = list[bool](ctx, d.feeding, "release a lease", `
		delete from leases
		 where work = $1 and holder = $2
		returning true`, int64(work), d.holder)
}
