package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Unavailable reports that the database could not be asked, or cannot take this now, so that the same call may succeed
// later: the connection or the context ended, or PostgreSQL said so by its SQLSTATE.
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

// unconnected is why there is no connection. Some of the driver's own errors hide what they wrap.
type unconnected struct{ error }

func (u unconnected) Unwrap() error { return u.error }

// gone are the errors of a connection, a transaction or a context that is over.
var gone = []error{driver.ErrBadConn, sql.ErrConnDone, sql.ErrTxDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	context.Canceled, context.DeadlineExceeded}

// unavailable reports that a SQLSTATE is about PostgreSQL as it is now, and not about the statement or its values.
func unavailable(code pqerror.Code) bool {
	switch code.Class() {
	case "08", // connection
		"28", // sign-in refused: the server's rules, as when another has taken its place
		"40", // transactions given up
		"53", // resources
		"57", // operator intervention: stopping, starting, cancelled by a timeout
		"58": // the system below it
		return true
	}
	switch code {
	case "0A000", // BEGIN READ WRITE during recovery, or a prepared plan whose result has changed; we send nothing unsupported
		"25006", // read only: a standby, or a primary that is being replaced
		"25P03", // the transaction waited for us too long
		"25P04", // or took too long
		"26000", // a prepared statement is gone with its session
		"3D000", // the database is being replaced
		"55000", // recovery is in progress
		"55006", // in use
		"55P03": // a lock was not to be had
		return true
	}
	return false
}
