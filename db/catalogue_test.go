package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"baogong/db/dbtest"
)

// platform are the tables that belong to no community.
var platform = []string{"cursor_keys", "goose_db_version", "accounts", "roles", "codes", "sessions", "tokens", "schema_contract", "leases"}

// constraint is one of the catalogue's: a constraint, or a unique index that is none.
type constraint struct {
	name, table, kind string
	columns           []string
	target            string // of a foreign key
}

func constraints(t *testing.T, d *sql.DB) []constraint {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), `
		select c.conname, r.relname, cast(c.contype as text),
		       array_to_string(array(select a.attname from unnest(c.conkey) with ordinality k (attnum, n)
		                               join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum order by k.n), ' '),
		       coalesce(f.relname, '')
		  from pg_constraint c
		  join pg_class r on r.oid = c.conrelid
		  left join pg_class f on f.oid = c.confrelid
		 where c.connamespace = cast('public' as regnamespace) and c.contype <> 'n'
		union all
		select i.relname, r.relname, 'u',
		       array_to_string(array(select a.attname from unnest(x.indkey) with ordinality k (attnum, n)
		                               join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum order by k.n), ' '), ''
		  from pg_index x
		  join pg_class i on i.oid = x.indexrelid
		  join pg_class r on r.oid = x.indrelid
		 where i.relnamespace = cast('public' as regnamespace) and x.indisunique
		   and not exists (select from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []constraint
	for rows.Next() {
		var c constraint
		var columns string
		if err := rows.Scan(&c.name, &c.table, &c.kind, &columns, &c.target); err != nil {
			t.Fatal(err)
		}
		c.columns = strings.Fields(columns)
		out = append(out, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryKeyBeginsWithTheCommunity(t *testing.T) {
	t.Parallel()
	d := raw(t, dbtest.DSN(t))
	keyed := slices.Clone(platform)
	for _, c := range constraints(t, d) {
		ours := !slices.Contains(platform, c.table)
		switch c.kind {
		case "p":
			keyed = append(keyed, c.table)
			if ours && c.columns[0] != "community_id" {
				t.Errorf("%s: the key of %s is %q, and begins with no community", c.name, c.table, c.columns)
			}
		case "f":
			if ours && (c.columns[0] != "community_id" || slices.Contains(platform, c.target)) {
				t.Errorf("%s: %s names rows of %s by %q, which leaves its community", c.name, c.table, c.target, c.columns)
			}
		case "u":
			// A table of one row a community is a community's own list: only there may a value be unique among all.
			if ours && c.table != "communities" && c.columns[0] != "community_id" {
				t.Errorf("%s: %q of %s must be unique among all communities, which no shard can tell", c.name, c.columns, c.table)
			}
		}
	}
	tables := column[string](t, d, `select tablename from pg_tables where schemaname = 'public'`)
	for _, table := range tables {
		if !slices.Contains(keyed, table) {
			t.Errorf("%s has no primary key", table)
		}
	}
	for _, table := range platform {
		if !slices.Contains(tables, table) {
			t.Errorf("%s is listed as a platform table and is not there", table)
		}
	}
}

func TestEveryConstraintIsNamedInAMigration(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	var text strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	for _, c := range constraints(t, raw(t, dbtest.DSN(t))) {
		if c.table == "goose_db_version" { // goose's own
			continue
		}
		if !regexp.MustCompile(`\b(constraint|index) ` + c.name + `\b`).MatchString(text.String()) {
			t.Errorf("%s of %s has a name that no migration gave it", c.name, c.table)
		}
		if !strings.HasPrefix(c.name, c.table+"_") {
			t.Errorf("%s does not name its table, %s", c.name, c.table)
		}
	}
}

// No foreign key can refer to the code of a community. Otherwise a new code would lock out every transaction that has inserted a row of
// the community, and they would wait for one another.
func TestNothingRefersToCodesOfCommunities(t *testing.T) {
	t.Parallel()
	d := raw(t, dbtest.DSN(t))
	keys := column[string](t, d, `
		select i.relname
		  from pg_index x
		  join pg_class i on i.oid = x.indexrelid
		 where x.indrelid = cast('communities' as regclass) and x.indisunique and x.indpred is null and x.indexprs is null`)
	if want := []string{"communities_pkey"}; !slices.Equal(keys, want) {
		t.Errorf("foreign keys can refer to %q, want %q", keys, want)
	}
}
