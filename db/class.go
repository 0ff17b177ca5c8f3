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

// A class is the statement timeout of a kind of read (docs/decisions/0024). Reads by id, boards and moves have none: their
// context bounds them, and a transaction around each would cost more than it saves.
type class time.Duration

const (
	pages    = class(10 * time.Second) // a page of a list, and its count
	citywide = class(15 * time.Second) // reads of all communities
)

type classKey struct{}

// bounded returns a context whose reads run in one transaction. They see the rows of one instant, and each statement times out
// after the class's time or the session's, if that is less. The timeout is local to the transaction, so that it does not leak
// to the next user of the connection, also behind a pooler. Call done after the reads, with a pointer to their error.
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
		return nil, nil, fmt.Errorf("set the statement timeout: %w", err)
	}
	return context.WithValue(ctx, classKey{}, tx), func(failed *error) {
		defer free()
		if *failed != nil {
			_ = tx.Rollback() // read only: nothing to lose
			return
		}
		if err := tx.Commit(); err != nil {
			*failed = fmt.Errorf("commit: %w", err)
		}
	}, nil
}

// least returns the class's timeout, or the session's if that is less.
func (d *DB) least(c class) class {
	if d.statement > 0 {
		c = min(c, class(d.statement))
	}
	return c
}

// within returns the transaction of a context made by bounded, or nil.
func within(ctx context.Context) *sqlx.Tx {
	tx, _ := ctx.Value(classKey{}).(*sqlx.Tx)
	return tx
}
