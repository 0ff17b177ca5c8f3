// Package dbtest gives tests real databases: one PostgreSQL per test process, one migrated template, and a copy of it per
// test.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver
	"github.com/shirou/gopsutil/v4/disk"

	"baogong/db"
	"baogong/db/embedded"
)

var (
	server *embedded.Postgres
	number atomic.Int64
	filled sync.Map // *sync.Once of each template that Filled makes, by its name
)

// Main starts PostgreSQL, runs the tests of a package and stops it again. Call it from TestMain. Without
// PostgreSQL it fails with a sentence that says what to install; it never skips.
func Main(m *testing.M, after ...func() error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(GCPercent)
	}
	code, err := run(m)
	for _, check := range after {
		if err == nil {
			err = check()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// GCPercent is GOGC in tests with a database: collecting garbage less often saves some of their CPU and takes about 70 MB more. A test
// that limits CPU measures with the default, as cpu.Cheaply does.
const GCPercent = 400

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp(parent(), "baogong-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	options := embedded.Options{Dir: dir, NoFsync: true, Settings: maps.Clone(shortLived), Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	copied := os.Getenv(logVariable)
	if copied != "" {
		maps.Copy(options.Settings, map[string]string{"log_statement": "all", "log_line_prefix": "%m %d "})
	}
	if server, err = start(ctx, options); err != nil {
		return 1, err
	}
	defer func() {
		err = errors.Join(err, endLoans())
		if pool, opened := administration(); opened == nil {
			_ = pool.Close() // PostgreSQL stops next
		}
		if stopped := server.Stop(context.Background()); err == nil {
			err = stopped
		}
		if copied != "" {
			err = errors.Join(err, copyLog(dir, copied))
		}
	}()
	if _, err := db.Migrate(ctx, server.DSN(program)); err != nil { // nothing is left to do in a copy of the cached cluster
		return 1, err
	}
	return m.Run(), nil
}

// shortLived are the settings of a PostgreSQL that is never restored, and whose databases live for seconds: no WAL,
// vacuum or checkpoint work is done for later use. They save a twelfth of the CPU of dispatch's tests.
var shortLived = map[string]string{
	"autovacuum":         "off",
	"checkpoint_timeout": "1h",
	"max_wal_senders":    "0",
	"max_wal_size":       "4GB",
	"wal_level":          "minimal",
}

// logVariable names a file for PostgreSQL's log of the test process, with every statement. Run one package at a time with it.
const logVariable = "BAOGONG_TEST_LOG"

func copyLog(dir, to string) error {
	text, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("copy PostgreSQL's log: %w", err)
	}
	return nil
}

// parent returns the folder for the databases: in memory if there is enough, since a copy of a template is some 300 files,
// and ext4 without a journal is slow after many deletions; "" for the system's folder, which TMPDIR can also request.
func parent() string {
	const memory, plenty = "/dev/shm", 4 << 30
	if os.Getenv("TMPDIR") != "" {
		return ""
	}
	if room, err := disk.Usage(memory); err != nil || room.Fstype != "tmpfs" || room.Free < plenty {
		return ""
	}
	return memory
}

// DSN makes a database for the test and returns its connection string. The database is dropped with the test.
func DSN(t testing.TB) string {
	t.Helper()
	return copyOf(t, program)
}

// program is the database that the program uses in a PostgreSQL of its own. Here it is the template of the databases of tests, so no test
// connects to it.
const program = "postgres"

// Filled makes a database for the test with the rows that fill writes, and returns its connection string. Only the process's
// first call with this template name runs fill; later ones get a copy. fill must close its connections.
func Filled(t testing.TB, template string, fill func(dsn string)) string {
	t.Helper()
	makeTemplate(t, template, fill)
	return copyOf(t, template)
}

func makeTemplate(t testing.TB, template string, fill func(dsn string)) {
	t.Helper()
	once, _ := filled.LoadOrStore(template, new(sync.Once))
	once.(*sync.Once).Do(func() {
		if err := create(template, program); err != nil {
			t.Fatal(err)
		}
		fill(server.DSN(template))
	})
}

// Empty makes a database without a schema and returns its connection string.
func Empty(t testing.TB) string {
	t.Helper()
	return copyOf(t, "template0")
}

func copyOf(t testing.TB, template string) string {
	t.Helper()
	name := newName()
	if err := create(name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(name); err != nil {
			t.Error(err)
		}
	})
	return server.DSN(name)
}

// Open returns an open database that has a schema and no rows, as Borrow does.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return Borrow(t, "template_empty", func(string) {}).DB
}

func newName() string { return fmt.Sprintf("test_%d", number.Add(1)) }

func drop(name string) error { return admin("drop database " + name + " with (force)") }

func create(name, template string) error {
	statement := "create database " + name + " template " + template
	if server.Major() >= 15 {
		statement += " strategy file_copy" // without fsync this is cheaper, and older versions know no other strategy
	}
	return admin(statement)
}

func admin(statement string) error {
	pool, err := administration()
	if err != nil {
		return err
	}
	// Two copies of one template at once fail; the second waits a moment.
	for try := 0; ; try++ {
		_, err = pool.Exec(statement)
		if err == nil || try == 50 || !strings.Contains(err.Error(), "being accessed by other users") {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// administration is the pool that makes and drops databases. run closes it.
var administration = sync.OnceValues(func() (*sql.DB, error) { return sql.Open("postgres", server.DSN("template1")) })
