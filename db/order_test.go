package db_test

import (
	"testing"

	"baogong/db"
	"baogong/delivery"
)

// The orders of a call are read in its look. Under their locks they are as the database has them then: changes by the caller of the look are lost.
func TestLockOrdersAfterALook(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(1), 3, 0, 0)
	other := raw(t, w.dsn)
	const c = 1
	ids := column[delivery.UUID](t, other, `select id from orders where community_id = 1 order by id`)
	w.tx(func(tx *db.Tx) {
		w.must(tx.Look(func() error {
			rows, err := tx.LockOrders(t.Context(), w.all(c), c, ids, nil)
			for _, o := range rows {
				o.Note = "changed by the caller"
			}
			return err
		}))
		unchanged := w.db.Statements()
		if _, err := tx.LockOrders(t.Context(), w.all(c), c, ids[:2], nil); err != nil {
			t.Fatal(err)
		}
		if n := w.db.Statements() - unchanged; n != 1 {
			t.Errorf("got %d statements for orders that have not changed, want 1", n)
		}
	})
	w.tx(func(tx *db.Tx) {
		w.must(tx.Look(func() error {
			rows, err := tx.LockOrders(t.Context(), w.all(c), c, ids, nil)
			for _, o := range rows {
				o.Note = "changed by the caller"
			}
			return err
		}))
		if _, err := other.ExecContext(t.Context(), `update orders set note = 'changed by another' where community_id = 1 and id = $1`, ids[1]); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.LockOrders(t.Context(), w.all(c), c, ids, nil)
		w.must(err)
		for i, o := range rows {
			if o.Note == "changed by the caller" || (o.Note == "changed by another") != (i == 1) {
				t.Errorf("order %d: got the note %q", i, o.Note)
			}
		}
		if len(rows) != len(ids) {
			t.Errorf("got %d orders, want %d", len(rows), len(ids))
		}
		if _, err := other.ExecContext(t.Context(), `select 1 from orders where community_id = 1 and id = $1 for update nowait`, ids[0]); err == nil {
			t.Error("the orders are not locked")
		}
	})
}
