package clients_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"baogong/internal/tool"
)

// node prepares a run of Node.
func node(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path := tool.Node(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return exec.CommandContext(ctx, path, args...)
}

// example is a script of examples/ at work.
type example struct {
	t      testing.TB
	script string
	lines  chan string   // closed when it has ended
	events []string      // seen so far, each "order version"
	said   *bytes.Buffer // on standard error; complete when it has ended
	stop   func()        // kills it and waits for its end
}

// follow starts an example as the commander and returns when it has listed the open orders.
func follow(t testing.TB, script, url string) *example {
	t.Helper()
	cmd := node(t, "examples/"+script, url+"/graphql", "dev:C01")
	said := &bytes.Buffer{}
	cmd.Stderr = io.MultiWriter(t.Output(), said)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x := &example{t: t, script: script, lines: make(chan string, 1<<16), said: said}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(x.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			x.lines <- s.Text()
		}
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}()
	x.stop = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	t.Cleanup(x.stop)
	if line := x.line(); !strings.HasPrefix(line, "listed ") {
		t.Fatalf("%s said %q, want what it listed", script, line)
	}
	return x
}

// line is the next line.
func (x *example) line() string {
	x.t.Helper()
	select {
	case line, ok := <-x.lines:
		if !ok {
			x.t.Fatal("the client has ended")
		}
		return line
	case <-time.After(patient):
		x.t.Fatalf("%s says nothing", x.script)
	}
	return ""
}

// readTo waits until the client has shown n events.
func (x *example) readTo(n int) {
	x.t.Helper()
	for len(x.events) < n {
		line := x.line()
		f := strings.Fields(line)
		if len(f) != 4 {
			x.t.Fatalf("got %q, want an event", line)
		}
		x.events = append(x.events, f[1]+" "+f[2])
	}
}

// quiet fails if the client has said more than was read.
func (x *example) quiet() {
	x.t.Helper()
	select {
	case line := <-x.lines:
		x.t.Errorf("the client said more: %q", line)
	default:
	}
}
