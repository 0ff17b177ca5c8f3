// Package fault_test breaks what the program depends on: silent networks, a stopped leader, a failover.
package fault_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
