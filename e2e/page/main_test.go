// Package page_test opens the program's pages in a browser.
package page_test

import (
	"testing"

	"baogong/e2e/house"
)

func TestMain(m *testing.M) { house.Main(m, closeBrowser) }

type obj = map[string]any
