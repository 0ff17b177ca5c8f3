package estatefile

import (
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"baogong/delivery"
	"baogong/reading/sheet"
)

// Limits of a file. An estate of 10,000 residents has some 3,700 households.
const (
	maxRows    = 20_000 // of one sheet
	maxColumns = 100    // of a row; what stands further right is not read
	maxErrors  = 1000   // that are listed; the reading stops there
	headRows   = 20     // among which the headers are looked for
)

// The refusals of sheets.
var (
	reasonFormula = delivery.NewReason("FORMULA", delivery.CodeBadUserInput,
		"This is a formula, which is not computed here; write the value.",
		"此处是公式，系统不会计算，请直接填写数值或文字。")
	reasonMadeDate = delivery.NewReason("MADE_DATE", delivery.CodeBadUserInput,
		"The spreadsheet has turned this into a date. Format the column as text and write it again.",
		"表格软件把此处改成了日期，请把该列设为文本格式后重新填写。")
	reasonNoSheet = delivery.NewReason("NO_SHEET", delivery.CodeBadUserInput,
		"The file has no sheet of an estate. Name its sheets Buildings, Units, Households, Volunteers, Suppliers and Estate, or a CSV file after its sheet; it has %q.",
		"文件中没有可用的工作表。请将工作表命名为楼栋、单元、住户、队员、商超、小区，CSV 文件则以工作表名命名；现有“%s”。")
	reasonUnknownSheet = delivery.NewReason("UNKNOWN_SHEET", delivery.CodeBadUserInput,
		"This sheet is not known and was left out.",
		"未识别此工作表，已略过。")
	reasonSheetTwice = delivery.NewReason("SHEET_TWICE", delivery.CodeBadUserInput,
		"The file has another sheet of the same kind: %q.",
		"文件中已有同类工作表：“%s”。")
	reasonNoHeader = delivery.NewReason("NO_HEADER", delivery.CodeBadUserInput,
		"The sheet lacks a column %q. Its headers are: %q.",
		"工作表缺少“%s”列，现有表头：“%s”。")
	reasonNoHeaders = delivery.NewReason("HEADERS_MISSING", delivery.CodeBadUserInput,
		"No row of this sheet names its columns. Write their names in the first row, as the template has them.",
		"工作表没有表头，请参照模板在第一行写上列名。")
	reasonUnknownColumn = delivery.NewReason("UNKNOWN_COLUMN", delivery.CodeBadUserInput,
		"The column %q is not known and was left out.",
		"未识别“%s”列，已略过。")
	reasonColumnTwice = delivery.NewReason("COLUMN_TWICE", delivery.CodeBadUserInput,
		"The column %q means the same as an earlier one.",
		"“%s”列与前面的列含义相同。")
	reasonTooManyRows = delivery.NewReason("TOO_MANY_ROWS", delivery.CodeBadUserInput,
		"A sheet may have at most %d rows.",
		"每个工作表最多 %d 行。")
	reasonTooManyErrors = delivery.NewReason("TOO_MANY_ERRORS", delivery.CodeBadUserInput,
		"There are more than %d errors; correct these first.",
		"错误超过 %d 处，请先更正这些。")
	reasonSkipped = delivery.NewReason("SKIPPED", delivery.CodeBadUserInput,
		"This row is an example, a note or a total and was left out.",
		"此行为示例、说明或合计，已略过。")
	reasonRowTwice = delivery.NewReason("ROW_TWICE", delivery.CodeBadUserInput,
		"This repeats row %d.",
		"与第 %d 行重复。")
	reasonBuildingTwice = delivery.NewReason("BUILDING_TWICE", delivery.CodeBadUserInput,
		"The row names the building %q twice.",
		"同一行中重复填写了楼栋“%s”。")
	reasonTooManyBuildings = delivery.NewReason("TOO_MANY_BUILDINGS", delivery.CodeBadUserInput,
		"A volunteer serves at most %d buildings.",
		"一名队员最多负责 %d 栋。")
	reasonDiffers = delivery.NewReason("DIFFERS", delivery.CodeBadUserInput,
		"Row %d says something else about the same building.",
		"与第 %d 行对同一楼栋的填写不一致。")
)

// Open opens a file for ReadFile. It fails as sheet.Open does. Of a workbook's sheet that is too long it reads no more than what shows that.
func Open(name string, r io.ReaderAt, size int64) (*sheet.Spreadsheet, error) {
	return sheet.OpenBounded(name, r, size, maxRows)
}

// ReadFile reads an open file. It fails only if the file itself cannot be read.
func ReadFile(f *sheet.Spreadsheet) (*Workbook, error) {
	var grids []Grid
	for _, s := range f.Sheets {
		g := Grid{Name: s.Name, Long: s.Long}
		if g.Name == "" { // a CSV file
			g.Name = strings.TrimSuffix(f.Name, path.Ext(f.Name))
		}
		for row, err := range s.Rows() {
			if err != nil {
				return nil, err
			}
			row.Cells = row.Cells[:min(maxColumns, len(row.Cells))]
			g.Rows = append(g.Rows, row)
			if g.Long = g.Long || len(g.Rows) > maxRows; g.Long { // the first row may say what it is
				break
			}
		}
		grids = append(grids, g)
	}
	return Read(grids), nil
}

// Read reads the sheets of a file. A file of one sheet without a name of ours, such as a CSV file, may name its sheet in a first row of one cell.
func Read(grids []Grid) *Workbook {
	r := &reader{w: &Workbook{}, of: map[SheetKind]string{}}
	for _, g := range grids {
		r.sheet(g)
		if r.full() {
			r.refuse(CellError{g.Name, "", delivery.Refuse(reasonTooManyErrors, maxErrors)})
			break
		}
	}
	if len(r.of) == 0 && len(r.w.Errors) == 0 {
		r.refuse(CellError{"", "", delivery.Refuse(reasonNoSheet, strings.Join(gridNames(grids), ", "))})
	}
	for _, kind := range SheetKinds {
		if _, has := r.of[kind]; has {
			r.w.Sheets = append(r.w.Sheets, kind)
		}
	}
	return r.w
}

func gridNames(grids []Grid) []string {
	var out []string
	for _, g := range grids {
		out = append(out, g.Name)
	}
	return out
}

// reader collects what the sheets state.
type reader struct {
	w  *Workbook
	of map[SheetKind]string // the sheets that were read

	layout  *layout
	columns map[string]int // of the present sheet, by field
	line    Origin         // of the present row
	cells   []string
	bad     map[string]bool // its fields that are wrong already
	seen    map[string]int  // rows by what they are about
}

func (r *reader) full() bool { return len(r.w.Errors) >= maxErrors }

func (r *reader) refuse(e CellError) { r.w.Errors = append(r.w.Errors, e) }

func (r *reader) remark(e CellError) { r.w.Remarks = append(r.w.Remarks, e) }

// sheet reads one sheet.
func (r *reader) sheet(g Grid) {
	l, rows := kindOf(g.Name), g.Rows
	if l == nil && len(rows) > 0 {
		if only := filled(texts(rows[0])); len(only) == 1 {
			l = kindOf(only[0])
		}
	}
	if l == nil {
		if len(rows) > 0 {
			r.remark(CellError{g.Name, "", delivery.Refuse(reasonUnknownSheet)})
		}
		return
	}
	if other, twice := r.of[l.kind]; twice {
		r.refuse(CellError{g.Name, "", delivery.Refuse(reasonSheetTwice, other)})
		return
	}
	if len(rows) == 0 {
		return
	}
	r.of[l.kind], r.layout, r.seen = g.Name, l, map[string]int{}
	if g.Long || len(rows) > maxRows {
		r.refuse(CellError{g.Name, "", delivery.Refuse(reasonTooManyRows, maxRows)})
		return
	}
	head, ok := r.header(g)
	if !ok {
		return
	}
	for _, row := range rows[head+1:] {
		if r.full() {
			return
		}
		r.line, r.cells = Origin{Kind: l.kind, Sheet: g.Name, Number: row.Number, columns: r.columns}, texts(row)
		r.bad = map[string]bool{}
		switch first := filled(r.cells); {
		case len(first) == 0:
		case beside.MatchString(first[0]):
			r.remark(CellError{g.Name, cellName(0, row.Number), delivery.Refuse(reasonSkipped)})
		default:
			r.odd(row)
			r.row()
		}
	}
}

// odd refuses the formulas of a row, and what a spreadsheet program took for a date. No column is for either.
func (r *reader) odd(row sheet.Record) {
	for _, h := range r.layout.headings {
		i, has := r.columns[h.field]
		switch {
		case !has || i >= len(row.Cells):
		case row.Cells[i].Kind == sheet.Formula:
			r.wrong(h.field, delivery.Refuse(reasonFormula))
		case row.Cells[i].Kind == sheet.Date:
			r.wrong(h.field, delivery.Refuse(reasonMadeDate))
		}
	}
}

// texts returns the texts of a row. A range that is merged across columns has its text in the first.
func texts(row sheet.Record) []string {
	out := make([]string, len(row.Cells))
	for i, c := range row.Cells {
		if c.Kind != sheet.Beside {
			out[i] = c.Text
		}
	}
	return out
}

// beside begins the rows of a sheet that state nothing: examples, notes and totals.
var beside = regexp.MustCompile(`(?i)^(?:示?例[ 　:：]|例如|说明[ 　:：]|注[:：]|e\.g\.|note:|example|(?:合计|总计|小计|共计|total)(?:[ :：]|$))`)

// filled returns the cells that are not empty.
func filled(cells []string) []string {
	var out []string
	for _, c := range cells {
		if c = delivery.Trimmed(c); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// header finds the row of headers and sets the columns: the first row in which no needed column is missing.
func (r *reader) header(g Grid) (at int, ok bool) {
	best, known := -1, 0
	for i, row := range g.Rows[:min(headRows, len(g.Rows))] {
		fields := map[string]bool{}
		for _, c := range texts(row) {
			if f := r.layout.field(c); f != "" {
				fields[f] = true
			}
		}
		if r.layout.missing(fields) == nil {
			best = i
			break
		}
		if len(fields) > known {
			best, known = i, len(fields)
		}
	}
	if best < 0 { // the cells are not named here: without headers they may be names and phones
		r.refuse(CellError{g.Name, cellName(0, g.Rows[0].Number), delivery.Refuse(reasonNoHeaders)})
		return 0, false
	}
	row := g.Rows[best]
	r.columns = map[string]int{}
	have := map[string]bool{}
	for i, c := range texts(row) {
		field := r.layout.field(c)
		switch {
		case delivery.Trimmed(c) == "":
		case field == "":
			r.remark(CellError{g.Name, cellName(i, row.Number), delivery.Refuse(reasonUnknownColumn, shortText(c))})
		case have[field]:
			r.refuse(CellError{g.Name, cellName(i, row.Number), delivery.Refuse(reasonColumnTwice, shortText(c))})
			ok = true
		default:
			r.columns[field], have[field] = i, true
		}
	}
	twice := ok
	if missing := r.layout.missing(have); missing != nil {
		h := r.layout.heading(missing[0])
		var headers []string
		for _, c := range filled(texts(row)) {
			headers = append(headers, shortText(c))
		}
		r.refuse(CellError{g.Name, cellName(0, row.Number), delivery.Refuse(reasonNoHeader, h.name.Chinese+" "+h.name.English, strings.Join(headers, ", "))})
		return best, false
	}
	return best, !twice
}

// missing returns the fields of which one is needed and none is there.
func (l *layout) missing(have map[string]bool) []string {
	for _, oneOf := range l.needed {
		if !slices.ContainsFunc(oneOf, func(f string) bool { return have[f] }) {
			return oneOf
		}
	}
	return nil
}

// shortText cuts a header to what a sentence can say.
func shortText(s string) string {
	out := []rune(strings.Join(strings.Fields(s), " "))
	if len(out) > 30 {
		return string(out[:30]) + "…"
	}
	return string(out)
}

// cell returns the text of the present row at a field, "" if it is empty or has no column.
func (r *reader) cell(field string) string {
	i, has := r.columns[field]
	if !has || i >= len(r.cells) {
		return ""
	}
	return delivery.Trimmed(r.cells[i])
}

// wrong notes what is wrong with a cell of the present row, once for each cell.
func (r *reader) wrong(field string, refusal *delivery.Error) {
	if refusal != nil && !r.bad[field] {
		r.line.Wrong, r.bad[field] = true, true
		r.refuse(r.line.Error(field, refusal))
	}
}

// once refuses a row about what another row is about already.
func (r *reader) once(field, key string) {
	if first, twice := r.seen[key]; twice {
		r.wrong(field, delivery.Refuse(reasonRowTwice, first))
		return
	}
	r.seen[key] = r.line.Number
}

// stated returns the value of a cell, nil if it is empty or wrong.
func stated[T any](r *reader, field string, parse func(string) (T, *delivery.Error)) *T {
	text := r.cell(field)
	if text == "" {
		return nil
	}
	v, refusal := parse(text)
	if refusal != nil {
		r.wrong(field, refusal)
		return nil
	}
	return &v
}

// prose reads a text of at most limit characters.
func prose[T ~string](limit int) func(string) (T, *delivery.Error) {
	return func(text string) (T, *delivery.Error) {
		if isNothing(text) {
			return "", nil
		}
		return T(text), delivery.CheckText(text, limit, true)
	}
}

// within reads a whole number.
func within(low, high int, words ...string) func(string) (int, *delivery.Error) {
	return func(text string) (int, *delivery.Error) { return number(text, low, high, words...) }
}

// row reads the present row.
func (r *reader) row() {
	switch r.layout.kind {
	case SheetBuildings:
		r.building()
	case SheetUnits:
		r.unit()
	case SheetHouseholds:
		r.household()
	case SheetVolunteers:
		r.volunteer()
	case SheetSuppliers:
		r.supplier()
	case SheetEstate:
		r.words()
	}
}

// place reads the cell that names the building.
func (r *reader) place() PlaceName {
	text := r.cell("building")
	name := placeName(text)
	switch refusal := delivery.CheckCode(name.Code); {
	case text == "":
		r.wrong("building", delivery.Refuse(delivery.ReasonMissing))
	case refusal != nil:
		r.wrong("building", refusal)
	}
	return name
}

func (r *reader) building() {
	b := &BuildingRow{Building: r.place(), Name: stated(r, "name", prose[string](delivery.MaxName)), HasLift: stated(r, "hasLift", yesOrNo),
		AccessNote: stated(r, "accessNote", prose[string](delivery.MaxNote))}
	if strings.Contains(delivery.Key(b.Building.Code), "-") { // it separates the parts of an address
		r.wrong("building", delivery.Refuse(delivery.ReasonBadValue))
	}
	floors := stated(r, "floors", within(1, delivery.MaxFloors, "层", "楼"))
	numbers := r.unitsOf()
	key := delivery.Key(b.Building.Code)
	first, again := r.seen[key]
	if again && r.cell("number") == "" {
		r.wrong("building", delivery.Refuse(reasonRowTwice, first))
	}
	if again {
		r.merge(key, b)
	} else {
		r.seen[key] = r.line.Number
	}
	for _, n := range numbers {
		u := &UnitRow{Building: b.Building, Number: n, Floors: floors}
		if r.cell("number") != "" {
			r.once("number", key+"-"+strconv.Itoa(n))
		}
		u.Origin = r.line
		r.w.Units = append(r.w.Units, u)
	}
	if b.Origin = r.line; !again {
		r.w.Buildings = append(r.w.Buildings, b)
	}
}

// unitsOf returns the units that a row of the sheet of buildings states.
func (r *reader) unitsOf() (numbers []int) {
	if n := stated(r, "number", unitNumber); n != nil {
		numbers = append(numbers, *n)
	} else if count := stated(r, "units", within(1, delivery.MaxUnitNumber, "个单元", "单元", "个")); count != nil {
		for i := 1; i <= *count; i++ {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// merge adds what a further row of a building states, and refuses what differs from the row before: a sheet may have a row for each unit.
func (r *reader) merge(key string, b *BuildingRow) {
	i := slices.IndexFunc(r.w.Buildings, func(o *BuildingRow) bool { return delivery.Key(o.Building.Code) == key })
	if i < 0 {
		return
	}
	was := r.w.Buildings[i]
	agree(r, "name", was.Number, &was.Name, b.Name)
	agree(r, "hasLift", was.Number, &was.HasLift, b.HasLift)
	agree(r, "accessNote", was.Number, &was.AccessNote, b.AccessNote)
}

func agree[T comparable](r *reader, field string, row int, was **T, now *T) {
	switch {
	case now == nil:
	case *was == nil:
		*was = now
	case **was != *now:
		r.wrong(field, delivery.Refuse(reasonDiffers, row))
	}
}

func (r *reader) unit() {
	u := &UnitRow{Building: r.place(), Floors: stated(r, "floors", within(1, delivery.MaxFloors, "层", "楼"))}
	if n := stated(r, "number", unitNumber); n != nil {
		u.Number = *n
		r.once("number", delivery.Key(u.Building.Code)+"-"+strconv.Itoa(u.Number))
	} else if r.cell("number") == "" {
		r.wrong("number", delivery.Refuse(delivery.ReasonMissing))
	}
	u.Origin = r.line
	r.w.Units = append(r.w.Units, u)
}

func (r *reader) household() {
	h := &HouseholdRow{}
	roomAt := "room"
	if address := r.cell("address"); address != "" && (r.cell("building") == "" || r.cell("room") == "") {
		var refusal *delivery.Error
		h.Building, h.Unit, h.Room, refusal = splitAddress(address)
		r.wrong("address", refusal)
		roomAt = "address"
	} else {
		h.Building = r.place()
		if n := stated(r, "unit", unitNumber); n != nil {
			h.Unit = *n
		}
		h.Room = roomName(r.cell("room"))
		if refusal := delivery.CheckCode(h.Room); refusal != nil {
			r.wrong("room", refusal)
		}
	}
	h.Floor = stated(r, "floor", within(delivery.MinFloor, delivery.MaxFloors, "层", "楼"))
	if floor := floorOf(h.Room); h.Floor == nil && r.cell("floor") == "" && floor > 0 {
		h.Floor, h.FromRoom = &floor, true
	}
	h.ContactName = stated(r, "contactName", prose[delivery.PersonName](delivery.MaxName))
	h.Phone = stated(r, "phone", phoneNumber)
	h.People = stated(r, "people", within(1, delivery.MaxPeople, "人", "口", "口人"))
	h.Needs = stated(r, "needs", needs)
	if !r.line.Wrong {
		r.once(roomAt, delivery.Key(h.Building.Code)+"-"+strconv.Itoa(h.Unit)+"-"+delivery.Key(h.Room))
	}
	h.Origin = r.line
	r.w.Households = append(r.w.Households, h)
}

func (r *reader) volunteer() {
	v := &VolunteerRow{Name: stated(r, "name", prose[delivery.PersonName](delivery.MaxName)), Phone: stated(r, "phone", phoneNumber),
		HomeOrganisation: stated(r, "homeOrganisation", prose[string](delivery.MaxName)), Reachable: stated(r, "reachable", yesOrNo)}
	v.Squad = stated(r, "squad", func(text string) (delivery.Squad, *delivery.Error) {
		return squadWords.find(text, "小分队", "分队", "小队", "队", "组", "squad")
	})
	v.Rank = stated(r, "rank", func(text string) (delivery.Rank, *delivery.Error) { return rankWords.find(text) })
	if v.Code = delivery.NormalCode(r.cell("code")); v.Code != "" {
		if refusal := delivery.CheckCode(v.Code); refusal != nil {
			r.wrong("code", refusal)
		}
		r.once("code", "code "+delivery.Key(v.Code))
	}
	switch {
	case v.Phone != nil && *v.Phone != "":
		r.once("phone", "phone "+v.Phone.Reveal())
	case v.Code == "" && !r.line.Wrong:
		r.wrong("code", delivery.Refuse(delivery.ReasonMissing))
	}
	if r.cell("buildings") != "" || r.cell("backups") != "" {
		services := r.services(nil, "buildings", delivery.DutyPrimary)
		services = r.services(services, "backups", delivery.DutyBackup)
		v.Services = &services
	}
	v.Origin = r.line
	r.w.Volunteers = append(r.w.Volunteers, v)
}

// services adds the buildings that a cell lists.
func (r *reader) services(have []ServedBuilding, field string, duty delivery.Duty) []ServedBuilding {
	for _, s := range served(r.cell(field), duty) {
		if slices.ContainsFunc(have, func(o ServedBuilding) bool { return delivery.Key(o.Building.Code) == delivery.Key(s.Building.Code) }) {
			r.wrong(field, delivery.Refuse(reasonBuildingTwice, s.Building.Written))
			continue
		}
		have = append(have, s)
	}
	if len(have) > delivery.MaxBuildings {
		r.wrong(field, delivery.Refuse(reasonTooManyBuildings, delivery.MaxBuildings))
	}
	return have
}

func (r *reader) supplier() {
	s := &SupplierRow{Code: delivery.NormalCode(r.cell("code")), Name: stated(r, "name", prose[string](delivery.MaxName)), Phone: stated(r, "phone", phoneNumber)}
	s.Kind = stated(r, "kind", func(text string) (delivery.SupplierKind, *delivery.Error) { return supplierWords.find(text) })
	if refusal := delivery.CheckCode(s.Code); refusal != nil {
		r.wrong("code", refusal)
	} else {
		r.once("code", delivery.Key(s.Code))
	}
	s.Origin = r.line
	r.w.Suppliers = append(r.w.Suppliers, s)
}

// words reads a row of the sheet of the estate.
func (r *reader) words() {
	kind := stated(r, "kind", func(text string) (WordKind, *delivery.Error) { return itemWords.find(text) })
	if kind == nil {
		if r.cell("kind") == "" {
			r.wrong("kind", delivery.Refuse(delivery.ReasonMissing))
		}
		return
	}
	var building PlaceName
	if *kind == BuildingWord {
		building = r.place()
	}
	texts := listed(r.cell("text"))
	if len(texts) == 0 {
		r.wrong("text", delivery.Refuse(delivery.ReasonMissing))
		return
	}
	if *kind == LaneWord { // an estate has one
		texts = []string{r.cell("text")}
		r.once("kind", "lane")
	}
	var rows []*WordRow
	for _, text := range texts {
		if *kind == LaneWord {
			var refusal *delivery.Error
			text, refusal = laneNumber(text)
			r.wrong("text", refusal)
		} else {
			r.wrong("text", delivery.CheckText(text, delivery.MaxName, true))
			r.once("text", "word "+delivery.Key(text))
		}
		rows = append(rows, &WordRow{Kind: *kind, Text: text, Building: building})
	}
	for _, w := range rows {
		w.Origin = r.line
		r.w.Words = append(r.w.Words, w)
	}
}
