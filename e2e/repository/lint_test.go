package repository_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEachDisabledCheckHasItsReason checks that every check which .golangci.yml turns off says why on the same line.
func TestEachDisabledCheckHasItsReason(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(".golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "\n  disable:\n")
	list, rest, found := strings.Cut(list, "\n  settings:\n")
	if !found {
		t.Fatal("found no list of disabled linters")
	}
	n := 0
	for line := range strings.SplitSeq(list, "\n") {
		if strings.HasPrefix(line, "    # ") {
			continue
		}
		if n++; !regexp.MustCompile(`^    - \w+ # .{3}`).MatchString(line) {
			t.Errorf("no reason: %s", line)
		}
	}
	off := regexp.MustCompile(`^ +- (-[A-Z]+\d+|linters: )|disable|: false|exclude-`)
	for line := range strings.SplitSeq(rest, "\n") {
		if !off.MatchString(line) {
			continue
		}
		if n++; !strings.Contains(line, " # ") {
			t.Errorf("no reason: %s", line)
		}
	}
	if n < 40 {
		t.Errorf("found %d checks that are off, want those of the file", n)
	}
}
