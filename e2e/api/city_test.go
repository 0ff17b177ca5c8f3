package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/dispatch/city"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

const cityBoard = `{ cityBoard { at day communities { community { id code name } households { ...n } open { ...n } held { ...n } withoutHolder { ...n } deliveredToday { ...n } stages { stage count suppressed } } } }
	fragment n on CityNumber { count suppressed }`

// cityNumber is a number as a client reads it.
type cityNumber struct {
	Count      *int
	Suppressed bool
}

func (n cityNumber) String() string {
	if n.Suppressed != (n.Count == nil) {
		return "neither shown nor suppressed"
	}
	if n.Suppressed {
		return "*"
	}
	return fmt.Sprint(*n.Count)
}

type cityView struct {
	CityBoard struct {
		Day         *string
		Communities []struct {
			Community                                             struct{ ID, Code, Name string }
			Households, Open, Held, WithoutHolder, DeliveredToday cityNumber
			Stages                                                []struct {
				Stage string
				cityNumber
			}
		}
	}
}

// numbers formats each community's numbers: households, open, held, without holder, delivered today, and the stages.
func (v cityView) numbers() (out []string) {
	for _, c := range v.CityBoard.Communities {
		s := fmt.Sprint(c.Community.Code, ": ", c.Households, c.Open, c.Held, c.WithoutHolder, c.DeliveredToday, " ")
		for _, cell := range c.Stages {
			s += " " + cell.cityNumber.String()
		}
		out = append(out, s)
	}
	return out
}

// TestCity reads the numbers of two communities as every role: the city sees these and nothing else. The clock worker reads them when some minutes have passed.
func TestCity(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	other := e.Program.Estate("XILING", e.Clock)
	expect := func(t *testing.T, actor string, want ...string) {
		t.Helper()
		e.Clock.Pass(city.ReleaseEvery)
		house.WaitFor(t, strings.Join(want, "; "), func() bool {
			var got cityView
			e.Must(actor, cityBoard, nil, &got)
			return slices.Equal(got.numbers(), want)
		})
	}
	ids := e.Fill(20) // of twenty households, all at one stage: showing the stage would reveal that the others are empty
	expect(t, "city", "DCXY: 20 20 * * *  * * * * * *", "XILING: 20 * * * *  * * * * * *")
	// Four orders move on, which the city must not see.
	e.Advance(e.As("C01"), "DISPATCHED", ids[:4]...)
	expect(t, "city", "DCXY: 20 20 * * *  * * * * * *", "XILING: 20 * * * *  * * * * * *")
	e.Advance(e.As("C01"), "DISPATCHED", ids[4:9]...)
	expect(t, "city", "DCXY: 20 20 * * *  11 * * * * *", "XILING: 20 * * * *  * * * * * *")
	e.Advance(e.As("C01"), "AT_GATE", ids[:5]...)
	e.Hold(obj{"subjectIds": ids[9:15], "reason": "TESTING"})
	expect(t, "city", "DCXY: 20 20 6 * *  11 * * * * *", "XILING: 20 * * * *  * * * * * *")
	for _, stage := range []string{"SORTED", "AT_BUILDING", "DELIVERED"} {
		e.Advance(e.As("C01"), stage, ids[:5]...)
	}
	// Three of E2's seventeen open... and no one holds what comes there.
	expect(t, "city", "DCXY: 20 15 6 * 5  * * * * * *", "XILING: 20 * * * *  * * * * * *")
	// Nine of fifteen are held, eleven, and the four that are not must not be told.
	e.Hold(obj{"subjectIds": append([]string{}, ids[15:]...), "reason": "TESTING"})
	expect(t, "admin", "DCXY: 20 15 * * 5  * * * * * *", "XILING: 20 * * * *  * * * * * *")

	t.Run("shows a city that was invited for one community that one", func(t *testing.T) {
		expect(t, e.InvitedCity(t), "DCXY: 20 15 * * 5  * * * * * *", "XILING: 20 * * * *  * * * * * *")
		expect(t, e.InvitedCity(t, "XILING"), "XILING: 20 * * * *  * * * * * *")
		var got struct{ Communities struct{ TotalCount int } }
		if e.Must(e.InvitedCity(t, "XILING"), `{ communities { totalCount } }`, nil, &got); got.Communities.TotalCount != 1 {
			t.Errorf("got %d communities, want one", got.Communities.TotalCount)
		}
	})

	t.Run("is for the city and administrators", func(t *testing.T) {
		for _, actor := range []string{"C01", "S00", "D00", "S01", "D01", "T01", "P01", "caiban", "E6-1-1103"} {
			if a := e.Ask(e.As(actor), cityBoard, nil); a.Code() != "FORBIDDEN" {
				t.Errorf("%s: got %s %v, want FORBIDDEN", actor, a.Data, a.Errors)
			}
		}
		if a := e.Ask("", cityBoard, nil); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("without a sign-in: got %v, want UNAUTHENTICATED", a)
		}
	})

	t.Run("the city sees no row, makes no move and follows no event", func(t *testing.T) {
		for _, query := range []string{`community(id: $c) { name }`, `buildings(communityId: $c) { totalCount }`, `households(communityId: $c) { totalCount }`, `volunteers(communityId: $c) { totalCount }`,
			`suppliers(communityId: $c) { totalCount }`, `orders(communityId: $c) { totalCount }`, `board(communityId: $c) { open }`} {
			for _, c := range []string{e.Community, other.Community} {
				if a := e.Ask("city", `query ($c: ID!) { `+query+` }`, obj{"c": c}); a.Code() != "NOT_FOUND" {
					t.Errorf("%s: got %s %v, want NOT_FOUND", query, a.Data, a.Errors)
				}
			}
		}
		a := e.Ask("city", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } me { role community { id } volunteer { id } household { id } } communities { totalCount nodes { code } } }`,
			obj{"ids": []string{e.Community, e.Buildings["E6"], e.Units["E6-1"], e.Homes["E6-1-1103"], e.Suppliers["caiban"], e.Team["S01"], ids[0]}})
		if want := `{"nodes":[null,null,null,null,null,null,null],"me":{"role":"CITY","community":null,"volunteer":null,"household":null},"communities":{"totalCount":2,"nodes":[{"code":"DCXY"},{"code":"XILING"}]}}`; string(a.Data) != want {
			t.Errorf("got %s %v, want %s", a.Data, a.Errors, want)
		}
		if e.Order("city", ids[0]) != nil {
			t.Error("the city sees an order")
		}
		before := e.Events()
		for name, in := range map[string]obj{
			"advanceOrders":     house.MoveTo("AT_GATE", ids[5]),
			"cancelOrder":       {"orders": []obj{{"orderId": ids[5]}}, "reason": "DUPLICATE"},
			"undoMove":          {"orders": []obj{{"orderId": ids[5], "expectedVersion": 2}}},
			"placeHold":         {"subjectIds": []string{e.Buildings["E6"]}, "reason": "TESTING"},
			"placeOrder":        {"householdId": e.Homes["E6-1-1103"], "channel": "PHONE", "supplierId": e.Suppliers["caiban"], "lines": house.Goods},
			"revealContact":     {"householdId": e.Homes["E6-1-1103"], "reason": "x"},
			"revealRound":       {"communityId": e.Community, "buildingId": e.Buildings["E6"], "reason": "x"},
			"createBuildings":   {"communityId": e.Community, "buildings": []obj{{"code": "E99"}}},
			"createCommunities": {"communities": []obj{{"code": "NEW", "name": "新"}}},
			"updateCommunities": {"communities": []obj{{"id": e.Community, "name": "新"}}},
			"updateVolunteers":  {"volunteers": []obj{{"id": e.Team["S01"], "reachable": false}}},
		} {
			results := "results { userErrors { code } } "
			if name == "placeOrder" || strings.HasPrefix(name, "reveal") {
				results = ""
			}
			a := e.Ask("city", fmt.Sprintf(`mutation ($in: %sInput!) { %s(input: $in) { %s userErrors { code } } }`, strings.ToUpper(name[:1])+name[1:], name, results), obj{"in": in})
			var got map[string]struct {
				UserErrors []house.UserError
				Results    []struct{ UserErrors []house.UserError }
			}
			if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
				t.Fatal(name, err, a.Errors)
			}
			refused := got[name].UserErrors
			for _, r := range got[name].Results {
				refused = append(refused, r.UserErrors...)
			}
			if len(refused) != 1 || (refused[0].Code != "NOT_FOUND" && refused[0].Code != "FORBIDDEN") {
				t.Errorf("%s: got %s, want it refused", name, a.Data)
			}
		}
		if after := e.Events(); after != before {
			t.Errorf("%d events came of it", after-before)
		}
		p := e.Dial(t, "city", "")
		for _, query := range []string{`subscription ($c: ID!) { board(communityId: $c) { open } }`, `subscription ($c: ID!) { orderEvents(communityId: $c) { cursor } }`} {
			if f := p.Operate(query, obj{"c": e.Community}).Refused(); f.Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: got %v, want NOT_FOUND", query, f)
			}
		}
		if f := p.Operate(`subscription ($id: ID!) { order(id: $id) { stage } }`, obj{"id": ids[0]}).Refused(); f.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", f)
		}
	})

	t.Run("in one statement for all communities", func(t *testing.T) {
		still := still(e)
		if got := statements(still, "city", `query ($c: ID!, $n: Int!) { cityBoard { communities { community { code } open { count } } } ...v } fragment v on Query { x: communities(first: $n) @include(if: false) { totalCount } y: node(id: $c) @skip(if: true) { id } }`, 1); got != 1 {
			t.Errorf("got %d statements, want one", got)
		}
	})

	t.Run("a day that is over stays what it was", func(t *testing.T) {
		const day = "2020-02-18"
		on := func(day string) string {
			return strings.Replace(cityBoard, "cityBoard {", `cityBoard(day: "`+day+`") {`, 1)
		}
		refused := func(actor, day, want string) {
			t.Helper()
			if a := e.Ask(actor, on(day), nil); a.Code() != want || string(a.Data) != "null" {
				t.Errorf("%s asks for %s: got %s %v, want %s", actor, day, a.Data, a.Errors, want)
			}
		}
		sees := func(actor string, want ...string) {
			t.Helper()
			var got cityView
			if e.Must(actor, on(day), nil, &got); !slices.Equal(got.numbers(), want) || got.CityBoard.Day == nil || *got.CityBoard.Day != day {
				t.Errorf("%s: got %q of %v, want %q", actor, got.numbers(), got.CityBoard.Day, want)
			}
		}
		refused("city", day, "BAD_USER_INPUT")          // it is not over
		refused("city", "2020-02-19", "BAD_USER_INPUT") // it has not begun
		refused("city", "yesterday", "BAD_USER_INPUT")
		refused("city", "2020-02-17", "NOT_FOUND") // it was before the first reading
		e.Clock.Pass(16 * time.Hour)
		house.WaitFor(t, "the day is stored of both communities", func() bool { return strings.Count(string(e.Ask("city", on(day), nil).Data), `"count":20`) == 2 })
		ended, quiet := "DCXY: 20 15 * * 5  * * * * * *", "XILING: 20 * * * *  * * * * * *"
		sees("city", ended, quiet)
		sees("admin", ended, quiet)
		sees(e.InvitedCity(t, "XILING"), quiet)
		for _, actor := range []string{"C01", "S00", "S01", "D01", "caiban", "E6-1-1103"} {
			refused(e.As(actor), day, "FORBIDDEN")
		}
		refused("", day, "UNAUTHENTICATED")
		if a := e.Ask("city", `query ($c: ID!) { dailyReport(communityId: $c, day: "`+day+`") { placed } }`, obj{"c": e.Community}); a.Code() != "NOT_FOUND" {
			t.Errorf("the city's daily report: got %s %v, want NOT_FOUND", a.Data, a.Errors)
		}
		e.PlaceMany(5)
		expect(t, "city", "DCXY: 20 20 11 * *  * * * * * *", quiet)
		sees("city", ended, quiet)
		if got := statements(still(e), "city", on(day), 1); got != 1 {
			t.Errorf("got %d statements, want one", got)
		}
	})

	t.Run("archived communities are left out", func(t *testing.T) {
		e.Update("admin", "community", obj{"id": other.Community, "archived": true})
		var got cityView
		e.Must("city", cityBoard, nil, &got)
		if len(got.CityBoard.Communities) != 1 {
			t.Errorf("got %v", got.numbers())
		}
	})
}
