package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// child is a process that bench starts, of this program unless it says otherwise. It ends when it is told to, and with us.
type child struct {
	name string
	cmd  *exec.Cmd
	use  usage
	in   io.WriteCloser
	out  *bufio.Reader
	err  tailBuffer
	done chan struct{}
	exit error // after done

	mu sync.Mutex // one question at a time
}

// Times that children have.
const (
	endTime  = 5 * time.Second  // to end by themselves
	waitTime = 30 * time.Second // for anything that should be quick
)

// start starts the program with the arguments and further environment. Its errors are kept, and shown if it fails.
func (b *bench) start(name string, env []string, args ...string) (*child, error) {
	return b.startOther(b.Program, name, env, args...)
}

// startOther starts another program in the same way.
func (b *bench) startOther(program, name string, env []string, args ...string) (*child, error) {
	c := &child{name: name, done: make(chan struct{})}
	c.cmd = exec.Command(program, args...)
	c.cmd.Env = append(os.Environ(), append([]string{"GOGC=100", "GOMEMLIMIT=off"}, env...)...)
	c.cmd.Stderr = &c.err
	c.cmd.WaitDelay = time.Second
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 64<<10)
	err = launch(c.cmd, func(exit error) {
		c.exit = exit
		close(c.done)
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if c.use, err = usageOf(c.cmd.Process.Pid); err != nil {
		c.end()
		return nil, c.failed(err)
	}
	b.mu.Lock()
	b.children = append(b.children, c)
	b.mu.Unlock()
	return c, nil
}

// launch starts a process that ends with us, and calls ended when it has.
func launch(cmd *exec.Cmd, ended func(error)) error {
	cmd.SysProcAttr = dieWithUs(&syscall.SysProcAttr{Setpgid: true}) // Ctrl-C reaches us alone, and we end them in order
	started := make(chan error)
	go func() {
		// Linux ends the child when the thread that started it ends, so that must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended(cmd.Wait())
		}
	}()
	return <-started
}

// end ends the process: its input ends, then it is told, then killed. A second end does nothing.
func (c *child) end() {
	_ = c.in.Close()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-c.done:
			return
		default:
		}
		_ = c.cmd.Process.Signal(s)
		select {
		case <-c.done:
			return
		case <-time.After(endTime):
		}
	}
	<-c.done
}

// failed adds the process's last output to its error.
func (c *child) failed(err error) error {
	if said := c.err.String(); said != "" {
		return fmt.Errorf("%s: %w; it said: %s", c.name, err, said)
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

// line waits for the first line of the process that contains the mark, and returns the text after the mark.
func (c *child) line(ctx context.Context, mark string) (string, error) {
	type found struct {
		rest string
		err  error
	}
	got := make(chan found, 1)
	go func() {
		for {
			text, err := c.out.ReadString('\n')
			if err != nil {
				got <- found{err: err}
				return
			}
			if _, rest, ok := strings.Cut(text, mark); ok {
				got <- found{rest: strings.TrimSpace(rest)}
				return
			}
		}
	}()
	select {
	case f := <-got:
		if f.err != nil {
			return "", c.failed(f.err)
		}
		return f.rest, nil
	case <-time.After(waitTime):
		return "", c.failed(errors.New("it does not start"))
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// ask sends one question and waits for its answer.
func (c *child) ask(ctx context.Context, q ask) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	type reply struct {
		answer
		err error
	}
	got := make(chan reply, 1)
	go func() {
		var t reply
		if t.err = json.NewEncoder(c.in).Encode(q); t.err == nil {
			var text []byte
			if text, t.err = c.out.ReadBytes('\n'); t.err == nil {
				t.err = json.Unmarshal(text, &t.answer)
			}
		}
		got <- t
	}()
	select {
	case t := <-got:
		if t.err == nil && t.Error != "" {
			t.err = errors.New(t.Error)
		}
		if t.err != nil {
			return answer{}, c.failed(fmt.Errorf("%s: %w", q.Do, t.err))
		}
		return t.answer, nil
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	}
}

// tailBuffer keeps the end of what is written to it.
type tailBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const most = 2000
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = append([]byte(nil), t.text[len(t.text)-most:]...)
	}
	return len(p), nil
}

func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
