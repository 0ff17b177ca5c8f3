package repository_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// skips lists the files whose tests may skip themselves, and why nothing goes untested in CI because of it.
var skips = map[string]string{
	"internal/volume/volume.go":     "takes long; runs where CI is set",
	"internal/tool/tool.go":         "a missing program fails the test where CI is set",
	"web/bundle_test.go":            "slow; runs where CI is set",
	"e2e/program/previous_test.go":  "builds another release; runs where CI is set and the clone has the whole history",
	"db/embedded/binaries_test.go":  "fetches 23 MB; runs where CI is set",
	"db/embedded/server_test.go":    "only a root process has these claims to keep; others are started as every user starts it",
	"server/answer/overlap_test.go": "a drawn document that is not valid is drawn again; the test fails if none that was judged clashed",
	"rehearsal/oracle_test.go":      "long simulations without goroutines; they run without the race detector",
	"e2e/page/browser_test.go":      "with the race detector the tests took 387 s instead of 175 s, and e2e/api, live and program make the same requests",
	"live/model_test.go":            "a drawn step without a reader is drawn again",
}

// TestSkipsAreKnown checks that no test skips itself unless it is listed with the reason.
func TestSkipsAreKnown(t *testing.T) {
	t.Parallel()
	skip := regexp.MustCompile(`\bt\.Skip(f|Now)?\(|testing\.Short\(`)
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "graph" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || path == "e2e/repository/skips_test.go":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if skip.Match(text) {
			found[path] = true
			if skips[path] == "" {
				t.Errorf("%s skips a test, and is not listed with a reason", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range skips {
		if !found[path] {
			t.Errorf("%s is listed and skips nothing", path)
		}
	}
}
