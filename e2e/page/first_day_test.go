package page_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"baogong/db/dbtest"
	"baogong/e2e/house"
)

// mostClicks is what docs/first-day.md promises: from an empty database to the first order at its door takes fewer.
const mostClicks = 40

// TestFirstDayInABrowser begins with a database without a community and takes its first order to the door, with the pages alone. Its steps
// are those of docs/first-day.md, whose pictures it takes.
func TestFirstDayInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	clock := house.NewClock() // nine o'clock in the morning of today, so that the codes' dates fit the day
	clock.Pass(time.Now().UTC().Truncate(24 * time.Hour).Add(time.Hour).Sub(clock.Now()))
	h := house.Build(t, dsn, house.Setup{Now: clock.Now})
	house.WaitFor(t, "the program is ready", h.Hub.Ready)
	t.Cleanup(func() { house.Equations(t, dsn) })
	admin, _, err := h.Verbs.Access.InviteAdmin(t.Context()) // go run . invite
	if err != nil {
		t.Fatal(err)
	}
	clicks := 0
	browse(t, func(said string) {
		if clicks, err = strconv.Atoi(said); err != nil {
			t.Error(err)
		}
	}, "first-day.mjs", h.BaseURL(), admin, firstDayWorkbook(t), clock.Now().Format(time.RFC3339))
	t.Logf("%d clicks from an empty database to the door", clicks)
	if clicks == 0 || clicks >= mostClicks {
		t.Errorf("the first day takes %d clicks, want fewer than %d", clicks, mostClicks)
	}
	var order string
	if err := h.Database().QueryRowContext(t.Context(), `
		select o.stage || ' ' || h.room || ' ' || o.placed_by_role
		  from orders o join households h on h.community_id = o.community_id and h.id = o.household_id`).Scan(&order); err != nil {
		t.Fatal(err)
	}
	if order != "DELIVERED 1203 RESIDENT" {
		t.Errorf("the first order is %s", order)
	}
}

// firstDayWorkbook writes the estate of docs/first-day.md as a workbook and returns its path.
func firstDayWorkbook(t *testing.T) string {
	t.Helper()
	book := excelize.NewFile()
	for sheet, rows := range map[string][][]string{
		"楼栋": {{"楼栋", "单元数", "层数", "电梯"}, {"E6", "2", "18", "有"}, {"E7", "1", "6", "无"}},
		"住户": {{"楼栋", "单元", "房号", "联系人", "电话", "人数"}, {"E6", "1", "1203", "王芳", "13800001203", "2"}, {"E6", "2", "302", "李雷", "13800000302", "4"},
			{"E7", "1", "501", "韩梅", "13800000501", "3"}},
		"队员": {{"编号", "姓名", "小分队", "职务", "电话", "楼栋"}, {"C01", "赵云", "值守", "指挥", "13700000001", ""}, {"D01", "周仓", "值守", "", "13700000002", ""},
			{"T01", "马良", "运输", "", "13700000003", ""}, {"S01", "黄月英", "保供", "", "13700000004", "E6、E7"}},
		"商超": {{"编号", "名称", "类别"}, {"caiban", "新雨菜班", "商超"}},
	} {
		if _, err := book.NewSheet(sheet); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := book.SetSheetRow(sheet, "A"+strconv.Itoa(i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "estate.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}
