package api_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestNeedsAreExported downloads each table of the needs analysis as every role. A table has what the query has, and is refused to the same callers.
func TestNeedsAreExported(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Desk()
	e.Update(e.As("C01"), "household", obj{"id": e.Homes["E6-1-1103"], "needs": []string{"ELDERLY_ALONE", "DIALYSIS"}})
	_, window := e.Sell("caiban", obj{"stock": 6})
	e.Place("E6-1-1103", obj{"lines": []obj{{"item": "=1+1 上海青", "quantity": "1.5", "unit": "斤"}}})
	e.Place("E7-1-1103", obj{"marks": []string{"MEDICINE"}})
	cancelled := house.MoveTo("CANCELLED", e.Place("E7-1-1103"))
	cancelled["reason"] = "OUT_OF_STOCK"
	e.AdvanceAs(e.As("C01"), cancelled)
	today := e.Clock.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	tables := []struct {
		name  string
		query url.Values
	}{
		{"demand", url.Values{"from": {day(0)}, "kind": {"ITEM"}}}, {"forecast", nil}, {"gap", url.Values{"windowId": {window}}}, {"reach", nil}, {"needs", nil}, {"unmet", url.Values{"from": {day(-1)}}},
		{"medicines", nil}, {"sold_out", url.Values{"from": {day(-1)}}}, {"hands", nil}, {"scores", nil},
	}
	path := func(name, format string, query url.Values) string {
		q := url.Values{"communityId": {e.Community}}
		maps.Copy(q, query)
		return "/exports/" + name + "." + format + "?" + q.Encode()
	}
	for actor, want := range map[string]string{
		"C01":       "demand forecast gap reach needs unmet medicines sold_out hands scores",
		"admin":     "demand forecast gap reach needs unmet medicines sold_out hands scores",
		"S00":       "demand forecast gap reach unmet sold_out hands scores",
		"Q00":       "demand forecast gap reach needs unmet medicines sold_out hands scores", // a lead of the phone desk
		"Q01":       "reach needs medicines",
		"S01":       "",
		"caiban":    "gap",
		"yiyao":     "",
		"E6-1-1103": "",
		"city":      "",
		"":          "",
	} {
		var got []string
		for _, table := range tables {
			if a := file(t, e.Program, actor, http.MethodGet, path(table.name, "csv", table.query), nil); a.status == http.StatusOK {
				got = append(got, table.name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got the tables %q, want %q", actor, got, want)
		}
	}

	rows := exported(t, e.Program, "caiban", path("gap", "xlsx", url.Values{"windowId": {window}, "reserveShare": {"0.5"}}), "Accept-Language", "zh-CN")
	if len(rows) != 2 || rows[0][0] != "套餐" || !slices.Equal(rows[1][2:], []string{"0", "0", "0", "6", "0", "0", "历史不足"}) {
		t.Errorf("gap: got %q", rows)
	}
	// of is the row of a building, whose trailing empty cells a sheet leaves out.
	of := func(rows [][]string, building string) string {
		i := slices.IndexFunc(rows, func(r []string) bool { return r[0] == building })
		if i < 0 {
			return ""
		}
		return strings.Join(rows[i], " ")
	}
	reach := exported(t, e.Program, "C01", path("reach", "csv", nil))
	if reach[0][0] != "Building" || of(reach, "E6") != "E6 8 1 0 0 7 0 0" || of(reach, "E7") != "E7 4 1 0 0 3 0 0" {
		t.Errorf("reach: got %q", reach)
	}
	if lead := exported(t, e.Program, "S00", path("reach", "csv", nil)); of(lead, "E6") != "E6 8 1 0 0 7" {
		t.Errorf("reach for a lead: got %q", lead)
	}
	rows = exported(t, e.Program, "Q01", path("needs", "csv", nil), "Accept-Language", "zh-CN")
	for _, want := range [][]string{{"楼栋", "需求", "住户"}, {"E6", "透析", "1"}} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("needs: got %q, want a row %q", rows, want)
		}
	}
	if slices.ContainsFunc(rows[1:], func(r []string) bool { return r[0] != "E6" }) {
		t.Errorf("needs: got %q for a desk that serves E6", rows)
	}
	if rows = exported(t, e.Program, "C01", path("medicines", "csv", nil)); len(rows) != 2 || rows[0][0] != "Order" || rows[1][3] != "no" {
		t.Errorf("medicines: got %q, want the order with medicine", rows)
	}
	if rows = exported(t, e.Program, "Q01", path("medicines", "csv", nil)); len(rows) != 1 {
		t.Errorf("medicines: got %q for a desk that serves E6", rows)
	}
	rows = exported(t, e.Program, "S00", path("hands", "csv", nil), "Accept-Language", "zh-CN")
	if len(rows) != 6 || !slices.Equal(rows[1][:3], []string{day(1), "门口", rows[2][2]}) || rows[5][1] != "电话台" || rows[5][5] != "是" {
		t.Errorf("hands: got %q, want four posts and the telephone", rows)
	}
	rows = exported(t, e.Program, "C01", path("unmet", "csv", url.Values{"from": {day(-1)}}))
	if len(rows) != 3 || !slices.Equal(rows[1], []string{day(-1), "0", "0", "0", "0", "0", "0", "0"}) || !slices.Equal(rows[2][:3], []string{day(0), "1", "0"}) {
		t.Errorf("unmet: got %q", rows)
	}

	e.Clock.Pass(24 * time.Hour) // the day is over, and is counted
	var counted [][]string
	house.WaitFor(t, "the day is counted", func() bool {
		counted = exported(t, e.Program, "C01", path("demand", "csv", url.Values{"from": {day(0)}, "until": {day(1)}, "kind": {"ITEM"}}))
		return len(counted) > 1
	})
	if want := []string{day(0), "", "=1+1 上海青", "斤", "", "1", "1", "1.5"}; !slices.ContainsFunc(counted, func(r []string) bool { return slices.Equal(r, want) }) {
		t.Errorf("demand: got %q, want a row %q", counted, want)
	}
	if a := file(t, e.Program, "C01", http.MethodGet, path("demand", "csv", url.Values{"from": {day(0)}, "until": {day(1)}, "kind": {"ITEM"}}), nil); !bytes.Contains(a.body, []byte(",'=1+1 上海青,")) {
		t.Errorf("got %s, want text that is no formula", a.body)
	}
	for _, c := range []struct{ actor, path, want string }{
		{"C01", path("demand", "csv", url.Values{"kind": {"WEEK"}}), "BAD_VALUE"},
		{"C01", path("demand", "csv", url.Values{"from": {day(9)}}), "FUTURE_DAY"},
		{"C01", path("unmet", "csv", url.Values{"from": {day(-400)}}), "TOO_MANY_DAYS"},
		{"C01", path("forecast", "csv", url.Values{"day": {"tomorrow"}}), "BAD_VALUE"},
		{"C01", path("gap", "csv", url.Values{"windowId": {window}, "reserveShare": {"2"}}), "BAD_VALUE"},
		{"C01", path("gap", "csv", url.Values{"windowId": {e.Community}}), "WRONG_KIND"},
		{"C01", path("gap", "csv", nil), "MALFORMED_ID"},
		{"yiyao", path("gap", "csv", url.Values{"windowId": {window}}), "NOT_YOURS"},
		{"S00", path("needs", "csv", nil), "NOT_YOURS"},
		{"city", path("reach", "csv", nil), "NO_SUCH"},
		{"", path("reach", "csv", nil), "SIGN_IN"},
	} {
		if a := file(t, e.Program, c.actor, http.MethodGet, c.path, nil); a.status == http.StatusOK || a.reason(t) != c.want {
			t.Errorf("%q, %s: got %d %s, want %s", c.actor, c.path, a.status, a.body, c.want)
		}
	}
}
