package house

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"baogong/db/dbtest"
	"baogong/internal/cpu"
)

// Main runs the tests of a package in the root of the repository, then the functions that end what tests share, and checks that
// no program, client or test left a goroutine behind.
func Main(m *testing.M, end ...func() error) {
	EnterRoot()
	cpu.TestsPerCore(2)
	dbtest.Main(m, append(end, func() error {
		http.DefaultClient.CloseIdleConnections()
		// pq's listener ends when it wakes from its pause between two tries to connect.
		return goleak.Find(goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
	})...)
}

// EnterRoot makes the root of the repository the working directory. Call it from TestMain, before any test runs.
func EnterRoot() {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			err = os.ErrNotExist
		}
	}
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "find the root of the repository:", err)
		os.Exit(1)
	}
}
