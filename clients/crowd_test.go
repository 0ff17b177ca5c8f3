package clients_test

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"
	"time"
)

// member is one subscriber of a crowd.
type member struct {
	Actor     string `json:"actor"`
	Variables obj    `json:"variables"`

	sees func(moved) bool // by the rules of the house, as this test understands them
	got  int              // so many events it should have by now
}

// crowd is a Node process with many subscribers.
type crowd struct {
	t       testing.TB
	in      io.WriteCloser
	answers chan []byte // closed when it has ended
}

// told is what a crowd says of itself.
type told struct {
	Events [][]string     // of each member, "number.version", since the last report
	Ends   map[string]int // of connections, by close code
	Faults []string
}

func newCrowd(t testing.TB, url string, members []member) *crowd {
	t.Helper()
	cmd := node(t, "test/crowd.mjs", url+"/graphql")
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, in: in, answers: make(chan []byte)}
	ended, over := make(chan struct{}), t.Context().Done()
	go func() {
		defer close(ended)
		defer close(c.answers)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				break
			}
			select {
			case c.answers <- line:
			case <-over:
			}
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		<-ended
	})
	c.do(obj{"follow": members}, nil)
	return c
}

// do sends a command and reads the answer into to, unless that is nil.
func (c *crowd) do(command obj, to any) {
	c.t.Helper()
	line, err := json.Marshal(command)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		c.t.Fatal(err)
	}
	select {
	case answer, ok := <-c.answers:
		if !ok {
			c.t.Fatal("the crowd has ended")
		}
		if to == nil {
			return
		}
		if err := json.Unmarshal(answer, to); err != nil {
			c.t.Fatal(err)
		}
	case <-time.After(patient):
		c.t.Fatalf("the crowd does not answer to %.100s", line)
	}
}

// report is what has come since the last one.
func (c *crowd) report() (r told) {
	c.t.Helper()
	c.do(obj{"report": true}, &r)
	return r
}
