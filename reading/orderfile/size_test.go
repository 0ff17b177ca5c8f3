//go:build !soak && !race

package orderfile_test

// The sizes of the plain tests. Those of `make soak` are the bounds themselves.
const (
	csvBytes = 1 << 20
	csvMB    = 64
)
