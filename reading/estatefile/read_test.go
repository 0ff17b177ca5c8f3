package estatefile_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"baogong/delivery"
	"baogong/reading/estatefile"
	"baogong/reading/sheet"
)

// table makes a sheet from lines of cells that are separated by |.
func table(name string, lines ...string) estatefile.Grid {
	g := estatefile.Grid{Name: name}
	for i, line := range lines {
		row := sheet.Record{Number: i + 1}
		for text := range strings.SplitSeq(line, "|") {
			row.Cells = append(row.Cells, sheet.Cell{Text: text})
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// told are errors or remarks: sheet, cell, reason.
func told(list []estatefile.CellError) []string {
	out := []string{}
	for _, e := range list {
		out = append(out, strings.Join(strings.Fields(e.Sheet+" "+e.Cell+" "+e.Refusal.Reason.String()), " "))
	}
	return out
}

// say is a value that a row may not state.
func say[T any](v *T) string {
	if v == nil {
		return "?"
	}
	switch s := any(*v).(type) {
	case delivery.PersonName:
		return s.Reveal()
	case delivery.Phone:
		return s.Reveal()
	}
	return fmt.Sprint(*v)
}

func TestHouseholds(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"E6|1|1203||王芳|13800001203|2|独居老人":                    "E6-1-1203 12 王芳 13800001203 2 [ELDERLY_ALONE]",
		"Ｅ６|１|１２０３|||１３８００００１２０３|2人|孕妇，婴儿":                    "E6-1-1203 12 ? 13800001203 2 [PREGNANT INFANT]",
		"6号楼|一单元|302室||无|0717-6001234|3.0|无":                  "6-1-302 3  07176001234 3 []",
		"6栋|2单元|B01|-1||1.3800001203E+10||pet, no smartphone": "6-2-B01 -1 ? 13800001203 ? [PET NO_SMARTPHONE]",
		"12|1|10203|||+86 138-0000-1203||":                    "12-1-10203 102 ? 13800001203 ? ?",
		"12|1|102A|2层||13800001203.0||":                       "12-1-102A 2 ? 13800001203 ? ?",
		"甲|1|地下室|||||":                                        "甲-1-地下室 ? ? ? ? ?",
	} {
		w := estatefile.Read([]estatefile.Grid{table("住户", "楼栋|单元|房号|楼层|姓名|手机号|人数|特殊需求", line)})
		if len(w.Errors) > 0 || len(w.Households) != 1 {
			t.Errorf("%s: got %v, want one household", line, told(w.Errors))
			continue
		}
		h := w.Households[0]
		if got := fmt.Sprintf("%s-%d-%s %s %s %s %s %s", h.Building.Code, h.Unit, h.Room, say(h.Floor), say(h.ContactName), say(h.Phone), say(h.People), say(h.Needs)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

func TestWrongCells(t *testing.T) {
	t.Parallel()
	const homes, team, shops, places = "楼栋|单元|房号|楼层|姓名|手机号|人数|特殊需求", "编号|姓名|电话|小分队|职务|负责楼栋|后备楼栋|在岗", "编号|名称|类型|电话", "楼栋|名称|单元数|层数|电梯"
	const items = "项目|内容|楼栋"
	for _, c := range []struct{ sheet, head, line, want string }{
		{"住户", homes, "|1|1203", "A2 MISSING"},
		{"住户", homes, "E6|1|", "C2 MISSING"},
		{"住户", homes, "E6|0|1203", "B2 BAD_NUMBER"},
		{"住户", homes, "E6|100|1203", "B2 BAD_NUMBER"},
		{"住户", homes, "E6|西|1203", "B2 BAD_NUMBER"},
		{"住户", homes, "E6|1|1203|121", "D2 BAD_NUMBER"},
		{"住户", homes, "E6|1|1203|12.5", "D2 BAD_NUMBER"},
		{"住户", homes, "E6|1|1203|||1.38E+10", "F2 PHONE_SHORTENED"},
		{"住户", homes, "E6|1|1203|||打门铃", "F2 BAD_PHONE"},
		{"住户", homes, "E6|1|1203|||13800001203/13900001203", "F2 BAD_PHONE"},
		{"住户", homes, "E6|1|1203||||0", "G2 BAD_NUMBER"},
		{"住户", homes, "E6|1|1203||||51", "G2 BAD_NUMBER"},
		{"住户", homes, "E6|1|1203|||||独居老人、会飞", "H2 UNKNOWN_NEED"},
		{"住户", homes, "E6|1|1203||" + strings.Repeat("长", 81), "E2 TOO_LONG"},
		{"住户", homes, "E6|1|" + strings.Repeat("9", 33), "C2 TOO_LONG"},
		{"住户", homes, "E6|1|12\u202e03", "C2 BAD_TEXT"},
		{"住户", "地址|电话", "东边那家|13800001203", "A2 BAD_ADDRESS"},
		{"队员", team, "|新人||保供", "A2 MISSING"},
		{"队员", team, "S01|新人||饭堂", "D2 UNKNOWN_SQUAD"},
		{"队员", team, "S01|新人||保供|院长", "E2 UNKNOWN_RANK"},
		{"队员", team, "S01|新人||保供|队员|E6|E6", "G2 BUILDING_TWICE"},
		{"队员", team, "S01|新人||保供|队员|E6||也许", "H2 YES_OR_NO"},
		{"商超", shops, "|新店|商超", "A2 MISSING"},
		{"商超", shops, "x|新店|饭店", "C2 UNKNOWN_SUPPLIER_KIND"},
		{"商超", shops, "x|新店|商超|1234", "D2 BAD_PHONE"},
		{"楼栋", places, "E6-1", "A2 BAD_VALUE"},
		{"楼栋", places, "E6||100", "C2 BAD_NUMBER"},
		{"楼栋", places, "E6||1|121", "D2 BAD_NUMBER"},
		{"楼栋", places, "E6||1|6|或许", "E2 YES_OR_NO"},
		{"单元", "楼栋|单元|层数", "E6||6", "B2 MISSING"},
		{"小区", items, "风水|好", "A2 UNKNOWN_ITEM"},
		{"小区", items, "|88", "A2 MISSING"},
		{"小区", items, "地名|", "B2 MISSING"},
		{"小区", items, "弄号|八十八弄", "B2 LANE"},
		{"小区", items, "弄号|88、89", "B2 LANE"},
		{"小区", items, "楼栋别名|小白楼|", "C2 MISSING"},
		{"小区", items, "别名|东辰、东辰", "B2 ROW_TWICE"},
	} {
		w := estatefile.Read([]estatefile.Grid{table(c.sheet, c.head, c.line)})
		if got := told(w.Errors); !slices.Equal(got, []string{c.sheet + " " + c.want}) {
			t.Errorf("%s: got %v, want %s", c.line, got, c.want)
		}
	}
}

func TestRowsAboutTheSame(t *testing.T) {
	t.Parallel()
	w := estatefile.Read([]estatefile.Grid{
		table("楼栋", "楼栋", "E6", "Ｅ6栋"), table("单元", "楼栋|单元|层数", "E6|1|6", "E6|1单元|6"), table("住户", "楼栋|单元|房号", "E6|1|1203", "E6|1|1203室"),
		table("队员", "编号|电话|小分队", "S01|13900000001|保供", "s01|13900000002|保供", "S02|139 0000 0001|保供"), table("商超", "编号", "a", "Ａ"),
	})
	if got, want := told(w.Errors), []string{"楼栋 A3 ROW_TWICE", "单元 B3 ROW_TWICE", "住户 C3 ROW_TWICE", "队员 A3 ROW_TWICE", "队员 B4 ROW_TWICE", "商超 A3 ROW_TWICE"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBuildingsWithARowForEachUnit reads a sheet in which the building stands beside each of its units.
func TestBuildingsWithARowForEachUnit(t *testing.T) {
	t.Parallel()
	w := estatefile.Read([]estatefile.Grid{table("楼栋单元", "楼栋|单元|层数|名称", "6栋|1|27|六栋", "6栋|2|18|", "7栋|1|6|", "7栋|1|6|", "6栋|3|6|别名")})
	if got, want := told(w.Errors), []string{"楼栋单元 B5 ROW_TWICE", "楼栋单元 D6 DIFFERS"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var units []string
	for _, u := range w.Units {
		if !u.Wrong {
			units = append(units, fmt.Sprintf("%s-%d %s", u.Building.Code, u.Number, say(u.Floors)))
		}
	}
	if want := []string{"6-1 27", "6-2 18", "7-1 6"}; len(w.Buildings) != 2 || !slices.Equal(units, want) {
		t.Errorf("got %d buildings, units %v, want 2 and %v", len(w.Buildings), units, want)
	}
}

func TestSheetsAndHeaders(t *testing.T) {
	t.Parallel()
	long := table("住户", "楼栋|单元|房号")
	for n := range 20_001 {
		long.Rows = append(long.Rows, sheet.Record{Number: n + 2, Cells: []sheet.Cell{{Text: "E6"}, {Text: "1"}, {Text: fmt.Sprint(n)}}})
	}
	for name, c := range map[string]struct {
		grids  []estatefile.Grid
		errors []string
		asides []string
		homes  int
	}{
		"titles above the header":      {[]estatefile.Grid{table("住户名册", "东辰心语住户名册||", "2020年2月|", "楼栋|单元|房号*（必填）", "E6|1|101", "合计|1")}, nil, []string{"住户名册 A5 SKIPPED"}, 1},
		"both languages":               {[]estatefile.Grid{table("住户 Households", "楼栋 Building|单元 Unit|房号 Room", "E6|1|101")}, nil, nil, 1},
		"English":                      {[]estatefile.Grid{table("Households", "Building|Unit|Room|Phone number", "E6|1|101|13800000000")}, nil, nil, 1},
		"a name in the first row":      {[]estatefile.Grid{table("Sheet1", "住户", "楼栋|单元|房号", "E6|1|101")}, nil, nil, 1},
		"a column that is not known":   {[]estatefile.Grid{table("住户", "楼栋|单元|房号|车位", "E6|1|101|B2")}, nil, []string{"住户 D1 UNKNOWN_COLUMN"}, 1},
		"a sheet that is not known":    {[]estatefile.Grid{table("住户", "楼栋|单元|房号", "E6|1|101"), table("车位", "号", "1")}, nil, []string{"车位 UNKNOWN_SHEET"}, 1},
		"an empty sheet":               {[]estatefile.Grid{table("住户", "楼栋|单元|房号", "E6|1|101"), table("Sheet2")}, nil, nil, 1},
		"no sheet that is known":       {[]estatefile.Grid{table("车位", "号", "1")}, []string{"NO_SHEET"}, []string{"车位 UNKNOWN_SHEET"}, 0},
		"a column that is missing":     {[]estatefile.Grid{table("住户", "楼栋|单元|电话", "E6|1|101")}, []string{"住户 A1 NO_HEADER"}, nil, 0},
		"no headers":                   {[]estatefile.Grid{table("住户", "E6|1|101|王芳|13800001203")}, []string{"住户 A1 HEADERS_MISSING"}, nil, 0},
		"a column twice":               {[]estatefile.Grid{table("住户", "楼栋|单元|房号|电话|手机", "E6|1|101")}, []string{"住户 E1 COLUMN_TWICE"}, nil, 0},
		"a sheet twice":                {[]estatefile.Grid{table("住户", "楼栋|单元|房号", "E6|1|101"), table("居民", "楼栋|单元|房号", "E6|1|102")}, []string{"居民 SHEET_TWICE"}, nil, 1},
		"too many rows":                {[]estatefile.Grid{long}, []string{"住户 TOO_MANY_ROWS"}, nil, 0},
		"examples and notes":           {[]estatefile.Grid{table("住户", "楼栋|单元|房号", "说明：必填|", "例：E6|1|101", "E6|1|101")}, nil, []string{"住户 A2 SKIPPED", "住户 A3 SKIPPED"}, 1},
		"an address for three columns": {[]estatefile.Grid{table("住户", "地址", "E6-1-101", "6栋2单元302室", "６号楼－１－３０３")}, nil, nil, 3},
	} {
		w := estatefile.Read(c.grids)
		if got := told(w.Errors); !slices.Equal(got, slices.Concat([]string{}, c.errors)) {
			t.Errorf("%s: got errors %v, want %v", name, got, c.errors)
		}
		if got := told(w.Remarks); !slices.Equal(got, slices.Concat([]string{}, c.asides)) {
			t.Errorf("%s: got remarks %v, want %v", name, got, c.asides)
		}
		if len(w.Households) != c.homes {
			t.Errorf("%s: got %d households, want %d", name, len(w.Households), c.homes)
		}
	}
}

func TestManyErrorsEnd(t *testing.T) {
	t.Parallel()
	g := table("住户", "楼栋|单元|房号")
	for n := range 5000 {
		g.Rows = append(g.Rows, sheet.Record{Number: n + 2, Cells: []sheet.Cell{{Text: "E6"}, {Text: "x"}, {Text: fmt.Sprint(n)}}})
	}
	w := estatefile.Read([]estatefile.Grid{g})
	if n := len(w.Errors); n != 1001 || w.Errors[n-1].Refusal.Reason.String() != "TOO_MANY_ERRORS" {
		t.Errorf("got %d errors, want 1000 and that there are more", n)
	}
}

func TestFormulasAndDates(t *testing.T) {
	t.Parallel()
	g := table("住户", "楼栋|单元|房号", "E6|1|=A1", "E6|1|2020-01-02")
	g.Rows[1].Cells[2].Kind, g.Rows[2].Cells[2].Kind = sheet.Formula, sheet.Date
	if got, want := told(estatefile.Read([]estatefile.Grid{g}).Errors), []string{"住户 C2 FORMULA", "住户 C3 MADE_DATE"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWordsOfTheEstate(t *testing.T) {
	t.Parallel()
	w := estatefile.Read([]estatefile.Grid{table("小区 Estate", "项目 Item|内容 Text|楼栋 Building", "弄号|８８弄", "别名|东辰、心语", "place|宜昌市", "地标|南门保安室", "楼栋别名|小白楼|6号楼"),
		table("东辰心语小区住户", "楼栋|单元|房号", "E6|1|101")})
	var got []string
	for _, r := range w.Words {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Kind, r.Text, r.Building.Code)))
	}
	want := []string{"LANE 88", "ESTATE 东辰", "ESTATE 心语", "NOISE 宜昌市", "LANDMARK 南门保安室", "BUILDING 小白楼 6"}
	if !slices.Equal(got, want) || len(w.Errors) > 0 || len(w.Households) != 1 {
		t.Errorf("got %v, %v, %d households, want %v and one household", got, told(w.Errors), len(w.Households), want)
	}
}

// TestMergedCells reads a building that is merged over its rows, and a title that is merged over its columns.
func TestMergedCells(t *testing.T) {
	t.Parallel()
	g := table("住户", "住户名册|住户名册|住户名册", "楼栋|单元|房号", "E6|1|101", "E6|1|102")
	g.Rows[0].Cells[1].Kind, g.Rows[0].Cells[2].Kind, g.Rows[3].Cells[0].Kind = sheet.Beside, sheet.Beside, sheet.Above
	w := estatefile.Read([]estatefile.Grid{g})
	if len(w.Errors) > 0 || len(w.Households) != 2 || w.Households[1].Building.Code != "E6" {
		t.Errorf("got %v, %d households, want two of E6", told(w.Errors), len(w.Households))
	}
}

// TestTemplate reads the template: it has every sheet, its notes and examples state nothing, and its examples are right.
func TestTemplate(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := estatefile.Template(&b); err != nil {
		t.Fatal(err)
	}
	open := func(b []byte) *sheet.Spreadsheet {
		t.Helper()
		f, err := sheet.Open("estate.xlsx", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	w, err := estatefile.ReadFile(open(b.Bytes()))
	if err != nil || len(w.Errors) > 0 || len(w.Sheets) != len(estatefile.SheetKinds) || len(w.Remarks) != 3*len(w.Sheets) || len(w.Buildings)+len(w.Households) > 0 {
		t.Fatalf("got %v, errors %v, remarks %v, want an empty file of every sheet", err, told(w.Errors), told(w.Remarks))
	}
	var forms []sheet.Form
	for _, s := range open(b.Bytes()).Sheets {
		f := sheet.Form{Name: s.Name}
		for row, err := range s.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			var cells []string
			for _, c := range row.Cells {
				cells = append(cells, strings.TrimPrefix(c.Text, "例："))
			}
			f.Rows = append(f.Rows, cells)
		}
		forms = append(forms, f)
	}
	b.Reset()
	if err := sheet.WriteForms(&b, forms); err != nil {
		t.Fatal(err)
	}
	w, err = estatefile.ReadFile(open(b.Bytes()))
	if err != nil || len(w.Errors) > 0 {
		t.Fatalf("got %v, %v, want examples without errors", err, told(w.Errors))
	}
	if n := []int{len(w.Buildings), len(w.Units), len(w.Households), len(w.Suppliers), len(w.Volunteers)}; !slices.Equal(n, []int{2, 5, 2, 2, 2}) {
		t.Errorf("got %v rows, want two examples of each sheet and three units of the buildings", n)
	}
}

// TestLongSheets reads workbooks whose sheet has one row too many.
func TestLongSheets(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2][]string{
		"住户":     {{"住户 TOO_MANY_ROWS"}, {}},
		"Sheet1": {{"Sheet1 TOO_MANY_ROWS"}, {}}, // its first row says that it has households
		"其他":     {{"NO_SHEET"}, {"其他 UNKNOWN_SHEET"}},
	} {
		var b bytes.Buffer
		out, err := sheet.NewXLSX(&b, name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20_001 {
			row := []string{"E6", "1", fmt.Sprint(n)}
			if n == 0 && name == "Sheet1" {
				row = []string{"住户"}
			}
			if err := out.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := estatefile.Open("estate.xlsx", bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		w, err := estatefile.ReadFile(f)
		if err != nil || !slices.Equal(told(w.Errors), want[0]) || !slices.Equal(told(w.Remarks), want[1]) || len(w.Households) > 0 {
			t.Errorf("%s: got %v, %v, %v, want %v", name, err, told(w.Errors), told(w.Remarks), want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("住户", "楼栋|单元|房号|电话|人数|特殊需求\nE6|1|1203|13800001203|2|独居老人")
	f.Add("楼栋", "楼栋|单元数|层数\nE6|2|27")
	f.Add("队员", "编号|电话|小分队|负责楼栋\nS01|1.38E+10|保供|E6（备）、E7")
	f.Add("商超", "编号|名称|类型\nx|店|商超")
	f.Fuzz(func(t *testing.T, name, text string) {
		w := estatefile.Read([]estatefile.Grid{table(name, strings.Split(text, "\n")...)})
		for _, h := range w.Households {
			if !h.Wrong && (delivery.CheckCode(h.Building.Code) != nil || delivery.CheckCode(h.Room) != nil || h.Phone != nil && h.Phone.Check() != nil) {
				t.Errorf("%q: got a household that cannot be saved: %+v", text, h)
			}
		}
		for _, v := range w.Volunteers {
			if !v.Wrong && v.Code != "" && delivery.CheckCode(v.Code) != nil {
				t.Errorf("%q: got a volunteer that cannot be saved: %+v", text, v)
			}
		}
		for _, e := range slices.Concat(w.Errors, w.Remarks) {
			if e.Refusal.Message(delivery.Chinese) == "" || strings.Contains(e.Refusal.Error(), "%!") {
				t.Errorf("%q: got %v", text, e)
			}
		}
	})
}
