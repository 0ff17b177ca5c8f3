package db_test

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

func TestEveryProgramGetsTheSameKeyring(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	rings := make([]*delivery.Keyring, 4)
	var programs errgroup.Group
	for i := range rings {
		d := open(t, dsn, db.Options{Connections: 2})
		programs.Go(func() (err error) {
			rings[i], err = d.UnscopedKeyring(t.Context(), time.Now())
			return err
		})
	}
	if err := programs.Wait(); err != nil {
		t.Fatal(err)
	}
	want := delivery.Position{Community: 1, Epoch: 7, Seq: 42}
	for _, from := range rings {
		for _, to := range rings {
			if got, err := to.ParseFeedCursor(from.FeedCursor(want)); err != nil || got != want {
				t.Fatalf("got %+v, error %v, want %+v", got, err, want)
			}
		}
	}
	if n := column[int](t, raw(t, dsn), `select count(*) from cursor_keys`); n[0] != 1 {
		t.Errorf("got %d keys, want 1", n[0])
	}
}

// A new key seals when every program has had the time to read it, and an old one opens until no client can hold a cursor
// that it sealed.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	d := open(t, dbtest.DSN(t), db.Options{})
	now := time.Date(2020, 2, 18, 9, 0, 0, 0, time.UTC)
	at := delivery.Position{Community: 1, Epoch: 7, Seq: 42}
	ring := func(when time.Time) *delivery.Keyring {
		t.Helper()
		k, err := d.UnscopedKeyring(t.Context(), when)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first := ring(now)
	old := first.FeedCursor(at)
	if id, err := d.UnscopedRotateKeys(t.Context(), now); err != nil || id != 2 {
		t.Fatalf("got key %d, %v, want 2", id, err)
	}
	if got := ring(now.Add(db.KeyLead - time.Second)).FeedCursor(at); got != old {
		t.Error("the new key seals before others know it")
	}
	later := ring(now.Add(db.KeyLead))
	fresh := later.FeedCursor(at)
	if fresh == old {
		t.Error("the new key does not seal")
	}
	if _, err := ring(now).ParseFeedCursor(fresh); err != nil {
		t.Errorf("a program that does not seal with it yet: %v", err)
	}
	if _, err := later.ParseFeedCursor(old); err != nil {
		t.Errorf("an old cursor: %v", err)
	}
	if first.Replace(ring(now.Add(db.KeyRetire))); first.FeedCursor(at) != fresh {
		t.Error("a ring does not take over new keys")
	}
	if _, err := first.ParseFeedCursor(old); err == nil {
		t.Error("a key that has retired still opens")
	}
	if id, err := d.UnscopedRotateKeys(t.Context(), now.Add(db.KeyRetire)); err != nil || id != 1 {
		t.Errorf("got key %d, %v, want 1, which is free again", id, err)
	}
}
