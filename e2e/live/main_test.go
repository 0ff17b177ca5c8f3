// Package live_test watches the running program: subscriptions over WebSocket and event streams.
package live_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
