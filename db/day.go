package db

import (
	"context"
	"errors"
	"slices"

	"github.com/lib/pq"
)

// Zones returns those names that PostgreSQL accepts as time zones. The names must be those of the IANA database: PostgreSQL also
// accepts rules such as EST5EDT4. It tries each name, in a savepoint, because a read of pg_timezone_names opens every file of the
// database, which takes 100 ms.
func (t *Tx) Zones(ctx context.Context, names []string) (map[string]bool, error) {
	const purpose = "try a time zone"
	out := map[string]bool{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if _, err := t.tx.ExecContext(t.within(ctx), "savepoint zone"); err != nil {
			return nil, forPurpose(purpose, err)
		}
		_, err := listTx[string](ctx, t, purpose, `select cast(to_timestamp(0) at time zone cast($1 as text) as text)`, name)
		if unknown := (*pq.Error)(nil); errors.As(err, &unknown) && unknown.Code == invalidParameter {
			if _, err := t.tx.ExecContext(t.within(ctx), "rollback to savepoint zone"); err != nil {
				return nil, forPurpose(purpose, err)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		out[name] = true
	}
	return out, nil
}

// invalidParameter is the SQLSTATE of an unknown time zone.
const invalidParameter = "22023"
