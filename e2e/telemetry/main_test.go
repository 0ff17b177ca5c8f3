// Package telemetry_test reads what the running program tells operators: metrics, profiles, traces.
package telemetry_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
