//go:build !soak && race

package orderfile_test

// The sizes with the race detector, which takes several times the memory.
const (
	csvBytes = 1 << 20
	csvMB    = 200
)
