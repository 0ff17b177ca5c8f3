package embedded

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
)

const (
	journalSize = 8 << 20 // bytes of log that are kept, and as many of the log before it
	tailSize    = 8 << 10
)

// journal is PostgreSQL's log: a file and the file before it. Writing never fails, since PostgreSQL blocks while its output
// is not read: lines that do not fit on the disk are lost.
type journal struct {
	tail
	mu   sync.Mutex
	path string
	acct account  // owner of the file
	file *os.File // nil once closed
	size int64
}

func openJournal(path string, a account) (*journal, error) {
	j := &journal{path: path, acct: a}
	if err := j.open(); err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return j, nil
}

// open opens the file. Must hold mu, except in the constructor.
func (j *journal) open() error {
	file, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	_ = j.acct.own(j.path) // else only root can read it
	j.file, j.size = file, info.Size()
	return nil
}

func (j *journal) Write(p []byte) (int, error) {
	_, _ = j.tail.Write(p)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil && j.size > journalSize {
		j.file.Close()
		j.file = nil
		_ = os.Rename(j.path, j.path+".1")
		_ = j.open()
	}
	if j.file != nil {
		n, _ := j.file.Write(p)
		j.size += int64(n)
	}
	return len(p), nil
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
}

// tail keeps the end of the text written to it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, p[max(0, len(p)-tailSize):]...)
	if over := len(t.end) - tailSize; over > 0 {
		t.end = append(t.end[:0], t.end[over:]...)
	}
	return len(p), nil
}

// last returns the last two lines that report an error, or else the last line.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := "it said nothing"
	var wrong []string
	for line := range strings.Lines(string(t.end)) {
		if line = strings.TrimSpace(line); line != "" {
			last = line
		}
		if at := trouble.FindStringIndex(line); at != nil {
			wrong = append(wrong, line[at[0]:])
		}
	}
	if len(wrong) > 0 {
		return strings.Join(wrong[max(0, len(wrong)-2):], "; ")
	}
	return last
}

var trouble = regexp.MustCompile("FATAL:|PANIC:|error:")
