package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/team"
	"baogong/dispatch/workbook"
	"baogong/reading/estatefile"
	"baogong/reading/sheet"
)

// grid makes a sheet from lines of cells that are separated by |.
func grid(name string, lines ...string) estatefile.Grid {
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

// wholeEstate is a workbook of so many buildings, every third with two units, and so many households in a unit.
func wholeEstate(buildings, doors int) []estatefile.Grid {
	places, homes := []string{"楼栋 Building|名称|单元数|层数|电梯"}, []string{"楼栋|单元|房号|联系人|电话|人数|特殊需求"}
	people := []string{"编号|姓名|电话|单位|小分队|职务|负责楼栋|后备楼栋", "C01|陈指挥|13900000000|区委|保供|指挥||"}
	n := 0
	for b := 1; b <= buildings; b++ {
		units := 1
		if b%3 == 0 {
			units = 2
		}
		places = append(places, fmt.Sprintf("E%d|E%d栋|%d|27|有", b, b, units))
		people = append(people, fmt.Sprintf("S%02d|队员%d|139%08d|发改委|保供小分队|队员|E%d|E%d、E%d", b, b, b, b, b%buildings+1, (b+1)%buildings+1))
		for u := 1; u <= units; u++ {
			for d := range doors {
				needs := ""
				if n++; n%10 == 0 {
					needs = "独居老人、慢性病"
				}
				homes = append(homes, fmt.Sprintf("E%d|%d|%d%02d|住户%d|138%08d|%d|%s", b, u, d/4+1, d%4+1, n, n, n%5+1, needs))
			}
		}
	}
	return []estatefile.Grid{grid("楼栋", places...), grid("住户", homes...), grid("队员", people...),
		grid("商超", "编号|名称|类型|电话", "jiangcheng|江城超市|商超|0717-6000000", "yiyao|康民大药房|药店|")}
}

// emptyCommunity adds a community without rows.
func (e *house) emptyCommunity(code string) delivery.ID {
	e.t.Helper()
	p := must(e.d.Estate.CreateCommunities(e.t.Context(), e.admin, estate.CreateCommunitiesInput{Communities: []*estate.NewCommunityInput{{Code: code, Name: code, TimeZone: "Asia/Shanghai"}}}))
	if p.Saved() != 1 {
		e.t.Fatalf("got %v, want the community", results(p.BulkOutcome))
	}
	return *p.Items[0].ID
}

// counted is what a report says of its sheets: new, changed, unchanged, wrong, missing.
func counted(r *workbook.EstateReport) string {
	var out []string
	for _, s := range r.Sheets {
		out = append(out, fmt.Sprintf("%s %d+%d=%d!%d-%d", strings.ToLower(string(s.Kind)), s.New, s.Changed, s.Unchanged, s.Wrong, s.Missing))
	}
	return strings.Join(out, ", ")
}

// wrongs are the errors of a report: sheet, cell, reason.
func wrongs(r *workbook.EstateReport) (out []string) {
	for _, e := range r.Errors {
		out = append(out, strings.TrimSpace(e.Sheet+" "+e.Cell+" "+e.Refusal.Reason.String()))
	}
	return out
}

func TestImportEstate(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, there := t.Context(), e.emptyCommunity("meilin")
	w := estatefile.Read(wholeEstate(6, 12))
	if len(w.Errors) > 0 || len(w.Remarks) > 0 {
		t.Fatalf("got %v, %v, want a workbook without errors", w.Errors, w.Remarks)
	}
	write := workbook.Options{Write: true}
	fresh := "buildings 6+0=0!0-0, units 8+0=0!0-0, households 96+0=0!0-0, suppliers 2+0=0!0-0, volunteers 7+0=0!0-0"
	dry := must(e.d.Workbook.Import(ctx, e.admin, there, w, workbook.Options{}))
	if got := counted(dry); got != fresh || dry.Written {
		t.Errorf("dry run: got %s, want %s", got, fresh)
	}
	if got := counted(must(e.d.Workbook.Import(ctx, e.admin, there, w, workbook.Options{}))); got != fresh {
		t.Errorf("dry run again: got %s, want %s: it has written", got, fresh)
	}
	if got := counted(must(e.d.Workbook.Import(ctx, e.admin, there, w, write))); got != fresh {
		t.Errorf("import: got %s, want %s", got, fresh)
	}
	again := must(e.d.Workbook.Import(ctx, e.admin, there, w, write))
	if got, want := counted(again), "buildings 0+0=6!0-0, units 0+0=8!0-0, households 0+0=96!0-0, suppliers 0+0=2!0-0, volunteers 0+0=7!0-0"; got != want || again.Written {
		t.Errorf("again: got %s, want %s", got, want)
	}
	rows := must(e.db.Households(ctx, e.admin.Scope(), there.Community, db.HouseholdFilter{Text: "E3-2-302"}, db.Range{Limit: 2})).Items
	if len(rows) != 1 || rows[0].Floor != 3 || rows[0].People < 1 || rows[0].ContactName.Reveal() == "" {
		t.Errorf("got %+v, want E3-2-302 on floor 3", rows)
	}
	if got := e.column(`select count(*) from households where community_id = $1 and needs = '{ELDERLY_ALONE,CHRONIC_MEDICINE}'`, there.Community); got[0] != "9" {
		t.Errorf("got %s households with needs, want 9", got[0])
	}

	// What differs is saved, and nothing else.
	some := estatefile.Read([]estatefile.Grid{grid("楼栋", "楼栋|进出说明|电梯", "E1栋|从东门进|", "E2|-|有"),
		grid("住户", "地址|楼层|电话|人数|特殊需求", "E1-1-101|2|138 0000 0001|无数|", "Ｅ1-1-１02||13800000002|5|无"),
		grid("队员", "电话|后备楼栋|在岗", "13900000001|E3|", "13900000002||否")})
	if got, want := strings.Join(wrongs(&workbook.EstateReport{Errors: some.Errors}), ", "), "住户 D2 BAD_NUMBER"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	report := must(e.d.Workbook.Import(ctx, e.admin, there, some, write))
	if report.Written {
		t.Error("got rows saved beside a wrong cell, want none")
	}
	want := "buildings 0+1=1!0-4, households 0+1=0!1-94, volunteers 0+2=0!0-5"
	if got := counted(must(e.d.Workbook.Import(ctx, e.admin, there, some, workbook.Options{Write: true, SkipErrors: true}))); got != want {
		t.Errorf("with errors skipped: got %s, want %s", got, want)
	}
	if got := e.column(`select count(*) from services s join volunteers v on v.id = s.volunteer_id where v.community_id = $1 and v.code = 'S01'`, there.Community); got[0] != "1" {
		t.Errorf("S01 serves %s buildings, want the one that the file states", got[0])
	}
}

func TestImportEstateOfEveryKindOfError(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	w := estatefile.Read([]estatefile.Grid{
		grid("楼栋", "楼栋|单元数|层数", "E6||", "E8|1|", "E9-1|1|6"),
		grid("单元", "楼栋|单元|层数", "E6|1|30", "E77|1|6"),
		grid("住户", "楼栋|单元|房号|楼层", "E6|1|9999|", "E6|1|B01|", "E6|9|101|", "E77|1|101|", "E9-1|1|101|", "E6||1203|", "E6|1|1203室|12"),
		grid("商超", "编号|名称|类型", "neu|新店|", "neu2||商超"),
		grid("队员", "编号|姓名|电话|小分队|负责楼栋", "X1|新人|13900000009||", "X2||13900000008|保供|", "X3|人|13900000007|保供|E77"),
	})
	r := must(e.d.Workbook.Import(t.Context(), e.commander, e.community, w, workbook.Options{Write: true}))
	want := []string{"楼栋 A4 BAD_VALUE", "楼栋 C3 MISSING", "单元 A3 NO_BUILDING", "住户 C2 FLOOR_TOO_HIGH", "住户 C3 FLOOR_NEEDED", "住户 B4 NO_UNIT", "住户 A5 NO_BUILDING", "住户 A6 BUILDING_WRONG",
		"住户 C8 SAME_DOOR", "商超 C2 MISSING", "商超 B3 MISSING", "队员 D2 MISSING", "队员 B3 MISSING", "队员 E4 NO_BUILDING"}
	if got := wrongs(r); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if r.Written {
		t.Error("got rows saved beside wrong cells, want none")
	}
}

// TestRowsThatTheBookSpeaksAgainst imports rows that are right by themselves and do not fit what the community has.
func TestRowsThatTheBookSpeaksAgainst(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, yes := t.Context(), true
	phone := delivery.Phone("13900000001")
	saved(t, must(e.d.Team.UpdateVolunteers(ctx, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
		{ID: e.team["S02"], Phone: &phone}, {ID: e.team["S03"], Phone: &phone}, {ID: e.team["P01"], Archived: &yes}}})).BulkOutcome)
	other, third := delivery.Phone("13900000002"), delivery.Phone("13900000003")
	saved(t, must(e.d.Team.UpdateVolunteers(ctx, e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["D01"], Phone: &other}, {ID: e.team["T01"], Phone: &third}}})).BulkOutcome)
	saved(t, must(e.d.Estate.UpdateHouseholds(ctx, e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[3], Archived: &yes}}})).BulkOutcome)
	w := estatefile.Read([]estatefile.Grid{
		grid("楼栋", "楼栋|单元数|层数", "E7|2|18"),
		grid("住户", "楼栋|单元|房号", "E6|1|1403", "E7||1103", "E6||1203"),
		grid("队员", "编号|电话|小分队|姓名", "|13900000001||", "X9|13900000003|保供|新人", "D01|||", "|13900000002||", "P01|||"),
	})
	r := must(e.d.Workbook.Import(ctx, e.commander, e.community, w, workbook.Options{}))
	want := "住户 C2 ROW_ARCHIVED, 住户 B3 WHICH_UNIT, 队员 B2 PHONE_OF_SEVERAL, 队员 B3 PHONE_OF_ANOTHER, 队员 B5 SAME_VOLUNTEER, 队员 A6 ROW_ARCHIVED"
	if got := strings.Join(wrongs(r), ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := counted(r), "buildings 0+0=1!0-1, units 1+0=1!0-0, households 0+0=1!2-6, volunteers 0+0=1!4-9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestImportBesideAnotherChange changes a row between what the import reads and what it saves.
func TestImportBesideAnotherChange(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	w := estatefile.Read([]estatefile.Grid{grid("楼栋", "楼栋|名称", "E6|六栋", "E7|七栋"), grid("住户", "地址|人数", "E6-1-1103|4")})
	five := 5
	changed := false
	r := must(e.d.Workbook.Import(t.Context(), e.commander, e.community, w, workbook.Options{Write: true, Progress: func(int, int) {
		if !changed {
			changed = true
			saved(t, must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], People: &five}}})).BulkOutcome)
		}
	}}))
	if got, want := counted(r), "buildings 0+2=0!0-0, households 0+1=0!0-7"; got != want || r.ErrorCount > 0 {
		t.Errorf("got %s, %v, want %s", got, wrongs(r), want)
	}
	if got := e.column(`select people from households where id = '` + string(e.homes[0].UUID) + `'`); got[0] != "4" {
		t.Errorf("got %s people, want the file's 4", got[0])
	}
}

// TestImportGoesOn breaks an import off after each of its transactions. Run again it goes on, and each row is there once.
func TestImportGoesOn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.emptyCommunity("meilin")
	w := estatefile.Read(wholeEstate(6, 70))
	news, tries := 0, 0
	for ; ; tries++ {
		if tries > 20 {
			t.Fatal("the import never ends")
		}
		ctx, stop := context.WithCancel(t.Context())
		before := 0
		r, err := e.d.Workbook.Import(ctx, e.admin, there, w, workbook.Options{Write: true, Progress: func(done, total int) {
			if before = done; done < total {
				stop()
			}
		}})
		stop()
		news += before
		if err == nil {
			if r.ErrorCount > 0 {
				t.Errorf("got %v, want no errors", wrongs(r))
			}
			break
		}
	}
	if want := 6 + 8 + 8*70 + 2 + 7; news != want || tries < 5 {
		t.Errorf("got %d rows saved in %d tries, want %d in 5 or more", news, tries, want)
	}
	again := must(e.d.Workbook.Import(t.Context(), e.admin, there, w, workbook.Options{}))
	if got, want := counted(again), "buildings 0+0=6!0-0, units 0+0=8!0-0, households 0+0=560!0-0, suppliers 0+0=2!0-0, volunteers 0+0=7!0-0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// written is a community's book as the lines of a workbook's sheets, in the columns of the template.
func (e *house) written(of delivery.ID) []estatefile.Grid {
	e.t.Helper()
	rows := func(head, query string) []string {
		return append([]string{head}, e.column(query, of.Community)...)
	}
	return []estatefile.Grid{
		grid("楼栋", rows("楼栋|名称|电梯|进出说明", `select concat_ws('|', code, name, case when has_lift then '有' else '无' end, access_note) from buildings where community_id = $1 order by code`)...),
		grid("单元", rows("楼栋|单元|层数", `select concat_ws('|', b.code, u.number, u.floors) from units u join buildings b on b.id = u.building_id where u.community_id = $1 order by 1`)...),
		grid("住户", rows("楼栋|单元|房号|楼层|联系人|电话|人数|特殊需求", `select concat_ws('|', b.code, u.number, h.room, h.floor, h.contact_name, h.phone, h.people, array_to_string(h.needs, '、'))
			from households h join units u on u.id = h.unit_id join buildings b on b.id = h.building_id where h.community_id = $1 order by 1`)...),
		grid("队员", rows("编号|姓名|电话|单位|小分队|职务|在岗|负责楼栋|后备楼栋", `select concat_ws('|', v.code, v.name, v.phone, v.home_organisation, v.squad, v.rank, case when v.reachable then '是' else '否' end,
			(select coalesce(string_agg(b.code, '、' order by b.code), '无') from services s join buildings b on b.id = s.building_id where s.volunteer_id = v.id and duty = 'PRIMARY'),
			(select coalesce(string_agg(b.code, '、' order by b.code), '无') from services s join buildings b on b.id = s.building_id where s.volunteer_id = v.id and duty = 'BACKUP'))
			from volunteers v where v.community_id = $1 order by 1`)...),
		grid("商超", rows("编号|名称|类型|电话", `select concat_ws('|', code, name, kind, phone) from suppliers where community_id = $1 order by code`)...),
	}
}

// TestAnEstateSurvivesItsWorkbook writes the book of a community as an XLSX workbook and imports that into an empty community: both books are equal.
func TestAnEstateSurvivesItsWorkbook(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	first, second := e.emptyCommunity("meilin"), e.emptyCommunity("xinghe")
	must(e.d.Workbook.Import(t.Context(), e.admin, first, estatefile.Read(wholeEstate(7, 10)), workbook.Options{Write: true}))
	must(e.d.Workbook.Import(t.Context(), e.admin, first, estatefile.Read([]estatefile.Grid{grid("楼栋", "楼栋|电梯|进出说明", "E2|无|从东门进"), grid("住户", "地址|楼层|特殊需求", "E3-2-101|-1|孕妇、宠物"),
		grid("队员", "编号|在岗|职务", "S03|否|队长")}), workbook.Options{Write: true}))
	want := e.written(first)
	var forms []sheet.Form
	for _, g := range want {
		f := sheet.Form{Name: g.Name}
		for _, r := range g.Rows {
			var cells []string
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
			}
			f.Rows = append(f.Rows, cells)
		}
		forms = append(forms, f)
	}
	var b bytes.Buffer
	if err := sheet.WriteForms(&b, forms); err != nil {
		t.Fatal(err)
	}
	f := must(sheet.Open("estate.xlsx", bytes.NewReader(b.Bytes()), int64(b.Len())))
	defer f.Close()
	w := must(estatefile.ReadFile(f))
	r := must(e.d.Workbook.Import(t.Context(), e.admin, second, w, workbook.Options{Write: true}))
	if got := counted(r); got != "buildings 7+0=0!0-0, units 9+0=0!0-0, households 90+0=0!0-0, suppliers 2+0=0!0-0, volunteers 8+0=0!0-0" || r.ErrorCount > 0 {
		t.Errorf("got %s, %v", got, wrongs(r))
	}
	if diff := cmp.Diff(want, e.written(second)); diff != "" {
		t.Errorf("the two books differ (-first +second):\n%s", diff)
	}
	if again := must(e.d.Workbook.Import(t.Context(), e.admin, first, w, workbook.Options{})); again.Differs() > 0 {
		t.Errorf("into the first: got %s, want nothing that differs", counted(again))
	}
}

func TestWhoImportsEstates(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	w := estatefile.Read([]estatefile.Grid{grid("楼栋", "楼栋", "E6")})
	for _, a := range []delivery.Actor{{}, e.lead, e.supply, e.shop, e.resident, {Role: delivery.RoleCity, Communities: []int32{0}}} {
		if r, err := e.d.Workbook.Import(t.Context(), a, e.community, w, workbook.Options{}); delivery.AsError(err) == nil {
			t.Errorf("%s: got %v, %v, want a refusal", a.Role, r, err)
		}
	}
	for _, a := range []delivery.Actor{e.admin, e.commander} {
		if _, err := e.d.Workbook.Import(t.Context(), a, e.community, w, workbook.Options{}); err != nil {
			t.Errorf("%s: %v", a.Role, err)
		}
	}
	there := e.emptyCommunity("meilin")
	if _, err := e.d.Workbook.Import(t.Context(), e.commander, there, w, workbook.Options{}); delivery.CodeOf(err) != delivery.CodeNotFound {
		t.Errorf("got %v, want NOT_FOUND for another community", err)
	}
}

// TestTwoImportsAtOnce imports the same workbook from several places: each row is there once, and each import ends without errors.
func TestTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	there := e.emptyCommunity("meilin")
	grids := wholeEstate(4, 30)
	var all sync.WaitGroup
	news := make([]int, 3)
	for n := range news {
		all.Go(func() {
			r, err := e.d.Workbook.Import(t.Context(), e.admin, there, estatefile.Read(grids), workbook.Options{Write: true})
			if err != nil || r.ErrorCount > 0 {
				t.Errorf("got %v, %v, want no errors", wrongs(r), err)
				return
			}
			for _, s := range r.Sheets {
				news[n] += s.New
			}
		})
	}
	all.Wait()
	if got, want := news[0]+news[1]+news[2], 4+5+150+2+5; got != want {
		t.Errorf("got %v rows saved as new, want %d in all", news, want)
	}
	for table, want := range map[string]int{"buildings": 4, "units": 5, "households": 150, "suppliers": 2, "volunteers": 5} {
		if got := e.column(`select count(*) from ` + table + ` where community_id = ` + strconv.Itoa(int(there.Community))); got[0] != strconv.Itoa(want) {
			t.Errorf("%s: got %s rows, want %d", table, got[0], want)
		}
	}
}

// TestImportEstateIsIdempotent sends the same call again, another under its id, and a dry run.
func TestImportEstateIsIdempotent(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	send := func(a delivery.Actor, text string) delivery.ID {
		t.Helper()
		return must(e.d.File.Receive(ctx, a, e.community.Community, "text/csv", strings.NewReader(text))).ID()
	}
	file := send(e.commander, "编号,名称,类型\nx1,新店,商超\n")
	call := func(id string, change func(*workbook.ImportEstateInput)) *workbook.ImportEstatePayload {
		t.Helper()
		in := workbook.ImportEstateInput{CommunityID: e.community, FileID: file, ClientMutationID: &id, Name: "商超.csv"}
		if change != nil {
			change(&in)
		}
		return must(e.d.Workbook.ImportEstate(ctx, e.commander, in))
	}
	dry := func(in *workbook.ImportEstateInput) { in.DryRun = true }
	for range 2 {
		if p := call("k1", dry); p.Report == nil || p.Report.Written || p.Report.Differs() != 1 {
			t.Errorf("dry run: got %+v, %v, want one new row and nothing written", p.Report, p.UserErrors)
		}
	}
	first := call("k1", nil) // a dry run stores nothing
	if !first.Report.Written || counted(first.Report) != "suppliers 1+0=0!0-2" {
		t.Errorf("got %s, want one new row", counted(first.Report))
	}
	if again := call("k1", nil); counted(again.Report) != counted(first.Report) {
		t.Errorf("again: got %s, want the stored report", counted(again.Report))
	}
	if p := call("k1", func(in *workbook.ImportEstateInput) { in.SkipErrors = true }); len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != "OTHER_INPUT" {
		t.Errorf("another input: got %v, want OTHER_INPUT", p.UserErrors)
	}
	if p := call("k2", nil); p.Report.Written || counted(p.Report) != "suppliers 0+0=1!0-2" {
		t.Errorf("another call: got %s, want nothing new", counted(p.Report))
	}
	nowhere := delivery.ID{Kind: delivery.KindFile, Community: e.community.Community, UUID: "01890000-0000-7000-8000-000000000000"}
	for want, change := range map[string]func(*workbook.ImportEstateInput){
		"WRONG_KIND at fileId":     func(in *workbook.ImportEstateInput) { in.FileID = e.homes[0] },
		"FILE_GONE at fileId":      func(in *workbook.ImportEstateInput) { in.FileID = nowhere },
		"FILE_NOT_YOURS at fileId": func(in *workbook.ImportEstateInput) { in.FileID = send(e.lead, "编号\nx") },
		"SHEET_KIND at fileId":     func(in *workbook.ImportEstateInput) { in.FileID = send(e.commander, "<html></html>") },
		"TOO_LONG at name":         func(in *workbook.ImportEstateInput) { in.Name = long },
	} {
		if p := call("k3", change); describe(p.UserErrors) != want || p.Report != nil {
			t.Errorf("got %v, want %s", p.UserErrors, want)
		}
	}
	if p := call("k4", func(in *workbook.ImportEstateInput) { in.Name = "list.csv" }); len(p.UserErrors) > 0 || strings.Join(wrongs(p.Report), "") != "NO_SHEET" {
		t.Errorf("without the name of a sheet: got %v, %v, want NO_SHEET", p.UserErrors, p.Report)
	}
}

// TestImportOfTheWordsOfAnEstate saves the words with which people write addresses, changes one, and leaves the others as they are.
func TestImportOfTheWordsOfAnEstate(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	words := func(lines ...string) *estatefile.Workbook {
		return estatefile.Read([]estatefile.Grid{grid("楼栋", "楼栋|单元数|层数", "E8|1|6"), grid("小区", append([]string{"项目|内容|楼栋"}, lines...)...)})
	}
	write := func(w *estatefile.Workbook) *workbook.EstateReport {
		return must(e.d.Workbook.Import(t.Context(), e.commander, e.community, w, workbook.Options{Write: true}))
	}
	first := words("弄号|88弄", "别名|东辰、心语", "地名|宜昌市", "地标|南门保安室", "楼栋别名|小白楼|E8")
	if got, want := counted(write(first)), "buildings 1+0=0!0-2, units 1+0=0!0-0, estate 6+0=0!0-0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := counted(write(first)), "buildings 0+0=1!0-2, units 0+0=1!0-0, estate 0+0=6!0-0"; got != want {
		t.Errorf("again: got %s, want %s", got, want)
	}
	if got, want := counted(write(words("弄号|90", "地名|心语", "楼栋别名|小白楼|E6"))), "buildings 0+0=1!0-2, units 0+0=1!0-0, estate 0+3=0!0-0"; got != want {
		t.Errorf("changed: got %s, want %s", got, want)
	}
	got := e.column(`select w.kind || ' ' || w.text || coalesce(' ' || b.code, '') from address_aliases w left join buildings b on b.id = w.building_id where w.community_id = $1
		union all select 'LANE ' || lane from communities where community_id = $1 order by 1`, e.community.Community)
	if want := []string{"BUILDING 小白楼 E6", "ESTATE 东辰", "LANDMARK 南门保安室", "LANE 90", "NOISE 宜昌市", "NOISE 心语"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := wrongs(write(words("别名|——", "楼栋别名|大楼|E99"))), []string{"小区 B2 BAD_VALUE", "小区 C3 NO_BUILDING"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
