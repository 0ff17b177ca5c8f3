package clients_test

import (
	"testing"

	"baogong/e2e/house"
)

// quarter is the test estate, with orders of two shops for every household, that move.
type quarter struct {
	*house.Estate
	orders []string
}

func newQuarter(t testing.TB, site string, orders int) *quarter {
	t.Helper()
	q := &quarter{Estate: house.At(t, site).Estate("DCXY", nil)}
	for _, shop := range []string{"caiban", "yiyao"} {
		q.orders = append(q.orders, q.PlaceMany(orders/2, obj{"supplierId": q.Suppliers[shop]})...)
	}
	return q
}

// now is a cursor of the end of the feed.
func (q *quarter) now() string {
	q.T.Helper()
	var got struct{ Board struct{ FeedCursor string } }
	q.Must("C01", `query ($c: ID!) { board(communityId: $c) { feedCursor } }`, obj{"c": q.Community}, &got)
	return got.Board.FeedCursor
}

// members are subscribers of every role and with filters of every kind, all after one cursor: 300, or a
// part of each group where crowdPart says so.
func (q *quarter) members() (all []member) {
	q.T.Helper()
	after := q.now()
	add := func(n int, actor string, filter any, sees func(moved) bool) {
		for range max(1, n/crowdPart) {
			all = append(all, member{Actor: actor, Variables: obj{"c": q.Community, "f": filter, "after": after}, sees: sees})
		}
	}
	everything := func(moved) bool { return true }
	nothing := func(moved) bool { return false }
	for _, actor := range []string{"C01", "D01", "T01"} { // the command centre, the gate and the transport squad
		add(4, actor, nil, everything)
	}
	for code, shop := range q.Suppliers {
		add(4, code, nil, func(m moved) bool { return m.supplier == shop })
	}
	volunteers := map[string]string{"E6": "S01", "E7": "S07"}
	for code, building := range q.Buildings {
		inIt := func(m moved) bool { return m.building == building }
		add(3, "C01", obj{"buildingIds": []string{building}}, inIt)
		if actor, serves := volunteers[code]; serves {
			add(24, actor, nil, inIt)
		}
	}
	add(6, "C01", obj{"stages": []string{"OUT_FOR_DELIVERY"}}, func(m moved) bool { return m.stage == "OUT_FOR_DELIVERY" })
	for door, home := range q.Homes {
		add(7, door, nil, func(m moved) bool { return m.household == home })
	}
	for _, order := range q.orders[:60/crowdPart] {
		add(1, "C01", obj{"orderIds": []string{order}}, func(m moved) bool { return m.order == order })
	}
	// A subscriber that asks for orders of others gets nothing.
	last := q.orders[len(q.orders)-1]                             // of E7
	add(7, "E6-1-1103", obj{"orderIds": []string{last}}, nothing) // a neighbour
	add(7, "S01", obj{"buildingIds": []string{q.Buildings["E2"], q.Buildings["E7"], q.Buildings["E10"]}}, nothing)
	return all
}
