package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"baogong/e2e/house"
)

// TestSight reads an order over every path: each viewer gets only the fields they may see.
func TestSight(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	mine, theirs := e.Place("E6-1-1403"), e.Place("E7-1-1103", obj{"supplierId": e.Suppliers["yiyao"]})
	other := e.Program.Estate("XILING", e.Clock)
	foreign := other.Place("E6-1-1103")

	sees := map[string][]string{ // of mine, theirs, in the order of their numbers
		"admin": {mine, theirs}, "C01": {mine, theirs}, "S00": {mine, theirs}, "T00": {mine, theirs},
		"D01": {mine, theirs}, "T01": {mine, theirs}, // the gate and the carts serve every building
		"S01": {mine}, "S07": {theirs}, "P01": {},
		"caiban": {mine}, "yiyao": {theirs},
		"E6-1-1403": {mine}, "E6-1-1303": {}, "E7-1-1103": {theirs},
	}
	for actor, want := range sees {
		t.Run(actor, func(t *testing.T) {
			var got struct {
				Orders struct {
					TotalCount int
					Nodes      []struct{ ID string }
				}
				Nodes []*struct{ ID string }
				Board struct {
					Open      int
					Buildings []struct{ Open int }
				}
			}
			e.Must(actor, `query ($c: ID!, $ids: [ID!]!) { orders(communityId: $c, orderBy: { field: NUMBER, direction: ASC }) { totalCount nodes { id } }
				nodes(ids: $ids) { id } board(communityId: $c) { open buildings { open } } }`, obj{"c": e.Community, "ids": []string{mine, theirs}}, &got)
			if list := house.Each(got.Orders.Nodes, func(o struct{ ID string }) string { return o.ID }); !slices.Equal(list, want) || got.Orders.TotalCount != len(want) {
				t.Errorf("orders: got %v of %d, want %v", list, got.Orders.TotalCount, want)
			}
			inside := 0
			for _, b := range got.Board.Buildings {
				inside += b.Open
			}
			if got.Board.Open != len(want) || inside != len(want) {
				t.Errorf("board: got %d open, %d by building, want %d", got.Board.Open, inside, len(want))
			}
			for i, id := range []string{mine, theirs} {
				visible := slices.Contains(want, id)
				if (got.Nodes[i] != nil) != visible || (e.Order(actor, id) != nil) != visible {
					t.Errorf("order %d: got nodes %v, order %v, want seen: %v", i, got.Nodes[i], e.Order(actor, id), visible)
				}
			}
			if actor != "admin" && e.Order(actor, foreign) != nil {
				t.Error("sees an order of another community")
			}
		})
	}

	t.Run("of another community nothing is there", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{`{ community(id: $c) { name } }`, `{ buildings(communityId: $c) { totalCount } }`, `{ households(communityId: $c) { totalCount } }`,
			`{ volunteers(communityId: $c) { totalCount } }`, `{ suppliers(communityId: $c) { totalCount } }`, `{ orders(communityId: $c) { totalCount } }`, `{ board(communityId: $c) { open } }`} {
			for _, actor := range []string{"C01@DCXY", "S01@DCXY", "caiban@DCXY", "E6-1-1403@DCXY"} {
				if a := e.Ask(actor, "query ($c: ID!) "+query, obj{"c": other.Community}); a.Code() != "NOT_FOUND" {
					t.Errorf("%s %s: got %v, want NOT_FOUND", actor, query, a)
				}
			}
		}
		a := e.Ask("C01@DCXY", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, obj{"ids": []string{other.Community, other.Buildings["E6"], other.Units["E6-1"],
			other.Homes["E6-1-1103"], other.Suppliers["caiban"], other.Team["S01"], foreign}})
		if got := string(a.Data); got != `{"nodes":[null,null,null,null,null,null,null]}` {
			t.Errorf("got %s, want seven nulls", got)
		}
	})

	t.Run("a caller without a sign-in gets UNAUTHENTICATED", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{`{ me { name } }`, `{ communities { totalCount } }`, `query ($c: ID!) { community(id: $c) { name } }`, `query ($c: ID!) { node(id: $c) { id } }`,
			`query ($c: ID!) { nodes(ids: [$c]) { id } }`, `query ($c: ID!) { board(communityId: $c) { open } }`, `query ($c: ID!) { orders(communityId: $c) { totalCount } }`,
			`query ($o: ID!) { order(id: $o) { id } }`} {
			variables := obj{}
			if strings.Contains(query, "$c") {
				variables["c"] = e.Community
			}
			if strings.Contains(query, "$o") {
				variables["o"] = mine
			}
			if a := e.Ask("", query, variables); a.Code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", query, a)
			}
		}
		before := e.Events()
		for _, m := range []struct {
			verb string
			in   obj
		}{
			{"advanceOrders(input: $in) { moved }", house.MoveTo("DISPATCHED", mine)},
			{"placeOrder(input: $in) { order { id } }", obj{"householdId": e.Homes["E6-1-1403"], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": house.Goods}},
			{"createBuildings(input: $in) { saved }", obj{"communityId": e.Community, "buildings": []obj{{"code": "E99"}}}},
		} {
			kind := strings.ToUpper(m.verb[:1]) + m.verb[1:strings.Index(m.verb, "(")] + "Input!"
			if a := e.Ask("", fmt.Sprintf("mutation ($in: %s) { %s }", kind, m.verb), obj{"in": m.in}); a.Code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", m.verb, a)
			}
		}
		if after := e.Events(); after != before {
			t.Errorf("%d events came of it", after-before)
		}
		p := e.Dial(t, "", "")
		for _, query := range []string{`subscription ($c: ID!) { board(communityId: $c) { open } }`, `subscription ($c: ID!) { orderEvents(communityId: $c) { cursor } }`} {
			if f := p.Operate(query, obj{"c": e.Community}).Refused(); f.Extensions["code"] != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", query, f)
			}
		}
		if a := e.Ask("unknown-name", `{ me { name } }`, nil); a.Code() != "UNAUTHENTICATED" {
			t.Errorf("got %v, want UNAUTHENTICATED", a)
		}
	})

	t.Run("subscriptions", func(t *testing.T) {
		resident, neighbour, supplier := e.Dial(t, "E6-1-1403@DCXY", ""), e.Dial(t, "E6-1-1303@DCXY", ""), e.Dial(t, "yiyao@DCXY", "")
		from := e.Cursor()
		moved := e.Place("E6-1-1403")
		own := e.Place("E6-1-1303", obj{"supplierId": e.Suppliers["yiyao"]})
		// The first order has no event before the second order, which both see.
		for who, p := range map[string]*house.Peer{"neighbour": neighbour, "supplier": supplier} {
			if got := p.After(e, from, nil).Next(); got.Order.OrderID != own {
				t.Errorf("%s: got an event of %v, want the own order's", who, got)
			}
		}
		if got := resident.After(e, from, nil).Next(); got.Order.OrderID != moved || got.Kind != "ORDER_PLACED" {
			t.Errorf("got %v, want ORDER_PLACED of the own order", got)
		}
		var state struct{ Order house.OrderView }
		resident.Operate(`subscription ($id: ID!) { order(id: $id) { id stage } }`, obj{"id": moved}).Value(&state)
		if state.Order.Stage != "PLACED" {
			t.Errorf("got %v, want PLACED", state)
		}
		for who, p := range map[string]*house.Peer{"neighbour": neighbour, "supplier": supplier} {
			if f := p.Operate(`subscription ($id: ID!) { order(id: $id) { id stage } }`, obj{"id": moved}).Refused(); f.Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: got %v, want NOT_FOUND", who, f)
			}
		}
		// A filter does not widen a viewer's scope.
		if got := neighbour.After(e, from, obj{"orderIds": []string{moved, own}}).Next(); got.Order.OrderID != own {
			t.Errorf("got an event of %v, want the own order's", got)
		}
	})

	t.Run("a supplier sees no household, no needs and no note of a hold", func(t *testing.T) {
		ids := e.Hold(obj{"subjectIds": []string{mine}, "reason": "TESTING", "note": "三楼核酸"})
		defer e.Release(mine)
		const query = `query ($id: ID!, $h: ID!, $hold: ID!) { order(id: $id) { household { needs } holds { note } } node(id: $h) { id } hold: node(id: $hold) { ... on Hold { note } } }`
		for actor, want := range map[string]string{
			"caiban@DCXY":    `{"order":{"household":null,"holds":[{"note":""}]},"node":null,"hold":{"note":""}}`,
			"S01@DCXY":       fmt.Sprintf(`{"order":{"household":{"needs":[]},"holds":[{"note":"三楼核酸"}]},"node":{"id":%q},"hold":{"note":"三楼核酸"}}`, e.Homes["E6-1-1403"]),
			"E6-1-1403@DCXY": fmt.Sprintf(`{"order":{"household":{"needs":["DISABLED","QUARANTINED"]},"holds":[{"note":""}]},"node":{"id":%q},"hold":{"note":""}}`, e.Homes["E6-1-1403"]),
		} {
			a := e.Ask(actor, query, obj{"id": mine, "h": e.Homes["E6-1-1403"], "hold": ids[0]})
			if string(a.Data) != want {
				t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, want)
			}
		}
		var got struct{ Households struct{ TotalCount int } }
		e.Must("caiban@DCXY", `query ($c: ID!) { households(communityId: $c) { totalCount } }`, obj{"c": e.Community}, &got)
		if got.Households.TotalCount != 0 {
			t.Errorf("got %d households, want none", got.Households.TotalCount)
		}
	})

	t.Run("the viewer by a link learns roles and a building's code, at once and while they watch", func(t *testing.T) {
		order := e.Place("E6-1-1203")
		e.Update(e.As("C01"), "building", obj{"id": e.Buildings["E6"], "accessNote": "从东门进"})
		token := e.SignIn(e.Link(order))
		const asks = ` ($id: ID!) { order(id: $id) { stage address unit { number } building { code accessNote units { number } services { duty } } placedBy { role id } movedBy { role id }
			taker { code } holder { __typename } reach { __typename } holds { reason note placedBy { role id } } history { kind } } }`
		in := e.Dial(t, token, "").Operate("subscription"+asks, obj{"id": order})
		in.Take()
		e.Hold(obj{"subjectIds": []string{order}, "reason": "TESTING", "note": "三楼核酸"})
		want := `{"order":{"stage":"PLACED","address":"E6","unit":null,"building":{"code":"E6","accessNote":"","units":[],"services":[]},"placedBy":{"role":"COMMANDER","id":null},` +
			`"movedBy":{"role":"COMMANDER","id":null},"taker":null,"holder":null,"reach":null,"holds":[{"reason":"TESTING","note":"","placedBy":{"role":"COMMANDER","id":null}}],"history":[]}}`
		if a := e.Ask(token, "query"+asks, obj{"id": order}); string(a.Data) != want {
			t.Errorf("got  %s %v\nwant %s", a.Data, a.Errors, want)
		}
		if a := in.First(); string(a.Data) != want {
			t.Errorf("watching: got  %s %v\nwant %s", a.Data, a.Errors, want)
		}
		e.Release(order)
		refused := e.Refused(token, obj{"to": "AT_GATE", "orders": []obj{{"orderId": order, "expectedStage": "SORTED"}}})
		if d := refused.Details; d == nil || d.MovedBy == nil || d.MovedBy.Role != "COMMANDER" || d.MovedBy.ID != "" {
			t.Errorf("got %+v, want a refusal that names no one", refused)
		}
	})

	t.Run("names and phones are masked, also in refusals", func(t *testing.T) {
		// Every answer is searched for the whole ones as it comes; here they must show masked.
		a := e.Ask("C01@DCXY", `query ($c: ID!) { households(communityId: $c, first: 1) { nodes { contactName phone } } volunteers(communityId: $c, first: 1) { nodes { name phone } }
			suppliers(communityId: $c, first: 1) { nodes { phone } } }`, obj{"c": e.Community})
		want := `{"households":{"nodes":[{"contactName":"王**","phone":"138****1234"}]},"volunteers":{"nodes":[{"name":"赵**","phone":"137****4321"}]},"suppliers":{"nodes":[{"phone":"139****5678"}]}}`
		if string(a.Data) != want {
			t.Errorf("got %s, want %s", a.Data, want)
		}
		secret := obj{"unitId": e.Units["E6-1"], "room": "9901", "floor": 99, "contactName": strings.Repeat("王秀英", 40), "phone": "13800001234x"}
		for _, actor := range []string{"C01@DCXY", "S01@DCXY"} {
			e.Ask(actor, `mutation ($in: CreateHouseholdsInput!) { createHouseholds(input: $in) { userErrors { `+house.RefusalFields+` } results { userErrors { `+house.RefusalFields+` } } } }`,
				obj{"in": obj{"communityId": e.Community, "households": []obj{secret, {"unitId": e.Units["E6-1"], "room": "1103", "floor": 11, "phone": "13800001234x"}}}})
		}
		e.Ask("C01@DCXY", `mutation ($in: CreateHouseholdsInput!) { createHouseholds(input: $in) { saved } }`,
			obj{"in": obj{"communityId": e.Community, "households": []obj{{"unitId": e.Units["E6-1"], "room": "1", "floor": 1, "contactName": []string{"王秀英"}, "phone": obj{"n": "13800001234"}}}}})
		e.Ask("C01@DCXY", `mutation ($c: ID!, $u: ID!) { createHouseholds(input: { communityId: $c, households: [{ unitId: $u, room: "1", floor: 1, phone: 13800001234 }] }) { saved } }`,
			obj{"c": e.Community, "u": e.Units["E6-1"]})
	})

	t.Run("me", func(t *testing.T) {
		t.Parallel()
		for actor, want := range map[string]string{
			"admin":          `{"me":{"name":"admin","role":"ADMIN","community":null,"volunteer":null,"supplier":null,"household":null}}`,
			"S01@DCXY":       `{"me":{"name":"S01","role":"VOLUNTEER","community":{"code":"DCXY"},"volunteer":{"code":"S01"},"supplier":null,"household":null}}`,
			"caiban@XILING":  `{"me":{"name":"caiban","role":"SUPPLIER","community":{"code":"XILING"},"volunteer":null,"supplier":{"code":"caiban"},"household":null}}`,
			"E6-1-1403@DCXY": `{"me":{"name":"E6-1-1403","role":"RESIDENT","community":{"code":"DCXY"},"volunteer":null,"supplier":null,"household":{"address":"E6-1-1403"}}}`,
		} {
			if a := e.Ask(actor, `{ me { name role community { code } volunteer { code } supplier { code } household { address } } }`, nil); string(a.Data) != want {
				t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, want)
			}
		}
		var got struct {
			Communities struct{ Nodes []json.RawMessage }
		}
		e.Must("S01@DCXY", `{ communities { nodes { code } } }`, nil, &got)
		if len(got.Communities.Nodes) != 1 {
			t.Errorf("got %s, want the own community", got.Communities.Nodes)
		}
	})
}
