//go:build !soak && race

package sheet_test

// The sizes with the race detector, which takes several times the memory.
const (
	workbookCells = 100_000
	workbookMB    = 512
)
