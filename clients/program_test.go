package clients_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"baogong/e2e/house"
)

type obj = map[string]any

// patient is how long a test waits for what must come; long only when it fails.
const patient = time.Minute

var scratch string // goes away with the tests

func TestMain(m *testing.M) {
	code := 1
	defer func() { os.Exit(code) }()
	var err error
	if scratch, err = os.MkdirTemp("", "baogong-clients-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer os.RemoveAll(scratch)
	code = m.Run()
}

// build makes the program as it is shipped, once.
var build = sync.OnceValues(func() (house.Binary, error) { return house.BuildBinary(scratch) })

// serve starts the program on a data folder, with further flags, and returns when it listens. It is killed with the test.
func serve(t testing.TB, data string, more ...string) *house.Process {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b.Start(t, "serve", data, append([]string{"--dev-actors", "--operations", "0", "--cost", "0"}, more...)...)
}

// newEstate sets up the test estate in a program.
func newEstate(p *house.Process) *house.Estate { return p.Estate("DCXY", nil) }
