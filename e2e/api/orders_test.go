package api_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"baogong/e2e/house"
)

func numbers(list []house.OrderView) []int {
	return house.Each(list, func(o house.OrderView) int { return o.Number })
}

// TestOrders reads lists of orders: filtered, sorted, paged.
func TestOrders(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	// 1 to 7, a minute apart, at different places of the chain.
	doors := []string{"E6-1-1103", "E6-1-1403", "E6-2-1303", "E7-1-1103", "E10-1-1203", "E2-1-1103", "E6-1-1403"}
	ids := make([]string, len(doors))
	for i, door := range doors {
		switch i {
		case 1:
			ids[i] = e.Bought(door)
		case 3:
			ids[i] = e.Place(door, obj{"supplierId": e.Suppliers["yiyao"], "channel": "PHONE", "externalNumber": "YY-778%"})
		default:
			ids[i] = e.Place(door)
		}
		e.Clock.Pass(time.Minute)
	}
	for i, stage := range map[int]string{0: "DELIVERED", 2: "AT_BUILDING", 4: "AT_BUILDING"} {
		e.Bring(ids[i], stage)
		e.Clock.Pass(time.Minute)
	}
	e.Hold(obj{"subjectIds": []string{e.Buildings["E2"]}, "reason": "SEALED"})
	at := func(minutes int) string {
		return house.Opened.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339)
	}
	byNumber := obj{"field": "NUMBER", "direction": "ASC"}

	for name, c := range map[string]struct {
		filter obj
		want   []int
	}{
		"none":             {nil, []int{1, 2, 3, 4, 5, 6, 7}},
		"stages":           {obj{"stages": []string{"AT_BUILDING", "DELIVERED"}}, []int{1, 3, 5}},
		"open":             {obj{"open": true}, []int{2, 3, 4, 5, 6, 7}},
		"final":            {obj{"open": false}, []int{1}},
		"buildings":        {obj{"buildingIds": []string{e.Buildings["E6"], e.Buildings["E2"]}}, []int{1, 2, 3, 6, 7}},
		"units":            {obj{"unitIds": []string{e.Units["E6-2"]}}, []int{3}},
		"households":       {obj{"householdIds": []string{e.Homes["E6-1-1403"]}}, []int{2, 7}},
		"suppliers":        {obj{"supplierIds": []string{e.Suppliers["yiyao"]}}, []int{4}},
		"channels":         {obj{"channels": []string{"BUY_FOR", "PHONE"}}, []int{2, 4}},
		"holder volunteer": {obj{"holderIds": []string{e.Team["S01"]}}, []int{2, 3}},
		"holder supplier":  {obj{"holderIds": []string{e.Suppliers["yiyao"], e.Team["S01"]}}, []int{2, 3, 4}},
		"without holder":   {obj{"withoutHolder": true}, []int{5}},
		"with holder":      {obj{"withoutHolder": false}, []int{2, 3, 4, 6, 7}},
		"held":             {obj{"held": true}, []int{6}},
		"not held":         {obj{"held": false}, []int{1, 2, 3, 4, 5, 7}},
		"placed":           {obj{"placedFrom": at(1), "placedUntil": at(3)}, []int{2, 3}},
		"moved":            {obj{"movedFrom": at(7)}, []int{1, 3, 5}},
		"moved until":      {obj{"movedUntil": at(2)}, []int{2}},
		"text number":      {obj{"text": "7"}, []int{4, 7}}, // of the number and the platform's number
		"text #number":     {obj{"text": "#7"}, []int{4, 7}},
		"text # alone":     {obj{"text": "#"}, []int{}},
		"text # and words": {obj{"text": "#e10-"}, []int{}},
		"text address":     {obj{"text": "e10-"}, []int{5}},
		"text literally":   {obj{"text": "8%"}, []int{4}},
		"all must match":   {obj{"buildingIds": []string{e.Buildings["E6"]}, "open": true, "channels": []string{"APP"}}, []int{3, 7}},
		"an empty list":    {obj{"stages": []string{}}, []int{}},
	} {
		t.Run("filter/"+name, func(t *testing.T) {
			got := e.List("C01", obj{"filter": c.filter, "by": byNumber})
			if !slices.Equal(numbers(got.Nodes), c.want) || got.TotalCount != len(c.want) {
				t.Errorf("got %v of %d, want %v", numbers(got.Nodes), got.TotalCount, c.want)
			}
			if got.FeedCursor == "" {
				t.Error("no feed cursor")
			}
		})
	}

	whole := map[string][]int{
		"NUMBER":      {1, 2, 3, 4, 5, 6, 7},
		"PLACED_AT":   {1, 2, 3, 4, 5, 6, 7},
		"ROUND":       {6, 2, 7, 1, 3, 4, 5}, // E2, E6 unit 1 from the top floor down, unit 2, E7, E10
		"STAGE_SINCE": nil,
		"MOVED_AT":    nil,
	}
	for field, want := range whole {
		for _, direction := range []string{"ASC", "DESC"} {
			t.Run("sort/"+field+" "+direction, func(t *testing.T) {
				by := obj{"field": field, "direction": direction}
				all := numbers(e.List("C01", obj{"by": by}).Nodes)
				if direction == "DESC" {
					want = slices.Clone(want)
					slices.Reverse(want)
				}
				if want != nil && !slices.Equal(all, want) {
					t.Errorf("got %v, want %v", all, want)
				}
				walk(e, t, by, all)
			})
		}
	}

	t.Run("a page of nothing and the edges of size", func(t *testing.T) {
		got := e.List("C01", obj{"first": 0})
		if len(got.Nodes) != 0 || got.TotalCount != 7 || !got.PageInfo.HasNextPage || got.PageInfo.StartCursor != nil || got.FeedCursor == "" {
			t.Errorf("got %+v", got)
		}
		if got := e.List("C01", obj{"first": 200}); len(got.Nodes) != 7 || got.PageInfo.HasNextPage || got.PageInfo.HasPreviousPage {
			t.Errorf("got %+v", got)
		}
		if got := e.List("C01", obj{"filter": obj{"stages": []string{"RETURNED"}}}); len(got.Nodes) != 0 || got.PageInfo.HasNextPage || got.FeedCursor == "" {
			t.Errorf("got %+v", got)
		}
	})

	t.Run("between two cursors", func(t *testing.T) {
		edges := e.List("C01", obj{"by": byNumber}).Edges
		between := obj{"by": byNumber, "after": edges[1].Cursor, "before": edges[5].Cursor}
		for name, c := range map[string]struct {
			size obj
			want []int
		}{"all": {nil, []int{3, 4, 5}}, "the first": {obj{"first": 2}, []int{3, 4}}, "the last": {obj{"last": 2}, []int{4, 5}}} {
			arguments := maps.Clone(between)
			maps.Copy(arguments, c.size)
			if got := e.List("C01", arguments); !slices.Equal(numbers(got.Nodes), c.want) || !got.PageInfo.HasNextPage || !got.PageInfo.HasPreviousPage {
				t.Errorf("%s: got %v %+v, want %v with more on both sides", name, numbers(got.Nodes), got.PageInfo, c.want)
			}
		}
	})

	t.Run("what is no page is BAD_USER_INPUT", func(t *testing.T) {
		cursor := *e.List("C01", obj{"first": 2}).PageInfo.EndCursor
		feed := e.Cursor()
		for name, arguments := range map[string]obj{
			"both":            {"first": 1, "last": 1},
			"too many":        {"first": 201},
			"too many back":   {"last": 201},
			"negative":        {"first": -1},
			"negative back":   {"last": -1},
			"another sorting": {"first": 1, "after": cursor, "by": byNumber},
			"another filter":  {"first": 1, "after": cursor, "filter": obj{"open": true}},
			"tampered":        {"first": 1, "after": tampered(cursor)},
			"made up":         {"first": 1, "before": "not a cursor"},
			"empty":           {"first": 1, "after": ""},
			"of the feed":     {"first": 1, "after": feed},
			"padded":          {"first": 1, "after": cursor + "AA"},
			"endless":         {"first": 1, "after": string(make([]byte, 3000))},
		} {
			v := obj{"c": e.Community}
			maps.Copy(v, arguments)
			a := e.Ask("C01", house.ListOrders, v)
			if a.Code() != "BAD_USER_INPUT" || a.Errors[0].Where() != "orders" {
				t.Errorf("%s: got %v, want BAD_USER_INPUT at orders", name, a.Errors)
			}
		}
		other := e.Program.Estate("XILING", e.Clock)
		if a := e.Ask("admin", house.ListOrders, obj{"c": other.Community, "after": cursor}); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("of another community: got %v, want BAD_USER_INPUT", a.Errors)
		}
		if a := e.Ask("C01@DCXY", `query ($c: ID!, $a: String) { buildings(communityId: $c, after: $a) { totalCount } }`, obj{"c": e.Community, "a": cursor}); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("of another list: got %v, want BAD_USER_INPUT", a.Errors)
		}
	})

	t.Run("other lists are paged too", func(t *testing.T) {
		for field, want := range map[string]int{"buildings": 4, "households": 20, "volunteers": 9, "suppliers": 2} {
			after, seen := "", []string{}
			for {
				var got map[string]struct {
					TotalCount int
					PageInfo   struct {
						HasNextPage bool
						EndCursor   *string
					}
					Nodes []struct{ ID string }
				}
				v := obj{"c": e.Community}
				if after != "" {
					v["a"] = after
				}
				e.Must("C01@DCXY", fmt.Sprintf(`query ($c: ID!, $a: String) { %s(communityId: $c, first: 3, after: $a) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } }`, field), v, &got)
				for _, n := range got[field].Nodes {
					if slices.Contains(seen, n.ID) {
						t.Errorf("%s: %s twice", field, n.ID)
					}
					seen = append(seen, n.ID)
				}
				if got[field].TotalCount != want {
					t.Errorf("%s: got %d in all, want %d", field, got[field].TotalCount, want)
				}
				if !got[field].PageInfo.HasNextPage {
					break
				}
				after = *got[field].PageInfo.EndCursor
			}
			if len(seen) != want {
				t.Errorf("%s: got %d, want %d", field, len(seen), want)
			}
		}
	})

	t.Run("a round says what to do at the door", func(t *testing.T) {
		var got struct {
			Orders struct {
				Nodes []struct {
					Address   string
					Household struct{ Instructions []string }
				}
			}
		}
		e.Must("S01@DCXY", `query ($c: ID!, $f: OrderFilter) { orders(communityId: $c, filter: $f, orderBy: { field: ROUND, direction: ASC }) { nodes { address household { instructions } } } }`,
			obj{"c": e.Community, "f": obj{"open": true}}, &got)
		doors := house.Each(got.Orders.Nodes, func(o struct {
			Address   string
			Household struct{ Instructions []string }
		}) string {
			return o.Address
		})
		if want := []string{"E6-1-1403", "E6-1-1403", "E6-2-1303"}; !slices.Equal(doors, want) {
			t.Errorf("got %v, want %v", doors, want)
		}
		if in := got.Orders.Nodes[0].Household.Instructions; !slices.Equal(in, []string{"LEAVE_AT_DOOR_STEP_BACK"}) {
			t.Errorf("got %v, want to step back from the quarantined", in)
		}
		if in := got.Orders.Nodes[2].Household.Instructions; !slices.Equal(in, []string{"LEAVE_AT_DOOR_STEP_BACK"}) {
			t.Errorf("got %v, want the default, which is what the quarantined are served by", in)
		}
	})
}

// tampered returns a cursor with one bit of its sealed content flipped.
func tampered(cursor string) string {
	b := []byte(cursor)
	if at := len(b) / 2; b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

// walk pages through the whole list both ways and checks each page's pageInfo.
func walk(e *house.Estate, t *testing.T, by obj, want []int) {
	t.Helper()
	for _, way := range []string{"forwards", "backwards"} {
		var got []int
		cursor := ""
		for {
			arguments := obj{"by": by, "first": 3}
			if way == "backwards" {
				arguments = obj{"by": by, "last": 3}
			}
			if cursor != "" {
				arguments[map[string]string{"forwards": "after", "backwards": "before"}[way]] = cursor
			}
			page := e.List("C01@DCXY", arguments)
			if len(page.Edges) == 0 || *page.PageInfo.StartCursor != page.Edges[0].Cursor || *page.PageInfo.EndCursor != page.Edges[len(page.Edges)-1].Cursor {
				t.Fatalf("%s: got %+v", way, page.PageInfo)
			}
			more, before := page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage
			if way == "forwards" {
				got = append(got, numbers(page.Nodes)...)
				cursor = *page.PageInfo.EndCursor
			} else {
				got = append(numbers(page.Nodes), got...)
				cursor = *page.PageInfo.StartCursor
				more, before = before, more
			}
			if wantMore, wantBefore := len(got) < len(want), len(got) > 3; more != wantMore || before != wantBefore {
				t.Errorf("%s: after %v got more %v, before %v, want %v, %v", way, got, more, before, wantMore, wantBefore)
			}
			if !more {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", way, got, want)
		}
	}
}
