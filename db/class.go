package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
)

// A class is the longest that one statement of a read may take, by what it costs (docs/decisions/0024). Reads by id, boards
// and moves have none: they are bounded by their context, and a transaction around each would cost them more than it saves.
type class time.Duration

const (
	pages    = class(10 * time.Second) // of a list, and what is counted of it
	citywide = class(15 * time.Second) // of every community
)

type classKey struct{}

// bounded has every read of the context that it returns run in one transaction, which reads the rows of one instant and whose statements end after the class's time
// or that of the session, if that is less. It holds for the transaction only, so that the next user of the connection has the usual time, also
// behind a pooler. Call done when the reads are over, with where their error is.
func (d *DB) bounded(ctx context.Context, c class) (_ context.Context, done func(*error), err error) {
	c = d.least(c)
	free, err := d.turns.take(ctx)
	if err != nil {
		return nil, nil, err
	}
	tx, err := d.sqlx.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		free()
		return nil, nil, fmt.Errorf("begin: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "set local statement_timeout = "+strconv.FormatInt(max(time.Duration(c).Milliseconds(), 1), 10)); err != nil {
		err = errors.Join(err, tx.Rollback())
		free()
		return nil, nil, err
	}
	return context.WithValue(ctx, classKey{}, tx), func(failed *error) {
		defer free()
		if *failed != nil {
			_ = tx.Rollback() // it has read only
			return
		}
		if err := tx.Commit(); err != nil {
			*failed = fmt.Errorf("commit: %w", err)
		}
	}, nil
}

// least is the class's time, or the session's if that is less.
func (d *DB) least(c class) class {
	if d.statement > 0 {
		c = min(c, class(d.statement))
	}
	return c
}

// within is the transaction that bounds the reads of a context, nil if there is none.
func within(ctx context.Context) *sqlx.Tx {
	tx, _ := ctx.Value(classKey{}).(*sqlx.Tx)
	return tx
}
