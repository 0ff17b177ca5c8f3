package sheet

import (
	"archive/zip"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"baogong/delivery"
)

// excelize reads the cells of a workbook. What it does not tell while it streams is read beside it by marks: which cells are formulas
// or dates, and which are merged.

// The refusals of workbooks.
var (
	ReasonSheetUnpacked = delivery.NewReason("SHEET_UNPACKED", delivery.CodeBadUserInput,
		"Unpacked, this workbook has more than %d MB; please remove pictures and unused sheets, or split it.",
		"工作簿解压后超过 %d MB，请删除图片和不用的工作表，或拆分后再上传。")
	ReasonSheetCells = delivery.NewReason("SHEET_CELLS", delivery.CodeBadUserInput,
		"A workbook may have at most %d cells; please split it, or save the sheet as CSV.",
		"工作簿最多 %d 个单元格，请拆分，或将工作表另存为 CSV。")
	ReasonSheetMacros = delivery.NewReason("SHEET_MACROS", delivery.CodeBadUserInput,
		"This workbook has macros; please save it as XLSX without macros, or as CSV.",
		"工作簿含有宏，请另存为不含宏的 XLSX 或 CSV。")
	ReasonSheetBroken = delivery.NewReason("SHEET_BROKEN", delivery.CodeBadUserInput,
		"This workbook is damaged; please open it and save it again.",
		"工作簿已损坏，请打开后重新保存。")
)

// openXLSX opens a workbook.
func (f *Spreadsheet) openXLSX(r io.ReaderAt, size int64) error {
	z, err := f.unzip(r, size)
	if err != nil {
		return err
	}
	if err := checkParts(z); err != nil {
		return err
	}
	paths, err := sheetPaths(z)
	if err != nil {
		return err
	}
	book, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: 4 << 20,
	})
	if err != nil {
		if book != nil {
			_ = book.Close()
		}
		return delivery.Refuse(ReasonSheetBroken)
	}
	f.closers = append(f.closers, book)
	dates := dateStyles(book)
	cells, held := 0, 0
	for i, name := range book.GetSheetList() {
		part, ok := paths[name]
		if !ok {
			continue // a sheet of charts
		}
		if i >= MaxSheets {
			break
		}
		visible, err := book.GetSheetVisible(name)
		if err != nil {
			return delivery.Refuse(ReasonSheetBroken)
		}
		s := &workbookSheet{book: book, name: name, dates: dates, held: &held, most: f.most, date1904: book.WorkBook.WorkbookPr != nil && book.WorkBook.WorkbookPr.Date1904}
		if err := s.mark(z, part, &cells); err != nil {
			return err
		}
		f.Sheets = append(f.Sheets, &Sheet{Name: name, Hidden: !visible, Long: s.last > 0, rows: s.rows, at: s.row})
	}
	if len(f.Sheets) == 0 {
		return delivery.Refuse(ReasonSheetBroken)
	}
	return nil
}

// unzip opens the parts of a workbook. It refuses what is no workbook, has macros, or would be larger than the bounds when unpacked.
func (f *Spreadsheet) unzip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	if !fewParts(r, size) {
		return nil, delivery.Refuse(ReasonSheetBroken)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, delivery.Refuse(ReasonSheetBroken)
	}
	if len(z.File) > MaxParts {
		return nil, delivery.Refuse(ReasonSheetBroken)
	}
	unpacked, workbook := uint64(0), false
	for _, part := range z.File {
		name := partName(part.Name)
		switch {
		case path.Base(name) == "vbaproject.bin", strings.HasPrefix(name, "xl/macrosheets/"):
			return nil, delivery.Refuse(ReasonSheetMacros)
		case name == "xl/workbook.xml":
			workbook = true
		case strings.HasPrefix(name, "xl/externallinks/"):
			f.Links = true
		}
		if unpacked += part.UncompressedSize64; part.UncompressedSize64 > MaxUnpacked || unpacked > MaxUnpacked {
			return nil, delivery.Refuse(ReasonSheetUnpacked, MaxUnpacked>>20)
		}
	}
	if !workbook {
		return nil, delivery.Refuse(ReasonSheetKind) // another archive
	}
	return z, nil
}

// partName returns a part's name as it is compared.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// fewParts reports whether the archive's directory is short, before it is read into memory.
func fewParts(r io.ReaderAt, size int64) bool {
	tail := make([]byte, min(size, 22+65535))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	end := strings.LastIndex(string(tail), "PK\x05\x06")
	return end >= 0 && len(tail)-end >= 22 && binary.LittleEndian.Uint32(tail[end+12:]) <= MaxParts*512
}

// sheetPaths returns the part of each worksheet by the sheet's name.
func sheetPaths(z *zip.Reader) (map[string]string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	var relations struct {
		Relations []struct {
			ID     string `xml:"Id,attr"`
			Kind   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := errors.Join(readPart(z, "xl/workbook.xml", &book), readPart(z, "xl/_rels/workbook.xml.rels", &relations)); err != nil {
		return nil, delivery.Refuse(ReasonSheetBroken)
	}
	out := map[string]string{}
	for _, s := range book.Sheets {
		for _, rel := range relations.Relations {
			if rel.ID != s.ID || path.Base(rel.Kind) != "worksheet" {
				continue
			}
			target := strings.ReplaceAll(rel.Target, `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = "xl/" + target
			}
			out[s.Name] = partName(path.Clean(target))
		}
	}
	return out, nil
}

// openPart opens a part of the archive by the name that partName returns.
func openPart(z *zip.Reader, name string) (io.ReadCloser, error) {
	for _, part := range z.File {
		if partName(part.Name) == name {
			return part.Open()
		}
	}
	return nil, fmt.Errorf("the workbook has no part %s", name)
}

func readPart(z *zip.Reader, name string, into any) error {
	in, err := openPart(z, name)
	if err != nil {
		return err
	}
	defer in.Close()
	return xml.NewDecoder(in).Decode(into)
}

// workbookSheet is a sheet of a workbook.
type workbookSheet struct {
	book     *excelize.File
	name     string
	dates    map[int]bool // the styles that show a number as a date
	date1904 bool
	held     *int // cells of the workbook that are held, see maxHeld
	most     int  // rows with a value that the caller takes
	values   int  // rows with a value, until there are more
	valued   int  // the last of them
	last     int  // the row with which they end, if there are more; 0: there are not

	formulas map[cellKey]string // "" for a cell that is a date
	rounded  map[cellKey]bool   // numbers that are not short
	merges   []merge            // by their first row
	read     []Record           // the rows with text, once they have been read
	failed   error
	done     bool
}

// cellKey is a cell's row and column.
type cellKey uint64

func keyOf(row, column int) cellKey { return cellKey(row)<<20 | cellKey(column) }

// merge is a merged range, both ends within it.
type merge struct{ top, left, bottom, right int }

// isNumber returns whether a cell is a number, and notes whether it is a date.
func (s *workbookSheet) isNumber(e xml.StartElement, at cellKey) (numeric bool) {
	kind := attr(e, "t")
	numeric = kind == "" || kind == "n"
	if numeric && s.dates[number(e, "s", 0)] || kind == "d" {
		s.formulas[at] = ""
	}
	return numeric
}

// mark reads which cells are formulas, dates and merged, and counts the cells.
func (s *workbookSheet) mark(z *zip.Reader, part string, cells *int) error {
	in, err := openPart(z, part)
	if err != nil {
		return delivery.Refuse(ReasonSheetBroken)
	}
	defer in.Close()
	s.formulas, s.rounded = map[cellKey]string{}, map[cellKey]bool{}
	shared := map[string]string{}
	var row, column int
	var inFormula, group string
	numeric, inValue := false, false
	var formula strings.Builder
	d := xml.NewDecoder(in)
	for elements := 0; ; elements++ {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return delivery.Refuse(ReasonSheetBroken)
		}
		if elements > maxXMLElements {
			return delivery.Refuse(ReasonSheetCells, MaxCells)
		}
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "row":
				if row, column = number(e, "r", row+1), 0; row > MaxRows {
					return delivery.Refuse(ReasonSheetRows, MaxRows)
				}
			case "c":
				if *cells++; *cells > MaxCells {
					return delivery.Refuse(ReasonSheetCells, MaxCells)
				}
				column++
				if ref := attr(e, "r"); ref != "" {
					if column, _, err = excelize.CellNameToCoordinates(ref); err != nil {
						return delivery.Refuse(ReasonSheetColumns, row, MaxColumns)
					}
				}
				numeric = s.isNumber(e, keyOf(row, column))
			case "f", "v", "t":
				if s.beyond(row) {
					return nil // ranges are merged behind the rows
				}
				if inValue = numeric && e.Name.Local == "v"; e.Name.Local != "f" {
					break
				}
				inFormula, group = "f", ""
				formula.Reset()
				if attr(e, "t") == "shared" {
					group = attr(e, "si")
				}
			case "mergeCell":
				if len(s.merges) >= MaxMerges {
					return delivery.Refuse(ReasonSheetCells, MaxCells)
				}
				s.addMerge(attr(e, "ref"))
			}
		case xml.CharData:
			if inFormula != "" && formula.Len()+len(e) < 8192 {
				formula.Write(e)
			}
			if inValue && rounded.Match(e) {
				s.rounded[keyOf(row, column)] = true
			}
		case xml.EndElement:
			inValue = false
			if e.Name.Local != "f" {
				break
			}
			inFormula = ""
			text := formula.String()
			if group != "" && text == "" {
				text = shared[group]
			} else if group != "" {
				shared[group] = text
			}
			s.formulas[keyOf(row, column)] = "=" + strings.TrimPrefix(clean(text), "=")
		}
	}
	slices.SortFunc(s.merges, func(a, b merge) int { return a.top - b.top })
	return nil
}

// beyond notes that a row has a value, and reports whether it is one more than the caller takes.
func (s *workbookSheet) beyond(row int) bool {
	if row == s.valued {
		return false
	}
	if s.values++; s.values > s.most {
		s.last = s.valued
		return true
	}
	s.valued = row
	return false
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func number(e xml.StartElement, name string, otherwise int) int {
	n, err := strconv.Atoi(attr(e, name))
	if err != nil || n < 0 || n > 1<<24 {
		return otherwise
	}
	return n
}

// mergeOf reads a range such as A1:H1.
func mergeOf(ref string) (merge, bool) {
	from, to, ok := strings.Cut(ref, ":")
	left, top, err1 := excelize.CellNameToCoordinates(from)
	right, bottom, err2 := excelize.CellNameToCoordinates(to)
	return merge{top, left, bottom, right}, ok && err1 == nil && err2 == nil && bottom >= top && right >= left
}

// addMerge adds a merged range, if it is one.
func (s *workbookSheet) addMerge(ref string) {
	if m, ok := mergeOf(ref); ok {
		s.merges = append(s.merges, m)
	}
}

// rows yields the rows, and keeps them. A caller who stops leaves the rest unread until the next one.
func (s *workbookSheet) rows(yield func(Record, error) bool) {
	if s.done {
		for _, row := range s.read {
			if !yield(row, nil) {
				return
			}
		}
	} else {
		held := *s.held
		s.read = nil
		err := s.load(func(row Record) bool { return yield(row, nil) })
		if errors.Is(err, errStopped) {
			*s.held = held
			return
		}
		s.failed, s.done, s.formulas, s.rounded = err, true, nil, nil
	}
	if s.failed != nil {
		yield(Record{}, s.failed)
	}
}

// row returns a row that was read before.
func (s *workbookSheet) row(p Offset) (Record, error) {
	if p < 0 || int(p) >= len(s.read) {
		return Record{}, fmt.Errorf("the sheet %q has no row at %d", s.name, p)
	}
	return s.read[p], nil
}

// errStopped is the error of reading that its caller stopped.
var errStopped = errors.New("the reading was stopped")

// load reads the rows of the sheet. It fails with errStopped if yield stops it.
func (s *workbookSheet) load(yield func(Record) bool) error {
	rows, err := s.book.Rows(s.name)
	if err != nil {
		return delivery.Refuse(ReasonSheetBroken)
	}
	defer rows.Close()
	var open []merge   // those that began above the row
	var texts []string // the texts of their first cells
	next := 0
	for n := 1; (s.last == 0 || n <= s.last) && rows.Next(); n++ {
		if n > MaxRows {
			return delivery.Refuse(ReasonSheetRows, MaxRows)
		}
		values, err := rows.Columns()
		if err != nil {
			return delivery.Refuse(ReasonSheetBroken)
		}
		cells := make([]Cell, len(values))
		for i, v := range values {
			cells[i] = s.cell(n, i+1, v)
		}
		if cells = trimmed(cells); len(cells) > MaxColumns {
			return delivery.Refuse(ReasonSheetColumns, n, MaxColumns)
		}
		kept := 0
		for i, m := range open {
			if m.bottom >= n {
				*s.held += width(m)
				cells = spread(cells, m, texts[i], Above)
				open[kept], texts[kept] = m, texts[i]
				kept++
			}
		}
		open, texts = open[:kept], texts[:kept]
		for ; next < len(s.merges) && s.merges[next].top <= n; next++ {
			m := s.merges[next]
			if m.top < n || m.left > len(cells) || cells[m.left-1].Text == "" {
				continue // its first row is not in the file, or it is empty
			}
			cells[m.left-1].Below = m.bottom > n
			first := cells[m.left-1]
			right := m
			right.left++
			*s.held += width(right)
			cells = spread(cells, right, first.Text, Beside)
			if m.bottom > n && len(open) < MaxColumns {
				open, texts = append(open, m), append(texts, first.Text)
			}
		}
		cells = trimmed(cells)
		if *s.held += len(cells); *s.held > maxHeld {
			return delivery.Refuse(ReasonSheetCells, MaxCells)
		}
		if len(cells) > 0 {
			row := Record{Number: n, Cells: slices.Clip(cells), At: Offset(len(s.read))}
			if s.read = append(s.read, row); !yield(row) {
				return errStopped
			}
		}
	}
	if err := rows.Error(); err != nil {
		return delivery.Refuse(ReasonSheetBroken)
	}
	return nil
}

// width returns how many cells of a row are in a merged range, at most MaxColumns.
func width(m merge) int { return max(0, min(m.right, MaxColumns)-m.left+1) }

// spread writes a merged range's text into its cells of a row that are empty.
func spread(cells []Cell, m merge, text string, kind CellKind) []Cell {
	for column := m.left; column <= min(m.right, MaxColumns); column++ {
		for len(cells) < column {
			cells = append(cells, Cell{})
		}
		if cells[column-1].Text == "" {
			cells[column-1] = Cell{Text: text, Kind: kind}
		}
	}
	return cells
}

// cell returns a cell by its stored value.
func (s *workbookSheet) cell(row, column int, value string) Cell {
	if formula, marked := s.formulas[keyOf(row, column)]; marked && formula != "" {
		return Cell{Text: formula, Kind: Formula}
	} else if marked {
		if text, ok := dateText(value, s.date1904); ok {
			return Cell{Text: text, Kind: Date}
		}
	}
	if s.rounded[keyOf(row, column)] && rounded.MatchString(value) && !shortened(value) {
		if f, err := strconv.ParseFloat(value, 64); err == nil {
			// A spreadsheet keeps 15 digits: 79.90000000000001 was 79.9.
			value = strconv.FormatFloat(f, 'G', 15, 64)
			if f, err = strconv.ParseFloat(value, 64); err == nil {
				value = strconv.FormatFloat(f, 'f', -1, 64)
			}
		}
	}
	return cellOf(value)
}

// rounded are numbers as workbooks store them when they are not short.
var rounded = regexp.MustCompile(`^-?(?:\d+\.\d{9,}|\d+(?:\.\d+)?E[+-]?\d{1,2})$`)

// shortened reports whether a value is a large number in scientific notation with fewer digits than the number has. It stays as it is, so that a reader of
// telephone or order numbers sees that digits may be lost.
func shortened(value string) bool {
	digits, exponent, scientific := strings.Cut(strings.TrimPrefix(value, "-"), "E")
	n, err := strconv.Atoi(exponent)
	return scientific && err == nil && n >= 6 && len(strings.Replace(digits, ".", "", 1)) <= n
}

// dateText writes a date as it is meant, not as it is shown.
func dateText(value string, date1904 bool) (string, bool) {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(value, "Z"))
		return t.Format("2006-01-02 15:04"), err == nil
	}
	t, err := excelize.ExcelDateToTime(n, date1904)
	switch {
	case err != nil:
		return "", false
	case n < 1:
		return t.Format("15:04"), true
	case n == float64(int64(n)):
		return t.Format("2006-01-02"), true
	}
	return t.Round(time.Minute).Format("2006-01-02 15:04"), true
}

// dateStyles returns the styles of a workbook that show a number as a date or a time.
func dateStyles(book *excelize.File) map[int]bool {
	out := map[int]bool{}
	if book.Styles == nil || book.Styles.CellXfs == nil {
		return out
	}
	formats := map[int]bool{}
	if book.Styles.NumFmts != nil {
		for _, f := range book.Styles.NumFmts.NumFmt {
			formats[f.NumFmtID] = isDateFormat(f.FormatCode)
		}
	}
	for i, style := range book.Styles.CellXfs.Xf {
		if style.NumFmtID == nil {
			continue
		}
		id := *style.NumFmtID
		own, custom := formats[id]
		out[i] = own || !custom && (id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58)
	}
	return out
}

// isDateFormat reports whether a number format has a part of a date outside quotation marks and brackets.
func isDateFormat(code string) bool {
	code = literal.ReplaceAllString(strings.ToLower(code), "")
	first, _, _ := strings.Cut(code, ";")
	return strings.ContainsAny(first, "ymdhs") && !strings.ContainsAny(first, "#?") && !strings.Contains(first, "general")
}

var literal = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)
