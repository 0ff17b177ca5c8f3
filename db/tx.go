package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/jmoiron/sqlx"
	"go.opentelemetry.io/otel/trace"

	"baogong/delivery"
)

// Tx is one transaction. Its methods lock in one order (docs/decisions/0002): the call's row, the counter of order
// numbers, the community, its buildings, holds, orders in id order, their incidents, the counters of other numbers, and last the
// feed's counter.
type Tx struct {
	db  *DB
	tx  *sqlx.Tx
	new []string // fixed texts used for the first time, to be prepared after the transaction

	looking  bool                   // a dry run: takes no locks, changes nothing
	writer   *writer                // account of the call and its quotas; nil: no quotas
	outcome  func() ([]byte, error) // the call's outcome, to be stored with its events; may be nil
	call     CallKey
	batched  bool                         // the outcome names the moves among the events
	stored   []byte                       // the outcome as stored, without its batch
	seen     map[delivery.UUID]*seenOrder // orders as the look read them
	team     bool                         // the transaction has written a table that the roster is read from
	appended []Appended                   // to feeds
	proved   map[delivery.UUID]bool       // orders whose proofs the transaction has inserted
	span     trace.Span                   // nil if the trace is not recorded
}

// InTx runs do in one transaction: committed if do returns nil, else rolled back, also after a panic.
func (d *DB) InTx(ctx context.Context, do func(*Tx) error) error {
	_, err := InTx(ctx, d, func(t *Tx) (struct{}, error) { return struct{}{}, do(t) })
	return err
}

// InTx runs do in one transaction and returns its result, also beside its error: committed if do returns no error, else rolled
// back, also after a panic.
func InTx[T any](ctx context.Context, d *DB, do func(*Tx) (T, error)) (out T, err error) {
	ctx, span := d.span(ctx)
	defer func() { ended(span, err) }()
	done, err := d.turns.take(ctx)
	if err != nil {
		return out, err
	}
	defer done() // do must read through its Tx only: a read with a turn of its own could wait for this one
	tx, err := d.sqlx.BeginTxx(ctx, nil)
	if err != nil {
		return out, fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) && err == nil {
			err = fmt.Errorf("roll back: %w", rollback)
		}
	}()
	t := &Tx{db: d, tx: tx, span: span}
	if out, err = do(t); err != nil {
		return out, err
	}
	if err := tx.Commit(); err != nil {
		return out, fmt.Errorf("commit: %w", err)
	}
	if d.Committed != nil {
		for _, a := range t.appended {
			d.Committed(ctx, a)
		}
	}
	for _, query := range t.new {
		if _, err := d.prepare(ctx, query); err != nil {
			break // committed all the same; the next transaction tries again
		}
	}
	return out, nil
}

// prepared returns the statement of a fixed text on the transaction's connection, or nil if it is not prepared yet.
func (t *Tx) prepared(ctx context.Context, query string) *sqlx.Stmt {
	if t.db.unprepared {
		return nil
	}
	if s := t.db.stmt(query); s != nil {
		return t.tx.StmtxContext(ctx, s)
	}
	t.new = append(t.new, query)
	return nil
}

// listTx reads rows with a fixed text inside the transaction.
func listTx[T any](ctx context.Context, t *Tx, purpose, query string, args ...any) ([]T, error) {
	ctx = t.within(ctx)
	t.db.statements.Add(1)
	out := []T{}
	if s := t.prepared(ctx, query); s != nil {
		err := s.SelectContext(ctx, &out, args...)
		return out, forPurpose(purpose, err)
	}
	err := t.tx.SelectContext(ctx, &out, query, args...)
	return out, forPurpose(purpose, err)
}

// exec runs a fixed text that changes rows inside the transaction.
func (t *Tx) exec(ctx context.Context, purpose, query string, args ...any) (n int64, err error) {
	if err := t.Decided(); err != nil {
		return 0, err
	}
	ctx = t.within(ctx)
	t.db.statements.Add(1)
	var res sql.Result
	if s := t.prepared(ctx, query); s != nil {
		res, err = s.ExecContext(ctx, args...)
	} else {
		res, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, forPurpose(purpose, err)
	}
	return res.RowsAffected()
}

// named inserts or updates rows with a named text. It inserts all rows of a slice. The text for a single row is prepared, so that PostgreSQL
// does not parse and plan it for each call.
func (t *Tx) named(ctx context.Context, purpose, query string, rows any) error {
	if reflect.TypeOf(rows).Kind() != reflect.Slice {
		query, args, err := t.tx.BindNamed(query, rows)
		if err != nil {
			return forPurpose(purpose, err)
		}
		_, err = t.exec(ctx, purpose, query, args...)
		return err
	}
	if err := t.Decided(); err != nil {
		return err
	}
	t.db.statements.Add(1)
	_, err := t.tx.NamedExecContext(t.within(ctx), query, rows)
	return forPurpose(purpose, err)
}
