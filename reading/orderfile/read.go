package orderfile

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/amount"
	"baogong/reading/sheet"
)

// ReasonHeaders refuses a file in which no row names the columns that orders need.
var ReasonHeaders = delivery.NewReason("HEADERS_UNKNOWN", delivery.CodeBadUserInput,
	"No row names the columns that are needed: the address, the good and the quantity. These headers were found: %s.",
	"没有找到写明地址、商品和数量的表头。找到的表头是：%s。")

// Options are what is known beside the file.
type Options struct {
	Building string // the code of the building whose chat group the file is from
}

// Orders are the orders of a file. They read the file again, so it must stay open.
type Orders struct {
	Headers []string    // the names of the columns of the first sheet with orders
	Ignored []string    // the columns that are not read
	Remarks []Remark    // what the file states and does not hold
	Skipped []Skipped   // the rows that are no orders, at most MaxSkipped
	Counted int         // how many rows are no orders
	Sheets  []SheetRows // the sheets, with how many rows of orders each has

	book   *address.Book
	o      Options
	pages  []*orderSheet
	rows   []rowPlace
	firsts []int32 // the first row of each group
}

// MaxSkipped is how many skipped rows and remarks are listed.
const MaxSkipped = 1000

// Skipped is a row that is no order.
type Skipped struct {
	Sheet string
	Row   int
	Why   SkipReason
}

// SkipReason says why a row is no order.
type SkipReason string

// Why rows are passed over.
const (
	Totals      SkipReason = "TOTALS"
	NoOrder     SkipReason = "NO_ORDER"     // a signature, a heading of a building
	HeaderAgain SkipReason = "HEADER_AGAIN" // the header, repeated
	Example     SkipReason = "EXAMPLE"      // the example of a template
)

// Remark is a statement of the file that does not hold.
type Remark struct {
	Sheet           string
	Row             int
	Problem         reading.Problem
	Stated, Counted string
}

// SheetRows says how many rows of orders a sheet has. A hidden sheet and one without a header has none.
type SheetRows struct {
	Name   string
	Hidden bool
	Rows   int
}

// orderSheet is a sheet with orders.
type orderSheet struct {
	*sheet.Sheet
	*headings
	sections []section
}

// section is a building that a row of its own names, for the rows below it.
type section struct {
	row  int
	code string
}

// rowPlace is where a row of an order stands.
type rowPlace struct {
	at     sheet.Offset
	next   int32 // the next row of the same order, -1 after the last
	row    int32
	page   uint16
	nested bool // it continues the row above
}

// Read finds the orders of a file. It fails with a delivery.Error if no sheet has a header that is understood, and if the file has a row that
// cannot be read.
func Read(f *sheet.Spreadsheet, b *address.Book, o Options) (*Orders, error) {
	out := &Orders{book: b, o: o}
	groups := newGrouper()
	var found []string
	for _, s := range f.Sheets {
		rows := SheetRows{Name: s.Name, Hidden: s.Hidden}
		if !s.Hidden {
			l, names, err := findHeader(s)
			if err != nil {
				return nil, err
			}
			if l == nil {
				found = append(found, names...)
			} else {
				before := len(out.rows)
				if err := out.index(&orderSheet{Sheet: s, headings: l}, groups); err != nil {
					return nil, err
				}
				rows.Rows = len(out.rows) - before
			}
		}
		out.Sheets = append(out.Sheets, rows)
	}
	if len(out.pages) == 0 {
		return nil, delivery.Refuse(ReasonHeaders, quoted(found))
	}
	return out, nil
}

// Len returns how many orders there are.
func (o *Orders) Len() int { return len(o.firsts) }

// quoted lists the texts of headers, shortened.
func quoted(texts []string) string {
	var out []string
	length := 0
	for _, t := range texts {
		if r := []rune(t); len(r) > 20 {
			t = string(r[:20]) + "…"
		}
		if length += len(t); t == "" || slices.Contains(out, t) {
			continue
		}
		if len(out) >= 30 || length > 600 {
			out = append(out, "…")
			break
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, " | ")
}

// headerRows is how many rows may stand above a header.
const headerRows = 60

// findHeader finds the row that names the columns. Without one it returns the names that could have been meant.
func findHeader(s *sheet.Sheet) (*headings, []string, error) {
	var rows []sheet.Record
	for row, err := range s.Rows() {
		if err != nil {
			return nil, nil, err
		}
		if rows = append(rows, row); len(rows) >= headerRows {
			break
		}
	}
	for _, row := range rows {
		if l := layoutOf(row); l.isList() {
			l.finish()
			return l, nil, nil
		}
	}
	for i, row := range rows {
		if l := layoutOf(row); l.hasAddress() && l.cross(rows[i+1:]) {
			l.finish()
			return l, nil, nil
		}
	}
	var names []string
	most := 0
	for _, row := range rows {
		var texts []string
		for _, c := range row.Cells {
			if c.Text != "" && c.Kind != sheet.Beside && !slices.Contains(texts, c.Text) {
				texts = append(texts, titleOf(c.Text).text)
			}
		}
		if len(texts) > most {
			names, most = texts, len(texts)
		}
	}
	return nil, names, nil
}

// cross reports whether the columns without a known name are goods: the rows below have quantities in them, and little else.
func (l *headings) cross(below []sheet.Record) bool {
	l.goods, l.totals = map[int]column{}, map[int]bool{}
	for i, t := range l.titles {
		if f, _ := t.kind(); f == sum || f == quantity {
			l.totals[i] = true // 合计 and 总数量 at the right of a cross table
			l.of[i] = other
			continue
		}
		if f, _ := t.kind(); t.text == "" || f != other || l.of[i] != other {
			continue
		}
		amounts, others := 0, 0
		for _, row := range below {
			if i >= len(row.Cells) || blank(row.Cells[i].Text) || row.Cells[i].Kind != sheet.Plain {
				continue
			}
			if _, err := amount.Quantity(row.Cells[i].Text, ""); err == nil {
				amounts++
			} else {
				others++
			}
		}
		if amounts > others || amounts+others == 0 {
			l.goods[i] = goodOf(t.text)
		}
	}
	for i := range l.goods {
		for _, row := range below {
			if i < len(row.Cells) && !blank(row.Cells[i].Text) {
				return true
			}
		}
	}
	return false
}

// blank reports whether a cell of a cross table asks for nothing.
func blank(text string) bool {
	switch strings.TrimSpace(norm.NFKC.String(text)) {
	case "", "-", "--", "—", "/", "\\", "无", "0", "×", "x", "X", "〇", "没有", "不要":
		return true
	}
	return false
}

// grouper finds which rows are one order.
type grouper struct {
	seed  maphash.Seed
	group map[uint64]int32
	lasts []int32 // the last row of each group
}

func newGrouper() *grouper {
	return &grouper{seed: maphash.MakeSeed(), group: map[uint64]int32{}}
}

// index reads the rows of a sheet once and notes where the rows of each order are.
func (o *Orders) index(p *orderSheet, g *grouper) error {
	o.pages = append(o.pages, p)
	at := uint16(len(o.pages) - 1)
	o.heading(p, 0, p.Name) // a workbook may have a sheet for each building
	count := newTotals(o, p)
	above := int32(-1) // the group of the row above, if it is a row of an order
	started := false
	for row, err := range p.Rows() {
		if err != nil {
			return err
		}
		if !started {
			if row.Number < p.row {
				count.title(row)
				continue
			}
			if started = row.Number == p.row; started {
				if o.Headers == nil {
					for _, t := range p.titles {
						o.Headers = append(o.Headers, t.text)
					}
				}
				o.Ignored = append(o.Ignored, p.ignored...)
			}
			continue
		}
		r := p.cells(row)
		if why := o.skip(p, r); why != "" {
			if why == Totals {
				count.compare(r)
			}
			if o.Counted++; len(o.Skipped) < MaxSkipped {
				o.Skipped = append(o.Skipped, Skipped{p.Name, row.Number, why})
			}
			above = -1
			continue
		}
		count.add(r)
		place := rowPlace{at: row.At, next: -1, row: int32(row.Number), page: at}
		var group int32
		if key, ok := o.key(p, r, g.seed); !ok && above >= 0 {
			group, place.nested = above, true
		} else if first, known := g.group[key]; ok && known {
			group = first
		} else {
			group = int32(len(o.firsts))
			if ok {
				g.group[key] = group
			}
			o.firsts = append(o.firsts, int32(len(o.rows)))
			g.lasts = append(g.lasts, -1)
		}
		o.rows = append(o.rows, place)
		if last := g.lasts[group]; last >= 0 {
			o.rows[last].next = int32(len(o.rows) - 1)
		}
		g.lasts[group] = int32(len(o.rows) - 1)
		above = group
	}
	count.end()
	return nil
}

// key returns what rows of one order have in common: the number, else the door. It reports false for a row that has neither.
func (o *Orders) key(p *orderSheet, r sheetRow, seed maphash.Seed) (uint64, bool) {
	if n, unclear := r.number(); n != "" && !unclear {
		return maphash.String(seed, "n"+delivery.Key(n)), true
	}
	text := r.address()
	if text == "" {
		return 0, false
	}
	if read := o.door(p, r); read.Status == address.Match {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(read.Door.Index))
		return maphash.String(seed, "d"+string(b[:])), true
	}
	return maphash.String(seed, "a"+delivery.Key(text)), true
}

// door reads the address of a row.
func (o *Orders) door(p *orderSheet, r sheetRow) address.Reading {
	phone := r.phone()
	if strings.HasPrefix(phone, "*") {
		phone = ""
	}
	c := address.Context{Building: o.o.Building, Phone: phone}
	if s := p.section(r.Number); s != "" {
		c.Building = s
	}
	read := o.book.Read(r.address(), c)
	if read.Status != address.Match && r.text(place) != "" {
		// The building may stand in a column of its own beside an address without it.
		if whole := r.parts(); whole != "" {
			if more := o.book.Read(whole+" "+r.text(place), c); more.Status == address.Match {
				return more
			}
		}
	}
	return read
}

// section returns the building that a row above names.
func (p *orderSheet) section(row int) string {
	for _, s := range slices.Backward(p.sections) {
		if s.row < row {
			return s.code
		}
	}
	return ""
}

var (
	totalWord   = regexp.MustCompile(`^(?:.{0,12}?)(?:合计|总计|小计|共计|总数|总额|汇总|本页计|累计)(?:[(:：].*|\(.*|[\d.\s元份单件个斤]*)?$|^(?:sub|grand)?total:?$`)
	exampleWord = regexp.MustCompile(`^(?:示例|样例|例如|例子|范例|填写示例|example)|^例[:：]`)
	buildingIs  = regexp.MustCompile(`^(.{1,12}?)(?:栋|号楼|幢|座|楼|号)?[:：]?$`)
)

// isTotal reports whether a cell names totals: 合计, E6栋小计：.
func isTotal(text string) bool {
	if len(text) > 200 || !strings.ContainsAny(text, "计总汇") && !strings.Contains(strings.ToLower(text), "total") {
		return false
	}
	return totalWord.MatchString(strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(text)), "")))
}

// skip says why a row is no order, "" if it is one.
func (o *Orders) skip(p *orderSheet, r sheetRow) SkipReason {
	if p.again(r.Record) {
		return HeaderAgain
	}
	total, texts := false, 0
	var only string
	for i, c := range r.Cells {
		if c.Text == "" || c.Kind == sheet.Beside {
			continue
		}
		texts++
		only = c.Text
		if texts == 1 && strings.ContainsAny(c.Text, "例Ee") && exampleWord.MatchString(strings.ToLower(c.Text)) {
			return Example
		}
		if c.Kind == sheet.Plain && (i >= len(p.of) || p.of[i] != note) && isTotal(c.Text) {
			total = true
		}
	}
	if total && (r.text(number) == "" || r.text(place) == "" || r.text(item) == "") {
		return Totals
	}
	if p.goods != nil && p.setColumns(r) {
		return HeaderAgain
	}
	empty := r.text(item) == "" && r.text(quantity) == "" && !r.anyGood()
	switch {
	case empty && p.goods != nil:
		return o.noOrder(p, r, only, texts) // a cross table lists doors that order nothing
	case empty && r.address() == "" && r.text(phone) == "":
		return o.noOrder(p, r, only, texts)
	case empty && texts == 1:
		read := o.book.Read(r.address(), address.Context{Building: o.o.Building})
		if read.Status != address.Match && len(read.Doors) == 0 {
			return o.noOrder(p, r, only, texts)
		}
	}
	return ""
}

// noOrder passes a row over. One that says a building, and nothing else, says it for the rows below.
func (o *Orders) noOrder(p *orderSheet, r sheetRow, only string, texts int) SkipReason {
	if texts == 1 {
		o.heading(p, r.Number, only)
	}
	return NoOrder
}

// heading notes the building for the rows below a row, if the text is the building's code and nothing else.
func (o *Orders) heading(p *orderSheet, row int, text string) {
	m := buildingIs.FindStringSubmatch(strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(text)), "")))
	if m != nil && o.book.HasBuilding(m[1]) {
		p.sections = append(p.sections, section{row, m[1]})
	}
}

// setColumns reads a row of a cross table that names the units or the prices of the goods. It reports whether the row is one.
func (p *orderSheet) setColumns(r sheetRow) bool {
	label := ""
	for i, c := range r.Cells {
		if _, good := p.goods[i]; !good && c.Text != "" && c.Kind == sheet.Plain {
			if label != "" {
				return false
			}
			label = titleOf(c.Text).name
		}
	}
	is := known[label]
	if label == "" || is != price && is != measure && is != spec {
		return false
	}
	for i, c := range r.Cells {
		good, ok := p.goods[i]
		if !ok || c.Text == "" {
			continue
		}
		switch is {
		case price:
			if fen, ok := amount.Price(c.Text); ok {
				good.fen = fen
			}
		case measure:
			good.unit = amount.UnitWord(c.Text)
		case spec:
			good.item += " " + c.Text
		}
		p.goods[i] = good
	}
	return true
}

// Entries yields the orders, in the order of their first rows. An error ends them.
func (o *Orders) Entries() iter.Seq2[reading.Entry, error] {
	return func(yield func(reading.Entry, error) bool) {
		for _, first := range o.firsts {
			var lines []sheetRow
			for at := first; at >= 0; at = o.rows[at].next {
				place := o.rows[at]
				p := o.pages[place.page]
				row, err := p.At(place.at)
				if err != nil {
					yield(reading.Entry{}, err)
					return
				}
				row.Number = int(place.row)
				l := p.cells(row)
				l.nested = place.nested
				if lines = append(lines, l); len(lines) > maxRows {
					break
				}
			}
			if !yield(o.entry(lines), nil) {
				return
			}
		}
	}
}

// maxRows is how many rows of one order are read. One with more lines than orders may have waits.
const maxRows = 4 * delivery.MaxLines

// sheetRow is a row by its columns.
type sheetRow struct {
	sheet.Record
	page   *orderSheet
	nested bool
}

func (p *orderSheet) cells(row sheet.Record) sheetRow { return sheetRow{Record: row, page: p} }

// cell returns the cell of a field.
func (r sheetRow) cell(f columnKind) sheet.Cell {
	if at := r.page.at[f]; at >= 0 && at < len(r.Cells) {
		return r.Cells[at]
	}
	return sheet.Cell{}
}

func (r sheetRow) text(f columnKind) string { return r.cell(f).Text }

// number returns the order's number. It is unclear if a spreadsheet has changed it or would compute it.
func (r sheetRow) number() (text string, unclear bool) {
	c := r.cell(number)
	text = strings.Join(strings.Fields(norm.NFKC.String(c.Text)), " ")
	return text, text != "" && (c.Kind == sheet.Formula || c.Kind == sheet.Date || scientific.MatchString(text))
}

var scientific = regexp.MustCompile(`^\d(?:\.\d+)?[eE]\+\d+$`)

func (r sheetRow) phone() string {
	c := r.cell(phone)
	if c.Kind == sheet.Formula || c.Kind == sheet.Date {
		return ""
	}
	return amount.Phone(c.Text)
}

// address returns the text that names the door.
func (r sheetRow) address() string {
	if c := r.cell(place); c.Text != "" {
		if c.Kind == sheet.Formula || c.Kind == sheet.Date {
			return ""
		}
		return c.Text
	}
	return r.parts()
}

var (
	buildingWord = regexp.MustCompile(`栋|号楼|幢|座|楼|号$`)
	unitWord     = regexp.MustCompile(`单元|门|梯`)
	shortCode    = regexp.MustCompile(`^[0-9A-Za-z甲乙丙丁一二三四五六七八九十]{1,4}#?$`)
	floorWord    = regexp.MustCompile(`^\d{1,2}[层楼]?$`)
)

// parts joins an address that stands in several columns.
func (r sheetRow) parts() string {
	part := func(f columnKind, has *regexp.Regexp, word string) string {
		c := r.cell(f)
		if c.Kind == sheet.Formula || c.Kind == sheet.Date {
			return ""
		}
		s := strings.TrimSpace(norm.NFKC.String(c.Text))
		if s != "" && !has.MatchString(s) && shortCode.MatchString(s) {
			s = strings.TrimSuffix(s, "#") + word
		}
		return s
	}
	out := part(building, buildingWord, "栋") + part(unit, unitWord, "单元")
	door := strings.TrimSpace(norm.NFKC.String(r.text(room)))
	level := strings.TrimSpace(norm.NFKC.String(r.text(floor)))
	if n := strings.TrimRight(door, "室房号"); len(n) <= 2 && floorWord.MatchString(level) && n != "" {
		out += strings.TrimRight(level, "层楼") + "楼"
	}
	if r.cell(room).Kind == sheet.Formula || r.cell(room).Kind == sheet.Date {
		door = ""
	}
	if out != "" && shortCode.MatchString(door) {
		door += "室"
	}
	return out + door
}

// anyGood reports whether a row of a cross table asks for something.
func (r sheetRow) anyGood() bool {
	for i, c := range r.Cells {
		if _, ok := r.page.goods[i]; ok && !blank(c.Text) {
			return true
		}
	}
	return false
}

// written returns the row as it is written, its cells separated by tabs.
func (r sheetRow) written() string {
	var b strings.Builder
	for i, c := range r.Cells {
		if i > 0 {
			b.WriteByte('\t')
		}
		if c.Kind != sheet.Beside {
			b.WriteString(oneLine(c.Text))
		}
	}
	return b.String()
}
