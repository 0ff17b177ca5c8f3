package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// checkEncoding fails if the database's encoding is not UTF-8.
func checkEncoding(ctx context.Context, conn interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}) error {
	var is struct {
		Encoding string `db:"encoding"`
		Name     string `db:"name"`
	}
	if err := conn.GetContext(ctx, &is, `select current_setting('server_encoding') as encoding, current_database() as name`); err != nil {
		return fmt.Errorf("read the database's encoding: %w", err)
	}
	if is.Encoding != "UTF8" {
		return fmt.Errorf("the database %s has the encoding %s, and UTF8 is needed; make another one with: createdb --encoding=UTF8 --template=template0 NAME", is.Name, is.Encoding)
	}
	return nil
}

// checkSchema fails if the database cannot be migrated: it is read-only, holds another program's tables, or was migrated by
// a newer release that does not support this one. All reads see one snapshot, since another program may be migrating.
func checkSchema(ctx context.Context, pool *sql.DB, known int64) error {
	conn, err := pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return fmt.Errorf("look at the schema: %w", err)
	}
	defer func() { _ = conn.Rollback() }() // nothing was written
	var (
		standby, readOnly, versioned, ours, contracted bool
		name, foreign                                  string
	)
	err = conn.QueryRowContext(ctx, `
		select current_database(), pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',
		       to_regclass('goose_db_version') is not null, to_regclass('schema_contract') is not null,
		       exists (select from pg_attribute a where a.attrelid = to_regclass('communities') and a.attname = 'time_zone'),
		       coalesce((select cast(c.oid as regclass)
		                   from pg_class c
		                  where c.relnamespace = (select n.oid from pg_namespace n where n.nspname = current_schema()) and c.relkind in ('r', 'p')
		                    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
		                  order by c.relname limit 1), cast(0 as regclass))`).Scan(&name, &standby, &readOnly, &versioned, &contracted, &ours, &foreign)
	if err != nil {
		return fmt.Errorf("look at the schema: %w", err)
	}
	const another = "give Baogong a database of its own: createdb --encoding=UTF8 --template=template0 NAME"
	switch {
	case standby:
		return errors.New("this PostgreSQL is a standby and takes no writes; name the primary, or add target_session_attrs=read-write and all hosts to the URL")
	case readOnly:
		return fmt.Errorf("the database %s is read-only for this role (default_transaction_read_only); name a writable database", name)
	case !versioned && foreign != "-":
		return fmt.Errorf("the database %s holds tables of another program (%s); %s", name, foreign, another)
	case !versioned:
		return nil
	}
	var version int64
	if err := conn.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&version); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if version > 0 && !ours {
		return fmt.Errorf("the database %s is migrated by another program (its goose_db_version is at %d, without Baogong's tables); %s", name, version, another)
	}
	if !contracted {
		return nil
	}
	var oldest int64
	if err := conn.QueryRowContext(ctx, `select coalesce(max(oldest), 0) from schema_contract`).Scan(&oldest); err != nil {
		return fmt.Errorf("read which releases the schema serves: %w", err)
	}
	if oldest > known {
		return fmt.Errorf("the database %s was migrated by a newer release (to %d), which needs programs that know migration %d; this release knows %d: start the newer release, or restore the backup from before", name, version, oldest, known)
	}
	return nil
}

// Explain turns PostgreSQL's error codes into a sentence that tells the operator why the database cannot be used. It returns
// other errors unchanged. The sentence contains no password.
func Explain(err error, dsn string) error {
	var refused *pq.Error
	if !errors.As(err, &refused) {
		return err
	}
	config, parsed := pq.NewConfig(dsn)
	if parsed != nil {
		return err
	}
	user, name := config.User, config.Database
	if name == "" {
		name = user
	}
	say := func(format string, args ...any) error { return &explained{fmt.Sprintf(format, args...), err} }
	switch refused.Code {
	case "28P01":
		return say("PostgreSQL refuses the password of the role %s; correct it in the database URL", user)
	case "28000":
		return say("PostgreSQL does not let the role %s in from here (no such role, or pg_hba.conf); correct the database URL or PostgreSQL's settings", user)
	case "3D000":
		return say("there is no database %s; make it with: createdb --encoding=UTF8 --template=template0 %s", name, name)
	case "42501", "3F000":
		return say("the role %s may not make and use Baogong's tables in the database %s (%s); let it own the database: alter database %s owner to %s", user, name, strings.TrimPrefix(refused.Message, "ERROR: "), name, user)
	case "25006":
		return say("the database %s takes no writes (a standby, or default_transaction_read_only); name the primary", name)
	case "53300":
		return say("PostgreSQL has no connection left for the role %s; raise max_connections or lower --connections", user)
	case "57P03":
		return say("PostgreSQL is starting or stopping; try again when it is ready")
	}
	return err
}

// explained is an error of PostgreSQL with a sentence for the operator.
type explained struct {
	words string
	cause error
}

func (e *explained) Error() string { return e.words }
func (e *explained) Unwrap() error { return e.cause }

// latest returns the number of the newest migration that this release knows.
func latest() int64 {
	entries, err := migrations.ReadDir("migrations")
	if err != nil || len(entries) == 0 {
		return 0
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_")
	n, _ := strconv.ParseInt(number, 10, 64)
	return n
}
