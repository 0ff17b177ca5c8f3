//go:build !soak && !race

package sheet_test

// The sizes of the plain tests. Those of `make soak` are the bounds themselves.
const (
	workbookCells = 100_000
	workbookMB    = 160
)
