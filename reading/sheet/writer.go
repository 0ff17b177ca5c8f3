package sheet

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// Writer writes the rows of a table. Call Close after the last row.
type Writer interface {
	// Write writes a row. Text that a spreadsheet program would compute is guarded: see Guard.
	Write(cells []string) error
	// Flush passes the rows so far on, if the format can.
	Flush() error
	// Close ends the table. It does not close what is written to.
	Close() error
}

// Guard returns a text that no spreadsheet program takes for a formula: one that begins with =, +, -, @, also in full width and after
// white space or control characters, gets a ' in front.
func Guard(text string) string {
	if risky(text) {
		return "'" + text
	}
	return text
}

// risky reports whether a spreadsheet program could take a text for a formula.
func risky(text string) bool {
	text = strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zs)
	})
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(text, sign) {
			return true
		}
	}
	return false
}

// NewCSV returns a writer of CSV in UTF-8 with a mark at its beginning and CRLF, so that spreadsheet programs open it as it is.
func NewCSV(w io.Writer) Writer { return &csvWriter{w: w} }

type csvWriter struct {
	w      io.Writer
	fields *csv.Writer
}

func (c *csvWriter) begin() error {
	if c.fields != nil {
		return nil
	}
	out := bufio.NewWriterSize(c.w, 32<<10) // so that nothing is written before the first rows
	c.fields = csv.NewWriter(out)
	c.fields.UseCRLF = true
	_, err := out.WriteString("\ufeff")
	return err
}

func (c *csvWriter) Write(cells []string) error {
	if err := c.begin(); err != nil {
		return err
	}
	return c.fields.Write(guarded(cells))
}

func (c *csvWriter) Flush() error {
	if c.fields == nil {
		return nil
	}
	c.fields.Flush()
	return c.fields.Error()
}

func (c *csvWriter) Close() error {
	if err := c.begin(); err != nil {
		return err
	}
	return c.Flush()
}

// NewXLSX returns a writer of a workbook with one sheet. A workbook's directory stands at its end: rows wait in a temporary file, and
// what is written to gets the workbook at Close. A table has at most MaxRows rows.
func NewXLSX(w io.Writer, name string) (Writer, error) {
	book := excelize.NewFile()
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	rows, err := book.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	return &xlsxWriter{w: w, book: book, rows: rows}, nil
}

type xlsxWriter struct {
	w    io.Writer
	book *excelize.File
	rows *excelize.StreamWriter
	n    int
}

func (x *xlsxWriter) Write(cells []string) error {
	x.n++
	at, err := excelize.CoordinatesToCellName(1, x.n)
	if err != nil {
		return err
	}
	values := make([]any, len(cells))
	for i, text := range guarded(cells) {
		values[i] = text // always text, so that 00123 and 13800001203 stay as they are
	}
	return x.rows.SetRow(at, values)
}

func (*xlsxWriter) Flush() error { return nil }

func (x *xlsxWriter) Close() error {
	defer x.book.Close()
	if err := x.rows.Flush(); err != nil {
		return err
	}
	return x.book.Write(x.w)
}

func guarded(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = Guard(c)
	}
	return out
}
