package workbook

import "baogong/reading/estatefile"

// EstateReport is what an import did, or would do: numbers for each sheet, and what is wrong with cells.
type EstateReport struct {
	Written bool                   `json:"written"` // whether rows were saved; else it says what would be
	Sheets  []*SheetReport         `json:"sheets"`
	Errors  []estatefile.CellError `json:"errors,omitempty"`  // at most MaxCellErrors
	Remarks []estatefile.CellError `json:"remarks,omitempty"` // at most MaxCellErrors

	ErrorCount int `json:"errorCount"` // all of them
}

// MaxCellErrors is how many errors and remarks a report lists.
const MaxCellErrors = 500

// SheetReport counts the rows of one sheet.
type SheetReport struct {
	Kind      estatefile.SheetKind `json:"kind"`
	New       int                  `json:"new"`
	Changed   int                  `json:"changed"`
	Unchanged int                  `json:"unchanged"`
	Wrong     int                  `json:"wrong"`   // rows with an error, which are not saved
	Missing   int                  `json:"missing"` // rows of the book that the file does not have; they stay as they are
}

// Differs counts the rows that the import saves.
func (r *EstateReport) Differs() int {
	n := 0
	for _, s := range r.Sheets {
		n += s.New + s.Changed
	}
	return n
}

// sheet returns the numbers of a sheet, which it adds if there are none yet.
func (r *EstateReport) sheet(kind estatefile.SheetKind) *SheetReport {
	for _, s := range r.Sheets {
		if s.Kind == kind {
			return s
		}
	}
	s := &SheetReport{Kind: kind}
	r.Sheets = append(r.Sheets, s)
	return s
}

// refuse adds what is wrong with a cell.
func (r *EstateReport) refuse(e estatefile.CellError) {
	if r.ErrorCount++; len(r.Errors) < MaxCellErrors {
		r.Errors = append(r.Errors, e)
	}
}
