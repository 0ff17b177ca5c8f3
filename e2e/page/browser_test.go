package page_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"

	"baogong/internal/cpu"
	"baogong/internal/tool"
	"baogong/internal/volume"
)

// browser is one Chromium for all tests of the package, run by e2e/page/browser/visits.mjs, which describes the lines.
type browser struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	read chan struct{} // closed when the output has ended

	mu     sync.Mutex
	number int
	tests  map[int]chan line // of tests under way; closed when the browser ends
	ended  bool
}

// line is what a script sends: a request for an action, or its end.
type line struct {
	ID     int     `json:"id"`
	Please string  `json:"please"`
	Ended  *string `json:"ended"`
}

// shared is the browser that the first test starts and that TestMain closes.
var shared struct {
	once sync.Once
	*browser
}

// inFull skips a test unless it runs in CI, without the race detector: browsers make the same requests as the tests of e2e/api, live and program, which run with it, and with it they took 387 s
// instead of 175 s. TestSignInPageInABrowser runs with it too.
func inFull(t *testing.T) {
	t.Helper()
	volume.OnlyInCI(t)
	if cpu.Dearer != 1 {
		t.Skip("it runs without the race detector")
	}
}

// browse runs a script of e2e/page/browser in Chromium. do performs the actions that the script requests. BAOGONG_PICTURES
// names a folder for screenshots of every state, BAOGONG_SCREENSHOTS one for those of each page on a phone and on a laptop.
func browse(t *testing.T, do func(what string), script string, args ...string) {
	t.Helper()
	chromium, node := tool.Chromium(t), tool.Node(t)
	shared.once.Do(func() {
		b, err := launch(node, chromium)
		if err != nil {
			t.Fatal(err)
		}
		shared.browser = b
	})
	b := shared.browser
	if b == nil {
		t.Fatal("the browser did not start")
	}
	id, said := b.register()
	b.tell(t, map[string]any{"id": id, "script": script, "args": args})
	for l := range said {
		if l.Ended == nil {
			do(l.Please)
			b.tell(t, map[string]any{"id": id})
			continue
		}
		if *l.Ended != "" {
			t.Error(*l.Ended)
		}
		return
	}
	t.Error("the browser ended")
}

func launch(node, chromium string) (*browser, error) {
	b := &browser{tests: map[int]chan line{}, read: make(chan struct{})}
	b.cmd = exec.Command(node, "e2e/page/browser/visits.mjs", chromium, os.Getenv("BAOGONG_PICTURES"), os.Getenv("BAOGONG_SCREENSHOTS"))
	b.cmd.Stderr = os.Stderr
	var err error
	if b.in, err = b.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	go b.listen(out)
	return b, nil
}

func (b *browser) register() (int, <-chan line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.number++
	said := make(chan line, 1) // a script sends nothing more before its request is answered
	if b.ended {
		close(said)
	} else {
		b.tests[b.number] = said
	}
	return b.number, said
}

func (b *browser) tell(t *testing.T, what map[string]any) {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.in.Write(append(text, '\n')); err != nil {
		t.Fatalf("tell the browser: %v", err)
	}
}

// listen passes on what scripts send, until the output ends or a line is too long.
func (b *browser) listen(out io.Reader) {
	defer close(b.read)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20) // a failure contains all complaints of the browser
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			_, _ = os.Stderr.WriteString(lines.Text() + "\n")
			continue
		}
		b.mu.Lock()
		said := b.tests[l.ID]
		if l.Ended != nil {
			delete(b.tests, l.ID)
		}
		b.mu.Unlock()
		if said == nil { // a script printed it, or its test has ended
			_, _ = os.Stderr.WriteString(lines.Text() + "\n")
			continue
		}
		said <- l
	}
	if err := lines.Err(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "read what the scripts print:", err)
	}
	b.end()
	_, _ = io.Copy(io.Discard, out) // so that the scripts do not block on a full pipe
}

// end fails the tests under way and later ones: their scripts are no longer heard.
func (b *browser) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	for _, said := range b.tests {
		close(said)
	}
}

// closeBrowser ends the browser if a test has started it.
func closeBrowser() error {
	b := shared.browser
	if b == nil {
		return nil
	}
	_ = b.in.Close()
	<-b.read
	return b.cmd.Wait()
}
