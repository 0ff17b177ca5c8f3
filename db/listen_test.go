package db_test

import (
	"context"
	"maps"
	"math"
	"testing"

	"baogong/db"
	"baogong/db/dbtest"
)

func TestBellAndListen(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := open(t, dsn, db.Options{})
	ctx, stop := context.WithCancel(t.Context())
	heard, listened := make(chan map[int32]int64, 10_000), make(chan error, 1)
	go func() {
		listened <- db.Listen(ctx, dsn, db.ListenLimit, func(grown map[int32]int64) { heard <- grown })
	}()
	if got := wait(t, "the start", heard); got != nil {
		t.Errorf("got %v when the connection came, want none named", got)
	}

	notifier, ran := d.NewNotifier(), make(chan struct{})
	for _, r := range []struct {
		community int32
		seq       int64
	}{{7, 1}, {8, 5}, {7, 3}, {7, 2}} { // before it runs: all in one
		notifier.Notify(r.community, r.seq)
	}
	go func() { defer close(ran); notifier.Run(ctx) }()
	got := wait(t, "7 and 8", heard)
	if !maps.Equal(got, map[int32]int64{7: 3, 8: 5}) {
		t.Errorf("got %v, want 7 up to 3 and 8 up to 5 together", got)
	}

	// Twelve hundred feeds grow fifty times each, which takes a few NOTIFYs, each of at most 250 names.
	const feeds, times = 1200, 50
	sent := d.Statements()
	for range times {
		for c := range int32(feeds) {
			notifier.Notify(c+1_000_000_000, math.MaxInt64) // the longest names
		}
	}
	missing := map[int32]bool{}
	for c := range int32(feeds) {
		missing[c+1_000_000_000] = true
	}
	for len(missing) > 0 {
		for c := range wait(t, "the rest", heard) {
			delete(missing, c)
		}
	}
	if n := d.Statements() - sent; n > feeds*times/100 {
		t.Errorf("got %d NOTIFYs for %d rings, want far fewer", n, feeds*times)
	}

	kill(t, dsn, `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'`)
	for wait(t, "the connection back", heard) != nil { // names that were still under way
	}
	notifier.Notify(9, 1)
	for !maps.Equal(wait(t, "9", heard), map[int32]int64{9: 1}) {
	}
	stop()
	if err := wait(t, "the end", listened); err != nil {
		t.Errorf("got %v at the end, want nothing", err)
	}
	wait(t, "the notifier's end", ran)
}

func TestABellOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := open(t, dsn, db.Options{Connections: 1})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	heard, listened := make(chan map[int32]int64, 100), make(chan error, 1)
	go func() {
		listened <- db.Listen(ctx, dsn, db.ListenLimit, func(grown map[int32]int64) { heard <- grown })
	}()
	wait(t, "the start", heard)
	kill(t, dsn, `select pid from pg_stat_activity where datname = current_database() and query not ilike 'listen%' and pid <> pg_backend_pid()`)
	notifier, ran := d.NewNotifier(), make(chan struct{})
	go func() { defer close(ran); notifier.Run(ctx) }()
	notifier.Notify(1, 1)
	for !maps.Equal(wait(t, "1, over a new connection", heard), map[int32]int64{1: 1}) {
	}
	stop()
	wait(t, "the end", listened)
	wait(t, "the notifier's end", ran)
}

func TestListenEndsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	listened := make(chan error, 1)
	go func() {
		listened <- db.Listen(ctx, "host=/nonexistent port=1 user=x dbname=x", db.ListenLimit, func(map[int32]int64) { t.Error("heard something") })
	}()
	stop()
	if err := wait(t, "the end", listened); err != nil {
		t.Errorf("got %v, want nothing", err)
	}
}
