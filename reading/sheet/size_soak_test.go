//go:build soak

package sheet_test

import "baogong/reading/sheet"

const (
	workbookCells = sheet.MaxCells
	workbookMB    = 512
)
