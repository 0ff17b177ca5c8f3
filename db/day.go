package db

import (
	"context"

	"github.com/lib/pq"
)

// Zones returns those names that PostgreSQL knows as time zones.
func (t *Tx) Zones(ctx context.Context, names []string) (map[string]bool, error) {
	out := map[string]bool{}
	if len(names) == 0 {
		return out, nil
	}
	known, err := listTx[string](ctx, t, "read the time zones", `select name from pg_timezone_names where name = any(cast($1 as text[]))`, pq.StringArray(names))
	for _, name := range known {
		out[name] = true
	}
	return out, err
}
