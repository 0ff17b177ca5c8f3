package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
)

// The SQLSTATE decides whether an error is temporary, for every temporary fault of the database.
func TestUnavailableBySQLSTATE(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, what string
		want       bool
	}{
		{"08000", "connection_exception", true},
		{"08001", "sqlclient_unable_to_establish_sqlconnection", true},
		{"08003", "connection_does_not_exist", true},
		{"08004", "sqlserver_rejected_establishment_of_sqlconnection", true},
		{"08006", "connection_failure", true},
		{"08P01", "protocol_violation, also of a pooler that is full", true},
		{"0A000", "cannot set transaction read-write mode during recovery", true},
		{"25006", "read_only_sql_transaction", true},
		{"25P03", "idle_in_transaction_session_timeout", true},
		{"25P04", "transaction_timeout", true},
		{"26000", "invalid_sql_statement_name, after the session was lost", true},
		{"28000", "no entry in pg_hba.conf", true},
		{"28P01", "invalid_password", true},
		{"3D000", "the database does not exist", true},
		{"40001", "serialization_failure", true},
		{"40003", "statement_completion_unknown", true},
		{"40P01", "deadlock_detected", true},
		{"53000", "insufficient_resources", true},
		{"53100", "disk_full", true},
		{"53200", "out_of_memory", true},
		{"53300", "too_many_connections", true},
		{"53400", "configuration_limit_exceeded", true},
		{"55000", "recovery is in progress", true},
		{"55006", "object_in_use", true},
		{"55P03", "lock_not_available", true},
		{"57014", "query_canceled", true},
		{"57P01", "admin_shutdown", true},
		{"57P02", "crash_shutdown", true},
		{"57P03", "cannot_connect_now", true},
		{"57P04", "database_dropped", true},
		{"57P05", "idle_session_timeout", true},
		{"58000", "system_error", true},
		{"58030", "io_error", true},
		{"22001", "string_data_right_truncation", false},
		{"22P02", "invalid_text_representation", false},
		{"23505", "unique_violation", false},
		{"23514", "check_violation", false},
		{"25P02", "in_failed_sql_transaction", false},
		{"42601", "syntax_error", false},
		{"42501", "insufficient_privilege", false},
		{"42P01", "undefined_table", false},
		{"54000", "program_limit_exceeded", false},
		{"P0001", "raise_exception", false},
		{"XX000", "internal_error", false},
		{"XX001", "data_corrupted", false},
	} {
		err := fmt.Errorf("move: %w", &pq.Error{Code: pqerror.Code(c.code), Message: c.what})
		if got := db.Unavailable(err); got != c.want {
			t.Errorf("%s (%s): got %v, want %v", c.code, c.what, got, c.want)
		}
	}
	closed := open(t, dbtest.DSN(t), db.Options{})
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	afterwards := closed.Ping(t.Context())
	if afterwards == nil || !db.Ended(afterwards) || db.Ended(context.DeadlineExceeded) || db.Ended(nil) {
		t.Errorf("a closed pool: got %v, want that it has ended, and not a deadline", afterwards)
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{afterwards, true},
		{driver.ErrBadConn, true},
		{sql.ErrConnDone, true},
		{sql.ErrTxDone, true}, // its context has ended
		{context.Canceled, true},
		{context.DeadlineExceeded, true},
		{io.EOF, true},
		{io.ErrUnexpectedEOF, true},
		{net.ErrClosed, true},
		{os.ErrDeadlineExceeded, true},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, true},
		{&net.DNSError{Err: "no such host"}, true},
		{sql.ErrNoRows, false},
		{errors.New("a fault"), false},
		{delivery.Refuse(delivery.ReasonHeld), false},
		{nil, false},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("move: %w", err)
		}
		if got := db.Unavailable(err); got != c.want {
			t.Errorf("%v: got %v, want %v", c.err, got, c.want)
		}
	}
}

// TestACauseHidesNoEnd reads the source of this package: a cause of a context is returned with the context's own error only, which says that the
// caller has ended.
func TestACauseHidesNoEnd(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	seen := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "context.Cause("); !strings.HasSuffix(name, "_test.go") && n > 0 {
			if seen += n; name != "unavailable.go" {
				t.Errorf("%s: use endedBy", name)
			}
		}
	}
	if seen != 1 {
		t.Errorf("got %d causes, want the one of endedBy", seen)
	}
}
