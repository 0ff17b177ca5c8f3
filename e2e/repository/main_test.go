// Package repository_test checks the repository itself: which package may import which, what the pages say, which tests may skip.
package repository_test

import (
	"os"
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) {
	house.EnterRoot()
	os.Exit(m.Run())
}
