package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// MigrationsHash names the schema that the migrations make: 16 hexadecimal digits, the same for the same files.
func MigrationsHash() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.ReadFile(path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)[:8]), err
}

// Migrate brings the schema up to date and returns the names of the migrations it applied. If several programs start at
// once, one applies them and the others wait. It fails if the database is read-only, holds another program's tables, or
// needs a newer release (docs/decisions/0027).
func Migrate(ctx context.Context, dsn string) (applied []string, err error) {
	p, conn, done, err := migrator(dsn)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := checkSchema(ctx, conn, latest()); err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	for _, r := range results {
		applied = append(applied, r.Source.Path)
	}
	return applied, nil
}

// CheckSchema makes Migrate's checks and changes nothing.
func CheckSchema(ctx context.Context, dsn string) error {
	_, conn, done, err := migrator(dsn)
	if err != nil {
		return err
	}
	defer done()
	return checkSchema(ctx, conn, latest())
}

// Migrated reports whether the schema has every migration this release knows. A newer schema is fine.
func Migrated(ctx context.Context, dsn string) (bool, error) {
	p, _, done, err := migrator(dsn)
	if err != nil {
		return false, err
	}
	defer done()
	pending, err := p.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	return !pending, nil
}

func migrator(dsn string) (p *goose.Provider, conn *sql.DB, done func(), err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, nil, nil, err
	}
	// A program that waits for another's migration checks every second, for five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, nil, nil, err
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, nil, nil, err
	}
	connector, err := newConnector(config, newLines(0)) // a migration may take long
	if err != nil {
		return nil, nil, nil, err
	}
	conn = sql.OpenDB(connector)
	p, err = goose.NewProvider(goose.DialectPostgres, conn, files, goose.WithSessionLocker(locker))
	if err != nil {
		_ = conn.Close()
		return nil, nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, conn, func() { connector.lines.close(); _ = conn.Close() }, nil
}
