package db

import (
	"context"
	_ "embed"
	"strings"
)

//go:embed equations.sql
var equationsText string

// Equation is one query of equations.sql, which returns the rows that break it: their numbers or ids.
type Equation struct{ Name, Query string }

// Equations returns the equations of the chain. They hold after every transaction. The word FOR_WEBHOOK in the text stands for the condition that an
// event is for an endpoint, which names kinds of events.
func Equations() (out []Equation) {
	_, parts, _ := strings.Cut(strings.ReplaceAll(equationsText, "FOR_WEBHOOK", forWebhook), "-- name: ")
	for part := range strings.SplitSeq(parts, "-- name: ") {
		name, query, _ := strings.Cut(part, "\n")
		out = append(out, Equation{name, strings.TrimSuffix(strings.TrimSpace(query), ";")})
	}
	return out
}

// UnscopedBroken returns the equations that do not hold, each with the first row that breaks it. It is for tests and the demonstration.
func (d *DB) UnscopedBroken(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for _, e := range Equations() {
		purpose := "check the equation " + e.Name
		rows, err := list[string](ctx, d, purpose, e.Query)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			out[e.Name] = rows[0]
		}
	}
	return out, nil
}
