package dispatch_test

import (
	"testing"

	"baogong/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
