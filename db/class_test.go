package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
)

// A class ends a statement after its timeout, with or without a pooler. The next user of the connection has the session's timeout.
func TestAClassEndsItsStatements(t *testing.T) {
	t.Parallel()
	dsn := dbtest.DSN(t)
	for _, tt := range []struct {
		name  string
		o     db.Options
		usual string
	}{
		{"a pool", db.Options{Connections: 1, Statement: 40 * time.Second}, "40s"},
		{"behind a pooler", db.Options{Connections: 1, Unprepared: true}, "0"},
	} {
		d := open(t, dsn, tt.o)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := d.UnscopedBounded(ctx, 50*time.Millisecond, func(ctx context.Context) error {
			_, err := d.UnscopedText(ctx, "select cast(pg_sleep(60) as text)")
			return err
		})
		if err == nil || !db.Unavailable(err) || ctx.Err() != nil {
			t.Errorf("%s: got %v, want the statement ended by its class", tt.name, err)
		}
		left := errors.New("left")
		for _, end := range []error{nil, left} {
			err := d.UnscopedBounded(ctx, 7*time.Second, func(ctx context.Context) error {
				if got, err := d.UnscopedText(ctx, "show statement_timeout"); err != nil || got != "7s" {
					t.Errorf("%s: within the class the time is %q, error %v", tt.name, got, err)
				}
				return end
			})
			if !errors.Is(err, end) {
				t.Errorf("%s: got %v, want %v", tt.name, err, end)
			}
			if got, err := d.UnscopedText(ctx, "show statement_timeout"); err != nil || got != tt.usual {
				t.Errorf("%s: after the class the time is %q, error %v, want %q", tt.name, got, err, tt.usual)
			}
		}
	}
	d := open(t, dsn, db.Options{Connections: 1, Statement: 2 * time.Second})
	err := d.UnscopedBounded(t.Context(), time.Minute, func(ctx context.Context) error {
		if got, err := d.UnscopedText(ctx, "show statement_timeout"); err != nil || got != "2s" {
			t.Errorf("a class longer than the session's time has %q, error %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
