package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"baogong/db"
)

// Loan is a database with the rows of a template, and connections to it, that tests use one after another. PostgreSQL plans a statement
// again on each new connection and in each new database; with loans most tests find their statements planned.
type Loan struct {
	DSN    string
	DB     *db.DB
	Direct *sql.DB // for the test's own statements

	name   string
	uses   int
	giving map[string]string // the statements that restore the first rows of each table
	shape  string            // shapeOf when the database was made
	bytes  int64             // its size then
}

// mostUses is how many tests use one database: it is not vacuumed, so its tables grow.
const mostUses = 20

// loans are the databases that wait for their next test, by template.
var loans = struct {
	sync.Mutex
	free map[string][]*Loan
}{free: map[string][]*Loan{}}

// Borrow lends the test a database with the rows that fill writes, as Filled does. Later tests get the same database with the same rows.
// It is dropped instead if the test failed, or changed more than rows.
func Borrow(t testing.TB, template string, fill func(dsn string)) *Loan {
	t.Helper()
	l := take(template)
	if l == nil {
		l = lend(t, template, fill)
	}
	l.uses++
	t.Cleanup(func() {
		l.DB.Committed = nil
		if t.Failed() || l.uses == mostUses || l.reset() != nil {
			if err := l.end(); err != nil {
				t.Error(err)
			}
			return
		}
		loans.Lock()
		defer loans.Unlock()
		loans.free[template] = append(loans.free[template], l)
	})
	return l
}

func take(template string) *Loan {
	loans.Lock()
	defer loans.Unlock()
	free := loans.free[template]
	if len(free) == 0 {
		return nil
	}
	l := free[len(free)-1]
	loans.free[template] = free[:len(free)-1]
	return l
}

// lend makes a database for one or more tests. The schema "first" holds a copy of its first rows.
func lend(t testing.TB, template string, fill func(dsn string)) *Loan {
	t.Helper()
	makeTemplate(t, template, func(dsn string) {
		fill(dsn)
		if err := keepFirst(dsn); err != nil {
			t.Fatal(err)
		}
	})
	l := &Loan{name: newName()}
	if err := create(l.name, template); err != nil {
		t.Fatal(err)
	}
	l.DSN = server.DSN(l.name)
	var err error
	if l.Direct, err = sql.Open("postgres", l.DSN); err == nil {
		l.DB, err = db.Open(t.Context(), l.DSN, db.Options{})
	}
	if err == nil {
		l.giving, err = giving(l.Direct)
	}
	if err == nil {
		err = l.Direct.QueryRow(shapeOf).Scan(&l.shape)
	}
	if err == nil {
		err = l.Direct.QueryRow(bytesOf).Scan(&l.bytes)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// keepFirst copies every table into the schema "first".
func keepFirst(dsn string) error {
	return using(dsn, func(conn *sql.DB) error {
		if _, err := conn.Exec("create schema first"); err != nil {
			return err
		}
		tables, err := column(conn, tablesOf, "public")
		for _, table := range tables {
			if err == nil {
				_, err = conn.Exec(fmt.Sprintf("create table first.%[1]s as table public.%[1]s", pq.QuoteIdentifier(table)))
			}
		}
		return err
	})
}

const (
	tablesOf  = `select tablename from pg_tables where schemaname = $1 order by tablename`
	writtenOf = `
		select string_agg(quote_ident(attname), ', ' order by attnum)
		from pg_attribute where attrelid = cast($1 as regclass) and attnum > 0 and not attisdropped and attgenerated = ''`
)

// giving returns, for each table, the statements that empty it and restore its first rows.
func giving(conn *sql.DB) (map[string]string, error) {
	tables, err := column(conn, tablesOf, "public")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, table := range tables {
		columns, err := column(conn, writtenOf, "public."+pq.QuoteIdentifier(table))
		if err != nil {
			return nil, err
		}
		out[table] = fmt.Sprintf("delete from public.%[1]s;\ninsert into public.%[1]s (%[2]s) overriding system value select %[2]s from first.%[1]s;\n",
			pq.QuoteIdentifier(table), columns[0])
	}
	return out, nil
}

// usedOf lists the tables that have or had rows, or had some at first: the files of the others are empty.
const usedOf = `
	select distinct c.relname
	  from pg_class c
	 where c.relnamespace in (cast('public' as regnamespace), cast('first' as regnamespace)) and c.relkind = 'r' and pg_relation_size(c.oid) > 0
	 order by c.relname`

// shapeOf changes with every table, column, constraint, trigger and function that is added, removed or changed, and with every default and setting.
const shapeOf = `
	select concat_ws(' ', count(*), max(oid), (select concat_ws(' ', count(*), sum(attnum), count(*) filter (where attnotnull)) from pg_attribute where attrelid >= 16384 and not attisdropped),
		(select sum(hashtext(prosrc)) from pg_proc where oid >= 16384), (select sum(hashtext(oid || cast(tgenabled as text))) from pg_trigger),
		(select sum(hashtext(pg_get_expr(adbin, adrelid))) from pg_attrdef), (select count(*) from pg_db_role_setting))
	from (select oid from pg_class union all select oid from pg_constraint union all select oid from pg_trigger union all select oid from pg_proc) x`

// bytesOf is the size of the database. Nothing vacuums it: what a test with many rows leaves behind would slow the tests after it.
const (
	bytesOf   = `select pg_database_size(current_database())`
	mostBytes = 8 << 20 // that a test may add
)

var errChanged = errors.New("more than rows was changed, or very many of them")

// reset restores the first rows. It fails if another connection holds a lock for two seconds, or if the test changed more than rows.
func (l *Loan) reset() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	used, err := column(l.Direct, usedOf)
	if err != nil {
		return err
	}
	conn, err := l.Direct.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var shape string
	var bytes int64
	err = conn.QueryRowContext(ctx, shapeOf).Scan(&shape)
	if err == nil {
		err = conn.QueryRowContext(ctx, bytesOf).Scan(&bytes)
	}
	if err != nil || shape != l.shape || bytes > l.bytes+mostBytes {
		return errors.Join(err, errChanged)
	}
	var b strings.Builder
	b.WriteString("begin; set local lock_timeout = '2s'; set local session_replication_role = replica;\n") // no triggers, no foreign keys
	for _, table := range used {
		b.WriteString(l.giving[table])
	}
	b.WriteString("commit")
	if _, err = conn.ExecContext(ctx, b.String()); err != nil {
		_, rollback := conn.ExecContext(ctx, "rollback")
		return errors.Join(err, rollback)
	}
	db.Forget(l.DB)
	return nil
}

func (l *Loan) end() error {
	return errors.Join(l.DB.Close(), l.Direct.Close(), drop(l.name))
}

// endLoans drops the databases that wait for a test. It must be called after the last test.
func endLoans() (err error) {
	for _, free := range loans.free {
		for _, l := range free {
			err = errors.Join(err, l.end())
		}
	}
	return err
}

// using opens a database, calls do, and closes it again.
func using(dsn string, do func(conn *sql.DB) error) error {
	conn, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close())
}

func column(conn *sql.DB, query string, args ...any) (out []string, err error) {
	rows, err := conn.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err = rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
