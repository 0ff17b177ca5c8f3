package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"baogong/delivery"
	"baogong/reading/sheet"
)

func TestCSVIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	const plain = "订单号,地址,备注\r\nA1,E6-1-1203,\"两行\r\n备注，有\"\"引号\"\"\"\r\n\r\nA2,E6-1-1204,𠮷\r\n"
	want := []string{"1: 订单号|地址|备注", "2: A1|E6-1-1203|两行\n备注，有\"引号\"", "4: A2|E6-1-1204|𠮷"}
	encoded := func(e encoding.Encoding, text string) string {
		out, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	little, big := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	with := func(separator string) string { return strings.ReplaceAll(plain, ",", separator) }
	for name, file := range map[string]string{
		"UTF-8":                       plain,
		"UTF-8 with a mark":           "\ufeff" + plain,
		"GB18030":                     encoded(simplifiedchinese.GB18030, plain),
		"UTF-16LE with a mark":        "\xff\xfe" + encoded(little, plain),
		"UTF-16BE with a mark":        "\xfe\xff" + encoded(big, plain),
		"UTF-16LE":                    encoded(little, plain),
		"UTF-16BE":                    encoded(big, plain),
		"tabs":                        with("\t"),
		"semicolons":                  with(";"),
		"bars":                        with("|"),
		"UTF-16LE with tabs":          "\xff\xfe" + encoded(little, with("\t")),
		"GB18030 with semicolons":     encoded(simplifiedchinese.GB18030, with(";")),
		"line feeds":                  strings.ReplaceAll(plain, "\r\n", "\n"),
		"no line break at the end":    strings.TrimSuffix(plain, "\r\n"),
		"zero bytes":                  strings.ReplaceAll(plain, "A1", "A\x001\x00"),
		"control and other marks":     strings.ReplaceAll(plain, "A1", "\x1b A1\x7f\ufeff"),
		"empty columns at the end":    strings.ReplaceAll(plain, "\r\nA", ",,,\r\nA"),
		"carriage returns only":       strings.ReplaceAll(strings.ReplaceAll(plain, "两行\r\n", "两行\n"), "\r\n", "\r"),
		"rows of separators are none": strings.ReplaceAll(plain, "\r\n\r\n", "\r\n,,\r\n"),
	} {
		if diff := cmp.Diff(want, lines(t, open(t, file), 0)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"2: a|b,c", "3: 1|2,3"}, lines(t, open(t, "sep=;\na;b,c\n1;2,3\n"), 0)); diff != "" {
		t.Errorf("a line that names the separator: -want +got:\n%s", diff)
	}
	broken := "单号,地址\n1,上海青\n2,上海青" + strings.Repeat("菜", 50) + "\xe4\xb8\n"
	if got := lines(t, open(t, broken), 0); got[0] != "1: 单号|地址" {
		t.Errorf("a file that ends in half a character: got %q", got)
	}
}

func TestCSVIsReadAsEncodingCSVReadsIt(t *testing.T) {
	t.Parallel()
	field := rapid.StringMatching(`[a0,;"\n 一=\t|]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(field, 3, 3), 1, 6).Draw(t, "rows")
		header := []string{"编号", "地址", "数量"}
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Comma = rapid.SampledFrom([]rune(",;\t")).Draw(t, "separator")
		for range 30 { // enough to find the separator by
			_ = w.Write(header)
		}
		_ = w.WriteAll(rows)
		data := file.Bytes()
		if rapid.Bool().Draw(t, "gb18030") {
			data, _ = simplifiedchinese.GB18030.NewEncoder().Bytes(data)
		}
		f, err := sheet.Open("a.csv", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var got [][]string
		for row, err := range f.Sheets[0].Rows() {
			if err != nil {
				t.Fatal(err)
			}
			again, err := f.Sheets[0].At(row.At)
			if err != nil || !slices.Equal(again.Cells, row.Cells) {
				t.Fatalf("row %d is read again as %v, %v, want %v", row.Number, again.Cells, err, row.Cells)
			}
			if row.Number > 30 {
				var out []string
				for _, c := range row.Cells {
					out = append(out, c.Text)
				}
				got = append(got, out)
			}
		}
		var want [][]string
		for _, row := range rows {
			var out []string
			for _, text := range row {
				out = append(out, strings.TrimSpace(text))
			}
			for len(out) > 0 && out[len(out)-1] == "" {
				out = out[:len(out)-1]
			}
			if strings.Trim(strings.Join(out, ""), ` ",;|`+"\t\n") != "" {
				want = append(want, out)
			}
		}
		got = slices.DeleteFunc(got, func(row []string) bool { return strings.Trim(strings.Join(row, ""), ` ",;|`+"\t\n") == "" })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	set := func(name, cell string, value any) {
		t.Helper()
		if err := book.SetCellValue(name, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(book.SetSheetName("Sheet1", "订单"))
	set("订单", "A1", "北山超市")
	must(book.MergeCell("订单", "A1", "C1"))
	for i, v := range []any{"订单号", "手机", "数量"} {
		set("订单", string(rune('A'+i))+"3", v)
	}
	set("订单", "A4", 20200218001)
	set("订单", "B4", 13800001901)
	set("订单", "C4", 2.5)
	must(book.MergeCell("订单", "A4", "A6"))
	set("订单", "B5", 79.9)
	set("订单", "C5", 0.1+0.2)
	must(book.SetCellFormula("订单", "C6", "C4*2"))
	set("订单", "B6", "=1+1") // text that looks like a formula
	scientific, err := book.NewStyle(&excelize.Style{NumFmt: 11})
	must(err)
	must(book.SetCellStyle("订单", "B4", "B4", scientific))
	date, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	clock := `yyyy"年"m"月"d"日" hh:mm`
	own, err := book.NewStyle(&excelize.Style{CustomNumFmt: &clock})
	must(err)
	set("订单", "A7", 43879)
	must(book.SetCellStyle("订单", "A7", "A7", date))
	set("订单", "B7", 43879.75)
	must(book.SetCellStyle("订单", "B7", "B7", own))
	for i := range 3 {
		must(book.SetCellFormula("订单", fmt.Sprintf("D%d", 8+i), "A1", excelize.FormulaOpts{Type: new(excelize.STCellFormulaTypeShared), Ref: new("D8:D10")}))
	}
	if _, err := book.NewSheet("说明"); err != nil {
		t.Fatal(err)
	}
	set("说明", "B2", true)
	must(book.SetSheetVisible("说明", false))
	f := open(t, saved(t, book))
	want := []string{
		"1: 北山超市|北山超市>|北山超市>",
		"3: 订单号|手机|数量",
		"4: 20200218001|13800001901|2.5",
		"5: 20200218001^|79.9|0.3",
		"6: 20200218001^|=1+1=|=C4*2=",
		"7: 2020-02-18@|2020-02-18 18:00@",
		"8: |||=A1=", "9: |||=A1=", "10: |||=A1=",
	}
	if got := lines(t, f, 0); !slices.Equal(got[:6], want[:6]) || len(got) != len(want) {
		t.Errorf("-want +got:\n%s", cmp.Diff(want, got))
	}
	if diff := cmp.Diff([]string{"2: |TRUE"}, lines(t, f, 1)); f.Sheets[1].Name != "说明" || !f.Sheets[1].Hidden || f.Sheets[0].Hidden {
		t.Errorf("the second sheet is hidden: got %q, %v, %s", f.Sheets[1].Name, f.Sheets[1].Hidden, diff)
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	part := func(f io.Writer, err error) io.Writer {
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	// with returns a workbook with more parts.
	with := func(parts map[string]string) string {
		book := excelize.NewFile()
		if err := book.SetCellValue("Sheet1", "A1", "订单号"); err != nil {
			t.Fatal(err)
		}
		readers := map[string]io.Reader{}
		for name, content := range parts {
			readers[name] = strings.NewReader(content)
		}
		return repacked(t, saved(t, book), readers)
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	_, _ = part(z.Create("orders.csv")).Write([]byte("a,b"))
	_ = z.Close()

	const sheet1 = "xl/worksheets/sheet1.xml"
	head, tail := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, `</sheetData></worksheet>`
	bomb := repacked(t, emptyWorkbook(t), map[string]io.Reader{
		sheet1: io.MultiReader(strings.NewReader(head), io.LimitReader(spaces{}, int64(sheet.MaxUnpacked-len(head+tail))), strings.NewReader(tail)),
	})
	// The same bomb, but its directory says that it is small.
	forged := strings.ReplaceAll(bomb, "\x00\x00\x00\x0a", "\x10\x00\x00\x00")

	wide := excelize.NewFile()
	if err := wide.SetCellValue("Sheet1", "BZZ1", "x"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		want delivery.Reason
	}{
		"empty":                           {"", sheet.ReasonSheetEmpty},
		"a mark only":                     {"\ufeff", sheet.ReasonSheetEmpty},
		"1,000,000 columns":               {"a,b\n" + strings.Repeat("x,", 500_000), sheet.ReasonSheetColumns},
		"a row without an end":            {"a,b\n" + strings.Repeat("x,", 1_000_000), sheet.ReasonSheetRowLong},
		"a quotation mark without a pair": {"a,b\n1,\"x\n" + strings.Repeat("2,y\n", 100), sheet.ReasonSheetRowLong},
		"a part of 1,000,001 texts":       {with(map[string]string{"xl/sharedStrings.xml": `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + strings.Repeat("<si/>", sheet.MaxCells+1) + `</sst>`}), sheet.ReasonSheetCells},
		"a text of 2 MB":                  {with(map[string]string{sheet1: head + `<row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("x", 2<<20) + `</t></is></c></row>` + tail}), sheet.ReasonSheetBroken},
		"a tag of 2 MB":                   {with(map[string]string{sheet1: head + `<row r="1"` + strings.Repeat(` a="1"`, 400_000) + `></row>` + tail}), sheet.ReasonSheetBroken},
		"2,000,000 styles":                {with(map[string]string{"xl/styles.xml": `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>` + strings.Repeat("<xf/>", 2_000_000) + `</cellXfs></styleSheet>`}), sheet.ReasonSheetCells},
		"1,001 columns":                   {saved(t, wide), sheet.ReasonSheetColumns},
		"a column beyond XFD":             {with(map[string]string{sheet1: head + `<row r="1"><c r="XFE1"><v>1</v></c></row>` + tail}), sheet.ReasonSheetColumns},
		"a row beyond 1,048,576":          {with(map[string]string{sheet1: head + `<row r="1048577"><c r="A1048577"><v>1</v></c></row>` + tail}), sheet.ReasonSheetRows},
		"more cells than the bound":       {with(map[string]string{sheet1: head + `<row r="1">` + strings.Repeat("<c/>", sheet.MaxCells+1) + `</row>` + tail}), sheet.ReasonSheetCells},
		"broken XML":                      {with(map[string]string{sheet1: head + `<row r="1"><c r="A1"`}), sheet.ReasonSheetBroken},
		"half a workbook":                 {with(nil)[:2000], sheet.ReasonSheetBroken},
		"a bomb":                          {bomb, sheet.ReasonSheetUnpacked},
		"a forged bomb":                   {forged, sheet.ReasonSheetBroken},
		"many parts":                      {with(manyParts()), sheet.ReasonSheetBroken},
		"macros":                          {with(map[string]string{"xl/vbaProject.bin": "x"}), sheet.ReasonSheetMacros},
		"an old workbook":                 {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), sheet.ReasonSheetOld},
		"a page":                          {"\ufeff\r\n<html><table><tr><td>订单号</td></tr></table></html>", sheet.ReasonSheetKind},
		"another archive":                 {archive.String(), sheet.ReasonSheetKind},
		"a PDF":                           {"%PDF-1.7", sheet.ReasonSheetKind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := read(c.file)
			var refused *delivery.Error
			if !errors.As(err, &refused) || refused.Reason != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := sheet.Open("a.csv", strings.NewReader(""), sheet.MaxBytes+1); err == nil {
		t.Error("a file beyond the bound is opened")
	}
	links := open(t, with(map[string]string{"xl/externalLinks/externalLink1.xml": "<externalLink/>"}))
	if got := lines(t, links, 0); !links.Links || !slices.Equal(got, []string{"1: 订单号"}) {
		t.Errorf("links to other workbooks: got %v, %q", links.Links, got)
	}
}

// TestRowsThatHoldMuchMoreThanTheirCells reads sheets of few cells, whose rows have many: before a cell far to the right, and in merged ranges that
// overlap.
func TestRowsThatHoldMuchMoreThanTheirCells(t *testing.T) {
	t.Parallel()
	head, tail := `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, `</sheetData>`
	var far, near, merges strings.Builder
	for i := 1; i <= 6000; i++ {
		fmt.Fprintf(&far, `<row r="%d"><c r="ALL%d"><v>1</v></c></row>`, i, i)
		fmt.Fprintf(&near, `<row r="%d"><c r="A%d"><v>1</v></c></row>`, i, i)
		fmt.Fprintf(&merges, `<mergeCell ref="A%d:ALL%d"/>`, i, i+900)
	}
	for name, part := range map[string]string{
		"far to the right": head + far.String() + tail + `</worksheet>`,
		"merged":           head + near.String() + tail + `<mergeCells>` + merges.String() + `</mergeCells></worksheet>`,
	} {
		f := open(t, repacked(t, emptyWorkbook(t), map[string]io.Reader{"xl/worksheets/sheet1.xml": strings.NewReader(part)}))
		var got delivery.Reason
		for _, err := range f.Sheets[0].Rows() {
			if refusal := delivery.AsError(err); refusal != nil {
				got = refusal.Reason
			}
		}
		if got != sheet.ReasonSheetCells {
			t.Errorf("%s: got %q, want %q", name, got, sheet.ReasonSheetCells)
		}
	}
}

func TestWhatIsWrittenIsReadAndNoFormula(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"订单号", "地址", "备注"},
		{"00123", "=1+1", "+86"},
		{"13800001203", "-2", "@SUM(A1)"},
		{"\t=cmd", "＝1", "a\n\"b\", c; d"},
		{"\u200b=1", "'quoted", ""},
	}
	want := []string{
		"1: 订单号|地址|备注",
		"2: 00123|=1+1=|+86",
		"3: 13800001203|-2|@SUM(A1)",
		"4: =cmd=|＝1|a\n\"b\", c; d",
		"5: \u200b=1|'quoted",
	}
	for _, format := range []string{"csv", "xlsx"} {
		var file bytes.Buffer
		w := sheet.NewCSV(&file)
		if format == "xlsx" {
			var err error
			if w, err = sheet.NewXLSX(&file, "订单"); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range rows {
			if err := errors.Join(w.Write(row), w.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, lines(t, open(t, file.String()), 0)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", format, diff)
		}
		if format == "csv" {
			for _, field := range []string{`'=1+1`, `'+86`, `'-2`, `'@SUM(A1)`, "'\t=cmd", `'＝1`, "'\u200b=1"} {
				if !strings.Contains(file.String(), field) {
					t.Errorf("%q is not guarded in:\n%s", field, file.String())
				}
			}
			if !strings.HasPrefix(file.String(), "\ufeff订单号,地址,备注\r\n") {
				t.Errorf("the CSV begins with %q", file.String()[:20])
			}
			continue
		}
		book, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range []string{"B2", "A4"} {
			if formula, err := book.GetCellFormula("订单", cell); err != nil || formula != "" {
				t.Errorf("%s has the formula %q, %v", cell, formula, err)
			}
		}
	}
}

func TestAWorkbookIsPassedOnPageByPage(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := sheet.NewXLSX(&file, "订单")
	if err != nil {
		t.Fatal(err)
	}
	row := []string{"1", "东辰心语E6栋1单元1203", "", "a <b> & \"c\"\n_x003D_1", "𠮷"}
	want := []string{}
	for n := 1; n <= 3000; n++ {
		row[0] = fmt.Sprint(n)
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%d: %s", n, strings.Join(row, "|")))
		switch before := file.Len(); {
		case n == 1 && before > 0:
			t.Errorf("%d bytes are passed on before the first page", before)
		case n%1000 == 0:
			if err := w.Flush(); err != nil || file.Len() <= before {
				t.Errorf("row %d: got %v, %d bytes, want more than %d", n, err, file.Len(), before)
			}
		}
	}
	long := strings.Repeat("菜", sheet.MaxText-1)
	if err := errors.Join(w.Write([]string{long + "𠮷𠮷"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(want, "3001: "+long), lines(t, open(t, file.String()), 0)); diff != "" {
		t.Errorf("-want +got:\n%.2000s", diff)
	}
	book, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := book.GetRows("订单"); err != nil || len(got) != 3001 || !slices.Equal(got[2999], row) {
		t.Errorf("excelize reads %d rows, %v", len(got), err)
	}
}

// TestALongSheetIsNotReadToItsEnd opens a workbook of which one sheet has more rows than its reader takes. Behind them the sheet is broken,
// which no one notices who does not read on.
func TestALongSheetIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for n := 1; n <= 12; n++ {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><f>B%[1]d</f><v>%[1]d</v></c><c r="B%[1]d"/></row>`, 2*n) // every second row has no value
	}
	const head = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	file := repacked(t, emptyWorkbook(t), map[string]io.Reader{"xl/worksheets/sheet1.xml": strings.NewReader(head + rows.String() + `<row r="26"><c r=`)})
	if _, err := sheet.Open("a.xlsx", strings.NewReader(file), int64(len(file))); delivery.AsError(err) == nil {
		t.Errorf("got %v, want a broken workbook", err)
	}
	f, err := sheet.OpenBounded("a.xlsx", strings.NewReader(file), int64(len(file)), 10)
	if err != nil || !f.Sheets[0].Long {
		t.Fatalf("got %v, want a long sheet", err)
	}
	defer f.Close()
	var want []string
	for n := 1; n <= 10; n++ {
		want = append(want, fmt.Sprintf("%d: =B%[1]d=", 2*n))
	}
	for range 2 {
		for row, err := range f.Sheets[0].Rows() { // one who stops leaves the rest
			if err != nil || row.Number != 2 {
				t.Errorf("got row %d, %v", row.Number, err)
			}
			break
		}
		if diff := cmp.Diff(want, lines(t, f, 0)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	whole := repacked(t, emptyWorkbook(t), map[string]io.Reader{"xl/worksheets/sheet1.xml": strings.NewReader(head + rows.String() + `</sheetData></worksheet>`)})
	if f, err := sheet.OpenBounded("a.xlsx", strings.NewReader(whole), int64(len(whole)), 12); err != nil || f.Sheets[0].Long {
		t.Errorf("a sheet of just as many rows: got %v", err)
	}
}

// TestRoundedNumbers: only numeric cells are read as spreadsheets round them, and no digits are made up.
func TestRoundedNumbers(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	want := []string{"1.38E+10", "79.90000000000001", "1.38E+10", "13800001203", "79.9", "0.011"}
	for i, value := range []string{"1.38E+10", "79.90000000000001"} {
		if err := book.SetCellStr("Sheet1", fmt.Sprint(string(rune('A'+i)), 1), value); err != nil {
			t.Fatal(err)
		}
	}
	for i, value := range []string{"1.38E+10", "1.3800001203E+10", "79.90000000000001", "1.0999999999999999E-2"} {
		if err := book.SetCellDefault("Sheet1", fmt.Sprint(string(rune('C'+i)), 1), value); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for row, err := range open(t, saved(t, book)).Sheets[0].Rows() {
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range row.Cells {
			got = append(got, cell.Text)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\n3\"\n"))
	f.Add([]byte("\xff\xfea\x00\t\x00b\x00\n\x00"))
	f.Add([]byte("sep=;\na;b"))
	book := excelize.NewFile()
	_ = book.SetCellFormula("Sheet1", "B2", "A1")
	_ = book.MergeCell("Sheet1", "A1", "B1")
	f.Add([]byte(saved(f, book)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := sheet.Open("fuzz", bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		defer file.Close()
		for _, s := range file.Sheets {
			last := 0
			for row, err := range s.Rows() {
				if err != nil {
					break
				}
				if row.Number <= last || len(row.Cells) == 0 || len(row.Cells) > sheet.MaxColumns {
					t.Fatalf("row %d after %d has %d cells", row.Number, last, len(row.Cells))
				}
				last = row.Number
				if again, err := s.At(row.At); err != nil || !slices.Equal(again.Cells, row.Cells) {
					t.Fatalf("row %d is read again as %v, %v, want %v", row.Number, again.Cells, err, row.Cells)
				}
			}
		}
	})
}

func open(t testing.TB, file string) *sheet.Spreadsheet {
	t.Helper()
	f, err := sheet.Open("orders", strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// read reads all rows of a file.
func read(file string) error {
	f, err := sheet.Open("orders", strings.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	defer f.Close()
	for _, s := range f.Sheets {
		for _, err := range s.Rows() {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// lines returns the rows of a sheet, a mark after each cell that is not plain.
func lines(t testing.TB, f *sheet.Spreadsheet, n int) []string {
	t.Helper()
	var out []string
	for row, err := range f.Sheets[n].Rows() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d: %s", row.Number, strings.Join(texts(row), "|")))
	}
	return out
}

func texts(row sheet.Record) []string {
	var out []string
	for _, c := range row.Cells {
		out = append(out, c.Text+map[sheet.CellKind]string{sheet.Formula: "=", sheet.Date: "@", sheet.Above: "^", sheet.Beside: ">"}[c.Kind])
	}
	return out
}

func saved(t testing.TB, book *excelize.File) string {
	t.Helper()
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// repacked returns a workbook with parts added or replaced.
func repacked(t testing.TB, book string, parts map[string]io.Reader) string {
	t.Helper()
	in, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range in.File {
		if _, replaced := parts[part.Name]; !replaced {
			if err := z.Copy(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.Copy(w, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// spaces is an endless text of spaces.
type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

func manyParts() map[string]string {
	out := map[string]string{}
	for i := range sheet.MaxParts + 1 {
		out[fmt.Sprintf("xl/media/%d", i)] = ""
	}
	return out
}

func emptyWorkbook(t testing.TB) string {
	t.Helper()
	return saved(t, excelize.NewFile())
}
