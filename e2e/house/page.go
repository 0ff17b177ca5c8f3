package house

import (
	"os"
	"strings"
	"testing"
)

// PageText returns the text of a page of the repository.
func PageText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TableOf returns the cells of the page's table whose first column has the title.
func TableOf(t *testing.T, page, first string) (out [][]string) {
	t.Helper()
	_, below, found := strings.Cut(page, "\n| "+first+" |")
	if !found {
		t.Fatalf("there is no table of %q", first)
	}
	for i, line := range strings.Split(below, "\n") {
		if i < 2 { // the rest of the heading, and its rule
			continue
		}
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}
