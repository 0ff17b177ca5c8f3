package dispatch_test

import (
	"testing"

	"go.uber.org/goleak"

	"baogong/db/dbtest"
	"baogong/delivery"
)

// none is the reason of what was not refused.
var none delivery.Reason

func TestMain(m *testing.M) { dbtest.Main(m, func() error { return goleak.Find() }) }
