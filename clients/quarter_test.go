package clients_test

import (
	"fmt"
	"slices"
	"testing"
)

// quarter is an estate of four buildings with five households each, two shops and a team, and orders that move.
type quarter struct {
	*estate
	community string
	buildings []string // E6, E7, E8, E9
	homes     []string // five of each building
	shops     []string // caiban, yiyao
	orders    []string
}

var codes = []string{"E6", "E7", "E8", "E9"}

func newQuarter(t testing.TB, url string, orders int) *quarter {
	t.Helper()
	q := &quarter{estate: &estate{t: t}}
	q.url.Store(url + "/graphql")
	q.community = q.create("Communities", obj{"communities": []obj{{"code": "DCXY", "name": "东辰心语"}}})[0]
	for i, code := range codes {
		q.buildings = append(q.buildings, q.create("Buildings", obj{"communityId": q.community, "buildings": []obj{{"code": code}}})[0])
		unit := q.create("Units", obj{"communityId": q.community, "units": []obj{{"buildingId": q.buildings[i], "number": 1, "floors": 18}}})[0]
		doors := make([]obj, 5)
		for n := range doors {
			doors[n] = obj{"unitId": unit, "room": fmt.Sprintf("%d03", n+1), "floor": n + 1}
		}
		q.homes = append(q.homes, q.create("Households", obj{"communityId": q.community, "households": doors})...)
	}
	q.shops = q.create("Suppliers", obj{"communityId": q.community, "suppliers": []obj{
		{"code": "caiban", "name": "菜伴", "kind": "PLATFORM"}, {"code": "yiyao", "name": "医药", "kind": "PHARMACY"}}})
	serve := func(building string) []obj { return []obj{{"buildingId": building, "duty": "PRIMARY"}} }
	q.create("Volunteers", obj{"communityId": q.community, "volunteers": []obj{
		{"code": "C01", "name": "周国强", "squad": "SUPPLY", "rank": "COMMANDER"},
		{"code": "D01", "name": "周国强", "squad": "DUTY", "rank": "MEMBER"},
		{"code": "T01", "name": "周国强", "squad": "TRANSPORT", "rank": "MEMBER"},
		{"code": "S01", "name": "周国强", "squad": "SUPPLY", "rank": "MEMBER", "services": serve(q.buildings[0])},
		{"code": "S07", "name": "周国强", "squad": "SUPPLY", "rank": "MEMBER", "services": serve(q.buildings[1])}}})
	q.estate.community, q.estate.homes = q.community, q.homes
	for i := range q.shops { // every household has orders from both
		q.estate.shop = q.shops[i]
		q.orders = append(q.orders, q.place(orders/2)...)
	}
	return q
}

// cursor is the end of the feed.
func (q *quarter) cursor() string {
	q.t.Helper()
	var got struct{ Board struct{ FeedCursor string } }
	if err := q.ask(q.t.Context(), "C01", `query ($c: ID!) { board(communityId: $c) { feedCursor } }`, obj{"c": q.community}, &got); err != nil {
		q.t.Fatal(err)
	}
	return got.Board.FeedCursor
}

// members are subscribers of every role and with filters of every kind, all after one cursor: 300, or a
// part of each group where crowdPart says so.
func (q *quarter) members() (all []member) {
	q.t.Helper()
	after := q.cursor()
	add := func(n int, actor string, filter any, sees func(moved) bool) {
		for range max(1, n/crowdPart) {
			all = append(all, member{Actor: actor, Variables: obj{"c": q.community, "f": filter, "after": after}, sees: sees})
		}
	}
	everything := func(moved) bool { return true }
	nothing := func(moved) bool { return false }
	for _, actor := range []string{"C01", "D01", "T01"} { // the command centre, the gate and the transport squad
		add(4, actor, nil, everything)
	}
	for i, shop := range q.shops {
		add(4, []string{"caiban", "yiyao"}[i], nil, func(m moved) bool { return m.supplier == shop })
	}
	for i, building := range q.buildings {
		inIt := func(m moved) bool { return m.building == building }
		add(3, "C01", obj{"buildingIds": []string{building}}, inIt)
		if i < 2 {
			add(24, []string{"S01", "S07"}[i], nil, inIt)
		}
	}
	add(6, "C01", obj{"stages": []string{"OUT_FOR_DELIVERY"}}, func(m moved) bool { return m.stage == "OUT_FOR_DELIVERY" })
	for i, home := range q.homes {
		add(7, fmt.Sprintf("%s-1-%d03", codes[i/5], i%5+1), nil, func(m moved) bool { return m.household == home })
	}
	for _, order := range q.orders[:60/crowdPart] {
		add(1, "C01", obj{"orderIds": []string{order}}, func(m moved) bool { return m.order == order })
	}
	// Whoever asks for what is not theirs gets nothing.
	last := q.orders[len(q.orders)-1]                                         // of E9
	add(7, "E6-1-103", obj{"orderIds": []string{last}}, nothing)              // a neighbour
	add(7, "S01", obj{"buildingIds": slices.Clone(q.buildings[1:])}, nothing) // of other buildings
	return all
}
