package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

// flood has an account read orders n times at once, each as its own operation. It returns the number of refusals and a
// function that waits for the others.
func (w *town) flood(account string, times int) (refused *atomic.Int64, wait func() error) {
	var group errgroup.Group
	refused = new(atomic.Int64)
	for range times {
		group.Go(func() error {
			_, err := w.db.Orders(db.InTurn(w.t.Context(), account, false), w.all(1), 1, db.OrderFilter{}, db.SortNumber, false, db.Range{Limit: 1})
			if delivery.CodeOf(err) == delivery.CodeRateLimited {
				refused.Add(1)
				return nil
			}
			return err
		})
	}
	return refused, group.Wait
}

// until waits for a condition.
func (w *town) until(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("timed out before %s: %+v", what, w.db.QueueStats())
		}
	}
}

func TestOneAccountLeavesConnectionsToOthers(t *testing.T) {
	t.Parallel()
	w := newTownAt(t, dbtest.DSN(t), db.Options{Connections: 8})
	// Every read of orders now waits until the test releases it.
	slow, err := raw(t, w.dsn).BeginTx(t.Context(), nil)
	w.must(err)
	_, err = slow.Exec(`lock table orders in access exclusive mode`)
	w.must(err)
	const asked = 300
	refused, wait := w.flood("commander", asked)
	w.until("the flood holds its share and fills its queue", func() bool {
		s := w.db.QueueStats()
		return s.Running == 2 && s.Waiting == 256 && refused.Load() == asked-2-256
	})

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for name, as := range map[string]context.Context{"another account": db.InTurn(ctx, "resident", false), "the clock worker": ctx} {
		if _, err := w.db.Communities(as, w.all(1), db.Range{Limit: 1}); err != nil {
			t.Errorf("%s got %v, want an answer while the flood waits", name, err)
		}
		w.must(w.db.InTx(as, func(*db.Tx) error { return nil }))
	}
	// Many accounts that flood together use all shared connections, and no others.
	var waits []func() error
	for i := range 6 {
		_, wait := w.flood(fmt.Sprint("volunteer ", i), 4)
		waits = append(waits, wait)
	}
	w.until("all shared connections are in use", func() bool { s := w.db.QueueStats(); return s.Running == s.Shared })
	if _, err := w.db.Communities(ctx, w.all(1), db.Range{Limit: 1}); err != nil {
		t.Errorf("the clock worker got %v, want an answer from the connections kept for it", err)
	}

	w.must(slow.Rollback())
	for _, wait := range append(waits, wait) {
		w.must(wait())
	}
	if got, want := w.db.QueueStats(), (db.QueueStats{Shared: 6, Refused: asked - 2 - 256}); got != want {
		t.Errorf("got %+v, want %+v after the flood", got, want)
	}
}

func TestOneOperationHoldsHalfTheShareOfItsAccount(t *testing.T) {
	t.Parallel()
	w := newTown(t) // of 20 connections, 5 for an account
	slow, err := raw(t, w.dsn).BeginTx(t.Context(), nil)
	w.must(err)
	_, err = slow.Exec(`lock table orders in access exclusive mode`)
	w.must(err)
	var group errgroup.Group
	ctx, cancel := context.WithCancelCause(db.InTurn(t.Context(), "commander", false)) // thirty aliases in one request
	for range 30 {
		group.Go(func() error {
			if _, err := w.db.Orders(ctx, w.all(1), 1, db.OrderFilter{}, db.SortNumber, false, db.Range{Limit: 1}); !db.Unavailable(err) {
				return fmt.Errorf("got %w, want an error that says the operation ended", err)
			}
			return nil
		})
	}
	w.until("the operation holds what it may", func() bool { s := w.db.QueueStats(); return s.Running == 3 && s.Waiting == 27 })
	if _, err := w.db.Communities(db.InTurn(t.Context(), "commander", false), w.all(1), db.Range{Limit: 1}); err != nil {
		t.Errorf("got %v, want another operation of the same account answered", err)
	}
	cancel(errors.New("the server drains"))
	w.must(group.Wait())
	w.until("nothing of it is left", func() bool { return w.db.QueueStats() == db.QueueStats{Shared: 16} })
	w.must(slow.Rollback())
}
