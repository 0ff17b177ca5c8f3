package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baogong/app"
	"baogong/delivery"
	"baogong/dispatch/intake"
	"baogong/e2e/house"
	"baogong/reading/sheet"
)

// sheetTypes are the media types of sheets, by the ending of their names.
var sheetTypes = map[string]string{"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// sheetOf writes rows as a sheet.
func sheetOf(t *testing.T, format string, rows [][]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := sheet.NewCSV(&b)
	if format == "xlsx" {
		var err error
		if w, err = sheet.NewXLSX(&b, "订单"); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// importAnswer is what an import became.
type importAnswer struct {
	ID                                            string
	Placed, Changed, Unchanged, InReview, Refused int
}

// counts are how many rows were placed, changed, unchanged, in review and refused.
func (i importAnswer) counts() string {
	return fmt.Sprint(i.Placed, i.Changed, i.Unchanged, i.InReview, i.Refused)
}

// importSheet sends a sheet as the actor and imports it for caiban.
func importSheet(t *testing.T, e *house.Estate, actor, format string, data []byte) importAnswer {
	t.Helper()
	a := file(t, e.Program, actor, http.MethodPut, "/files", bytes.NewReader(data), "Content-Type", sheetTypes[format])
	var kept struct{ ID string }
	if err := json.Unmarshal(a.body, &kept); err != nil || a.status != http.StatusCreated {
		t.Fatalf("got %d %s, want the sheet kept", a.status, a.body)
	}
	return importOf(t, e, actor, obj{"kind": strings.ToUpper(format), "fileId": kept.ID})
}

// importOf imports orders of caiban as the actor.
func importOf(t *testing.T, e *house.Estate, actor string, in obj) importAnswer {
	t.Helper()
	in["communityId"], in["supplierId"] = e.Community, e.Suppliers["caiban"]
	var got struct {
		ImportOrders struct {
			Import     *importAnswer
			UserErrors []struct{ Reason, Message string }
		}
	}
	e.Must(e.As(actor), `mutation ($i: ImportOrdersInput!) { importOrders(input: $i) { import { id placed changed unchanged inReview refused } userErrors { reason message } } }`, obj{"i": in}, &got)
	if got.ImportOrders.Import == nil {
		t.Fatalf("the import was refused: %+v", got.ImportOrders.UserErrors)
	}
	return *got.ImportOrders.Import
}

// TestWaitingRowsAreCorrectedAndSentAgain downloads the rows of an import that wait or were refused, corrects them in the sheet, and sends it again: they are placed.
// Sent once more, all are unchanged. A sheet that is sent back as it is changes nothing.
func TestWaitingRowsAreCorrectedAndSentAgain(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	for format, reasons := range map[string]string{"csv": "en", "xlsx": "zh-CN"} {
		t.Run(format, func(t *testing.T) {
			own := []string{"单号", "地址", "商品", "数量", "单价", "备注"}
			number := func(n int) string { return fmt.Sprintf("%s-%d", format, n) }
			first := importSheet(t, e, "caiban", format, sheetOf(t, format, [][]string{
				own,
				{number(1), "E6-1-1103", "土豆", "2斤", "2.5元", ""},
				{number(2), "E6-9-1103", "鸡蛋", "1板", "18元", "放门口"},
				{number(3), "E6-1-1203", "青菜", "0", "", ""},
				{number(4), "E6-1-1303", "=1+1", "一大堆", "", "+8613800000000"},
				{number(5), "", "大米", "1袋", "", ""},
				{number(5), "E6-1-1403", "面条", "2把", "", ""},
				{number(6), "E9-1-1103", "油", "1桶", "", ""},
			}))
			if got, want := first.counts(), "1 0 1 3 1"; got != want && got != "2 0 0 3 1" {
				t.Fatalf("got %s, want %s", got, want)
			}
			path := "/imports/" + first.ID + "/rows." + format
			rows := exported(t, e.Program, "caiban", path, "Accept-Language", reasons)
			last := map[string][]string{"en": {"row", "reason"}, "zh-CN": {"原行号", "原因"}}[reasons]
			if want := append(slices.Clone(own), last...); !slices.Equal(rows[0], want) {
				t.Fatalf("got the columns %q, want %q", rows[0], want)
			}
			var told []string
			for _, row := range rows[1:] {
				told = append(told, row[0]+" "+row[6])
				if row[7] == "" {
					t.Errorf("the row %q says not why it waits", row)
				}
			}
			if want := []string{number(2) + " 3", number(3) + " 4", number(4) + " 5", number(6) + " 8"}; !slices.Equal(told, want) {
				t.Fatalf("got the rows %q, want %q", told, want)
			}
			if rows[3][2] != "=1+1" || rows[3][5] != "+8613800000000" {
				t.Errorf("got %q, want the cells as they were written", rows[3])
			}
			if same := importSheet(t, e, "caiban", format, sheetOf(t, format, rows)); same.counts() != "0 0 0 3 1" {
				t.Errorf("sent back as it is: got %s, want that the same rows wait", same.counts())
			}

			rows[1][1], rows[2][3], rows[3][2], rows[3][3], rows[4][1] = "E6-1-1103", "2", "豆腐", "2块", "E7-1-1103"
			corrected := sheetOf(t, format, rows)
			placed := importSheet(t, e, "caiban", format, corrected)
			if placed.counts() != "4 0 0 0 0" {
				t.Errorf("corrected: got %s, want 4 placed", placed.counts())
			}
			if again := importSheet(t, e, "caiban", format, corrected); again.counts() != "0 0 4 0 0" {
				t.Errorf("sent again: got %s, want 4 unchanged", again.counts())
			}
			if left := exported(t, e.Program, "caiban", "/imports/"+placed.ID+"/rows."+format); len(left) != 1 || len(left[0]) != len(own)+2 {
				t.Errorf("got %q, want the columns of the file once, and no rows", left)
			}
			var got struct {
				Exports []struct{ Noun, Format string }
			}
			e.Must("C01", `query ($c: ID!) { exports(communityId: $c) { noun format rowCount endedAt by { role } } }`, obj{"c": e.Community}, &got)
			if len(got.Exports) == 0 || got.Exports[0].Noun != "IMPORT_ROWS" || got.Exports[0].Format != strings.ToUpper(format) {
				t.Errorf("got the records %+v, want the downloads of rows", got.Exports)
			}
		})
	}
}

// TestACrossTableIsCorrectedAndSentAgain corrects a file whose columns are goods. The columns that the sheet adds are no goods.
func TestACrossTableIsCorrectedAndSentAgain(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	first := importSheet(t, e, "S00", "csv", []byte("房号,土豆(斤),鸡蛋(板)\nE6-1-1103,2,\nE6-1-9903,1,1\nE6-1-1203,,3\n"))
	if first.counts() != "2 0 0 1 0" {
		t.Fatalf("got %s, want two placed and one that waits", first.counts())
	}
	rows := exported(t, e.Program, "S00", "/imports/"+first.ID+"/rows.csv")
	if len(rows) != 2 || len(rows[0]) != 5 {
		t.Fatalf("got %q, want one row", rows)
	}
	rows[1][0] = "E6-1-1303"
	if placed := importSheet(t, e, "S00", "csv", sheetOf(t, "csv", rows)); placed.counts() != "1 0 0 0 0" {
		t.Errorf("corrected: got %s, want one placed", placed.counts())
	}
	if got := e.Text(`select string_agg(l.item || ' ' || trim_scale(l.quantity) || l.unit, ', ' order by l.position)
		from order_lines l join orders o on o.id = l.order_id join households h on h.id = o.household_id where h.address = 'E6-1-1303'`); got != "土豆 1斤, 鸡蛋 1板" {
		t.Errorf("got the goods %s", got)
	}
}

// TestWhoDownloadsWaitingRows asks for the rows of an import that the supplier sent, and of one that the team pasted, as each role.
func TestWhoDownloadsWaitingRows(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	text := "单号,地址,商品,数量\nA-1,E6栋1103,土豆,2斤\nA-2,E7-1-9903,鸡蛋,1板\n"
	sent := importOf(t, e, "caiban", obj{"kind": "CSV", "text": text})
	pasted := importOf(t, e, "S00", obj{"kind": "JIELONG", "text": "#接龙\n1. E6栋1103 土豆 2斤\n2. 张家 鸡蛋 1板\n", "menu": []obj{{"item": "土豆"}, {"item": "鸡蛋"}}})
	got := map[string][]string{}
	for _, actor := range []string{"caiban", "yiyao", "E6-1-1103", "D01", "T01", "P01", "S01", "S07", "S00", "D00", "C01", "admin", "city", ""} {
		for _, i := range []importAnswer{sent, pasted} {
			a := file(t, e.Program, actor, http.MethodGet, "/imports/"+i.ID+"/rows.csv", nil)
			said := fmt.Sprint(a.status)
			if a.status == http.StatusOK {
				said = fmt.Sprint(strings.Count(string(a.body), "\r\n")-1, " rows")
			} else {
				said += " " + a.reason(t)
			}
			got[actor] = append(got[actor], said)
		}
	}
	want := map[string][]string{
		"caiban": {"2 rows", "403 NOT_YOURS"}, "yiyao": {"404 NO_SUCH", "404 NO_SUCH"}, "E6-1-1103": {"404 NO_SUCH", "404 NO_SUCH"},
		"D01": {"403 NOT_YOURS", "403 NOT_YOURS"}, "T01": {"403 NOT_YOURS", "403 NOT_YOURS"}, "P01": {"403 NOT_YOURS", "403 NOT_YOURS"}, "D00": {"403 NOT_YOURS", "403 NOT_YOURS"},
		"S01": {"1 rows", "1 rows"}, "S07": {"0 rows", "0 rows"}, "S00": {"2 rows", "2 rows"}, "C01": {"2 rows", "2 rows"}, "admin": {"2 rows", "2 rows"},
		"city": {"404 NO_SUCH", "404 NO_SUCH"}, "": {"401 SIGN_IN", "401 SIGN_IN"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	a := file(t, e.Program, "S00", http.MethodGet, "/imports/"+pasted.ID+"/rows.csv", nil, "Accept-Language", "zh-CN")
	for name, value := range map[string]string{"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="rows.csv"`, "Cache-Control": "private, no-store"} {
		if a.header.Get(name) != value {
			t.Errorf("%s: got %q, want %q", name, a.header.Get(name), value)
		}
	}
	if !bytes.HasPrefix(a.body, []byte("\ufeff内容,原行号,原因\r\n")) || !bytes.Contains(a.body, []byte("张家")) {
		t.Errorf("got %s, want the texts of the list", a.body)
	}
	for path, want := range map[string]string{"/imports/" + sent.ID + "/rows.pdf": "NO_SUCH_TABLE", "/imports/" + sent.ID + "/orders.csv": "NO_SUCH_TABLE", "/imports/x/rows.csv": "MALFORMED_ID",
		"/imports/" + e.Homes["E6-1-1103"] + "/rows.csv": "WRONG_KIND", "/exports/import_rows.csv": "NO_SUCH_TABLE"} {
		if a := file(t, e.Program, "C01", http.MethodGet, path, nil); a.status == http.StatusOK || a.reason(t) != want {
			t.Errorf("%s: got %d, %s, want %s", path, a.status, a.body, want)
		}
	}
	if a := file(t, e.Program, "C01", http.MethodPost, "/imports/"+sent.ID+"/rows.csv", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", a.status)
	}
}

// imported imports a text as the actor without a request, and returns the import's id.
func imported(t *testing.T, e *house.Estate, actor, text string) string {
	t.Helper()
	a, err := e.Store.UnscopedActorNamed(t.Context(), actor, e.Code)
	if err != nil {
		t.Fatal(err)
	}
	in := intake.ImportOrdersInput{Kind: delivery.ImportCSV, Text: &text}
	for to, id := range map[*delivery.ID]string{&in.CommunityID: e.Community, &in.SupplierID: e.Suppliers["caiban"]} {
		if *to, err = delivery.ParseID(id); err != nil {
			t.Fatal(err)
		}
	}
	p, err := e.Verbs.Intake.ImportOrders(t.Context(), a, in)
	if err != nil || p.ImportID == nil {
		t.Fatalf("got %+v, %v, want an import", p, err)
	}
	return p.ImportID.String()
}

// TestABrokenDownloadHoldsNothing has a client go away in the middle of a table: the place of its account is free again, no transaction is left open, and the
// record says that the table was not whole.
func TestABrokenDownloadHoldsNothing(t *testing.T) {
	t.Parallel()
	const page = 2000 // points
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst, s.AddressFactor = 1, page+100, 10 })
	text := "单号,地址,商品,数量\n"
	for n := range 450 {
		text += fmt.Sprintf("A-%d,E9-1-%d,土豆,2斤\n", n, n)
	}
	i := importAnswer{ID: imported(t, e, "caiban", text)} // by HTTP it would cost more than a table
	path := "/imports/" + i.ID + "/rows.csv"
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(e.URL, "/graphql")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", house.Bearer("S00"))
	res, err := http.DefaultClient.Do(q)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v, want a table that begins", res, err)
	}
	if a := file(t, e.Program, "S00", http.MethodGet, path, nil); a.reason(t) != "TOO_MANY_EXPORTS" {
		t.Errorf("while it is sent: got %d %s, want TOO_MANY_EXPORTS", a.status, a.body)
	}
	if err := res.Body.Close(); err != nil { // it waits for points, and is not read on
		t.Fatal(err)
	}
	house.WaitFor(t, "the place is free", func() bool { return file(t, e.Program, "S00", http.MethodGet, path, nil).reason(t) == "TOO_FAST" })
	var got struct {
		Exports []struct {
			RowCount int
			EndedAt  *string
		}
	}
	e.Must("C01", `query ($c: ID!) { exports(communityId: $c) { rowCount endedAt } }`, obj{"c": e.Community}, &got)
	if len(got.Exports) != 1 || got.Exports[0].RowCount != 200 || got.Exports[0].EndedAt != nil {
		t.Errorf("got the records %+v, want one of 200 rows that did not end", got.Exports)
	}
	if open := e.Text(`select cast(count(*) as text) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`); open != "0" {
		t.Errorf("%s transactions are left open", open)
	}
}
