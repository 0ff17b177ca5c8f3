// Package db holds all SQL of Baogong, with sqlx over lib/pq. Every exported read takes a delivery.Scope right after its
// context and returns only what that scope sees. Reads without a scope are named Unscoped.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"go.opentelemetry.io/otel/trace"

	"baogong/delivery"
)

// Options say how to connect to the database. A zero field means its default.
type Options struct {
	Connections int           // most connections open at once; 20
	Statement   time.Duration // statement timeout; 0: the server's setting
	Unprepared  bool          // keep no prepared statements: needed behind a pooler in transaction mode, with binary_parameters=yes in the DSN

	Lease time.Duration // validity of a lease after each renewal; 3 s

	Traces trace.TracerProvider // for transactions and statements in a recorded trace; nil: no traces, at no cost
}

// DB is one PostgreSQL database. It is safe for concurrent use.
type DB struct {
	sqlx       *sqlx.DB
	unprepared bool
	statement  time.Duration // statement timeout; 0: the server's setting
	lines      *lines
	holder     string        // this program's name in leases
	lasting    time.Duration // Options.Lease
	feeding    *DB           // separate connections for the feed; nil in feeding itself

	mu       sync.Mutex
	prepared map[string]*sqlx.Stmt // by text; bounded, since only fixed texts and texts with a few forms are kept

	statements atomic.Int64
	turns      *connectionQueue
	rosters    rosters
	tracer     trace.Tracer // nil: no traces

	// Committed, if set, is called with the appended events right after each commit that has some. It must not wait, and
	// must be set before the first write.
	Committed func(ctx context.Context, a Appended)
}

// sessions are settings of every connection. All but the last let PostgreSQL notice soon that a program, or the path to it, has vanished:
// a transaction that holds a feed's counter blocks the whole community. The DSN overrides them.
var sessions = map[string]string{
	"idle_in_transaction_session_timeout": "3s", // limit of a transaction's wait for its client
	"client_connection_check_interval":    "1s", // interval at which a running statement checks that its client is connected
	"tcp_keepalives_idle":                 "5",  // seconds
	"tcp_keepalives_interval":             "2",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "10s",
	"jit":                                 "off", // PostgreSQL would compile statements with a high estimate, for 100 ms and more; ours take less to run
}

// CheckDSN reports whether the driver can read a DSN. Its error never repeats any part of it: it may hold a password.
func CheckDSN(dsn string) error {
	if _, err := pq.NewConfig(dsn); err != nil {
		return errors.New("cannot be read; write postgres://user:password@host:port/database?sslmode=…, with %-codes for special characters in the password")
	}
	return nil
}

// Open connects and checks that the server answers.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if o.Connections == 0 {
		o.Connections = 20
	}
	if o.Lease == 0 {
		o.Lease = 3 * time.Second
	}
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the DSN: %w", err)
	}
	settings := maps.Clone(sessions)
	limit := time.Duration(0)
	if o.Statement > 0 {
		settings["statement_timeout"] = strconv.FormatInt(max(o.Statement.Milliseconds(), 1), 10)
		limit = o.Statement + readSlack
	}
	if config.Runtime == nil {
		config.Runtime = map[string]string{}
	}
	for name, value := range settings {
		if config.Runtime[name] == "" && !o.Unprepared { // a pooler refuses settings it does not know
			config.Runtime[name] = value
		}
	}
	lines := newLines(limit)
	connector, err := newConnector(config, lines)
	if err != nil {
		return nil, fmt.Errorf("read the DSN: %w", err)
	}
	pool, tracer := traced(connector, o.Traces)
	conn := sqlx.NewDb(pool, "postgres")
	if err := checkVersion(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	conn.SetMaxOpenConns(o.Connections)
	conn.SetMaxIdleConns(o.Connections)
	feeding := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	feeding.SetMaxOpenConns(feedConnections)
	feeding.SetMaxIdleConns(feedConnections)
	return &DB{sqlx: conn, unprepared: o.Unprepared, statement: o.Statement, lines: lines, holder: rand.Text(), lasting: o.Lease, tracer: tracer, turns: newTurns(o.Connections), prepared: map[string]*sqlx.Stmt{},
		feeding: &DB{sqlx: feeding, unprepared: o.Unprepared, lines: lines, turns: newTurns(feedConnections), prepared: map[string]*sqlx.Stmt{}}}, nil
}

// feedConnections is how many connections outside the pool serve the feed, the keys and the clock worker's lease, so that
// these do not wait while callers use the whole pool.
const feedConnections = 3

// Oldest is the least major version of PostgreSQL that Baogong runs on.
const Oldest = 15

// checkVersion connects. It fails if PostgreSQL is too old or the database's encoding is not UTF-8.
func checkVersion(ctx context.Context, conn *sqlx.DB) error {
	var number int
	if err := conn.GetContext(ctx, &number, `select cast(current_setting('server_version_num') as int)`); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	if major := number / 10000; major < Oldest {
		return fmt.Errorf("PostgreSQL %d or newer is needed; this is %d", Oldest, major)
	}
	return checkEncoding(ctx, conn)
}

// Close closes every connection. It takes little more than half a second, also on a silent network.
func (d *DB) Close() error {
	d.lines.close()
	var errs []error
	for _, pool := range []*sqlx.DB{d.sqlx, d.feeding.sqlx} {
		if err := pool.Close(); !Unavailable(err) { // a lost connection counts as closed
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.sqlx.PingContext(ctx) }

// Pool returns the pool of connections, for statistics only.
func (d *DB) Pool() *sql.DB { return d.sqlx.DB }

// Statements returns the number of statements sent so far, so that a test can count those of an operation.
func (d *DB) Statements() int64 { return d.statements.Load() + d.feeding.statements.Load() }

// Silences returns how many connections were abandoned because PostgreSQL, or the path to it, did not answer in time.
func (d *DB) Silences() int64 { return d.lines.silences.Load() }

// stmt returns the prepared statement of a fixed text, or nil if it is not prepared yet.
func (d *DB) stmt(query string) *sqlx.Stmt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.prepared[query]
}

// prepare prepares a fixed text and keeps it. Never call it inside a transaction: it needs another connection. The pool may
// have none left, and the transaction's locks may block it.
func (d *DB) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if s := d.stmt(query); s != nil {
		return s, nil
	}
	s, err := d.sqlx.PreparexContext(ctx, query)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	kept := d.prepared[query]
	if kept == nil {
		d.prepared[query] = s
	}
	d.mu.Unlock()
	if kept != nil { // another caller was faster
		// Not under mu: Close waits for the connection, whose statement may wait for the rows of a transaction that waits for mu.
		_ = s.Close()
		return kept, nil
	}
	return s, nil
}

// forPurpose wraps a statement's error with the statement's purpose, a verb and its object in lower case.
func forPurpose(purpose string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", purpose, err)
}

// list reads rows with a fixed text, or one that has a few forms. Its errors name the purpose.
func list[T any](ctx context.Context, d *DB, purpose, query string, args ...any) ([]T, error) {
	if within(ctx) != nil {
		return listOf[T](ctx, d, purpose, query, args...) // preparing the text here would need another connection
	}
	done, err := d.turns.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	d.statements.Add(1)
	out := []T{}
	if d.unprepared {
		err := d.sqlx.SelectContext(ctx, &out, query, args...)
		return out, forPurpose(purpose, err)
	}
	s, err := d.prepare(ctx, query)
	if err != nil {
		return nil, forPurpose(purpose, err)
	}
	err = s.SelectContext(ctx, &out, args...)
	return out, forPurpose(purpose, err)
}

// listOf reads rows with a text composed for one read.
func listOf[T any](ctx context.Context, d *DB, purpose, query string, args ...any) ([]T, error) {
	if tx := within(ctx); tx != nil {
		d.statements.Add(1)
		out := []T{}
		err := tx.SelectContext(ctx, &out, query, args...)
		return out, forPurpose(purpose, err)
	}
	done, err := d.turns.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	d.statements.Add(1)
	out := []T{}
	err = d.sqlx.SelectContext(ctx, &out, query, args...)
	return out, forPurpose(purpose, err)
}

// ErrNoRow is the error of a look-up that finds no row, where that is not a refusal.
var ErrNoRow = errors.New("db: no such row")

// first returns the first of the rows, or ErrNoRow.
func first[T any](rows []T, err error) (T, error) {
	var none T
	switch {
	case err != nil:
		return none, err
	case len(rows) == 0:
		return none, ErrNoRow
	}
	return rows[0], nil
}

// one returns the only row, or NOT_FOUND for the noun.
func one[T any](rows []T, err error, kind delivery.Kind) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	if len(rows) == 0 {
		return zero, delivery.Refuse(delivery.ReasonNoSuch, kind.String())
	}
	return rows[0], nil
}

// Constraint returns the name of the constraint that err broke, or "" for other errors.
func Constraint(err error) string {
	if e := pq.As(err, "23505", "23514", "23503", "23502", "23P01"); e != nil {
		return e.Constraint
	}
	return ""
}
