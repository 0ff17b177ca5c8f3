package db_test

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"baogong/db"
	"baogong/delivery"
)

// A roster that is not read again is still the team's: after every change of it, and after one that was rolled back.
func TestRosterFollowsTheTeam(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(9), 5, 4, 0)
	v := of(w.volunteers, 1)[0]
	reachable := func() bool {
		t.Helper()
		var r *delivery.Roster
		if err := w.db.InTx(t.Context(), func(tx *db.Tx) (err error) { r, err = tx.Roster(t.Context(), 1); return err }); err != nil {
			t.Fatal(err)
		}
		return r.Reachable[v.UUID]
	}
	change := func(to bool, keep error) {
		t.Helper()
		err := w.db.InTx(t.Context(), func(tx *db.Tx) error {
			next := *v
			next.Reachable, next.ArchivedAt, next.Version = to, nil, v.Version+1
			if err := tx.Volunteers().Save(t.Context(), []*delivery.Volunteer{&next}); err != nil {
				return err
			}
			if r, err := tx.Roster(t.Context(), 1); err != nil || r.Reachable[v.UUID] != to {
				t.Fatalf("within its own change: got %v, %v", r, err)
			}
			if keep == nil {
				v = &next
			}
			return keep
		})
		if keep == nil && err != nil || keep != nil && !errors.Is(err, keep) {
			t.Fatal(err)
		}
	}
	change(true, nil)
	for _, to := range []bool{true, false, true} {
		change(!to, errors.New("no"))
		change(to, nil)
		for range 2 {
			if got := reachable(); got != to {
				t.Fatalf("got reachable %v, want %v", got, to)
			}
		}
		change(!to, errors.New("no"))
		if got := reachable(); got != to {
			t.Fatalf("after a change that was rolled back: got reachable %v, want %v", got, to)
		}
	}
}

// TestTheRostersStampCoversItsTables: each table that the roster is read from, as PostgreSQL understands the statement, is a
// source whose versions the stamp counts, or a source whose changes go through such a one.
func TestTheRostersStampCoversItsTables(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := raw(t, w.dsn)
	roster, stamp := db.RosterStatements()
	counted, sources := tablesOf(t, d, stamp), db.RosterSources()
	uncovered := func(query string) (out []string) {
		for _, table := range tablesOf(t, d, query) {
			through, known := sources[table]
			if through != "" {
				table, known = through, known && sources[through] == ""
			}
			if !known || !slices.Contains(counted, table) {
				out = append(out, table)
			}
		}
		return out
	}
	if got := tablesOf(t, d, roster); !slices.Contains(got, "volunteers") || !slices.Contains(got, "services") {
		t.Fatalf("got the tables %q of the roster", got)
	}
	if got := uncovered(roster); len(got) > 0 {
		t.Errorf("the roster is read from %q, which change without its stamp: see rosterSources", got)
	}
	if got := uncovered(strings.Replace(roster, "where c.", "join buildings b on b.id = x.building_id where c.", 1)); !slices.Equal(got, []string{"buildings"}) {
		t.Errorf("got %q for a roster read from buildings too, want the test to find them", got)
	}
	for _, table := range counted {
		before := column[int64](t, d, stamp, 1)[0]
		if _, err := d.ExecContext(t.Context(), `update `+table+` set version = version + 1 where community_id = 1`); err != nil {
			t.Fatal(err)
		}
		if after := column[int64](t, d, stamp, 1)[0]; after <= before {
			t.Errorf("got the stamp %d after a change of %s, want more than %d", after, table, before)
		}
	}
}

// tablesOf returns the tables that a statement of one community reads.
func tablesOf(t *testing.T, d *sql.DB, query string) []string {
	t.Helper()
	if _, err := d.ExecContext(t.Context(), "create or replace view statement_read as "+strings.ReplaceAll(query, "$1", "1")); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := d.ExecContext(t.Context(), "drop view statement_read"); err != nil {
			t.Error(err)
		}
	}()
	return column[string](t, d, `
		select distinct c.relname
		  from pg_rewrite w
		  join pg_depend p on p.classid = cast('pg_rewrite' as regclass) and p.objid = w.oid and p.refclassid = cast('pg_class' as regclass)
		  join pg_class c on c.oid = p.refobjid
		 where w.ev_class = cast('statement_read' as regclass) and c.oid <> w.ev_class
		 order by c.relname`)
}
