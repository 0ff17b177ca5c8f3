package house

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"baogong/db/dbtest"
)

// Binary is the path of the built program.
type Binary string

// BuildBinary builds the program as it is shipped, into a folder. The packages that test it share the linked program, since
// linking costs more CPU than many tests: they build in the user's cache folder, one at a time, and copy. Without a cache
// folder each builds its own.
func BuildBinary(dir string) (Binary, error) {
	path := filepath.Join(dir, "baogong")
	shared, turn, err := sharedBuild()
	if err != nil {
		return Binary(path), build(path)
	}
	defer turn.Close() // also releases the lock
	built := filepath.Join(shared, "baogong")
	// GOTMPDIR is on the same file system, so that go build renames the program into place.
	if err := build(built, "GOTMPDIR="+shared); err != nil {
		return "", err
	}
	// By a process of its own, since a file that a test process has open for writing cannot be executed.
	if out, err := exec.Command("cp", built, path).CombinedOutput(); err != nil {
		return "", fmt.Errorf("copy the program: %w: %s", err, out)
	}
	return Binary(path), nil
}

// sharedBuild returns the folder of the shared program, and its lock, which this process holds until the file is closed.
func sharedBuild() (folder string, turn *os.File, err error) {
	if folder, err = os.UserCacheDir(); err != nil {
		return "", nil, err
	}
	folder = filepath.Join(folder, "baogong", "test-program")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", nil, err
	}
	if turn, err = os.Create(filepath.Join(folder, "lock")); err != nil {
		return "", nil, err
	}
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		_ = turn.Close()
		return "", nil, fmt.Errorf("lock %s: %w", turn.Name(), err)
	}
	return folder, turn, nil
}

// build builds the program at a path; go build links nothing if what is there is up to date.
func build(path string, env ...string) error {
	cmd := exec.Command("go", "build", "-o", path, "baogong")
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// Command prepares a run of the program without the settings in the tester's environment.
func (b Binary) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(string(b), args...)
	env := append([]string{fmt.Sprint("GOGC=", dbtest.GCPercent)}, os.Environ()...) // the tester's own GOGC prevails
	cmd.Env = slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "BAOGONG_") || strings.HasPrefix(v, "OTEL_") || strings.HasPrefix(v, "DATABASE_URL=")
	})
	return cmd
}

// Run runs a command to its end.
func (b Binary) Run(t testing.TB, args ...string) (code int, out, said string) {
	t.Helper()
	cmd := b.Command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// Folder returns a data folder with a database without rows in it, for tests that claim nothing of how the program makes one. The
// data folder of demo is a folder named demo in it.
func Folder(t testing.TB) string {
	t.Helper()
	data := t.TempDir()
	dbtest.Cluster(t, filepath.Join(data, "postgres"))
	return data
}

// Process is a program that serves.
type Process struct {
	Program // only for its helpers that speak to url
	cmd     *exec.Cmd
	Data    string
	Host    string   // with port
	Told    []string // lines on standard output until it listened
	ended   chan struct{}
	err     error        // after ended
	Logged  bytes.Buffer // its log, whole after ended
}

// Start runs serve or demo on a data folder and returns when it listens. It is killed with the test.
func (b Binary) Start(t testing.TB, command, data string, args ...string) *Process {
	t.Helper()
	cmd := b.Command(append([]string{command, "--addr", "localhost:0", "--data", data, "--log-level", "warn"}, args...)...)
	r := &Process{cmd: cmd, Data: data, ended: make(chan struct{})}
	cmd.Stderr = io.MultiWriter(PrivateLog(t), &r.Logged)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan string, 1)
	go func() {
		defer close(r.ended)
		heard := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if !heard {
				r.Told = append(r.Told, lines.Text())
			}
			if _, rest, found := strings.Cut(lines.Text(), "Baogong listens at http://"); found {
				host, _, _ := strings.Cut(rest, " ")
				heard = true
				listening <- host
			}
		}
		r.err = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-r.ended
		http.DefaultClient.CloseIdleConnections()
	})
	select {
	case r.Host = <-listening:
	case <-r.ended:
		t.Fatalf("%s: %v", command, r.err)
	case <-time.After(6 * Timeout): // a new demonstration plays its morning first
		t.Fatalf("%s: nothing listens", command)
	}
	r.Program = *At(t, "http://"+r.Host)
	return r
}

// End sends a signal and waits for the end.
func (r *Process) End(signal os.Signal) error {
	r.T.Helper()
	if err := r.cmd.Process.Signal(signal); err != nil {
		r.T.Error(err)
	}
	return r.Wait(signal.String())
}

// Wait waits for the program's end after what should end it.
func (r *Process) Wait(after string) error {
	r.T.Helper()
	select {
	case <-r.ended:
	case <-time.After(Timeout):
		r.T.Fatalf("still running after %s", after)
	}
	return r.err
}

// Drain asks the program to end, which it must do without an error.
func (r *Process) Drain() {
	r.T.Helper()
	if err := r.End(syscall.SIGTERM); err != nil {
		r.T.Errorf("after SIGTERM: %v", err)
	}
}

// Kill ends the program at once and waits for its end.
func (r *Process) Kill() {
	_ = r.cmd.Process.Kill()
	<-r.ended
}
