package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baogong/internal/volume"
)

var sentence = regexp.MustCompile(`^[A-Z/].*\.$`)

// mustRefuse checks kind and form of a refusal.
func mustRefuse(t *testing.T, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	if !sentence.MatchString(err.Error()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one sentence", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %q, want it to name %q", err, part)
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()

	t.Run("makes a new folder of any name, and keeps its rows over a restart", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "new", `a b, "c" $d 'e' 楼`)
		s := mustStart(t, dir)
		if !strings.HasPrefix(s.Version(), strconv.Itoa(s.Major())+".") || s.Major() < oldest {
			t.Errorf("got version %q, major %d", s.Version(), s.Major())
		}
		if got := ask(t, s.DSN("postgres"), "create table parcels (n int)", "insert into parcels values (7)", "select n from parcels"); got != "7" {
			t.Errorf("got %s, want 7", got)
		}
		mustStop(t, s)
		if left := workers(filepath.Join(dir, "data")); len(left) > 0 {
			t.Errorf("processes %v still run", left)
		}
		if _, err := os.Stat(s.socket); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket folder stayed: %v", err)
		}
		if got := ask(t, mustStart(t, dir).DSN("postgres"), "select n from parcels"); got != "7" {
			t.Errorf("got %s, want 7", got)
		}
	})

	t.Run("is private", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		s := mustStart(t, dir)
		for path, want := range map[string]fs.FileMode{
			dir: 0o700, s.socket: 0o700, filepath.Join(dir, "password"): 0o600, filepath.Join(dir, "postgres.log"): 0o600,
			filepath.Join(dir, "data"): 0o700, filepath.Join(s.socket, socketFile): 0o700,
		} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: got %v %v, want %v", path, info.Mode(), err, want)
			}
		}
		if got := ask(t, s.DSN("postgres"), "show listen_addresses"); got != "" {
			t.Errorf("listens on %q", got)
		}
		wrong := strings.Replace(s.DSN("postgres"), s.password, "guess", 1)
		if err := open(t, wrong).Ping(); err == nil {
			t.Error("a wrong password was let in")
		}
	})

	t.Run("takes settings before its defaults, and guards its own", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		s, err := Start(withDeadline(t), Options{Dir: dir, Settings: map[string]string{"max_connections": "20", "work_mem": "5MB"}})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"max_connections": "20", "work_mem": "5MB", "idle_in_transaction_session_timeout": "10s", "TimeZone": "UTC",
			"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on", "server_encoding": "UTF8",
		} {
			if got := ask(t, s.DSN("postgres"), "show "+name); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
		mustStop(t, s)
		if _, err := Start(withDeadline(t), Options{Dir: dir, Settings: map[string]string{"listen_addresses": "*"}}); err == nil {
			t.Error("listen_addresses was taken")
		}
		_, err = Start(withDeadline(t), Options{Dir: dir, Settings: map[string]string{"work_mem": "lots"}})
		if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "work_mem"`) {
			t.Errorf("got %v, want PostgreSQL's own words", err)
		}
	})

	t.Run("lets one of two win a new folder", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "postgres")
		var wait sync.WaitGroup
		servers, errs := make([]*Postgres, 2), make([]error, 2)
		for i := range servers {
			wait.Go(func() { servers[i], errs[i] = Start(withDeadline(t), Options{Dir: dir, NoFsync: true}) })
		}
		wait.Wait()
		for i, s := range servers {
			if s == nil {
				mustRefuse(t, errs[i], ErrInUse, dir)
				continue
			}
			mustStop(t, s)
			if errs[1-i] == nil {
				t.Error("both started")
			}
		}
		if servers[0] == nil && servers[1] == nil {
			t.Error("none started")
		}
	})

	t.Run("works with databases of any name", func(t *testing.T) {
		t.Parallel()
		s := mustStart(t, preparedDir(t))
		name := `楼 o'neil \ "x" = y`
		ask(t, s.DSN("postgres"), `create database "`+strings.ReplaceAll(name, `"`, `""`)+`"`, "select 1")
		if got := ask(t, s.DSN(name), "select current_database()"); got != name {
			t.Errorf("got %s, want %s", got, name)
		}
	})

	t.Run("follows a link to the folder", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(dir, link); err != nil {
			t.Fatal(err)
		}
		mustStart(t, link)
		_, err := Start(withDeadline(t), Options{Dir: dir})
		mustRefuse(t, err, ErrInUse)
	})

	t.Run("removes the pid file of a dead postmaster whose number another process has", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		stale := fmt.Sprintf("%d\n%s/data\n1\n5432\n\n\n 1 1\nready   \n", os.Getpid(), dir)
		if err := os.WriteFile(filepath.Join(dir, "data", pidFileName), []byte(stale), 0o600); err != nil {
			t.Fatal(err)
		}
		mustStart(t, dir)
	})
}

func TestStartCancelled(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()

	t.Run("while the data is made", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Start(ctx, Options{Dir: dir, NoFsync: true, Progress: func(string) {
			time.AfterFunc(100*time.Millisecond, cancel)
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want cancelled", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "data")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want no data", err)
		}
		mustStart(t, dir)
	})

	t.Run("at any moment", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		for after := time.Duration(0); after < 150*time.Millisecond; after += momentStep {
			ctx, cancel := context.WithTimeout(t.Context(), after)
			s, err := Start(ctx, Options{Dir: dir, NoFsync: true})
			cancel()
			switch {
			case err == nil:
				mustStop(t, s)
			case !errors.Is(err, context.DeadlineExceeded):
				t.Fatalf("after %v: %v", after, err)
			}
			if left := workers(filepath.Join(dir, "data")); len(left) > 0 {
				t.Fatalf("after %v: processes %v still run", after, left)
			}
		}
		mustStart(t, dir)
	})
}

func TestStop(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()

	t.Run("ends open transactions, and answers the same again", func(t *testing.T) {
		t.Parallel()
		s := mustStart(t, preparedDir(t))
		db := open(t, s.DSN("postgres"))
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("create table parcels (n int)"); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() {
				if err := s.Stop(withDeadline(t)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		<-s.Done()
	})

	t.Run("of one that was killed says so, and the next start recovers", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		var log bytes.Buffer
		s := mustStart(t, dir, durable, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		ask(t, s.DSN("postgres"), "create table parcels (n int)", "insert into parcels values (7)", "select 1")
		s.process.signal(syscall.SIGKILL)
		<-s.Done()
		if !strings.Contains(log.String(), "ended unexpectedly") {
			t.Errorf("got log %q, want it to tell", &log)
		}
		next := mustStart(t, dir)
		if err := s.Stop(withDeadline(t)); err == nil {
			t.Error("got nothing, want an error")
		}
		if got := ask(t, next.DSN("postgres"), "select n from parcels"); got != "7" {
			t.Errorf("got %s, want 7", got)
		}
	})

	t.Run("with a ctx that has ended is hard but loses nothing", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		s := mustStart(t, dir, durable)
		ask(t, s.DSN("postgres"), "create table parcels (n int)", "insert into parcels values (7)", "select 1")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = s.Stop(ctx) // an error unless the shutdown was faster
		if got := ask(t, mustStart(t, dir).DSN("postgres"), "select n from parcels"); got != "7" {
			t.Errorf("got %s, want 7", got)
		}
	})
}

func TestOtherPrograms(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()

	t.Run("a second one is refused in a sentence", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		first := mustRun(t, "hold", dir)
		if got := first.line(t); got != "ready" {
			t.Fatal(got)
		}
		_, err := Start(withDeadline(t), Options{Dir: dir})
		mustRefuse(t, err, ErrInUse, dir, strconv.Itoa(first.cmd.Process.Pid))
		first.stdin.Close()
		if first.lines.Scan() {
			t.Errorf("the first said %q", first.lines.Text())
		}
		mustStart(t, dir)
	})

	t.Run("Ctrl-C does not reach PostgreSQL", func(t *testing.T) {
		t.Parallel()
		p := mustRun(t, "hold", preparedDir(t))
		if got := p.line(t); got != "ready" {
			t.Fatal(got)
		}
		if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if got := p.line(t); got != "answers" {
			t.Errorf("got %q, want answers", got)
		}
	})

	t.Run("one that is killed while writing loses no committed row", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		p := mustRun(t, "write", dir)
		last := 0
		for last < 200 {
			last = mustInt(t, p.line(t))
		}
		p.kill(t)
		began := time.Now()
		s := mustStart(t, dir)
		t.Logf("started %v after kill -9", time.Since(began))
		for p.lines.Scan() {
			last = mustInt(t, p.lines.Text())
		}
		if got := mustInt(t, ask(t, s.DSN("postgres"), fmt.Sprintf("select count(*) from parcels where n <= %d", last))); got != last {
			t.Errorf("got %d rows, want %d", got, last)
		}
		sockets, _ := filepath.Glob(filepath.Join(socketBase(), socketPrefix+"*"))
		for _, socket := range sockets {
			if content, _ := os.ReadFile(filepath.Join(socket, socketFile+".lock")); strings.Contains(string(content), dir+"/") && socket != s.socket {
				t.Errorf("socket folder %s stayed", socket)
			}
		}
	})

	t.Run("one that is killed while the data is made is followed by a whole start", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		p := mustRun(t, "create", dir)
		p.line(t)
		for len(workers(filepath.Join(dir, "data.new"))) == 0 { // until initdb is at work
			if p.cmd.Process.Signal(syscall.Signal(0)) != nil {
				t.Fatal("the program ended")
			}
			time.Sleep(time.Millisecond) // each look reads all of /proc
		}
		p.kill(t)
		s := mustStart(t, dir)
		ask(t, s.DSN("postgres"), "select 1")
	})

	t.Run("a PostgreSQL that was started by hand is left alone", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		s := mustStart(t, dir)
		f, err := openFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		acct, err := thisHost().choose(withDeadline(t), s.build, f)
		if err != nil {
			t.Fatal(err)
		}
		mustStop(t, s)
		cmd := acct.command(withDeadline(t), s.build.path("postgres"), "-D", f.data, "-c", "listen_addresses=", "-c", "unix_socket_directories=.")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Wait()
		defer cmd.Process.Signal(syscall.SIGINT)
		for len(workers(f.data)) == 0 {
			if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		_, err = Start(withDeadline(t), Options{Dir: dir})
		mustRefuse(t, err, ErrInUse, "process")
		if len(workers(f.data)) == 0 {
			t.Error("it was ended")
		}
	})
}

func TestFolderThatIsNotOurs(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		kind  error
		says  string
	}{
		"made by a version that is not installed": {map[string]string{"data/PG_VERSION": "11\n", "data/base/1/1259": "rows", "password": "x"}, ErrNoBinaries, "PostgreSQL 11"},
		"made by a version before 10":             {map[string]string{"data/PG_VERSION": "9.6\n"}, ErrNoBinaries, "PostgreSQL 9"},
		"holding something else":                  {map[string]string{"data/letters.txt": "dear"}, ErrUnusable, "data"},
		"with a broken version":                   {map[string]string{"data/PG_VERSION": "\x00"}, ErrUnusable, "data"},
		"that is a data folder itself":            {map[string]string{"PG_VERSION": "15\n", "base/1/1259": "rows"}, ErrUnusable, "itself"},
		"with a file in the data's place":         {map[string]string{"data": "dear"}, ErrUnusable, "data"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, content := range c.files {
				path = filepath.Join(dir, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			before := snapshot(t, dir)
			_, err := Start(withDeadline(t), Options{Dir: dir})
			mustRefuse(t, err, c.kind, c.says)
			if diff := cmp.Diff(before, snapshot(t, dir)); diff != "" {
				t.Errorf("the folder was touched: %s", diff)
			}
		})
	}

	t.Run("without its password", func(t *testing.T) {
		t.Parallel()
		dir := preparedDir(t)
		if err := os.Remove(filepath.Join(dir, "password")); err != nil {
			t.Fatal(err)
		}
		before := snapshot(t, filepath.Join(dir, "data"))
		_, err := Start(withDeadline(t), Options{Dir: dir})
		mustRefuse(t, err, ErrUnusable, "password")
		if diff := cmp.Diff(before, snapshot(t, filepath.Join(dir, "data"))); diff != "" {
			t.Errorf("the data was touched: %s", diff)
		}
	})
}

// TestRoot covers what a root process does where it may not make a user namespace.
func TestRoot(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only a root process has these claims to keep; this one is not root")
	}

	t.Run("an ordinary user needs nothing", func(t *testing.T) {
		t.Parallel()
		dir := openDir(t)
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(dir, "program")
		// Copied by another process: a program that a child of this one has open for writing, from another test's fork, cannot be started.
		if out, err := exec.Command("cp", os.Args[0], program).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		p := mustRun(t, "start", filepath.Join(dir, "postgres"), func(cmd *exec.Cmd) {
			cmd.Path = program
			cmd.Dir = dir
			cmd.Env = []string{programEnv + "=start", "PATH=/usr/bin:/bin"}
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		})
		for p.lines.Scan() {
			t.Error(p.lines.Text())
		}
		if err := p.cmd.Wait(); err != nil {
			t.Error(err)
		}
		// The folder stays its owner's, also when root opens it.
		s := mustStart(t, filepath.Join(dir, "postgres"))
		ask(t, s.DSN("postgres"), "create table parcels (n int)", "select 1")
		mustStop(t, s)
		all, err := filepath.Glob(filepath.Join(dir, "postgres", "*"))
		if err != nil || len(all) < 5 {
			t.Fatal(all, err)
		}
		for _, path := range append(all, filepath.Join(dir, "postgres", "data", "PG_VERSION")) {
			if uid, _, err := owner(path); err != nil || uid != 65534 {
				t.Errorf("%s: got owner %d %v, want nobody", path, uid, err)
			}
		}
	})

	t.Run("without namespaces another account takes over", func(t *testing.T) {
		t.Parallel()
		h := thisHost()
		h.noNamespace = true
		o := Options{Dir: filepath.Join(openDir(t), "postgres"), NoFsync: true}
		copyPrepared(t, o.Dir) // root's until now
		for range 2 {
			s, err := start(withDeadline(t), o, h)
			if err != nil {
				t.Fatal(err)
			}
			ask(t, s.DSN("postgres"), "select 1")
			mustStop(t, s)
			h.noNamespace = false // and it stays that account's
		}
		if uid, _, err := owner(filepath.Join(o.Dir, "data", "PG_VERSION")); err != nil || uid == 0 {
			t.Errorf("got owner %d %v, want an ordinary account", uid, err)
		}
	})

	t.Run("below a closed home the home's owner takes over", func(t *testing.T) {
		t.Parallel()
		home := openDir(t)
		if err := errors.Join(os.Chmod(home, 0o700), os.Chown(home, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		s := mustStart(t, filepath.Join(home, "baogong", "postgres"))
		ask(t, s.DSN("postgres"), "select 1")
	})

	t.Run("without namespaces a closed way to the folder is a sentence", func(t *testing.T) {
		t.Parallel()
		h := thisHost()
		h.noNamespace = true
		dir := openDir(t)
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := start(withDeadline(t), Options{Dir: filepath.Join(dir, "postgres")}, h)
		mustRefuse(t, err, ErrUnusable, dir, "ordinary user")
	})
}

// openDir is a folder that every account can reach, unlike t.TempDir.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "baogong-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// snapshot maps every path under dir to its mode and a hash of its content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		found[path] = fmt.Sprint(info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(path)
			found[path] += fmt.Sprintf(" %x", sha256.Sum256(content))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func mustInt(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAttach(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "postgres")
	for _, nowhere := range []string{dir, t.TempDir()} {
		if _, err := Attach(withDeadline(t), nowhere); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: got %v, want ErrNotRunning", nowhere, err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
	starting := make(chan error, 1)
	var s *Postgres
	go func() {
		var err error
		s, err = Start(withDeadline(t), Options{Dir: dir})
		starting <- err
	}()
	// Attach waits while the other program is not ready.
	var r *Attached
	for err := ErrNotRunning; errors.Is(err, ErrNotRunning); {
		if r, err = Attach(withDeadline(t), dir); err != nil && !errors.Is(err, ErrNotRunning) {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if err := <-starting; err != nil {
		t.Fatal(err)
	}
	if got := ask(t, r.DSN("postgres"), "create table parcels (n int)", "insert into parcels values (7)", "select n from parcels"); got != "7" {
		t.Errorf("got %s, want 7", got)
	}
	mustStop(t, s)
	if _, err := Attach(withDeadline(t), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after its end: got %v, want ErrNotRunning", err)
	}
	if got := ask(t, mustStart(t, dir).DSN("postgres"), "select n from parcels"); got != "7" {
		t.Errorf("got %s, want 7", got)
	}
}
