package db_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/internal/proxy"
	"baogong/internal/volume"
)

// within fails the test if do takes longer than the limit plus the half second that is allowed.
func within(t *testing.T, limit time.Duration, do func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	err := do(ctx)
	if took := time.Since(began); took > limit+500*time.Millisecond+busy {
		t.Errorf("took %v with a limit of %v", took, limit)
	}
	return err
}

// busy is how much a busy machine may add to the half second.
const busy = time.Second

// lock runs a transaction that waits for the community's row.
func lock(d *db.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		return d.InTx(ctx, func(tx *db.Tx) error {
			_, err := tx.LockCommunity(ctx, 1, true)
			return err
		})
	}
}

func TestSilentPath(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	const limit = 150 * time.Millisecond
	t.Run("a call ends with its context, and the next ones have new connections", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		line, dsn := proxy.Postgres(t, w.dsn)
		d := open(t, dsn, db.Options{Connections: 4, Statement: time.Minute})
		read := func(ctx context.Context) error { _, err := d.Roster(ctx, w.all(1), 1); return err }
		var all errgroup.Group
		for range 12 {
			all.Go(func() error { return errors.Join(read(t.Context()), lock(d)(t.Context())) })
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
		line.Established(proxy.Silent)
		if err := within(t, limit, read); !db.Unavailable(err) {
			t.Errorf("got %v of a silent connection, want that the database is unavailable", err)
		}
		if d.Silences() == 0 {
			t.Error("no silence was counted")
		}
		for range 6 { // more than the pool holds: none of the others is tried
			if err := within(t, 20*limit, read); err != nil {
				t.Errorf("got %v on a new connection", err)
			}
		}
		if err := within(t, 20*limit, lock(d)); err != nil {
			t.Errorf("got %v of a transaction on a new connection", err)
		}
	})
	t.Run("also in a transaction, at its commit, and while nothing connects", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		line, dsn := proxy.Postgres(t, w.dsn)
		d := open(t, dsn, db.Options{Connections: 4})
		for name, write := range map[string]bool{"a commit": false, "a statement": true} {
			line.All(proxy.Pass)
			if err := lock(d)(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := within(t, 3*limit, func(ctx context.Context) error {
				return d.InTx(ctx, func(tx *db.Tx) error {
					_, err := tx.LockCommunity(ctx, 1, false)
					if line.All(proxy.Freeze); write {
						_, err = tx.LockCommunity(ctx, 1, true)
					}
					return err
				})
			})
			if !db.Unavailable(err) {
				t.Errorf("%s: got %v, want that the database is unavailable", name, err)
			}
		}
		if err := within(t, limit, lock(d)); !db.Unavailable(err) {
			t.Errorf("got %v without a connection, want that the database is unavailable", err)
		}
	})
	t.Run("a statement that waits for a lock is cancelled, and does not count as silence", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		d := open(t, w.dsn, db.Options{Connections: 4})
		w.tx(func(held *db.Tx) {
			if _, err := held.LockCommunity(t.Context(), 1, true); err != nil {
				t.Fatal(err)
			}
			if err := within(t, limit, lock(d)); !db.Unavailable(err) {
				t.Errorf("got %v, want it cancelled", err)
			}
		})
		if n := d.Silences(); n != 0 {
			t.Errorf("got %d silences, want none", n)
		}
		if err := lock(d)(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a read without a context's deadline still has one, and no goroutine is left behind", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		line, dsn := proxy.Postgres(t, w.dsn)
		d := open(t, dsn, db.Options{Connections: 8, Statement: limit})
		if err := lock(d)(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := runtime.NumGoroutine()
		line.Established(proxy.Silent)
		if err := lock(d)(context.Background()); !db.Unavailable(err) {
			t.Errorf("got %v, want that the database is unavailable", err)
		}
		line.All(proxy.Silent)
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() {
				if err := within(t, limit, lock(d)); !db.Unavailable(err) {
					t.Errorf("got %v, want that the database is unavailable", err)
				}
			})
		}
		calls.Wait()
		for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before+60 && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond) // other tests run beside this one, so the number is a rough one
		}
		if n := runtime.NumGoroutine(); n > before+200 {
			t.Errorf("got %d goroutines, %d before", n, before)
		}
	})
	t.Run("closing does not wait for an answer", func(t *testing.T) {
		t.Parallel()
		line, dsn := proxy.Postgres(t, newTown(t).dsn)
		d, err := db.Open(t.Context(), dsn, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := lock(d)(t.Context()); err != nil {
			t.Fatal(err)
		}
		line.All(proxy.Silent)
		began := time.Now()
		_ = d.Close()
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A listener on a silent path reconnects, and reports that it may have missed notifications.
func TestListenOnASilentPath(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	line, through := proxy.Postgres(t, dsn)
	d := open(t, dsn, db.Options{})
	heard := make(chan map[int32]int64, 100)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- db.Listen(ctx, through, 500*time.Millisecond, func(grown map[int32]int64) { heard <- grown })
	}()
	if got := wait(t, "the beginning", heard); got != nil {
		t.Errorf("got %v, want the beginning", got)
	}
	line.Established(proxy.Silent)
	began := time.Now()
	if got := wait(t, "a new connection", heard); got != nil {
		t.Errorf("got %v, want a new connection", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v, want 10s at most", took)
	}
	notifier := d.NewNotifier()
	running, end := context.WithCancel(t.Context())
	var ringing sync.WaitGroup
	ringing.Go(func() { notifier.Run(running) })
	notifier.Notify(7, 12)
	if got := wait(t, "the feed's growth", heard); got[7] != 12 {
		t.Errorf("got %v, want 7 up to 12", got)
	}
	end()
	ringing.Wait()
	line.All(proxy.Silent)
	stop()
	began = time.Now()
	if err := wait(t, "the end", ended); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v to end on a silent path", took)
	}
}

// A silent path to the holder of a lease does not keep another program from taking over its work.
func TestLeaseOfASilentLeader(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	line, through := proxy.Postgres(t, dsn)
	first, second := newLeader(t, through, 400*time.Millisecond), newLeader(t, dsn, 400*time.Millisecond)
	first.start(t.Context(), nil)
	wait(t, "the first's work", first.works)
	line.All(proxy.Silent)
	began := time.Now()
	for {
		second.start(t.Context(), nil)
		select {
		case <-second.works:
		case err := <-second.end:
			if err != nil {
				t.Fatal(err)
			}
			if time.Sleep(10 * time.Millisecond); time.Since(began) < 20*time.Second {
				continue
			}
			t.Fatal("the second never leads")
		}
		break
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v, want little more than the lease of 400 ms", took)
	}
	first.tick <- time.Time{}
	if err := wait(t, "the first's end", first.end); !db.Unavailable(err) || !strings.Contains(err.Error(), "lead") {
		t.Errorf("got %v of the first, want that it lost the lease", err)
	}
	second.stop()
	wait(t, "the second's end", second.end)
}
