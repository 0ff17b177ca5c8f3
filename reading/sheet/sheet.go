package sheet

import (
	"errors"
	"io"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"

	"baogong/delivery"
)

// The bounds of a file. A CSV is read row by row, so that its size alone bounds the memory; the cells of a workbook are kept.
const (
	MaxBytes       = 50 << 20  // of a file
	MaxRows        = 1_048_576 // of a sheet, as spreadsheet programs have it
	MaxColumns     = 1000      // of a row, up to its last cell with text
	MaxRowBytes    = 1 << 20   // of a CSV's row
	MaxCells       = 1_000_000 // of all sheets of a workbook, counting those that are only formatted
	MaxUnpacked    = 160 << 20 // bytes of a workbook, unpacked
	MaxParts       = 2000      // files inside a workbook
	MaxSheets      = 100
	MaxMerges      = 100_000  // merged ranges of a sheet
	MaxText        = 32_767   // characters of a cell, as spreadsheet programs have it; the rest is cut
	maxXMLElements = 12 << 20 // of a workbook
)

// The refusals of files.
var (
	ReasonSheetTooLarge = delivery.NewReason("SHEET_TOO_LARGE", delivery.CodeBadUserInput,
		"This file has more than %d MB; please split it.",
		"文件超过 %d MB，请拆分后再上传。")
	ReasonSheetOld = delivery.NewReason("SHEET_OLD", delivery.CodeBadUserInput,
		"This file is an old XLS workbook or is protected by a password; please save it as XLSX or CSV without a password.",
		"文件为旧版 XLS 或设有密码，请另存为不带密码的 XLSX 或 CSV。")
	ReasonSheetKind = delivery.NewReason("SHEET_KIND", delivery.CodeBadUserInput,
		"This file is not a table; please send CSV, TSV or XLSX.",
		"文件不是表格，请上传 CSV、TSV 或 XLSX。")
)

// Spreadsheet is an open file. Close it.
type Spreadsheet struct {
	Name   string
	Format Format
	Sheets []*Sheet // a CSV has one, without a name

	Links bool // it refers to other workbooks, which are never opened

	most    int // rows of a sheet
	closers []io.Closer
}

// Format is the form of a file.
type Format string

// The formats.
const (
	CSV  Format = "CSV" // also with tabs or semicolons
	XLSX Format = "XLSX"
)

// Sheet is one sheet of a file.
type Sheet struct {
	Name   string
	Hidden bool
	Long   bool // the sheet of a workbook has more rows than OpenBounded was told

	rows func(yield func(Record, error) bool)
	at   func(Offset) (Record, error)
}

// Record is one row of a sheet. Its cells end with the last one that has text.
type Record struct {
	Number int // the file's own number; the first is 1
	Cells  []Cell
	At     Offset // for Sheet.At
}

// Offset finds a row again. It is valid for its sheet only.
type Offset int64

// Cell is one cell. Its text is without control characters other than line breaks and tabs, and without white space around it.
type Cell struct {
	Text  string
	Kind  CellKind
	Below bool // the cell is merged with some below it
}

// CellKind says what a cell's text is.
type CellKind uint8

// The kinds.
const (
	Plain   CellKind = iota // text, or a number as it is stored: 13800001901, also where the file shows 1.38E+10
	Formula                 // a formula, with its =; it is never computed
	Date                    // a date or a time, written 2020-02-18, 15:04 or 2020-02-18 15:04
	Above                   // part of a merged range that begins in a row above: the text of its first cell
	Beside                  // part of a merged range that begins in this row: the text of its first cell
)

// Open opens a table. Its kind is known by its content; the name is only kept. It fails with a delivery.Error for a file that is no
// table or beyond a bound. It reads r until the file is closed.
func Open(name string, r io.ReaderAt, size int64) (*Spreadsheet, error) {
	return OpenBounded(name, r, size, MaxRows)
}

// OpenBounded opens a table as Open does, for a caller who takes no sheet with more than so many rows that have a value. It looks no further
// into the sheets of a workbook, and marks those that are Long. The rows of a CSV are read one by one, so its caller notices by itself.
func OpenBounded(name string, r io.ReaderAt, size int64, rows int) (*Spreadsheet, error) {
	if size > MaxBytes {
		return nil, delivery.Refuse(ReasonSheetTooLarge, MaxBytes>>20)
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	f := &Spreadsheet{Name: path.Base(strings.ReplaceAll(name, `\`, "/")), most: rows}
	start := string(head)
	switch {
	case strings.HasPrefix(start, "PK\x03\x04"):
		f.Format = XLSX
		return opened(f, f.openXLSX(r, size))
	case strings.HasPrefix(start, "\xd0\xcf\x11\xe0"):
		return nil, delivery.Refuse(ReasonSheetOld)
	case slices.ContainsFunc(otherKinds, func(mark string) bool { return strings.HasPrefix(start, mark) }), markup.MatchString(start):
		return nil, delivery.Refuse(ReasonSheetKind)
	}
	f.Format = CSV
	return opened(f, f.openCSV(r, size))
}

// otherKinds are what files that are no tables begin with.
var otherKinds = []string{"%PDF", "\x89PNG", "\xff\xd8\xff", "GIF8", "Rar!", "7z\xbc\xaf", "\x1f\x8b", "PK\x05\x06", `{\rtf`}

// markup is what pages begin with, also those that shops call .xls.
var markup = regexp.MustCompile(`^(?:\x{feff})?\s*<[!?A-Za-z]`)

func opened(f *Spreadsheet, err error) (*Spreadsheet, error) {
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Close releases what the file holds. Its rows must not be read afterwards.
func (f *Spreadsheet) Close() error {
	var all []error
	for _, c := range f.closers {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

// Rows yields the rows of the sheet in their order, without those that have no text. An error ends them. Those of a Long sheet end with the
// bound.
func (s *Sheet) Rows() iter.Seq2[Record, error] { return s.rows }

// At reads a row again. It must not be called by two goroutines at once.
func (s *Sheet) At(p Offset) (Record, error) { return s.at(p) }

// clean returns a cell's text as it is kept.
func clean(s string) string {
	if strings.IndexFunc(s, unwanted) >= 0 {
		s = strings.Map(func(r rune) rune {
			if unwanted(r) {
				return -1
			}
			return r
		}, strings.ReplaceAll(s, "\r\n", "\n"))
	}
	s = strings.TrimSpace(s)
	if len(s) <= MaxText {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > MaxText {
			return s[:i]
		}
	}
	return s
}

// unwanted reports whether a character has no place in a cell: a control character, or the mark of an encoding.
func unwanted(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\ufeff'
}

// trimmed returns the cells up to the last with text.
func trimmed(cells []Cell) []Cell {
	for len(cells) > 0 && cells[len(cells)-1].Text == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
