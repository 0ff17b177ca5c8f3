package db_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"baogong/db/dbtest"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", rapidChecks); err != nil { // of the command line counts more
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dbtest.Main(m, func() error { return goleak.Find() })
}
