// Package program_test runs the built program and its commands, as it is shipped, and reads what it tells operators: metrics, profiles,
// traces.
package program_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
