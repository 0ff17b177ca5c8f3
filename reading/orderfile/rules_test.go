package orderfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"baogong/delivery"
	"baogong/reading"
	"baogong/reading/address"
	"baogong/reading/orderfile"
	"baogong/reading/sheet"
)

// TestRulesOfLists reads small files. A line of what is wanted says: rows, number, door or reason, goods, note, what it asks for, problems.
func TestRulesOfLists(t *testing.T) {
	t.Parallel()
	book := testEstate(t)
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"addresses in columns": {"楼栋,单元,房号,商品,数量\n6,1,1203,大米,1袋\nE2栋,1单元,801室,大米,2袋\n6号楼,二,1203,面,1把\n2,,801,油,1桶\n", []string{
			"2 - E6-1-1203 大米 1袋 PLACE", "3,5 - E2-1-801 大米 2袋, 油 1桶 PLACE", "4 - E6-2-1203 面 1把 PLACE",
		}},
		"floors in columns": {"楼栋,单元,楼层,房间,商品,数量\nE6,1,12,03,大米,1袋\nE6,2,12,1203,大米,1袋\n", []string{
			"2 - E6-1-1203 大米 1袋 PLACE", "3 - E6-2-1203 大米 1袋 PLACE",
		}},
		"a building in a column beside the address": {"楼栋,地址,商品,数量\nE6,1-1203,大米,1袋\nE6,E6-2-1203,大米,1袋\n", []string{
			"2 - E6-1-1203 大米 1袋 PLACE", "3 - E6-2-1203 大米 1袋 PLACE",
		}},
		"headers of many words": {"*订单\n编号,收货人 手机号,收货地址（必填）,商品名称/规格,商品名称,购买数量(份),单价(元),缺货处理\n1,13800001203,E6-1-1203,x,大米,2,¥69,不换\n2,,E6-2-1203,x,面,2把,3.5元/把,先问\n3,,E2-1-801,x,油,1,70,可换同类\n", []string{
			"3 1 E6-1-1203 大米 2份@6900/NEVER PLACE", "4 2 E6-2-1203 面 2把@350/ASK PLACE", "5 3 E2-1-801 油 1份@7000/ANY PLACE",
		}},
		"several goods in one cell": {"单号,地址,商品明细\n1,E6-1-1203,土豆2斤、鸡蛋1板\n2,E6-2-1203,\"纯牛奶250ml 2箱,抽纸×3;豆腐（2盒）\"\n3,E2-1-801,土豆2斤、白菜\n4,E2-1-802,酸奶200g\n5,E2-1-803,鸡蛋 2（要新鲜的）\n6,E2-1-804,五花肉两斤半+十三香一袋\n7,E3-1-801,土豆2斤 鸡蛋1板\n8,E3-1-802,土豆 2斤 鸡蛋 1板\n9,E3-1-803,A+B套餐1份\n", []string{
			"2 1 E6-1-1203 土豆 2斤, 鸡蛋 1板 PLACE", "3 2 E6-2-1203 纯牛奶250ml 2箱, 抽纸 3份, 豆腐 2盒 PLACE", "4 3 E2-1-801 土豆 2斤 REVIEW QUANTITY_UNCLEAR",
			"5 4 E2-1-802 REVIEW QUANTITY_UNCLEAR", "6 5 E2-1-803 鸡蛋 2份 “要新鲜的” PLACE", "7 6 E2-1-804 五花肉 2.5斤, 十三香 1袋 PLACE",
			"8 7 E3-1-801 土豆 2斤, 鸡蛋 1板 PLACE", "9 8 E3-1-802 REVIEW QUANTITY_UNCLEAR", "10 9 E3-1-803 A+B套餐 1份 PLACE",
		}},
		"titles, totals for each building, repeated headers and signatures": {"北山超市\n日期：2月18日 共4单\n\n地址,商品,数量,金额\nE6-1-1203,大米,1,69\nE6-2-1203,大米,1,69\nE6栋小计,,2,138\n地址,商品,数量,金额\nE2-1-801,大米,1,69\n小计：,,1,69\n,,,\n合 计,,3,207\n签字：,,,\n", []string{
			"5 - E6-1-1203 大米 1份@6900 PLACE", "6 - E6-2-1203 大米 1份@6900 PLACE", "9 - E2-1-801 大米 1份@6900 PLACE",
			"7 TOTALS", "8 HEADER_AGAIN", "10 TOTALS", "12 TOTALS", "13 NO_ORDER", "2 TOTAL_DIFFERS 4 3",
		}},
		"totals that differ are told": {"单号,地址,商品,数量,金额\n1,E6-1-1203,大米,1,69\n2,E6-2-1203,大米,1,69\n合计,,,3,140\n", []string{
			"2 1 E6-1-1203 大米 1份@6900 PLACE", "3 2 E6-2-1203 大米 1份@6900 PLACE", "4 TOTALS", "4 TOTAL_DIFFERS 3 2", "4 TOTAL_DIFFERS 140.00 138.00",
		}},
		"sections of buildings": {"房号,商品,数量\nE6栋,,\n1-1203,大米,1\n2-1203,大米,1\nE2栋,,\n801,大米,1\n", []string{
			"3 - E6-1-1203 大米 1份 PLACE", "4 - E6-2-1203 大米 1份 PLACE", "6 - E2-1-801 大米 1份 PLACE", "2 NO_ORDER", "5 NO_ORDER",
		}},
		"rows that continue the one above wait": {"单号,地址,商品,数量\n1,E6-1-1203,大米,1\n,,面,2\n2,E2-1-801,油,1\n", []string{
			"2,3 1 E6-1-1203 大米 1份, 面 2份 REVIEW ADDRESS_FROM_ABOVE", "4 2 E2-1-801 油 1份 PLACE",
		}},
		"one order of a door without numbers": {"地址,商品,数量\nE6-1-1203,大米,1\nE2-1-801,油,1\nE6栋1单元1203,面,2\n", []string{
			"2,4 - E6-1-1203 大米 1份, 面 2份 PLACE", "3 - E2-1-801 油 1份 PLACE",
		}},
		"numbers of rows are no keys": {"序号,地址,商品,数量\n1,E6-1-1203,大米,1\n1,E2-1-801,油,1\n2,E2-1-801,油,1\n", []string{
			"2 - E6-1-1203 大米 1份 PLACE", "3,4 - E2-1-801 油 1份 REVIEW SAME_ROW_AGAIN",
		}},
		"quantities and prices that do not fit": {"单号,地址,商品,数量,单位,单价,金额\n1,E6-1-1203,大米,2箱,瓶,3,6\n2,E6-1-1203,大米,3,袋,,10\n3,E6-1-1203,大米,0,袋,1,\n3,E6-1-1203,面,1,袋,1,\n4,E6-1-1203,,1,袋,1,\n5,E6-1-1203,,,,,\n6,,大米,1,,,\n", []string{
			"2 1 E6-1-1203 REVIEW QUANTITY_UNCLEAR", "3 2 E6-1-1203 大米 3袋 PLACE PRICE_UNCLEAR", "4,5 3 E6-1-1203 面 1袋@100 REFUSE QUANTITY_NOT_POSITIVE",
			"6 4 E6-1-1203 REVIEW ITEM_MISSING", "7 5 E6-1-1203 REVIEW NOTHING_ORDERED", "8 6 BUILDING_MISSING 大米 1份 REVIEW BUILDING_MISSING",
		}},
		"formulas wait": {"单号,地址,商品,数量,单价,备注\n1,E6-1-1203,大米,=1+1,1,\n2,E6-1-1203,大米,1,=A1,\n3,E6-1-1203,大米,1,1,=HYPERLINK(\"x\")\n=4,E6-1-1203,大米,1,1,\n5,E6-1-1203,'=面,1,1,-好\n", []string{
			"2 1 E6-1-1203 REVIEW FORMULA", "3 2 E6-1-1203 大米 1份 PLACE PRICE_UNCLEAR", "4 3 E6-1-1203 大米 1份@100 “=HYPERLINK(\"x\")” REVIEW FORMULA",
			"5 - E6-1-1203 大米 1份@100 REVIEW NUMBER_UNCLEAR FORMULA", "6 5 E6-1-1203 “-好” REVIEW FORMULA",
		}},
		"numbers that a spreadsheet has rounded": {"订单号,地址,商品,数量\n2.02002E+10,E6-1-1203,大米,1\n2.02002E+10,E2-1-801,大米,1\n", []string{
			"2 - E6-1-1203 大米 1份 REVIEW NUMBER_UNCLEAR", "3 - E2-1-801 大米 1份 REVIEW NUMBER_UNCLEAR",
		}},
		"orders that were taken back": {"订单号,订单状态,地址,商品,数量\n1,已付款,E6-1-1203,大米,1\n2,已取消,E2-1-801,大米,1\n", []string{
			"2 1 E6-1-1203 大米 1份 PLACE", "3 2 E2-1-801 大米 1份 CANCEL",
		}},
		"a cross table": {"门牌,土豆(3.5元/斤),\"鸡蛋\n26.8元/板\",大米（袋）,备注,合计\nE6-1-1203,2,1,,放门口,3\nE6-2-1203,半斤,-,0,,0.5\nE2-1-801,,,,,\nE2-1-802,2-3,,1,,\n合计,2.5,2,1,,\n", []string{
			"2 - E6-1-1203 土豆 2斤@350, 鸡蛋 1板@2680 “放门口” PLACE", "3 - E6-2-1203 土豆 0.5斤@350 PLACE", "5 - E2-1-802 大米 1袋 REVIEW QUANTITY_UNCLEAR",
			"4 NO_ORDER", "6 TOTALS",
		}},
		"a cross table with several totals": {"门牌,姓名,电话,土豆,鸡蛋(板),总数量,金额,合计\nE6-1-1203,王**,13800001203,2,1,3,30,30\nE2-1-801,李**,,1,,1,3,3\n总计,,,3,1,4,33,33\n", []string{
			"2 - E6-1-1203 土豆 2份, 鸡蛋 1板 PLACE", "3 - E2-1-801 土豆 1份 PLACE", "4 TOTALS",
		}},
		"a cell with several goods beside a quantity": {"单号,地址,商品,数量\n1,E6-1-1203,土豆2斤、鸡蛋1板,2\n2,E6-1-1203,A套餐（土豆2斤、鸡蛋1板）,1\n", []string{
			"2 1 E6-1-1203 REVIEW QUANTITY_UNCLEAR", "3 2 E6-1-1203 A套餐（土豆2斤、鸡蛋1板） 1份 PLACE",
		}},
		"a cross table with rows of units and prices": {"房号,土豆,鸡蛋\n单位,斤,板\n单价,3.5,26.8\nE6-1-1203,2,1\n合计,2,2\n", []string{
			"4 - E6-1-1203 土豆 2斤@350, 鸡蛋 1板@2680 PLACE", "2 HEADER_AGAIN", "3 HEADER_AGAIN", "5 TOTALS", "5 TOTAL_DIFFERS 2 1",
		}},
		"examples of templates": {"单号,地址,商品,数量\n示例,E6-1-1203,大米,1\n1,E2-1-801,大米,1\n", []string{"3 1 E2-1-801 大米 1份 PLACE", "2 EXAMPLE"}},
		"long notes":            {"单号,地址,商品,数量,备注\n1,E6-1-1203,大米,1," + strings.Repeat("门", 501) + "\n", []string{"2 1 E6-1-1203 大米 1份 “" + strings.Repeat("门", 500) + "” PLACE NOTE_CUT"}},
		"zero bytes":            {"单号,地址,商品,数量\n\x001,E6-1-\x001203,大\x00米,1\n", []string{"2 1 E6-1-1203 大米 1份 PLACE"}},
	} {
		if diff := cmp.Diff(c.want, short(t, mustRead(t, c.file, book))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestWorkbooksOfShops(t *testing.T) {
	t.Parallel()
	book := testEstate(t)
	x := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := func(name string, rows ...[]any) {
		t.Helper()
		for i, row := range rows {
			must(x.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row))
		}
	}
	rows("Sheet1",
		[]any{"北山超市配送清单"},
		[]any{"收货信息", nil, nil, "商品信息"},
		[]any{"单号", "地址", "电话", "品名", "数量", "金额"},
		[]any{101, "E6-1-1203", 13800001203, "大米", 1, 69},
		[]any{nil, nil, nil, "鸡蛋", "2板"},
		[]any{102, "E2-1-801", nil, "大米", 2, 138},
		[]any{103, "E2-1-802", nil, "大米", 43863, nil},
	)
	must(x.MergeCell("Sheet1", "A1", "F1"))
	must(x.MergeCell("Sheet1", "A2", "C2"))
	must(x.MergeCell("Sheet1", "D2", "F2"))
	for _, c := range []string{"A", "B", "C", "F"} {
		must(x.MergeCell("Sheet1", c+"4", c+"5"))
	}
	must(x.SetCellFormula("Sheet1", "F7", "D7*2"))
	date, err := x.NewStyle(&excelize.Style{NumFmt: 14})
	must(err)
	must(x.SetCellStyle("Sheet1", "E7", "E7", date))
	for _, name := range []string{"第二天", "说明", "隐藏"} {
		_, err := x.NewSheet(name)
		must(err)
	}
	rows("第二天", []any{"单号", "地址", "商品", "数量"}, []any{"201", "E2-1-803", "油", 1}, []any{"102", "E2-1-801", "盐", 1})
	rows("说明", []any{"内部使用"})
	_, err = x.NewSheet("E9栋")
	must(err)
	rows("E9栋", []any{"房号", "品名", "数量"}, []any{"1-1502", "油", 1})
	rows("隐藏", []any{"单号", "地址", "商品", "数量"}, []any{"301", "E2-1-804", "油", 1})
	must(x.SetSheetVisible("隐藏", false))
	var file bytes.Buffer
	must(x.Write(&file))
	orders := mustRead(t, file.String(), book)
	want := []string{
		"4,5 101 E6-1-1203 大米 1份, 鸡蛋 2板 PLACE", // the merged sum is that of neither
		"6,3 102 E2-1-801 大米 2份@6900, 盐 1份 PLACE",
		"7 103 E2-1-802 REVIEW QUANTITY_UNCLEAR",
		"2 201 E2-1-803 油 1份 PLACE",
		"2 - E9-1-1502 油 1份 PLACE", // the sheet's name says the building
	}
	if diff := cmp.Diff(want, short(t, orders)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := fmt.Sprint(orders.Sheets); got != "[{Sheet1 false 4} {第二天 false 2} {说明 false 0} {隐藏 true 0} {E9栋 false 1}]" {
		t.Errorf("got the sheets %s", got)
	}
}

func TestAFileWithoutAHeaderIsRefusedWithWhatWasFound(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"甲,乙,丙\n1,2,3\n":             "甲 | 乙 | 丙",
		"地址,数量,东西\nE6-1-1203,1,大米\n": "地址 | 数量 | 东西",
		"大米\n": "大米",
	} {
		_, err := read(t, file, testEstate(t))
		var refused *delivery.Error
		if !errors.As(err, &refused) || refused.Reason != orderfile.ReasonHeaders || !strings.Contains(refused.Message(delivery.Chinese), want) {
			t.Errorf("%q: got %v, want the headers %s", file, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	book := testEstate(f)
	f.Add("单号,地址,商品,数量,备注\n1,E6-1-1203,大米,1,\n1,E6-1-1203,面,2斤半,x\n,,油,1,\n合计,,,3,\n")
	f.Add("门牌,土豆(3.5元/斤),鸡蛋\nE6-1-1203,2,1\n单位,斤,板\nE6栋,,\n1-1204,1,\n")
	f.Add("单号;地址;商品明细;缺货\n1;E6-1-1203;土豆2斤、鸡蛋1板;不换\n")
	f.Fuzz(func(t *testing.T, file string) {
		s, err := sheet.Open("fuzz", strings.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		defer s.Close()
		orders, err := orderfile.Read(s, book, orderfile.Options{})
		if err != nil {
			return
		}
		rows, n := map[int]bool{}, 0
		for e, err := range orders.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			n++
			for _, row := range e.Rows {
				if rows[row] {
					t.Fatalf("row %d belongs to two orders", row)
				}
				rows[row] = true
			}
			for _, g := range e.Goods {
				if g.Quantity <= 0 || g.Unit == "" || g.UnitPriceFen < 0 {
					t.Fatalf("got the good %+v", g)
				}
			}
			if e.Asks == "" || len(e.Rows) == 0 || len([]rune(e.Note)) > delivery.MaxNote {
				t.Fatalf("got the entry %+v", e)
			}
		}
		if n != orders.Len() {
			t.Fatalf("got %d orders, counted %d", n, orders.Len())
		}
	})
}

// short returns the orders of a file, the rows that are passed over, and the remarks, one a line.
func short(t testing.TB, orders *orderfile.Orders) []string {
	t.Helper()
	var out []string
	for e, err := range orders.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		words := []string{strings.Trim(strings.Join(strings.Fields(fmt.Sprint(e.Rows)), ","), "[]"), e.Number, string(e.Address.Why)}
		if e.Number == "" {
			words[1] = "-"
		}
		if e.Address.Status == address.Match {
			words[2] = e.Address.Door.String()
		}
		var goods []string
		for _, g := range e.Goods {
			good := g.Item + " " + g.Quantity.String() + g.Unit
			if g.UnitPriceFen > 0 {
				good += fmt.Sprintf("@%d", g.UnitPriceFen)
			}
			if g.Substitute != "" {
				good += "/" + g.Substitute
			}
			goods = append(goods, good)
		}
		if len(goods) > 0 {
			words = append(words, strings.Join(goods, ", "))
		}
		if e.Note != "" {
			words = append(words, "“"+e.Note+"”")
		}
		words = append(words, string(e.Asks))
		for _, p := range e.Problems {
			words = append(words, string(p))
		}
		out = append(out, strings.Join(words, " "))
	}
	for _, s := range orders.Skipped {
		out = append(out, fmt.Sprintf("%d %s", s.Row, s.Why))
	}
	for _, r := range orders.Remarks {
		out = append(out, fmt.Sprintf("%d %s %s %s", r.Row, r.Problem, r.Stated, r.Counted))
	}
	return out
}

// TestLongCellsAreReadFast reads cells of which every number could begin the quantity.
func TestLongCellsAreReadFast(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{strings.Repeat("a1", 16_000), strings.Repeat("土一", 16_000), "x" + strings.Repeat("(b)", 10_000), strings.Repeat("土 1 ", 8000)} {
		text := "单号,地址,商品\n1,E6-1-1203," + cell + "\n"
		f, err := sheet.Open("a.csv", strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		orders, err := orderfile.Read(f, testEstate(t), orderfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range orders.Entries() {
			if err != nil || e.Asks != reading.Review {
				t.Errorf("%.10s: got %v, %v, want that it waits", cell, e.Asks, err)
			}
		}
		if took := time.Since(began); took > 20*time.Second { // it took minutes
			t.Errorf("%.10s: it took %s", cell, took)
		}
	}
}
