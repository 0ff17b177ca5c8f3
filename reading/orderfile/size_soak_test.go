//go:build soak

package orderfile_test

import "baogong/reading/sheet"

const (
	csvBytes = sheet.MaxBytes
	csvMB    = 200
)
