package clients_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patient is how long a test waits for what must come; long only when it fails.
const patient = 30 * time.Second

var scratch string // goes away with the tests

func TestMain(m *testing.M) {
	code := 1
	defer func() { os.Exit(code) }()
	var err error
	if scratch, err = os.MkdirTemp("", "baogong-clients-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer os.RemoveAll(scratch)
	code = m.Run()
}

// build makes the program as it is shipped, once.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "baogong")
	out, err := exec.Command("go", "build", "-o", path, "baogong").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, err
})

// program is a running server of its own.
type program struct {
	t    testing.TB
	cmd  *exec.Cmd
	data string
	url  string // without a path
	done chan error
}

// serve starts the program on a data folder, with further flags, and returns when it listens. It is killed with the test.
func serve(t testing.TB, data string, more ...string) *program {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, data: data, done: make(chan error, 1)}
	args := []string{"serve", "--dev-actors", "--operations", "0", "--cost", "0", "--addr", "localhost:0", "--data", data, "--log-level", "warn"}
	p.cmd = exec.Command(path, append(args, more...)...)
	p.cmd.Stderr = t.Output()
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, rest, found := strings.Cut(lines.Text(), "Baogong listens at "); found {
				url, _, _ := strings.Cut(rest, " ")
				listening <- url
			}
		}
		p.done <- p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	select {
	case p.url = <-listening:
	case err := <-p.done:
		t.Fatalf("serve: %v", err)
	case <-time.After(patient):
		t.Fatal("serve: nothing listens")
	}
	return p
}

func (p *program) host() string { return strings.TrimPrefix(p.url, "http://") }

// stop asks the program to end, which it must do well.
func (p *program) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if err := <-p.done; err != nil {
		p.t.Errorf("after SIGTERM: %v", err)
	}
}

// kill ends the program without a word.
func (p *program) kill() {
	if err := p.cmd.Process.Kill(); !errors.Is(err, os.ErrProcessDone) {
		<-p.done
	}
}

// run does another command of the program on its data folder and returns what it said.
func (p *program) run(command string) string {
	p.t.Helper()
	out, err := exec.Command(p.cmd.Path, command, "--data", p.data).CombinedOutput()
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}
