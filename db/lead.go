package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Work is something that one program per database does, by the number of its advisory lock.
type Work int64

// ClockWorker appends what time alone causes.
const ClockWorker Work = 0x62616f676f6e6701

// Lead does the work at every tick while this program holds the work's advisory lock. It returns nil at once if
// another program holds it, and an error if the work or the connection that holds the lock fails. The lock belongs to a
// connection, so it goes past a pooler, which would hand that on.
func (d *DB) Lead(ctx context.Context, work Work, do func(context.Context) error, tick <-chan time.Time) (err error) {
	conn, err := d.direct.Connx(ctx)
	if err != nil {
		return fmt.Errorf("lead: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var leads bool
	if err := conn.GetContext(ctx, &leads, `select pg_try_advisory_lock($1)`, int64(work)); err != nil || !leads {
		return err
	}
	defer func() {
		unlock, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = conn.ExecContext(unlock, `select pg_advisory_unlock($1)`, int64(work)) // a lost connection has lost the lock too
	}()
	for {
		if err := do(ctx); err != nil {
			return err
		}
		select {
		case <-tick:
		case <-ctx.Done():
			return nil
		}
		if err := conn.PingContext(ctx); err != nil {
			return fmt.Errorf("lead: %w", err)
		}
	}
}
