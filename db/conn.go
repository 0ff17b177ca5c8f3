package db

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/lib/pq"
)

// pqConn lists the interfaces that the driver's connections implement.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// connector makes connections on which every call returns at most grace after its context ends, also on a silent network.
// The driver alone would send PostgreSQL a cancel request and then wait for the answer without a limit.
type connector struct {
	*pq.Connector
	lines *lines
}

// newConnector makes a connector that dials through l.
func newConnector(config pq.Config, l *lines) (*connector, error) {
	inner, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, err
	}
	inner.Dialer(dialer{l})
	return &connector{inner, l}, nil
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	p := &pendingLine{}
	connecting, cancel := context.WithTimeout(context.WithValue(ctx, pendingLineKey{}, p), connectLimit)
	defer cancel()
	stop := context.AfterFunc(connecting, p.expire)
	inner, err := c.Connector.Connect(connecting)
	if err != nil {
		stop()
		return nil, unconnected{err}
	}
	if !stop() {
		_ = inner.Close()
		return nil, endedBy(connecting)
	}
	p.line.signedIn.Store(true)
	out := &conn{pqConn: inner.(pqConn), line: p.line}
	out.expire = p.line.expire
	return out, nil
}

// conn is a connection whose line ends with the context of the call that uses it. An ended connection is not reused, since a
// cancel request for it may still be in flight.
type conn struct {
	pqConn
	line   *line
	expire func()          // line.expire
	tx     <-chan struct{} // Done of the current transaction's context
	leave  func() bool     // stops watching that context; nil outside transactions
}

var nothingToStop = func() bool { return true }

// watch ends the line shortly after ctx ends, unless stop is called first.
func (c *conn) watch(ctx context.Context) (stop func() bool) {
	if done := ctx.Done(); done == nil || done == c.tx {
		return nothingToStop
	}
	return context.AfterFunc(ctx, c.expire)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.rows(ctx, func() (driver.Rows, error) { return c.pqConn.QueryContext(ctx, query, args) })
}

// rows watches ctx until the rows of a query are closed.
func (c *conn) rows(ctx context.Context, query func() (driver.Rows, error)) (driver.Rows, error) {
	stop := c.watch(ctx)
	r, err := query()
	if err != nil {
		stop()
		return nil, err
	}
	return &rows{r, stop}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	defer c.watch(ctx)()
	return c.pqConn.ExecContext(ctx, query, args)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	defer c.watch(ctx)()
	s, err := c.pqConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &stmt{s.(pqStmt), c}, nil
}

func (c *conn) Ping(ctx context.Context) error {
	defer c.watch(ctx)()
	return c.pqConn.Ping(ctx)
}

// BeginTx watches ctx until the transaction is over, since Commit and Rollback take no context.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	stop := c.watch(ctx)
	t, err := c.pqConn.BeginTx(ctx, o)
	if err != nil {
		stop()
		return nil, err
	}
	c.tx, c.leave = ctx.Done(), stop
	return &driverTx{t, c}, nil
}

func (c *conn) over() {
	if c.leave != nil {
		c.leave()
		c.tx, c.leave = nil, nil
	}
}

// ResetSession has the pool discard a connection before its next use if it is not trusted.
func (c *conn) ResetSession(ctx context.Context) error {
	if !c.line.trusted() {
		c.line.endAt(time.Now()) // so that closing does not wait for an answer
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// IsValid has the pool discard a connection after its use if its line has ended.
func (c *conn) IsValid() bool { return !c.line.ended() && c.pqConn.IsValid() }

// driverTx is a transaction on a connection.
type driverTx struct {
	driver.Tx
	c *conn
}

func (t *driverTx) Commit() error {
	defer t.c.over()
	return t.Tx.Commit()
}

func (t *driverTx) Rollback() error {
	defer t.c.over()
	return t.Tx.Rollback()
}

// pqStmt lists the interfaces that the driver's prepared statements implement.
type pqStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// stmt is a prepared statement of a connection.
type stmt struct {
	pqStmt
	c *conn
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	defer s.c.watch(ctx)()
	return s.pqStmt.ExecContext(ctx, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.rows(ctx, func() (driver.Rows, error) { return s.pqStmt.QueryContext(ctx, args) })
}

// rows are the rows of a query whose context is watched until they are closed.
type rows struct {
	driver.Rows
	stop func() bool
}

func (r *rows) Close() error {
	defer r.stop()
	return r.Rows.Close()
}

// HasNextResultSet implements driver.RowsNextResultSet.
func (r *rows) HasNextResultSet() bool {
	next, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && next.HasNextResultSet()
}

// NextResultSet implements driver.RowsNextResultSet.
func (r *rows) NextResultSet() error { return r.Rows.(driver.RowsNextResultSet).NextResultSet() }
