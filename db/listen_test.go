package db_test

import (
	"context"
	"slices"
	"testing"

	"baogong/db"
	"baogong/db/dbtest"
)

func TestBellAndListen(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := open(t, dsn, db.Options{})
	ctx, stop := context.WithCancel(t.Context())
	heard, listened := make(chan []int32, 10_000), make(chan error, 1)
	go func() { listened <- db.Listen(ctx, dsn, func(c ...int32) { heard <- c }) }()
	if got := wait(t, "the start", heard); len(got) != 0 {
		t.Errorf("got %v when the connection came, want none named", got)
	}

	bell, ran := d.NewBell(), make(chan struct{})
	for _, c := range []int32{7, 8, 7} { // before it runs: all in one
		bell.Ring(c)
	}
	go func() { defer close(ran); bell.Run(ctx) }()
	got := wait(t, "7 and 8", heard)
	slices.Sort(got)
	if !slices.Equal(got, []int32{7, 8}) {
		t.Errorf("got %v, want 7 and 8 together", got)
	}

	// Twelve hundred feeds grow fifty times each, which takes a few NOTIFYs, each of at most 500 names.
	const feeds, times = 1200, 50
	sent := d.Statements()
	for range times {
		for c := range int32(feeds) {
			bell.Ring(c + 1_000_000_000) // the longest names
		}
	}
	missing := map[int32]bool{}
	for c := range int32(feeds) {
		missing[c+1_000_000_000] = true
	}
	for len(missing) > 0 {
		for _, c := range wait(t, "the rest", heard) {
			delete(missing, c)
		}
	}
	if n := d.Statements() - sent; n > feeds*times/100 {
		t.Errorf("got %d NOTIFYs for %d rings, want far fewer", n, feeds*times)
	}

	kill(t, dsn, `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'`)
	for len(wait(t, "the connection back", heard)) != 0 { // names that were still under way
	}
	bell.Ring(9)
	for !slices.Equal(wait(t, "9", heard), []int32{9}) {
	}
	stop()
	if err := wait(t, "the end", listened); err != nil {
		t.Errorf("got %v at the end, want nothing", err)
	}
	wait(t, "the bell's end", ran)
}

func TestABellOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	d := open(t, dsn, db.Options{Connections: 1})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	heard, listened := make(chan []int32, 100), make(chan error, 1)
	go func() { listened <- db.Listen(ctx, dsn, func(c ...int32) { heard <- c }) }()
	wait(t, "the start", heard)
	kill(t, dsn, `select pid from pg_stat_activity where datname = current_database() and query not ilike 'listen%' and pid <> pg_backend_pid()`)
	bell, ran := d.NewBell(), make(chan struct{})
	go func() { defer close(ran); bell.Run(ctx) }()
	bell.Ring(1)
	for !slices.Equal(wait(t, "1, over a new connection", heard), []int32{1}) {
	}
	stop()
	wait(t, "the end", listened)
	wait(t, "the bell's end", ran)
}

func TestListenEndsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	listened := make(chan error, 1)
	go func() {
		listened <- db.Listen(ctx, "host=/nonexistent port=1 user=x dbname=x", func(...int32) { t.Error("heard something") })
	}()
	stop()
	if err := wait(t, "the end", listened); err != nil {
		t.Errorf("got %v, want nothing", err)
	}
}
