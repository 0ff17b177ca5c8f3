package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Unavailable reports whether an error is temporary, so that the same call may succeed later: the connection or the context
// ended, or PostgreSQL's SQLSTATE says so.
func Unavailable(err error) bool {
	if server := pq.As(err); server != nil {
		return unavailable(server.Code)
	}
	if _, ok := errors.AsType[unconnected](err); ok {
		return true
	}
	var network net.Error
	return errors.As(err, &network) || slices.ContainsFunc(gone, func(end error) bool { return errors.Is(err, end) })
}

// unconnected wraps an error of connecting. Some of the driver's own errors hide their cause.
type unconnected struct{ error }

func (u unconnected) Unwrap() error { return u.error }

// gone lists the errors of an ended connection, transaction or context.
var gone = []error{driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	context.Canceled, context.DeadlineExceeded, errClosed}

// errClosed is the error of a closed pool. database/sql does not export it, so it is taken from a closed pool.
var errClosed = func() error {
	pool := sql.OpenDB(unused{})
	_ = pool.Close() // it has no connection
	return pool.Ping()
}()

// unused is a connector of a pool that is closed before it connects.
type unused struct{ driver.Connector }

// endedBy returns the error of a context that has ended, with its cause. The cause alone would hide from Unavailable and Ended that the
// context ended.
func endedBy(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// Ended reports whether an error comes from the end of the caller's context or of this process's pool. Such an error is no
// fault, and needs no operator.
func Ended(err error) bool { return errors.Is(err, context.Canceled) || errors.Is(err, errClosed) }

// unavailable reports whether a SQLSTATE describes PostgreSQL's present state rather than the statement or its values.
func unavailable(code pqerror.Code) bool {
	switch code.Class() {
	case "08", // connection
		"28", // sign-in refused, for instance during a failover
		"40", // transaction rolled back
		"53", // resources
		"57", // operator intervention: stopping, starting, cancelled by a timeout
		"58": // system error
		return true
	}
	switch code {
	case "0A000", // BEGIN READ WRITE during recovery, or a prepared plan whose result type has changed
		"25006", // read only: a standby, or a primary that is being replaced
		"25P03", // idle_in_transaction_session_timeout
		"25P04", // transaction_timeout
		"26000", // the prepared statement ended with its session
		"3D000", // the database is being replaced
		"55000", // recovery is in progress
		"55006", // object in use
		"55P03": // lock not available
		return true
	}
	return false
}
