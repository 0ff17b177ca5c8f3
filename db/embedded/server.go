// Package embedded runs a private PostgreSQL for one program, in a folder of its own and behind a
// socket that only this user can reach.
//
// It never deletes or upgrades data, keeps fsync on, and takes PostgreSQL down with the program, even
// with one that is killed. (Outside Linux a killed program leaves PostgreSQL running; the next Start on
// the folder ends it first.) Start with Start.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	role       = "baogong"
	port       = "5432"           // only names the socket, whose folder is private
	quitAfter  = 20 * time.Second // a fast shutdown that takes longer is cut short
	killAfter  = 5 * time.Second  // and so is an immediate one
	slowStart  = time.Second      // after this the user is told what the start waits for
	pollEvery  = 10 * time.Millisecond
	readyState = "ready"
)

// Options say where the database lives and how it runs. Only Dir is needed.
type Options struct {
	Dir      string            // holds the data folder, the password, the log and the locks; made when missing
	BinDir   string            // the folder of postgres and initdb; empty: find them
	Cache    string            // where a fetched PostgreSQL is kept; empty: the user's cache folder, or Dir for a user without one
	NoFsync  bool              // for tests only: faster, but any hard end loses the latest commits, or everything
	Settings map[string]string // server settings that go before the defaults here
	Log      *slog.Logger      // told of starts, stops and an unexpected end; nil: no log
	Progress func(string)      // called with a few words before each long step; may be nil
}

// Postgres is a running PostgreSQL. Its methods may be called from any goroutine.
type Postgres struct {
	build    build
	socket   string
	password string
	journal  string
	log      *slog.Logger
	process  *process
	running  atomic.Bool // ready, and not asked to stop: an end is a surprise
	stop     sync.Once
	stopErr  error
}

// Start brings up PostgreSQL on o.Dir and returns when it takes connections. A folder without data gets
// a new, empty database system; one that was not shut down cleanly is recovered, however long that
// takes, until ctx ends. After Start has returned, ctx has no hold on the server.
//
// It fails with ErrInUse, ErrNoBinaries or ErrUnusable, whose messages are sentences for people, and with
// other errors otherwise. A Start that fails leaves nothing running, and no existing data changed.
func Start(ctx context.Context, o Options) (*Postgres, error) {
	return start(ctx, o, thisHost())
}

func start(ctx context.Context, o Options, h host) (_ *Postgres, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	args, err := o.arguments()
	if err != nil {
		return nil, err
	}
	f, err := openFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	major, err := f.major()
	if err != nil {
		return nil, err
	}
	b, err := h.find(ctx, o, major)
	if err != nil {
		return nil, err
	}

	var undo cleanup
	defer func() {
		if err != nil {
			undo.run()
		}
	}()
	if err := f.lock(ctx, &undo, o.Progress); err != nil {
		return nil, err
	}
	acct, err := h.choose(ctx, b, f)
	if err != nil {
		return nil, err
	}
	if err := f.give(acct); err != nil {
		return nil, err
	}
	s := &Postgres{build: b, journal: f.log, log: o.Log}
	if s.password, err = f.prepare(ctx, b, acct, o); err != nil {
		return nil, err
	}
	if err := f.clearPidFile(); err != nil {
		return nil, err
	}
	sweepSockets(acct)
	socket, err := makeSocketFolder(acct)
	if err != nil {
		return nil, err
	}
	undo.add(socket.remove)
	s.socket = socket.path
	journal, err := openJournal(f.log, acct)
	if err != nil {
		return nil, err
	}
	undo.add(journal.close)

	args = append([]string{"-D", f.data, "-c", "unix_socket_directories=" + quoteList(s.socket)}, args...)
	cmd := acct.command(context.WithoutCancel(ctx), b.path("postgres"), args...)
	cmd.SysProcAttr = dieWith(cmd.SysProcAttr, syscall.SIGINT)
	cmd.Dir = f.data
	cmd.Stderr = journal
	// PostgreSQL and all its children hold both locks until the last of them has ended.
	cmd.ExtraFiles = []*os.File{f.work, socket.lock}
	atEnd := undo
	s.process, err = launch(cmd, func(exit error) {
		if s.running.Load() {
			s.log.Error("PostgreSQL ended unexpectedly", "exit", exit, "last", journal.last(), "log", f.log)
		}
		atEnd.run()
	})
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	undo = cleanup{}
	if err := s.await(ctx, f, o.Progress, journal); err != nil {
		s.end(ctx)
		return nil, err
	}
	s.running.Store(true)
	o.Log.Info("PostgreSQL started", "version", b.version, "dir", f.dir, "binaries", b.dir, "account", acct.name)
	return s, nil
}

// await returns when the postmaster says in its pid file, as it does for pg_ctl, that it is ready.
func (s *Postgres) await(ctx context.Context, f *folder, progress func(string), j *journal) error {
	pid := strconv.Itoa(s.process.pid)
	slow := time.NewTimer(slowStart)
	defer slow.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("start postgres: %w", context.Cause(ctx))
		case <-s.process.done:
			return fmt.Errorf("start postgres: %s (the log is %s)", j.last(), f.log)
		case <-slow.C:
			progress("waiting for PostgreSQL to recover its data")
		case <-tick.C:
			content, _ := os.ReadFile(f.pidFile())
			lines := strings.Split(string(content), "\n")
			if len(lines) > 7 && lines[0] == pid && strings.TrimSpace(lines[7]) == readyState {
				return nil
			}
		}
	}
}

// DSN returns lib/pq's connection string for a database of this server, as its superuser. It contains the password, and is
// valid until the server stops.
func (s *Postgres) DSN(database string) string { return dsn(s.socket, s.password, database) }

func dsn(socket, password, database string) string {
	return fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable",
		quote(socket), port, role, quote(password), quote(database))
}

// PID returns the process id of the postmaster.
func (s *Postgres) PID() int { return s.process.pid }

// Environ returns libpq's environment variables for a database of this server, including the password.
func (s *Postgres) Environ(database string) []string {
	return []string{"PGHOST=" + s.socket, "PGPORT=" + port, "PGUSER=" + role, "PGPASSWORD=" + s.password, "PGDATABASE=" + database}
}

// Tool returns the path of a program that belongs to the running PostgreSQL, such as pgbench, or "" if there is none.
func (s *Postgres) Tool(name string) string {
	path, err := exec.LookPath(s.build.path(name))
	if err != nil {
		return ""
	}
	return path
}

// Journal returns the file of PostgreSQL's log. A large file is renamed to end in .1, and a new one begun.
func (s *Postgres) Journal() string { return s.journal }

// Stop shuts PostgreSQL down: it rolls back open transactions and closes connections. If that takes longer than 20 seconds,
// or ctx ends, it kills PostgreSQL. That loses nothing committed, but makes the next start recover. Stop then returns an
// error, as it does if PostgreSQL had ended by itself. When Stop returns, nothing runs any more. A second Stop returns the
// first one's result.
func (s *Postgres) Stop(ctx context.Context) error {
	s.stop.Do(func() {
		select {
		case <-s.process.done:
			s.stopErr = errors.New("stop postgres: it had already ended by itself")
			return
		default:
		}
		s.running.Store(false)
		switch hard := s.end(ctx); {
		case hard:
			s.stopErr = errors.New("stop postgres: it did not shut down in time and will recover at the next start")
		case s.process.err != nil:
			s.stopErr = fmt.Errorf("stop postgres: %w", s.process.err)
		default:
			s.log.Info("PostgreSQL stopped")
		}
	})
	return s.stopErr
}

// end returns when PostgreSQL has ended, and reports whether it had to be forced.
func (s *Postgres) end(ctx context.Context) (hard bool) {
	p := s.process
	p.signal(syscall.SIGINT)
	quit := time.NewTimer(quitAfter)
	defer quit.Stop()
	select {
	case <-p.done:
		return false
	case <-quit.C:
	case <-ctx.Done():
	}
	p.signal(syscall.SIGQUIT)
	kill := time.NewTimer(killAfter)
	defer kill.Stop()
	select {
	case <-p.done:
	case <-kill.C:
		p.signal(syscall.SIGKILL)
		<-p.done
	}
	return true
}

// Done is closed when PostgreSQL has ended, for any reason.
func (s *Postgres) Done() <-chan struct{} { return s.process.done }

// Version returns PostgreSQL's version, like "15.18".
func (s *Postgres) Version() string { return s.build.version }

// Major returns the first part of Version, like 15.
func (s *Postgres) Major() int { return s.build.major }

// quote returns v as a value of a connection string.
func quote(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}

// quoteList returns v as an element of a PostgreSQL setting that is a list of names.
func quoteList(v string) string { return `"` + strings.ReplaceAll(v, `"`, `""`) + `"` }
