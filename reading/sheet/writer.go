package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/csv"
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
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

// NewXLSX returns a writer of a workbook with one sheet, which passes its rows on as CSV does: a download that says nothing until its end is
// broken off by proxies. excelize writes every part of the workbook but the rows, which it could write only at the end. A table has at most
// MaxRows rows.
func NewXLSX(w io.Writer, name string) (Writer, error) {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	empty, err := book.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	frame, err := zip.NewReader(bytes.NewReader(empty.Bytes()), int64(empty.Len()))
	if err != nil {
		return nil, err
	}
	return &xlsxWriter{w: w, frame: frame}, nil
}

type xlsxWriter struct {
	w     io.Writer
	frame *zip.Reader // the workbook without rows

	out     *bufio.Writer
	parts   *zip.Writer
	packed  *flate.Writer // the sheet's part
	rows    *bufio.Writer // into it
	n       int           // rows so far
	columns []string      // their names
}

// The part of a sheet.
const (
	sheetPart  = "xl/worksheets/sheet1.xml"
	sheetBegin = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	sheetEnd = `</sheetData></worksheet>`
)

// begin writes the other parts, and the beginning of the sheet's.
func (x *xlsxWriter) begin() error {
	if x.parts != nil {
		return nil
	}
	x.out = bufio.NewWriterSize(x.w, 32<<10) // so that nothing is written before the first rows
	x.parts = zip.NewWriter(x.out)
	for _, part := range x.frame.File {
		if part.Name == sheetPart {
			continue
		}
		if err := x.parts.Copy(part); err != nil {
			return err
		}
	}
	x.parts.RegisterCompressor(zip.Deflate, func(w io.Writer) (_ io.WriteCloser, err error) {
		x.packed, err = flate.NewWriter(w, flate.DefaultCompression)
		return x.packed, err
	})
	part, err := x.parts.Create(sheetPart)
	if err != nil {
		return err
	}
	x.rows = bufio.NewWriter(part)
	_, err = x.rows.WriteString(sheetBegin)
	return err
}

func (x *xlsxWriter) Write(cells []string) error {
	if err := x.begin(); err != nil {
		return err
	}
	for len(x.columns) < len(cells) {
		name, err := excelize.ColumnNumberToName(len(x.columns) + 1)
		if err != nil {
			return err
		}
		x.columns = append(x.columns, name)
	}
	x.n++
	row := strconv.Itoa(x.n)
	_, _ = x.rows.WriteString(`<row r="` + row + `">`) // a bufio.Writer keeps its first error
	for i, text := range guarded(cells) {
		if text == "" {
			continue
		}
		// Always text, so that 00123 and 13800001203 stay as they are.
		_, _ = x.rows.WriteString(`<c r="` + x.columns[i] + row + `" t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(x.rows, []byte(codes.ReplaceAllString(cut(text), "_x005F_$1"))); err != nil {
			return err
		}
		_, _ = x.rows.WriteString(`</t></is></c>`)
	}
	_, err := x.rows.WriteString(`</row>`)
	return err
}

// codes are texts that a spreadsheet program takes for a character: _x003D_ for =.
var codes = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// cut returns the beginning of a text that is longer than a cell can be. Spreadsheet programs count the units of UTF-16.
func cut(text string) string {
	if len(text) <= MaxText {
		return text
	}
	n := 0
	for i, r := range text {
		if n++; r > 0xffff {
			n++
		}
		if n > MaxText {
			return text[:i]
		}
	}
	return text
}

func (x *xlsxWriter) Flush() error {
	if x.parts == nil {
		return nil
	}
	if err := x.rows.Flush(); err != nil {
		return err
	}
	if err := x.packed.Flush(); err != nil {
		return err
	}
	if err := x.parts.Flush(); err != nil {
		return err
	}
	return x.out.Flush()
}

func (x *xlsxWriter) Close() error {
	if err := x.begin(); err != nil {
		return err
	}
	if _, err := x.rows.WriteString(sheetEnd); err != nil {
		return err
	}
	if err := x.rows.Flush(); err != nil {
		return err
	}
	if err := x.parts.Close(); err != nil {
		return err
	}
	return x.out.Flush()
}

func guarded(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = Guard(c)
	}
	return out
}
