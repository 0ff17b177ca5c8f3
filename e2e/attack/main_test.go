// Package attack_test attacks the running program: guessed codes, forged tokens, foreign ids, floods.
package attack_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m) }

type obj = map[string]any
