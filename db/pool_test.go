package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/order"
	"baogong/dispatch/verbs"
)

func TestManyTransactionsInASmallPool(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	small := open(t, w.dsn, db.Options{Connections: 2}) // nothing is prepared yet
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	verbs := verbs.New(&dispatch.Engine{DB: small, Now: time.Now, Machine: time.Now})
	var callers errgroup.Group
	for i := range 24 {
		h := of(w.households, 1)[i%5]
		callers.Go(func() error {
			for range 4 {
				if p, err := verbs.Order.PlaceOrder(ctx, w.commander(1), w.place(h)); err != nil {
					return err
				} else if p.OrderID == nil {
					return p.UserErrors[0]
				}
				if _, err := small.Board(ctx, w.all(1), 1, w.start, w.start, w.start); err != nil {
					return err
				}
				if _, err := small.Roster(ctx, w.all(1), 1); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := callers.Wait(); err != nil {
		t.Fatal(err)
	}
	if p, err := small.FeedEnd(ctx, w.all(1), 1); err != nil || p.Seq != 96 {
		t.Errorf("got position %d, error %v, want 96", p.Seq, err)
	}
}

func TestStatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	line, dsn := newWire(t, w.dsn)
	through := open(t, dsn, db.Options{Connections: 3})
	verbs := verbs.New(&dispatch.Engine{DB: through, Now: time.Now, Machine: time.Now})
	work := func() error {
		for range 10 {
			if _, err := verbs.Order.PlaceOrder(t.Context(), w.commander(1), w.place(w.households[0])); err != nil {
				return err
			}
			if _, err := through.Roster(t.Context(), w.all(1), 1); err != nil {
				return err
			}
			if _, _, err := through.UnscopedEvents(t.Context(), 1, 0, 10); err != nil {
				return err
			}
		}
		return nil
	}
	w.must(work()) // of several who meet a text for the first time at once each would prepare it
	var callers errgroup.Group
	for range 6 {
		callers.Go(work)
	}
	if err := callers.Wait(); err != nil {
		t.Fatal(err)
	}
	texts, most := line.texts()
	kept := func(part string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
	}
	if most != 1 || !kept("update feeds set head") || !kept("join events e") || !kept("left join volunteers v") {
		t.Errorf("got %d texts, one of them prepared %d times on one connection, want each once, the feed's among them", len(texts), most)
	}
}

func TestSettingsOfConnections(t *testing.T) {
	t.Parallel()
	base := dbtest.DSN(t)
	const setting = "idle_in_transaction_session_timeout\x00"
	for _, c := range []struct {
		name, dsn, want string
		o               db.Options
	}{
		{"a transaction that waits is ended", "", setting + "3s\x00", db.Options{}},
		{"a statement looks whether its client is there", "", "client_connection_check_interval\x001s\x00", db.Options{}},
		{"a client that has vanished is noticed", "", "tcp_user_timeout\x0010s\x00", db.Options{}},
		{"no statement is compiled", "", "jit\x00off\x00", db.Options{}},
		{"unless the DSN says otherwise", " idle_in_transaction_session_timeout=9s", setting + "9s\x00", db.Options{}},
		{"a statement that takes too long is ended", "", "statement_timeout\x001500\x00", db.Options{Statement: 1500 * time.Millisecond}},
		{"unless the DSN says otherwise there too", " statement_timeout=9s", "statement_timeout\x009s\x00", db.Options{Statement: time.Second}},
		{"a pooler is told nothing that it may not know", "", "", db.Options{Unprepared: true, Statement: time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			line, dsn := newWire(t, base+c.dsn)
			if err := open(t, dsn, c.o).Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := line.started[0]; !strings.Contains(got, c.want) || c.want == "" && (strings.Contains(got, "timeout") || strings.Contains(got, "jit")) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A statement that waits or works too long ends by itself, and what it would have changed stays as it was.
func TestStatementTime(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	brief := open(t, w.dsn, db.Options{Statement: 50 * time.Millisecond})
	w.tx(func(held *db.Tx) {
		if _, err := held.LockCommunity(t.Context(), 1, true); err != nil {
			t.Fatal(err)
		}
		err := brief.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.LockCommunity(t.Context(), 1, true)
			return err
		})
		if !db.Unavailable(err) || !strings.Contains(err.Error(), "statement timeout") {
			t.Errorf("got %v, want it ended", err)
		}
	})
	if _, err := brief.Roster(t.Context(), w.all(1), 1); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Behind a pooler in transaction mode nothing may stay prepared on a connection that the next transaction may not get.
func TestUnprepared(t *testing.T) {
	t.Parallel()
	for _, parameters := range []string{"", " binary_parameters=yes"} {
		t.Run("with"+parameters, func(t *testing.T) {
			t.Parallel()
			line, dsn := newWire(t, dbtest.DSN(t)+parameters)
			w := newTownAt(t, dsn, db.Options{Unprepared: true}).fill(seeded(12), 10, 4, 10)
			w.checkRows()
			for name, read := range reads {
				got, want, err := read(t.Context(), w, w.all(1), 1)
				slices.Sort(got)
				slices.Sort(want)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: got %q, error %v, want %q", name, got, err, want)
				}
			}
			if _, err := w.db.UnscopedKeyring(t.Context(), time.Now()); err != nil {
				t.Error(err)
			}
			if _, err := raw(t, dsn).ExecContext(t.Context(), `update order_numbers set last = 1000`); err != nil {
				t.Fatal(err)
			}
			verbs, call := w.dispatch(), "again"
			in := w.place(of(w.households, 1)[0])
			in.ClientMutationID = &call
			placed, err := verbs.Order.PlaceOrder(t.Context(), w.commander(1), in)
			if err != nil || placed.OrderID == nil {
				t.Fatalf("got %+v, error %v, want an order", placed, err)
			}
			again, err := verbs.Order.PlaceOrder(t.Context(), w.commander(1), in)
			if err != nil || *again.OrderID != *placed.OrderID {
				t.Errorf("got %+v, error %v the second time, want the same order", again, err)
			}
			moved, err := verbs.Order.AdvanceOrders(t.Context(), w.commander(1), order.AdvanceOrdersInput{To: delivery.AtGate,
				Orders: []*order.OrderMoveInput{{OrderID: *placed.OrderID}}})
			if err != nil || moved.Moved() != 1 {
				t.Errorf("got %+v, error %v, want it moved", moved, err)
			}
			if texts, _ := line.texts(); len(texts) != 0 {
				t.Errorf("got %q kept prepared, want nothing", texts)
			}
		})
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	one := open(t, w.dsn, db.Options{Connections: 1}) // so that anything the connection keeps shows
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	write := func(tx *db.Tx) error {
		return tx.Append(ctx, 1, []*delivery.Event{delivery.NewEvent(delivery.SupplierSaved, delivery.System(1), w.start, delivery.Keys{Community: 1}, nil)})
	}
	broken := errors.New("broken")
	if err := one.InTx(ctx, func(tx *db.Tx) error { return errors.Join(write(tx), broken) }); !errors.Is(err, broken) {
		t.Errorf("got %v, want what do returned", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "panic" {
				t.Errorf("got panic %v, want it passed on", p)
			}
		}()
		_ = one.InTx(ctx, func(tx *db.Tx) error { w.must(write(tx)); panic("panic") })
	}()
	gone, leave := context.WithCancel(ctx)
	if err := one.InTx(gone, func(tx *db.Tx) error { defer leave(); return write(tx) }); err == nil {
		t.Error("got nothing after the caller left, want an error")
	}
	err := one.InTx(ctx, func(tx *db.Tx) error {
		w.must(write(tx))
		return tx.InsertHolds(ctx, []*delivery.Hold{{CommunityID: 1, UUID: newUUID(), Reason: "BORED", PlacedByRole: delivery.RoleLead, PlacedAt: w.start}})
	})
	if got := db.Constraint(err); got != "holds_one_subject" && got != "holds_reason_known" {
		t.Errorf("got %v, want a constraint's name", err)
	}
	if p, err := one.FeedEnd(ctx, w.all(1), 1); err != nil || p.Seq != 0 {
		t.Errorf("got position %d, error %v, want 0: none of them is stored", p.Seq, err)
	}
	if err := one.InTx(ctx, write); err != nil {
		t.Fatal(err)
	}
	if p, err := one.FeedEnd(ctx, w.all(1), 1); err != nil || p.Seq != 1 {
		t.Errorf("got position %d, error %v, want 1", p.Seq, err)
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	one := open(t, w.dsn, db.Options{Connections: 1})
	err := one.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.LockCommunity(t.Context(), 1, false)
		w.must(err)
		kill(t, w.dsn, `select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`)
		_, err = tx.LockCommunity(t.Context(), 1, true)
		return err
	})
	if !db.Unavailable(err) || db.Retryable(err) {
		t.Errorf("got %v, want that the database could not be asked", err)
	}
	if err := one.Ping(t.Context()); err != nil {
		t.Errorf("got %v, want a new connection", err)
	}
	if db.Unavailable(delivery.Refuse(delivery.ReasonHeld)) || db.Unavailable(nil) {
		t.Error("got that a refusal means the database is away")
	}
}
