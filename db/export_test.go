package db

import (
	"context"
	"time"

	"baogong/delivery"
)

// OrdersQuery is the text by which Orders reads a page, for tests that look at its plan.
func OrdersQuery(s delivery.Scope, community int32, f OrderFilter, by OrderSort, desc bool, p Page) (string, []any, error) {
	w := f.where(community)
	orders.visible(&w, s)
	return ordersPage(community, f, s, by, desc, w, p)
}

// UnscopedBounded runs reads in a class of their own time, for tests.
func (d *DB) UnscopedBounded(ctx context.Context, longest time.Duration, do func(ctx context.Context) error) (err error) {
	ctx, done, err := d.bounded(ctx, class(longest))
	if err != nil {
		return err
	}
	defer done(&err)
	return do(ctx)
}

// UnscopedText reads one text in whatever class the context is.
func (d *DB) UnscopedText(ctx context.Context, query string) (string, error) {
	rows, err := listOf[string](ctx, d, query)
	if err != nil {
		return "", err
	}
	return rows[0], nil
}
