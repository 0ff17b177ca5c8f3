package sheet

import (
	"io"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Form is a sheet that people fill in. The first row has its headers.
type Form struct {
	Name string
	Rows [][]string
}

// WriteForms writes a workbook of forms. Every column takes text, so that spreadsheet programs leave phones and rooms as they are typed, and
// the headers stay in view.
func WriteForms(w io.Writer, forms []Form) error {
	book := excelize.NewFile()
	defer book.Close()
	text, err := book.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	head, err := book.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Color: []string{"DDEBF7"}, Pattern: 1}})
	if err != nil {
		return err
	}
	for i, f := range forms {
		if i == 0 {
			err = book.SetSheetName("Sheet1", f.Name)
		} else {
			_, err = book.NewSheet(f.Name)
		}
		if err == nil {
			err = writeForm(book, f, head, text)
		}
		if err != nil {
			return err
		}
	}
	return book.Write(w)
}

// writeForm writes one form with the styles of headers and of text.
func writeForm(book *excelize.File, f Form, head, text int) error {
	rows, err := book.NewStreamWriter(f.Name)
	if err != nil {
		return err
	}
	for i, width := range widths(f.Rows) {
		if err := rows.SetColStyle(i+1, i+1, text); err != nil {
			return err
		}
		if err := rows.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for n, row := range f.Rows {
		style := text
		if n == 0 {
			style = head
		}
		cells := make([]any, len(row))
		for i, c := range guarded(row) {
			cells[i] = excelize.Cell{StyleID: style, Value: c}
		}
		at, err := excelize.CoordinatesToCellName(1, n+1)
		if err != nil {
			return err
		}
		if err := rows.SetRow(at, cells); err != nil {
			return err
		}
	}
	return rows.Flush()
}

// widths returns how wide the columns are: as their headers, and no less than a phone. A Chinese character takes two columns.
func widths(rows [][]string) []float64 {
	if len(rows) == 0 {
		return nil
	}
	out := make([]float64, len(rows[0]))
	for i, header := range rows[0] {
		n := 2
		for _, r := range header {
			if n++; utf8.RuneLen(r) > 2 {
				n++
			}
		}
		out[i] = float64(max(16, n))
	}
	return out
}
