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
