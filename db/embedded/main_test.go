package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/lib/pq"
	"go.uber.org/goleak"
)

// Some tests need another program that holds a folder. It is this test binary, told by its environment
// what to do.
const programEnv = "EMBEDDED_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if name := os.Getenv(programEnv); name != "" {
		if err := programs[name](os.Args[1]); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(prepared.dir)
		os.Exit(code)
	}))
}

// prepared is a folder that Start has made, and that no program uses.
var prepared struct {
	once sync.Once
	dir  string // which holds it
}

// preparedDir returns a copy of the prepared folder, with its modes and owners. It is for tests that do not check how a folder is made:
// initdb costs more CPU than most of these tests.
func preparedDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copyPrepared(t, dir)
	return dir
}

// copyPrepared copies the prepared folder to dir, which need not exist.
func copyPrepared(t *testing.T, dir string) {
	t.Helper()
	prepared.once.Do(func() {
		parent, err := os.MkdirTemp("", "baogong-test-")
		if err != nil {
			t.Fatal(err)
		}
		prepared.dir = parent
		mustStop(t, mustStart(t, filepath.Join(parent, "postgres")))
	})
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", filepath.Join(prepared.dir, "postgres")+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

var programs = map[string]func(dir string) error{
	// hold serves until its input ends, and survives Ctrl-C to tell whether PostgreSQL did.
	"hold": func(dir string) error {
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		s, err := Start(context.Background(), Options{Dir: dir, NoFsync: true})
		if err != nil {
			return err
		}
		ended := make(chan struct{})
		go func() {
			io.Copy(io.Discard, os.Stdin)
			close(ended)
		}()
		fmt.Println("ready")
		select {
		case <-interrupted:
			db, err := sql.Open("postgres", s.DSN("postgres"))
			if err != nil {
				return err
			}
			defer db.Close()
			if err := db.Ping(); err != nil {
				return err
			}
			fmt.Println("answers")
			<-ended
		case <-ended:
		}
		return s.Stop(context.Background())
	},
	// write commits rows for ever, with fsync on, and says each number once it is committed.
	"write": func(dir string) error {
		s, err := Start(context.Background(), Options{Dir: dir})
		if err != nil {
			return err
		}
		db, err := sql.Open("postgres", s.DSN("postgres"))
		if err != nil {
			return err
		}
		if _, err := db.Exec("create table parcels (n int primary key)"); err != nil {
			return err
		}
		for n := 1; ; n++ {
			if _, err := db.Exec("insert into parcels (n) values ($1)", n); err != nil {
				return err
			}
			fmt.Println(n)
		}
	},
	// create says what Start is doing.
	"create": func(dir string) error {
		_, err := Start(context.Background(), Options{Dir: dir, NoFsync: true, Progress: func(step string) { fmt.Println(step) }})
		return err
	},
	// start starts, asks and stops.
	"start": func(dir string) error {
		s, err := Start(context.Background(), Options{Dir: dir, NoFsync: true})
		if err != nil {
			return err
		}
		db, err := sql.Open("postgres", s.DSN("postgres"))
		if err != nil {
			return err
		}
		defer db.Close()
		if err := db.Ping(); err != nil {
			return err
		}
		return s.Stop(context.Background())
	},
}

// program is another program that a test talks with.
type program struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	stdin io.Closer
}

// mustRun starts this binary as the named program; what it still runs is killed when the test ends.
func mustRun(t *testing.T, name, dir string, change ...func(*exec.Cmd)) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0], dir)
	cmd.Env = append(os.Environ(), programEnv+"="+name)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	for _, c := range change {
		c(cmd)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		// PostgreSQL ends after its program, and writes to the folder, which is removed next, until then.
		for deadline := time.Now().Add(30 * time.Second); len(workers(filepath.Join(dir, "data"))) > 0 && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
	})
	return &program{cmd, bufio.NewScanner(stdout), stdin}
}

// line is the next line that the program said.
func (p *program) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("the program ended: %v", p.lines.Err())
	}
	return p.lines.Text()
}

// kill -9; the rest of what it said stays readable.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}

func withDeadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// mustStart starts on dir, without fsync unless changed, and stops when the test ends.
func mustStart(t *testing.T, dir string, change ...func(*Options)) *Postgres {
	t.Helper()
	o := Options{Dir: dir, NoFsync: true}
	for _, c := range change {
		c(&o)
	}
	s, err := Start(withDeadline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// durable is for tests that end PostgreSQL the hard way.
func durable(o *Options) { o.NoFsync = false }

func mustStop(t *testing.T, s *Postgres) {
	t.Helper()
	if err := s.Stop(withDeadline(t)); err != nil {
		t.Fatal(err)
	}
}

// ask runs statements and returns the last one's single value.
func ask(t *testing.T, dsn string, statements ...string) (answer string) {
	t.Helper()
	db := open(t, dsn)
	defer db.Close()
	var err error
	for i, statement := range statements {
		if i < len(statements)-1 {
			_, err = db.Exec(statement)
		} else {
			err = db.QueryRow(statement).Scan(&answer)
		}
		if err != nil {
			t.Fatalf("%s: %v", strings.TrimSpace(statement), err)
		}
	}
	return answer
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
