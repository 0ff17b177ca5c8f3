package embedded

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// process is a child that was started from a thread of its own.
type process struct {
	cmd  *exec.Cmd
	pid  int
	done chan struct{}
	err  error // how it ended; may be read once done is closed
}

// launch starts cmd and calls after when it has ended, before done is closed.
func launch(cmd *exec.Cmd, after func(error)) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux sends the parent-death signal when the thread that started the child ends, so that
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		if errors.Is(p.err, exec.ErrWaitDelay) {
			p.err = nil // it succeeded; a grandchild still held its output
		}
		after(p.err)
		close(p.done)
	}()
	return p, <-started
}

// signal sends a signal to the process. It does nothing once the process has ended.
func (p *process) signal(sig os.Signal) { _ = p.cmd.Process.Signal(sig) }

// run runs a short-lived command to its end; when ctx ends first, it kills the command's process group.
func run(cmd *exec.Cmd) error {
	cmd.SysProcAttr = dieWith(cmd.SysProcAttr, syscall.SIGKILL)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	p, err := launch(cmd, func(error) {})
	if err != nil {
		return err
	}
	<-p.done
	return p.err
}

// command returns a command in its own process group, so that Ctrl-C does not reach it, without environment variables that
// could change PostgreSQL or hold a secret.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 2 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	keep := []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains(keep, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	return cmd
}

// cleanup holds the steps to undo, last first.
type cleanup struct{ steps []func() }

func (c *cleanup) add(step func()) { c.steps = append(c.steps, step) }

func (c *cleanup) run() {
	for _, step := range slices.Backward(c.steps) {
		step()
	}
	c.steps = nil
}
