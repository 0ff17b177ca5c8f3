package house

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"
)

//go:embed testdata/equations.sql
var equationsText string

// Equation is one query of testdata/equations.sql. It returns the rows that break it.
type Equation struct{ Name, Query string }

// AllEquations returns the equations of the chain.
func AllEquations() (out []Equation) {
	for part := range strings.SplitSeq(equationsText, "-- name: ") {
		name, query, ok := strings.Cut(part, "\n")
		if ok && !strings.HasPrefix(part, "-- ") {
			out = append(out, Equation{name, strings.TrimSuffix(strings.TrimSpace(query), ";")})
		}
	}
	return out
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Broken returns the equations that do not hold, each with the first row that breaks it.
func Broken(ctx context.Context, q querier) (map[string]string, error) {
	out := map[string]string{}
	for _, e := range AllEquations() {
		rows, err := q.QueryContext(ctx, e.Query)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		for rows.Next() && out[e.Name] == "" {
			var row any
			if err := rows.Scan(&row); err != nil {
				return nil, fmt.Errorf("%s: %w", e.Name, err)
			}
			out[e.Name] = fmt.Sprintf("%s", row)
			if n, whole := row.(int64); whole {
				out[e.Name] = fmt.Sprint(n)
			}
		}
		if err := rows.Close(); err != nil {
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
