package embedded

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJournal(t *testing.T) {
	t.Parallel()

	t.Run("keeps two bounded files", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "postgres.log")
		j, err := openJournal(path, account{uid: os.Geteuid()})
		if err != nil {
			t.Fatal(err)
		}
		line := append(bytes.Repeat([]byte("x"), 64<<10), '\n')
		for range 5 * journalSize / len(line) {
			if n, err := j.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		j.close()
		for _, p := range []string{path, path + ".1"} {
			if info, err := os.Stat(p); err != nil || info.Size() > journalSize+int64(len(line)) {
				t.Errorf("%s: %v %v", p, info, err)
			}
		}
		if n, err := j.Write(line); n != len(line) || err != nil {
			t.Errorf("after close: got %d %v, want it swallowed", n, err)
		}
	})

	t.Run("tells what went wrong last", func(t *testing.T) {
		t.Parallel()
		for text, want := range map[string]string{
			"[1] FATAL:  disk is full\n[1] HINT:  buy one\n[1] PANIC:  stuck\nAborted\n": "FATAL:  disk is full; PANIC:  stuck",
			"": "it said nothing",
			"2026 [1] LOG:  starting\n2026 [1] FATAL:  no\n2026 [1] LOG:  database system is shut down\n": "FATAL:  no",
			"one\n\ntwo\n": "two",
			strings.Repeat("long line\n", 5000) + "end": "end",
		} {
			var end tail
			for chunk := range strings.SplitAfterSeq(text, "l") {
				end.Write([]byte(chunk))
			}
			if got := end.last(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}
