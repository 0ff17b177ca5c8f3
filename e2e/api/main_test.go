// Package api_test asks the running program through its API: what each caller sees and may do, and what it costs.
package api_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
