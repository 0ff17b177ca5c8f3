package dispatch_test

import (
	"testing"

	"go.uber.org/goleak"

	"baogong/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m, func() error { return goleak.Find() }) }
