package web

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestPagesCallNothingThatOldBrowsersLack looks for functions that the oldest browsers of the build's targets do not have: Chrome 109, Firefox 115 and Safari 16
// (web/app/vite.config.mjs). The build rewrites syntax for them and adds no functions. The list is of those that came later and that pages would call.
func TestPagesCallNothingThatOldBrowsersLack(t *testing.T) {
	t.Parallel()
	missing := []string{"AbortSignal.any", "Promise.withResolvers", "Promise.try(", ".toSorted(", ".toReversed(", ".toSpliced(", "Object.groupBy", "Map.groupBy", "Array.fromAsync",
		"URL.canParse", "URL.parse(", ".isSubsetOf(", ".isWellFormed(", "RegExp.escape", "Uint8Array.fromBase64", ".toBase64(", "scheduler.yield", ".showPopover(", "requestIdleCallback"}
	files, err := filepath.Glob("app/dist/*.js")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d scripts, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range missing {
			if bytes.Contains(text, []byte(name)) {
				t.Errorf("%s uses %s", file, name)
			}
		}
	}
}
