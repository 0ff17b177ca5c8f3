package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"baogong/db"
)

// withTrigger makes the migration keep volunteers off two shifts at once as it does for a role that may not create the extension: by a trigger.
func withTrigger(t *testing.T, d *sql.DB) {
	t.Helper()
	names, err := filepath.Glob("migrations/*_shifts.sql")
	if err != nil || len(names) != 1 {
		t.Fatalf("got %v, %v, want the migration of shifts", names, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "-- +goose StatementBegin")
	block, _, found := strings.Cut(block, "-- +goose StatementEnd")
	if !found {
		t.Fatal("got no block that makes the constraint")
	}
	role := `"without extensions ` + uuid.NewString() + `"`
	if _, err := d.ExecContext(t.Context(), `
		alter table shift_members drop constraint shift_members_not_twice;
		drop extension btree_gist;
		create role `+role+`;
		grant usage, create on schema public to `+role+`;
		grant trigger on shift_members to `+role+`;
		grant `+role+` to current_user;
		set role `+role+`;
		`+block+`
		reset role;
		alter function shift_members_not_twice() owner to current_user;
		drop owned by `+role+`;
		drop role `+role); err != nil {
		t.Fatal(err)
	}
}

func TestNoVolunteerIsOnTwoShifts(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*testing.T, *sql.DB){"by a constraint": func(*testing.T, *sql.DB) {}, "by a trigger": withTrigger} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := raw(t, newPossible(t))
			d.SetMaxOpenConns(3)
			prepare(t, d)
			if got, want := len(column[string](t, d, `select tgname from pg_trigger where tgname = 'shift_members_not_twice'`)), strings.Count(name, "trigger"); got != want {
				t.Fatalf("got %d triggers, want %d", got, want)
			}
			member := `"shift_id": "00000000-0000-0000-0000-00000000ffff", `
			for change, want := range map[string]string{
				``: "shift_members_not_twice",
				`"starts_at": "2020-02-18 01:59Z", "ends_at": "2020-02-18 03:00Z"`:                                               "shift_members_not_twice",
				`"starts_at": "2020-02-18 02:00Z", "ends_at": "2020-02-18 03:00Z"`:                                               "",
				`"starts_at": "2020-02-18 00:00Z", "ends_at": "2020-02-18 01:00Z"`:                                               "",
				`"state": "ABSENT", "due_at": null`:                                                                              "",
				`"state": "DONE", "due_at": null, "in_at": "2020-02-18", "out_at": "2020-02-18", "ends_at": "2020-02-18 01:00Z"`: "",
			} {
				if err := try(t, d, twoShifts+again("shift_members", strings.TrimSuffix(member+change, ", "))); db.Constraint(err) != want {
					t.Errorf("%s: got %v, want %q", change, err, want)
				}
			}
			later := twoShifts + again("shift_members", member+`"starts_at": "2020-02-18 02:00Z", "ends_at": "2020-02-18 03:00Z"`) + "; "
			if err := try(t, d, later+`update shift_members set starts_at = '2020-02-18 01:30Z' where ends_at = '2020-02-18 03:00Z'`); db.Constraint(err) != "shift_members_not_twice" {
				t.Errorf("got %v, want a change refused", err)
			}
			// Of two transactions at the same moment one is refused, after it has waited for the other.
			if _, err := d.ExecContext(t.Context(), `delete from shift_members; `+again("shifts", other)); err != nil {
				t.Fatal(err)
			}
			plan := func(tx *sql.Tx, shift string) error {
				_, err := tx.ExecContext(t.Context(), `insert into shift_members (community_id, shift_id, volunteer_id, starts_at, ends_at, state, due_at)
					select community_id, id, '00000000-0000-0000-0000-0000000000e1', starts_at, ends_at, 'PLANNED', ends_at from shifts where cast(id as text) like '%'||$1`, shift)
				return err
			}
			first, second := begun(t, d), begun(t, d)
			if err := plan(first, "ffff"); err != nil {
				t.Fatal(err)
			}
			waited := make(chan error, 1)
			go func() { waited <- plan(second, "0073") }()
			waits(t, d)
			if err := first.Commit(); err != nil {
				t.Fatal(err)
			}
			if err := <-waited; db.Constraint(err) != "shift_members_not_twice" {
				t.Errorf("got %v, want the second transaction refused", err)
			}
		})
	}
}

func begun(t *testing.T, d *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := d.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// waits returns once a session of the database waits for a lock.
func waits(t *testing.T, d *sql.DB) {
	t.Helper()
	for column[int](t, d, `select cast(count(*) as int) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)[0] == 0 {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}
