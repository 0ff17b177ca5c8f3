package db_test

import (
	"os"
	"testing"

	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/internal/volume"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("of four programs at once one migrates", func(t *testing.T) {
		volume.OnlyInCI(t)
		t.Parallel()
		dsn := dbtest.Empty(t)
		if done, err := db.Migrated(t.Context(), dsn); err != nil || done {
			t.Fatalf("got %v, error %v before, want that it is not migrated", done, err)
		}
		applied := make([][]string, 4)
		var programs errgroup.Group
		for i := range applied {
			programs.Go(func() (err error) {
				applied[i], err = db.Migrate(t.Context(), dsn)
				return err
			})
		}
		if err := programs.Wait(); err != nil {
			t.Fatal(err)
		}
		migrated, names := 0, 0
		for _, a := range applied {
			names += len(a)
			if len(a) > 0 {
				migrated++
			}
		}
		if migrated != 1 || names != len(files) {
			t.Errorf("got %d programs that applied %q, want one that applied %d", migrated, applied, len(files))
		}
		if again, err := db.Migrate(t.Context(), dsn); err != nil || len(again) != 0 {
			t.Errorf("got %q, error %v the second time, want nothing", again, err)
		}
		if done, err := db.Migrated(t.Context(), dsn); err != nil || !done {
			t.Errorf("got %v, error %v after, want that it is migrated", done, err)
		}
	})
	t.Run("a newer schema is fine", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.DSN(t)
		if _, err := raw(t, dsn).ExecContext(t.Context(), `insert into goose_db_version (version_id, is_applied) values (99999, true)`); err != nil {
			t.Fatal(err)
		}
		if done, err := db.Migrated(t.Context(), dsn); err != nil || !done {
			t.Errorf("got %v, error %v, want that it is migrated", done, err)
		}
		if applied, err := db.Migrate(t.Context(), dsn); err != nil || len(applied) != 0 {
			t.Errorf("got %q, error %v, want nothing", applied, err)
		}
	})
	t.Run("what is there survives each step", func(t *testing.T) {
		t.Parallel()
		dsn := dbtest.Empty(t)
		d := raw(t, dsn)
		p, err := goose.NewProvider(goose.DialectPostgres, d, os.DirFS("migrations"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.UpTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ExecContext(t.Context(), `insert into communities (code, name, time_zone, version, created_at) values ('A', '东', 'UTC', 1, now())`); err != nil {
			t.Fatal(err)
		}
		if applied, err := db.Migrate(t.Context(), dsn); err != nil || len(applied) != len(files)-1 {
			t.Fatalf("got %q, error %v, want the other %d", applied, err, len(files)-1)
		}
		if names := column[string](t, d, `select name from communities`); len(names) != 1 || names[0] != "东" {
			t.Errorf("got %q, want the row from before", names)
		}
	})
	t.Run("down leaves nothing", func(t *testing.T) {
		t.Parallel()
		dsn := newPossible(t)
		d := raw(t, dsn)
		p, err := goose.NewProvider(goose.DialectPostgres, d, os.DirFS("migrations"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		// An extension stays, because something else in the database may use it by now.
		left := column[string](t, d, `
			with extended as (select classid, objid from pg_depend where deptype = 'e')
			select relname from pg_class where relnamespace = cast('public' as regnamespace) and relname not like 'goose_db_version%'
			union all
			select typname from pg_type t where typnamespace = cast('public' as regnamespace) and typname not like '%goose_db_version'
			   and not exists (select from extended e where e.classid = cast('pg_type' as regclass) and e.objid in (t.oid, t.typelem))
			union all
			select proname from pg_proc p where pronamespace = cast('public' as regnamespace)
			   and not exists (select from extended e where e.classid = cast('pg_proc' as regclass) and e.objid = p.oid)`)
		if len(left) != 0 {
			t.Errorf("got %q left, want nothing", left)
		}
		if applied, err := db.Migrate(t.Context(), dsn); err != nil || len(applied) != len(files) {
			t.Errorf("got %q, error %v up again, want all %d", applied, err, len(files))
		}
	})
}
