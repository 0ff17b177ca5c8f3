package house

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"baogong/db"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Broken returns the equations of the chain that do not hold, each with the first row that breaks it.
func Broken(ctx context.Context, q querier) (map[string]string, error) {
	out := map[string]string{}
	for _, e := range db.Equations() {
		rows, err := q.QueryContext(ctx, e.Query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		for rows.Next() && out[e.Name] == "" {
			var row string
			if err := rows.Scan(&row); err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			out[e.Name] = row
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	return out, nil
}

// Equations fails the test if an equation of the chain does not hold in the database.
func Equations(t testing.TB, dsn string) {
	t.Helper()
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own context has ended
	defer cancel()
	broken, err := Broken(ctx, d)
	if err != nil {
		t.Error(err)
	}
	for name, row := range broken {
		t.Errorf("the equation %s is broken by %s", name, row)
	}
}
