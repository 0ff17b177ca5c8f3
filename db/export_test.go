package db

import (
	"context"
	"time"

	"baogong/delivery"
)

// A Scan is one statement that Orders reads a page with.
type Scan struct {
	Query string
	Args  []any
}

// OrderScans is what Orders runs for a page, up to the scan that is enough.
func OrderScans(ctx context.Context, d *DB, s delivery.Scope, community int32, f OrderFilter, by OrderSort, desc bool, p Range) ([]Scan, error) {
	w := f.where(community)
	orders.visible(&w, s)
	scans, err := orderScans(community, f, s, by, desc, w, p)
	if err != nil {
		return nil, err
	}
	var out []Scan
	for _, scan := range scans {
		out = append(out, Scan{scan.query, scan.args})
		rows, at, err := d.scanOrders(ctx, scan)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 && scan.empty != "" {
			out = append(out, Scan{scan.empty, scan.feed})
		}
		if scan.enough(len(rows), at.Scanned, p) {
			break
		}
	}
	return out, nil
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

// UnscopedText reads one text in the context's class.
func (d *DB) UnscopedText(ctx context.Context, query string) (string, error) {
	rows, err := listOf[string](ctx, d, "read a text", query)
	if err != nil {
		return "", err
	}
	return rows[0], nil
}

// RosterStatements returns the texts that read a roster and its stamp.
func RosterStatements() (roster, stamp string) { return selectRoster, rosterStamp }

// RosterSources returns the tables that the roster is read from, with the source that a change of each goes through; "" for a
// source with versions of its own.
func RosterSources() map[string]string {
	out := map[string]string{}
	for _, s := range rosterSources {
		out[s.table] = s.through
	}
	return out
}

// Removals returns the new values of the columns that a purge removes, by table; empty where rows are deleted.
func Removals() map[string]string {
	out := map[string]string{}
	for _, r := range removals {
		out[r.table] = r.instead
	}
	return out
}

// UnheardQuery is the condition by which Unheard finds households, as a query.
func UnheardQuery(community int32, since time.Time) (string, []any) {
	w := ofCommunity("h", community, false)
	w.and("not " + contact(w.arg(community), w.arg(since)))
	return "select h.id from households h " + w.String(), w.args
}

// UnscopedMeasuredFrom finds the events after an instant from which steps are measured, at most so many.
func (d *DB) UnscopedMeasuredFrom(ctx context.Context, community int32, since time.Time, most int) (after int64, from time.Time, err error) {
	return d.measuredFrom(ctx, community, since, most)
}
