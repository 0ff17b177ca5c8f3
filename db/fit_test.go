package db_test

import (
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/internal/volume"
)

// TestUnfitDatabases starts on unusable databases and expects a sentence for each.
func TestUnfitDatabases(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	start := func(t *testing.T, dsn string) error {
		t.Helper()
		d, err := db.Open(t.Context(), dsn, db.Options{Connections: 3})
		if err == nil {
			defer d.Close()
			_, err = db.Migrate(t.Context(), dsn)
		}
		return db.Explain(err, dsn)
	}
	for name, c := range map[string]struct {
		schema     bool
		statements []string
		want       string
	}{
		"tables of another program":       {statements: []string{`create table wp_posts (id int)`}, want: "holds tables of another program (wp_posts)"},
		"migrations of another program":   {statements: []string{`create table goose_db_version (id int, version_id bigint, is_applied boolean, tstamp timestamp)`, `insert into goose_db_version values (1, 0, true, now()), (2, 20240101, true, now())`}, want: "migrated by another program (its goose_db_version is at 20240101"},
		"communities of another program":  {statements: []string{`create table communities (id int)`}, want: "holds tables of another program (communities)"},
		"a newer release that contracted": {schema: true, statements: []string{`update schema_contract set oldest = 99999`, `insert into goose_db_version (version_id, is_applied) values (99999, true)`}, want: "was migrated by a newer release (to 99999)"},
		"a newer release that expanded":   {schema: true, statements: []string{`insert into goose_db_version (version_id, is_applied) values (99999, true)`}},
		"a database that is read-only":    {schema: true, statements: []string{`do $$ begin execute 'alter database ' || current_database() || ' set default_transaction_read_only = on'; end $$`}, want: "is read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Empty(t)
			if c.schema {
				dsn = dbtest.DSN(t)
			}
			d := raw(t, dsn)
			for _, statement := range c.statements {
				if _, err := d.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			err := start(t, dsn)
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v, want that it starts", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "pq:") {
				t.Errorf("got %v, want a sentence with %q", err, c.want)
			}
		})
	}
	t.Run("another encoding", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.Empty(t)
		d := raw(t, dsn)
		if _, err := d.ExecContext(t.Context(), `create database test_ascii encoding 'SQL_ASCII' locale 'C' template template0`); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := raw(t, dsn).Exec(`drop database test_ascii with (force)`); err != nil {
				t.Error(err)
			}
		})
		if err := start(t, dsn+" dbname=test_ascii"); err == nil || !strings.Contains(err.Error(), "test_ascii has the encoding SQL_ASCII, and UTF8 is needed; make another one with: createdb --encoding=UTF8") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no such database", func(t *testing.T) {
		t.Parallel()
		if err := start(t, dbtest.Empty(t)+" dbname=nowhere"); err == nil || !strings.Contains(err.Error(), "there is no database nowhere; make it with: createdb") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a role without permissions", func(t *testing.T) {
		t.Parallel()
		for _, dsn := range []string{dbtest.Empty(t), dbtest.DSN(t)} {
			d := raw(t, dsn)
			if _, err := d.ExecContext(t.Context(), `do $$ begin if not exists (select from pg_roles where rolname = 'guest') then create role guest login password 'guest'; end if; end $$`); err != nil {
				t.Fatal(err)
			}
			if err := start(t, dsn+" user=guest password=guest"); err == nil || !strings.Contains(err.Error(), "the role guest") || strings.Contains(err.Error(), "pq:") {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("a wrong password", func(t *testing.T) {
		t.Parallel()
		if err := start(t, dbtest.Empty(t)+" password=secret1"); err == nil || !strings.Contains(err.Error(), "refuses the password of the role") || strings.Contains(err.Error(), "secret1") {
			t.Errorf("got %v", err)
		}
	})
}

// A second Baogong migrates between two reads of the check. The check must not report another application's tables.
func TestCheckSchemaWhileAnotherProgramMigrates(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Empty(t)
	other := raw(t, dsn)
	if _, err := other.ExecContext(t.Context(), `create table goose_db_version (id int, version_id bigint, is_applied boolean, tstamp timestamp)`); err != nil {
		t.Fatal(err)
	}
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`lock table goose_db_version in access exclusive mode`, `insert into goose_db_version values (1, 1, true, now())`,
		`create table communities (community_id int, time_zone text)`} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	checked := make(chan error, 1)
	go func() { checked <- db.CheckSchema(t.Context(), dsn) }()
	deadline := time.Now().Add(20 * time.Second)
	for waits := false; !waits; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the check does not wait for the other program's migration")
		}
		if err := other.QueryRowContext(t.Context(), `select exists (select from pg_locks where not granted and relation = cast('goose_db_version' as regclass))`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-checked; err != nil {
		t.Error(err)
	}
}
