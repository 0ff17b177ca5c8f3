package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
)

// leader is one program that wants to lead.
type leader struct {
	db    *db.DB
	tick  chan time.Time
	works chan struct{} // each time it works
	end   chan error
	stop  context.CancelFunc
}

func newLeader(t *testing.T, dsn string, lease time.Duration) *leader {
	t.Helper()
	return &leader{db: open(t, dsn, db.Options{Connections: 3, Lease: lease}), tick: make(chan time.Time), works: make(chan struct{}), end: make(chan error, 1)}
}

func (l *leader) start(ctx context.Context, work func() error) {
	ctx, l.stop = context.WithCancel(ctx)
	go func() {
		l.end <- l.db.Lead(ctx, db.ClockWorker, func(ctx context.Context) error {
			if work != nil {
				return work()
			}
			select {
			case l.works <- struct{}{}:
			case <-ctx.Done():
			}
			return nil
		}, l.tick)
	}()
}

// wait waits for a signal, or fails the test after a while.
func wait[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

func TestLead(t *testing.T) {
	t.Parallel()
	t.Run("one at a time, and the next when it ends", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.DSN(t)
		first, second := newLeader(t, dsn, 0), newLeader(t, dsn, 0)
		first.start(t.Context(), nil)
		wait(t, "the first's work", first.works)
		second.start(t.Context(), nil)
		if err := wait(t, "the second's end", second.end); err != nil {
			t.Errorf("got %v of the second, want nothing", err)
		}
		first.tick <- time.Time{}
		wait(t, "the first's work at a tick", first.works)
		first.stop()
		if err := wait(t, "the first's end", first.end); err != nil {
			t.Errorf("got %v of the first, want nothing", err)
		}
		second.start(t.Context(), nil)
		wait(t, "the second's work", second.works)
		second.stop()
		wait(t, "the second's end", second.end)
	})
	t.Run("a lost connection does not end it", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.DSN(t)
		first, second := newLeader(t, dsn, 0), newLeader(t, dsn, 0)
		first.start(t.Context(), nil)
		wait(t, "the first's work", first.works)
		kill(t, dsn, `select pid from pg_stat_activity where datname = current_database() and query like '%into leases%' and pid <> pg_backend_pid()`)
		first.tick <- time.Time{}
		wait(t, "the first's work on another connection", first.works)
		second.start(t.Context(), nil)
		if err := wait(t, "the second's end", second.end); err != nil {
			t.Errorf("got %v of the second, want nothing", err)
		}
		first.stop()
		wait(t, "the first's end", first.end)
	})
	t.Run("work that fails ends it and frees the lock", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.DSN(t)
		first, second := newLeader(t, dsn, 0), newLeader(t, dsn, 0)
		broken := errors.New("broken")
		first.start(t.Context(), func() error { return broken })
		if err := wait(t, "the first's end", first.end); !errors.Is(err, broken) {
			t.Errorf("got %v, want the work's error", err)
		}
		second.start(t.Context(), nil)
		wait(t, "the second's work", second.works)
		second.stop()
		wait(t, "the second's end", second.end)
	})
}

// kill ends the server's processes that a query names, and returns when they are gone.
func kill(t *testing.T, dsn, pids string) {
	t.Helper()
	d := raw(t, dsn)
	killed := column[bool](t, d, `select pg_terminate_backend(pid, 10000) from (`+pids+`) x`)
	if len(killed) != 1 || !killed[0] {
		t.Fatalf("got %v, want one process ended", killed)
	}
}
