package db_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
)

// BenchmarkLine compares a prepared statement over a line, with its deadlines, with the driver alone.
func BenchmarkLine(b *testing.B) {
	dsn := dbtest.DSN(b)
	ours := open(b, dsn, db.Options{Statement: time.Minute}).Pool()
	bare := raw(b, dsn)
	for _, c := range []struct {
		name string
		pool *sql.DB
	}{{"with deadlines", ours}, {"the driver alone", bare}} {
		b.Run(c.name, func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			c.pool.SetMaxOpenConns(1)
			s, err := c.pool.PrepareContext(ctx, `select 1`)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				var n int
				if err := s.QueryRowContext(ctx).Scan(&n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
