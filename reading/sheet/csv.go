package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding"

	"baogong/delivery"
)

// A CSV is never held in memory. Its rows are found again by where they begin in the file, which works because in UTF-8, GB18030 and
// UTF-16 alike no part of another character looks like a quotation mark, a separator or a line break. encoding/csv takes each row
// apart.

// The refusals of rows.
var (
	ReasonSheetRows = delivery.NewReason("SHEET_ROWS", delivery.CodeBadUserInput,
		"A sheet may have at most %d rows; please split it.",
		"每个工作表最多 %d 行，请拆分后再上传。")
	ReasonSheetColumns = delivery.NewReason("SHEET_COLUMNS", delivery.CodeBadUserInput,
		"Row %d has more than %d columns; please remove the columns that are not needed.",
		"第 %d 行超过 %d 列，请删除不需要的列。")
	ReasonSheetRowLong = delivery.NewReason("SHEET_ROW_LONG", delivery.CodeBadUserInput,
		"The row that begins in line %d does not end; look for a quotation mark without its pair.",
		"从第 %d 行开始的一行没有结束，请检查引号是否成对。")
	ReasonSheetEmpty = delivery.NewReason("SHEET_EMPTY", delivery.CodeBadUserInput,
		"This file is empty.",
		"文件为空。")
)

// openCSV finds the encoding and the separator.
func (f *Spreadsheet) openCSV(r io.ReaderAt, size int64) error {
	set, err := findCharset(r, size)
	if err != nil {
		return err
	}
	if size <= int64(set.bom) {
		return delivery.Refuse(ReasonSheetEmpty)
	}
	t := &text{r: r, size: size, set: set, separator: ','}
	if err := t.findSeparator(); err != nil {
		return err
	}
	f.Sheets = []*Sheet{{rows: t.rows, at: t.again()}}
	return nil
}

// again returns a function that reads a row again. Orders are read in their order, and their other rows from further on: two places are
// read ahead from.
func (t *text) again() func(Offset) (Record, error) {
	near, far := t.records(0), t.records(0)
	return func(p Offset) (Record, error) {
		if !near.ahead(int64(p)) {
			near, far = far, near
		}
		near.seek(int64(p))
		line, err := near.next()
		if err != nil {
			return Record{}, err
		}
		return near.row(line)
	}
}

// text is a CSV file.
type text struct {
	r         io.ReaderAt
	size      int64
	set       charset
	separator byte
	begin     int64 // of the first row: after the mark, and after a line that names the separator
	first     int   // the number of that row
}

// rows yields the rows that have text.
func (t *text) rows(yield func(Record, error) bool) {
	records := t.records(t.begin)
	for number := t.first; ; number++ {
		record, err := records.next()
		if errors.Is(err, io.EOF) {
			return
		}
		var row Record
		if err == nil && number > MaxRows {
			err = delivery.Refuse(ReasonSheetRows, MaxRows)
		}
		if err == nil {
			row, err = records.row(record)
		}
		if err != nil {
			yield(Record{}, err)
			return
		}
		row.Number = number
		if len(row.Cells) > MaxColumns {
			yield(Record{}, delivery.Refuse(ReasonSheetColumns, number, MaxColumns))
			return
		}
		if len(row.Cells) > 0 && !yield(row, nil) {
			return
		}
	}
}

// records reads the records of a file, one after another.
type records struct {
	*text
	in      *bufio.Reader
	at      int64 // where the next record begins
	line    int   // the number of its first line
	raw     []byte
	fields  *csv.Reader
	feed    bytes.Reader
	decoder *encoding.Decoder
}

func (t *text) records(at int64) *records {
	r := &records{text: t, in: bufio.NewReaderSize(nil, 32<<10), line: 1}
	if t.set.decode != nil {
		r.decoder = t.set.decode.NewDecoder()
	}
	r.fields = csv.NewReader(&r.feed)
	r.fields.Comma = rune(t.separator)
	r.fields.LazyQuotes = true
	r.fields.FieldsPerRecord = -1
	r.fields.ReuseRecord = true
	r.seek(at)
	return r
}

// seek goes to the record that begins at the offset. One that has been read ahead is not read again.
func (r *records) seek(at int64) {
	if r.ahead(at) {
		_, _ = r.in.Discard(int(at - r.at)) // it is in the buffer
		r.at = at
		return
	}
	r.at = at
	r.in.Reset(io.NewSectionReader(r.r, at, max(0, r.size-at)))
}

// ahead reports whether the record at the offset has been read ahead.
func (r *records) ahead(at int64) bool { return at >= r.at && at-r.at < int64(r.in.Buffered()) }

// unit reads one character's first byte, or in UTF-16 one code unit. What is above 0x7f is returned as 0x80.
func (r *records) unit() (byte, error) {
	c, err := r.in.ReadByte()
	if err != nil {
		return 0, err
	}
	r.raw = append(r.raw, c)
	if !r.set.wide {
		return min(c, 0x80), nil
	}
	d, err := r.in.ReadByte()
	if err != nil {
		return 0x80, nil //nolint:nilerr // half a character ends the file
	}
	r.raw = append(r.raw, d)
	if r.set.big {
		c, d = d, c
	}
	if d != 0 {
		return 0x80, nil
	}
	return min(c, 0x80), nil
}

// record is where a record begins, and its bytes, which are valid until the next call.
type record struct {
	at  int64
	raw []byte
}

// next returns the next record. A line break within quotation marks is part of it. It fails with io.EOF after the last.
func (r *records) next() (record, error) {
	r.raw = r.raw[:0]
	begin, line := r.at, r.line
	start, quoted, closing := true, false, false // at the start of a field; within quotation marks; after one within them
	for {
		c, err := r.unit()
		if errors.Is(err, io.EOF) && len(r.raw) > 0 && (!quoted || closing) {
			break
		}
		if errors.Is(err, io.EOF) && len(r.raw) == 0 {
			return record{}, io.EOF
		}
		if errors.Is(err, io.EOF) || len(r.raw) > MaxRowBytes {
			return record{}, delivery.Refuse(ReasonSheetRowLong, line)
		}
		if err != nil {
			return record{}, err
		}
		if c == '\n' {
			r.line++
		}
		if closing {
			closing = false
			switch c {
			case '"': // two are one
				continue
			case r.separator, '\n', '\r':
				quoted = false
			}
		}
		switch {
		case quoted:
			closing = c == '"'
		case c == '\n':
			r.at += int64(len(r.raw))
			return record{begin, r.raw}, nil
		case c == '\r':
			if r.lineFeedFollows() {
				continue
			}
			r.line++
			r.at += int64(len(r.raw)) // a line break of an old Mac
			return record{begin, r.raw}, nil
		case start && c == '"':
			quoted = true
		}
		start = c == r.separator && !quoted
	}
	r.at += int64(len(r.raw))
	return record{begin, r.raw}, nil
}

// lineFeedFollows reports whether the next character is a line feed.
func (r *records) lineFeedFollows() bool {
	if !r.set.wide {
		b, err := r.in.Peek(1)
		return err == nil && b[0] == '\n'
	}
	b, err := r.in.Peek(2)
	return err == nil && (b[0] == '\n' && b[1] == 0 && !r.set.big || b[1] == '\n' && b[0] == 0 && r.set.big)
}

// decode returns the text of a record as UTF-8, without its line break. It is valid until the next call.
func (r *records) decode(raw []byte) ([]byte, error) {
	if r.decoder != nil {
		r.decoder.Reset()
		var err error
		if raw, err = r.decoder.Bytes(raw); err != nil {
			return nil, err
		}
	}
	return bytes.TrimRight(bytes.ToValidUTF8(raw, []byte("\ufffd")), "\r\n"), nil
}

// row takes a record apart. The row has no number.
func (r *records) row(record record) (Record, error) {
	row := Record{At: Offset(record.at)}
	line, err := r.decode(record.raw)
	if err != nil {
		return row, err
	}
	line = bytes.ReplaceAll(line, []byte{0}, nil)
	if len(bytes.Trim(line, " \t,;|\"\ufeff\u3000")) == 0 {
		return row, nil
	}
	r.feed.Reset(append(line, '\n'))
	fields, err := r.fields.Read()
	if errors.Is(err, io.EOF) {
		return row, nil
	}
	if err != nil {
		return row, delivery.Refuse(ReasonSheetRowLong, r.line)
	}
	row.Cells = make([]Cell, 0, len(fields))
	for _, text := range fields {
		row.Cells = append(row.Cells, cellOf(text))
	}
	row.Cells = trimmed(row.Cells)
	return row, nil
}

// cellOf returns the cell of a text. A text that begins with = is a formula, also with the ' in front that keeps it from being one.
func cellOf(text string) Cell {
	text = clean(text)
	if rest, guarded := strings.CutPrefix(text, "'"); guarded && risky(rest) {
		text = strings.TrimSpace(rest)
	}
	if strings.HasPrefix(text, "=") {
		return Cell{Text: text, Kind: Formula}
	}
	return Cell{Text: text}
}

// findSeparator looks at the first rows. The separator is the character that stands most often, and equally often in most rows. A first
// line sep=; names it.
func (t *text) findSeparator() error {
	t.begin, t.first = int64(t.set.bom), 1
	records := t.records(t.begin)
	counts := map[byte]map[int]int{',': {}, '\t': {}, ';': {}, '|': {}}
	for n := range 50 {
		// Each record is found with the separator so far; what a quotation mark is depends on it only in broken files.
		record, err := records.next()
		var refused *delivery.Error
		if errors.Is(err, io.EOF) || errors.As(err, &refused) {
			break
		}
		if err != nil {
			return err
		}
		line, err := records.decode(record.raw)
		if err != nil {
			return err
		}
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
		if sep, named := bytes.CutPrefix(bytes.ToLower(bytes.Trim(line, "\" ")), []byte("sep=")); named && n == 0 && len(sep) == 1 {
			if counts[sep[0]] != nil {
				t.separator, t.begin, t.first = sep[0], records.at, 2
				return nil
			}
		}
		quoted := false
		seen := map[byte]int{}
		for _, c := range line {
			if c == '"' {
				quoted = !quoted
			}
			if !quoted {
				seen[c]++
			}
		}
		for sep, rows := range counts {
			if seen[sep] > 0 {
				rows[seen[sep]]++
			}
		}
	}
	best := 0
	for _, sep := range []byte(",\t;|") {
		for count, rows := range counts[sep] {
			if score := count * rows * rows; score > best {
				best, t.separator = score, sep
			}
		}
	}
	return nil
}
