package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/volume"
	"baogong/reading/sheet"
)

// exported returns the rows of a table that an actor exports, the header first.
func exported(t *testing.T, h *house.Program, actor, path string, headers ...string) [][]string {
	t.Helper()
	a := file(t, h, actor, http.MethodGet, path, nil, headers...)
	if a.status != http.StatusOK {
		t.Fatalf("%s, %s: got %d, %.300s", actor, path, a.status, a.body)
	}
	f, err := sheet.Open(path, bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][]string
	for row, err := range f.Sheets[0].Rows() {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Text)
		}
		out = append(out, cells)
	}
	return out
}

func TestTablesAreExportedWithinTheScope(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	line := func(item string) obj {
		return obj{"lines": []obj{{"item": item, "quantity": "1.5", "unit": "斤", "unitPriceFen": 350}}}
	}
	e.Place("E6-1-1103", line("=1+1 上海青"))
	e.Place("E7-1-1103", line("鸡蛋"))

	// What each role is given: rows of orders, households, volunteers and incidents without the header, "-" for a refusal.
	for _, c := range []struct {
		actor, want string
	}{
		{"C01", "2 all all 0"},
		{"admin", "2 all all 0"},
		{"S01", "1 some all 0"},
		{"E6-1-1103", "1 1 all 0"},
		{"caiban", "2 0 all 0"},
		{"city", "- - - -"},
		{"", "- - - -"},
	} {
		var got []string
		for _, table := range []string{"orders", "households", "volunteers", "incidents"} {
			path := "/exports/" + table + ".csv?communityId=" + e.Community
			a := file(t, e.Program, c.actor, http.MethodGet, path, nil)
			if a.status != http.StatusOK {
				got = append(got, "-")
				continue
			}
			rows := len(exported(t, e.Program, c.actor, path)) - 1
			switch {
			case table == "volunteers" && rows > 5, table == "households" && rows == len(e.Homes):
				got = append(got, "all")
			case table == "households" && rows > 1:
				got = append(got, "some")
			default:
				got = append(got, fmt.Sprint(rows))
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: got %v, want %s", c.actor, got, c.want)
		}
	}

	for _, format := range []string{"csv", "xlsx"} {
		rows := exported(t, e.Program, "C01", "/exports/orders."+format, "Accept-Language", "zh-CN")
		if rows[0][0] != "编号" || !slices.Contains(rows[0], "商品") || !slices.ContainsFunc(rows[1:], func(r []string) bool { return slices.Contains(r, "=1+1 上海青") && slices.Contains(r, "已下单") }) {
			t.Errorf("%s: got %q", format, rows)
		}
	}
	e.PlaceMany(delivery.MaxPage) // so that there are two pages
	if rows := exported(t, e.Program, "C01", "/exports/orders.csv"); len(rows)-1 < delivery.MaxPage+2 {
		t.Errorf("got %d rows of two pages", len(rows)-1)
	}
	a := file(t, e.Program, "C01", http.MethodGet, "/exports/orders.csv", nil)
	for name, value := range map[string]string{"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="orders.csv"`, "Cache-Control": "private, no-store"} {
		if a.header.Get(name) != value {
			t.Errorf("%s: got %q, want %q", name, a.header.Get(name), value)
		}
	}
	if !bytes.HasPrefix(a.body, []byte("\ufeffNumber,")) || !bytes.Contains(a.body, []byte(",'=1+1 上海青,")) {
		t.Errorf("got %s, want English headers after a mark, and text that is no formula", a.body)
	}
	for path, want := range map[string]string{"/exports/bags.csv": "NO_SUCH_TABLE", "/exports/orders.pdf": "NO_SUCH_TABLE", "/exports/orders": "NO_SUCH_TABLE",
		"/exports/households.csv?contacts=true": "CONTACTS_WHOLE", "/exports/orders.csv?communityId=x": "MALFORMED_ID", "/exports/orders.csv?communityId=" + e.Homes["E6-1-1103"]: "WRONG_KIND"} {
		if a := file(t, e.Program, "C01", http.MethodGet, path, nil); a.status == http.StatusOK || a.reason(t) != want {
			t.Errorf("%s: got %d, %s, want %s", path, a.status, a.body, want)
		}
	}
	if a := file(t, e.Program, "admin", http.MethodGet, "/exports/orders.csv", nil); a.status != http.StatusBadRequest || a.reason(t) != "MISSING" {
		t.Errorf("an administrator without communityId: got %d %s, want MISSING", a.status, a.body)
	}
	if a := file(t, e.Program, "C01", http.MethodPost, "/exports/orders.csv", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", a.status)
	}
}

func TestWholeContactsAreExportedByFewAndRecorded(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	const path = "/exports/households.csv?contacts=whole&reason=%E4%BA%A4%E6%8E%A5"
	for actor, want := range map[string]string{"S01": "CONTACTS_NOT_YOURS", "S00": "CONTACTS_NOT_YOURS", "T01": "CONTACTS_NOT_YOURS", "E6-1-1103": "CONTACTS_NOT_YOURS", "caiban": "CONTACTS_NOT_YOURS", "": "SIGN_IN"} {
		if a := file(t, e.Program, actor, http.MethodGet, path, nil); a.status == http.StatusOK || a.reason(t) != want {
			t.Errorf("%q: got %d, %s, want %s", actor, a.status, a.body, want)
		}
	}
	if a := file(t, e.Program, "C01", http.MethodGet, "/exports/households.csv?contacts=whole", nil); a.reason(t) != "MISSING" {
		t.Errorf("without a reason: got %s", a.body)
	}
	if a := file(t, e.Program, "C01", http.MethodGet, "/exports/orders.csv?contacts=whole&reason=x", nil); a.reason(t) != "CONTACTS_NOT_YOURS" {
		t.Errorf("of orders: got %s", a.body)
	}
	masked := exported(t, e.Program, "C01", "/exports/households.csv")
	for _, row := range masked[1:] {
		if row[6] != "" && !strings.Contains(row[6], "****") {
			t.Errorf("the phone %q is not masked", row[6])
		}
	}
	homes := exportedWhole(t, e, "C01", path)
	var rows struct {
		Exports []struct {
			Noun, Format string
			Contacts     bool
			RowCount     int
			EndedAt      *string
			By           struct{ Role string }
		}
		Node struct {
			Reveals struct {
				Nodes []struct {
					Reason string
					By     struct{ Role string }
				}
			}
		}
	}
	e.Must("C01", `query ($c: ID!, $h: ID!) { exports(communityId: $c) { noun format contacts rowCount endedAt by { role } }
		node(id: $h) { ... on Household { reveals(first: 5) { nodes { reason by { role } } } } } }`, obj{"c": e.Community, "h": e.Homes["E6-1-1103"]}, &rows)
	if len(rows.Exports) != 2 || !rows.Exports[0].Contacts || rows.Exports[1].Contacts || rows.Exports[0].RowCount != homes || rows.Exports[0].EndedAt == nil || rows.Exports[0].By.Role != "COMMANDER" {
		t.Errorf("got the exports %+v, want two, the newer of %d rows with contacts", rows.Exports, homes)
	}
	if got := rows.Node.Reveals.Nodes; len(got) != 1 || got[0].Reason != "交接" {
		t.Errorf("got the readings %v, want one", got)
	}
	if diff := cmp.Diff(len(masked)-1, homes); diff != "" {
		t.Errorf("masked and whole rows: %s", diff)
	}
}

// exportedWhole exports households with whole contacts, and returns how many rows there are.
func exportedWhole(t *testing.T, e *house.Estate, actor, path string) int {
	t.Helper()
	return strings.Count(wholeTable(t, e, actor, path), "\n") - 1
}

// wholeTable returns a table with whole contacts. The answer is private, so it is not checked as others are.
func wholeTable(t *testing.T, e *house.Estate, actor, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(e.URL, "/graphql")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", house.Bearer(actor))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK || strings.Contains(body.String(), "****") {
		t.Fatalf("got %d, %v, %.300s", res.StatusCode, err, body.String())
	}
	return body.String()
}

// TestATableHasNoNotesThatTheListsHide exports an incident whose notes only the team reads.
func TestATableHasNoNotesThatTheListsHide(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	order := e.Place("E6-1-1103", obj{})
	secret := e.Report("C01", obj{"kind": "OTHER", "subjectId": order, "note": "邻居说他在隔离"})
	e.Resolve("C01", "NO_FAULT", "隔离到周五", secret)
	e.Report("caiban", obj{"kind": "OTHER", "subjectId": order, "note": "车坏了"})
	for actor, want := range map[string][]string{"C01": {"隔离到周五", "邻居说他在隔离", "车坏了"}, "S01": {"隔离到周五", "邻居说他在隔离", "车坏了"}, "caiban": {"车坏了"}, "E6-1-1103": nil} {
		var got []string
		for _, row := range exported(t, e.Program, actor, "/exports/incidents.csv")[1:] {
			for _, cell := range row {
				if slices.Contains([]string{"邻居说他在隔离", "隔离到周五", "车坏了"}, cell) {
					got = append(got, cell)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", actor, diff)
		}
	}
}

// TestTablesAreWithinTheQuota downloads tables until the day's files are used up.
func TestTablesAreWithinTheQuota(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Quota = 1 })
	most := int(delivery.AllowanceOf(delivery.RoleResident, 1)[delivery.QuotaFiles])
	for n := range most + 1 {
		a := file(t, e.Program, "E6-1-1103", http.MethodGet, "/exports/orders.csv", nil)
		if n < most && a.status != http.StatusOK || n == most && (a.status != http.StatusTooManyRequests || a.reason(t) != "QUOTA") {
			t.Fatalf("table %d: got %d %s", n+1, a.status, a.body)
		}
	}
	if a := file(t, e.Program, "E6-1-1203", http.MethodGet, "/exports/orders.csv", nil); a.status != http.StatusOK {
		t.Errorf("a neighbour: got %d %s", a.status, a.body)
	}
}

// The texts of a notice go to the households that it has not reached and that have a telephone number; whole numbers to few, and recorded.
func TestTextsOfANotice(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Update(e.As("C01"), "household", obj{"id": e.Homes["E6-1-1103"], "phone": "13612345678"}, obj{"id": e.Homes["E6-1-1203"], "phone": "13612345679"}, obj{"id": e.Homes["E6-1-1303"], "phone": ""})
	var got struct {
		PublishNotice struct{ Notice struct{ ID string } }
	}
	e.Must(e.As("C01"), `mutation ($i: PublishNoticeInput!) { publishNotice(input: $i) { notice { id } userErrors { message } } }`, obj{"i": obj{"communityId": e.Community, "kind": "NOTICE",
		"title": "今晚停水", "body": "明早恢复", "buildingIds": []string{e.Buildings["E6"]}}}, &got)
	id := got.PublishNotice.Notice.ID
	e.Must(e.As("S01"), `mutation ($n: ID!, $h: ID!) { markNoticeTold(input: { noticeId: $n, householdIds: [$h] }) { userErrors { message } } }`, obj{"n": id, "h": e.Homes["E6-1-1203"]}, &struct{}{})
	path := "/exports/notice.csv?noticeId=" + id
	for actor, want := range map[string]string{"S01": "CONTACTS_NOT_YOURS", "E6-1-1103": "NOT_YOURS", "caiban": "NO_SUCH", "": "SIGN_IN"} {
		if a := file(t, e.Program, actor, http.MethodGet, path+"&contacts=whole&reason=x", nil); a.status == http.StatusOK || a.reason(t) != want {
			t.Errorf("%q: got %d, %s, want %s", actor, a.status, a.body, want)
		}
	}
	if a := file(t, e.Program, "C01", http.MethodGet, "/exports/notice.csv?noticeId="+e.Homes["E6-1-1103"], nil); a.reason(t) != "WRONG_KIND" {
		t.Errorf("got %s, want WRONG_KIND", a.body)
	}
	whole := wholeTable(t, e, "C01", path+"&contacts=whole&reason=%E7%9F%AD%E4%BF%A1")
	if !strings.Contains(whole, "13612345678,\"今晚停水\r\n明早恢复\"") || strings.Contains(whole, "13612345679") || strings.Contains(whole, "\n,") {
		t.Errorf("got %q, want the household that was not told, and none without a number", whole)
	}
	var seen struct {
		Node struct {
			Reveals struct{ Nodes []struct{ Reason string } }
		}
	}
	e.Must(e.As("E6-1-1103"), `query ($h: ID!) { node(id: $h) { ... on Household { reveals { nodes { reason } } } } }`, obj{"h": e.Homes["E6-1-1103"]}, &seen)
	if len(seen.Node.Reveals.Nodes) != 1 || seen.Node.Reveals.Nodes[0].Reason != "短信" {
		t.Errorf("got %+v, want the reveal recorded", seen)
	}
	for _, row := range exported(t, e.Program, "S01", path)[1:] {
		if !strings.Contains(row[0], "****") {
			t.Errorf("S01: the number %q is not masked", row[0])
		}
	}
}

// The daily reports of a span of days are a table for leads and the commander.
func TestDailyReportsAreExported(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Bring(e.Place("E6-1-1103"), "DELIVERED")
	e.Clock.Pass(time.Minute)
	today := e.Clock.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	table := func(name, from, until string) string {
		return "/exports/days." + name + "?" + url.Values{"communityId": {e.Community}, "from": {from}, "until": {until}}.Encode()
	}
	for _, actor := range []string{"C01", "S00", "admin"} {
		for _, format := range []string{"csv", "xlsx"} {
			rows := exported(t, e.Program, actor, table(format, day(-8), ""), "Accept-Language", "zh-CN")
			if len(rows) != 10 || !slices.Equal(rows[0][:3], []string{"日期", "下单", "入户"}) || !slices.Equal(rows[1][:3], []string{day(-8), "0", "0"}) || !slices.Equal(rows[9][:3], []string{day(0), "1", "1"}) {
				t.Errorf("%s, %s: got %q, want nine days of which the last has an order", actor, format, rows)
			}
		}
	}
	if rows := exported(t, e.Program, "C01", "/exports/days.csv"); len(rows) != 32 || rows[0][1] != "Orders placed" {
		t.Errorf("a month until today: got %d rows, %q", len(rows), rows[0])
	}
	for _, c := range []struct{ actor, path, want string }{
		{"C01", table("csv", day(1), ""), "FUTURE_DAY"},
		{"C01", table("csv", "", day(1)), "FUTURE_DAY"},
		{"C01", table("csv", day(0), day(-1)), "TOO_MANY_DAYS"},
		{"C01", table("csv", day(-366), day(0)), "TOO_MANY_DAYS"},
		{"C01", table("csv", "yesterday", ""), "BAD_VALUE"},
		{"S01", table("csv", "", ""), "NOT_YOURS"},
		{"D01", table("csv", "", ""), "NOT_YOURS"},
		{"E6-1-1103", table("csv", "", ""), "NOT_YOURS"},
		{"caiban", table("csv", "", ""), "NOT_YOURS"},
		{"city", table("csv", "", ""), "NO_SUCH"},
		{"", table("csv", "", ""), "SIGN_IN"},
	} {
		if a := file(t, e.Program, c.actor, http.MethodGet, c.path, nil); a.status == http.StatusOK || a.reason(t) != c.want {
			t.Errorf("%q, %s: got %d %s, want %s", c.actor, c.path, a.status, a.body, c.want)
		}
	}
}
