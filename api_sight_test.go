package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestSight holds every way to an order to what the viewer may see of it.
func TestSight(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	mine, theirs := e.place("E6-1-1403"), e.place("E7-1-1103", obj{"supplierId": e.suppliers["yiyao"]})
	other := e.testHouse.estate("XILING", e.clock)
	foreign := other.place("E6-1-1103")

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
			e.must(actor, `query ($c: ID!, $ids: [ID!]!) { orders(communityId: $c, orderBy: { field: NUMBER, direction: ASC }) { totalCount nodes { id } }
				nodes(ids: $ids) { id } board(communityId: $c) { open buildings { open } } }`, obj{"c": e.community, "ids": []string{mine, theirs}}, &got)
			if list := each(got.Orders.Nodes, func(o struct{ ID string }) string { return o.ID }); !slices.Equal(list, want) || got.Orders.TotalCount != len(want) {
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
				if (got.Nodes[i] != nil) != visible || (e.order(actor, id) != nil) != visible {
					t.Errorf("order %d: got nodes %v, order %v, want seen: %v", i, got.Nodes[i], e.order(actor, id), visible)
				}
			}
			if actor != "admin" && e.order(actor, foreign) != nil {
				t.Error("sees an order of another community")
			}
		})
	}

	t.Run("of another community nothing is there", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{`{ community(id: $c) { name } }`, `{ buildings(communityId: $c) { totalCount } }`, `{ households(communityId: $c) { totalCount } }`,
			`{ volunteers(communityId: $c) { totalCount } }`, `{ suppliers(communityId: $c) { totalCount } }`, `{ orders(communityId: $c) { totalCount } }`, `{ board(communityId: $c) { open } }`} {
			for _, actor := range []string{"C01@DCXY", "S01@DCXY", "caiban@DCXY", "E6-1-1403@DCXY"} {
				if a := e.ask(actor, "query ($c: ID!) "+query, obj{"c": other.community}); a.code() != "NOT_FOUND" {
					t.Errorf("%s %s: got %v, want NOT_FOUND", actor, query, a)
				}
			}
		}
		a := e.ask("C01@DCXY", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, obj{"ids": []string{other.community, other.buildings["E6"], other.units["E6-1"],
			other.homes["E6-1-1103"], other.suppliers["caiban"], other.team["S01"], foreign}})
		if got := string(a.Data); got != `{"nodes":[null,null,null,null,null,null,null]}` {
			t.Errorf("got %s, want seven nulls", got)
		}
	})

	t.Run("nobody gets UNAUTHENTICATED", func(t *testing.T) {
		t.Parallel()
		for _, query := range []string{`{ me { name } }`, `{ communities { totalCount } }`, `query ($c: ID!) { community(id: $c) { name } }`, `query ($c: ID!) { node(id: $c) { id } }`,
			`query ($c: ID!) { nodes(ids: [$c]) { id } }`, `query ($c: ID!) { board(communityId: $c) { open } }`, `query ($c: ID!) { orders(communityId: $c) { totalCount } }`,
			`query ($o: ID!) { order(id: $o) { id } }`} {
			variables := obj{}
			if strings.Contains(query, "$c") {
				variables["c"] = e.community
			}
			if strings.Contains(query, "$o") {
				variables["o"] = mine
			}
			if a := e.ask("", query, variables); a.code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", query, a)
			}
		}
		before := e.events()
		for _, m := range []struct {
			verb string
			in   obj
		}{
			{"advanceOrders(input: $in) { moved }", to("DISPATCHED", mine)},
			{"placeOrder(input: $in) { order { id } }", obj{"householdId": e.homes["E6-1-1403"], "channel": "APP", "supplierId": e.suppliers["caiban"], "lines": goods}},
			{"createBuildings(input: $in) { saved }", obj{"communityId": e.community, "buildings": []obj{{"code": "E99"}}}},
		} {
			kind := strings.ToUpper(m.verb[:1]) + m.verb[1:strings.Index(m.verb, "(")] + "Input!"
			if a := e.ask("", fmt.Sprintf("mutation ($in: %s) { %s }", kind, m.verb), obj{"in": m.in}); a.code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", m.verb, a)
			}
		}
		if after := e.events(); after != before {
			t.Errorf("%d events came of it", after-before)
		}
		p := e.dial(t, "", "")
		for _, query := range []string{`subscription ($c: ID!) { board(communityId: $c) { open } }`, `subscription ($c: ID!) { orderEvents(communityId: $c) { cursor } }`} {
			if f := p.operate(query, obj{"c": e.community}).refused(); f.Extensions["code"] != "UNAUTHENTICATED" {
				t.Errorf("%s: got %v, want UNAUTHENTICATED", query, f)
			}
		}
		if a := e.ask("nobody-by-that-name", `{ me { name } }`, nil); a.code() != "UNAUTHENTICATED" {
			t.Errorf("got %v, want UNAUTHENTICATED", a)
		}
	})

	t.Run("subscriptions", func(t *testing.T) {
		resident, neighbour, supplier := e.dial(t, "E6-1-1403@DCXY", ""), e.dial(t, "E6-1-1303@DCXY", ""), e.dial(t, "yiyao@DCXY", "")
		from := e.cursor()
		moved := e.place("E6-1-1403")
		own := e.place("E6-1-1303", obj{"supplierId": e.suppliers["yiyao"]})
		// Nothing of the first order lies before the second, which both see.
		for who, p := range map[string]*peer{"neighbour": neighbour, "supplier": supplier} {
			if got := p.after(e, from, nil).next(); got.Order.OrderID != own {
				t.Errorf("%s: got an event of %v, want the own order's", who, got)
			}
		}
		if got := resident.after(e, from, nil).next(); got.Order.OrderID != moved || got.Kind != "ORDER_PLACED" {
			t.Errorf("got %v, want ORDER_PLACED of the own order", got)
		}
		var state struct{ Order orderView }
		resident.operate(`subscription ($id: ID!) { order(id: $id) { id stage } }`, obj{"id": moved}).value(&state)
		if state.Order.Stage != "PLACED" {
			t.Errorf("got %v, want PLACED", state)
		}
		for who, p := range map[string]*peer{"neighbour": neighbour, "supplier": supplier} {
			if f := p.operate(`subscription ($id: ID!) { order(id: $id) { id stage } }`, obj{"id": moved}).refused(); f.Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: got %v, want NOT_FOUND", who, f)
			}
		}
		// Filters do not widen what one sees.
		if got := neighbour.after(e, from, obj{"orderIds": []string{moved, own}}).next(); got.Order.OrderID != own {
			t.Errorf("got an event of %v, want the own order's", got)
		}
	})

	t.Run("a supplier sees no household, no needs and no note of a hold", func(t *testing.T) {
		ids := e.hold(obj{"subjectIds": []string{mine}, "reason": "TESTING", "note": "三楼核酸"})
		defer e.release(mine)
		const query = `query ($id: ID!, $h: ID!, $hold: ID!) { order(id: $id) { household { needs } holds { note } } node(id: $h) { id } hold: node(id: $hold) { ... on Hold { note } } }`
		for actor, want := range map[string]string{
			"caiban@DCXY":    `{"order":{"household":null,"holds":[{"note":""}]},"node":null,"hold":{"note":""}}`,
			"S01@DCXY":       fmt.Sprintf(`{"order":{"household":{"needs":[]},"holds":[{"note":"三楼核酸"}]},"node":{"id":%q},"hold":{"note":"三楼核酸"}}`, e.homes["E6-1-1403"]),
			"E6-1-1403@DCXY": fmt.Sprintf(`{"order":{"household":{"needs":["ELDERLY_ALONE","QUARANTINED"]},"holds":[{"note":""}]},"node":{"id":%q},"hold":{"note":""}}`, e.homes["E6-1-1403"]),
		} {
			a := e.ask(actor, query, obj{"id": mine, "h": e.homes["E6-1-1403"], "hold": ids[0]})
			if string(a.Data) != want {
				t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, want)
			}
		}
		var got struct{ Households struct{ TotalCount int } }
		e.must("caiban@DCXY", `query ($c: ID!) { households(communityId: $c) { totalCount } }`, obj{"c": e.community}, &got)
		if got.Households.TotalCount != 0 {
			t.Errorf("got %d households, want none", got.Households.TotalCount)
		}
	})

	t.Run("whoever follows a link learns roles and a building's code, at once and while they watch", func(t *testing.T) {
		order := e.place("E6-1-1203")
		e.update(e.as("C01"), "building", obj{"id": e.buildings["E6"], "accessNote": "从东门进"})
		token := e.signIn(e.link(order))
		const asks = ` ($id: ID!) { order(id: $id) { stage address unit { number } building { code accessNote units { number } services { duty } } placedBy { role id } movedBy { role id }
			taker { code } holder { __typename } reach { __typename } holds { reason note placedBy { role id } } history { kind } } }`
		in := e.dial(t, token, "").operate("subscription"+asks, obj{"id": order})
		in.take()
		e.hold(obj{"subjectIds": []string{order}, "reason": "TESTING", "note": "三楼核酸"})
		want := `{"order":{"stage":"PLACED","address":"E6","unit":null,"building":{"code":"E6","accessNote":"","units":[],"services":[]},"placedBy":{"role":"COMMANDER","id":null},` +
			`"movedBy":{"role":"COMMANDER","id":null},"taker":null,"holder":null,"reach":null,"holds":[{"reason":"TESTING","note":"","placedBy":{"role":"COMMANDER","id":null}}],"history":[]}}`
		if a := e.ask(token, "query"+asks, obj{"id": order}); string(a.Data) != want {
			t.Errorf("got  %s %v\nwant %s", a.Data, a.Errors, want)
		}
		if a := in.first(); string(a.Data) != want {
			t.Errorf("watching: got  %s %v\nwant %s", a.Data, a.Errors, want)
		}
		e.release(order)
		refused := e.refused(token, obj{"to": "AT_GATE", "orders": []obj{{"orderId": order, "expectedStage": "SORTED"}}})
		if d := refused.Details; d == nil || d.MovedBy == nil || d.MovedBy.Role != "COMMANDER" || d.MovedBy.ID != "" {
			t.Errorf("got %+v, want a refusal that names no one", refused)
		}
	})

	t.Run("names and phones are masked, also in refusals", func(t *testing.T) {
		// Every answer is searched for the whole ones as it comes; here they must show masked.
		a := e.ask("C01@DCXY", `query ($c: ID!) { households(communityId: $c, first: 1) { nodes { contactName phone } } volunteers(communityId: $c, first: 1) { nodes { name phone } }
			suppliers(communityId: $c, first: 1) { nodes { phone } } }`, obj{"c": e.community})
		want := `{"households":{"nodes":[{"contactName":"王**","phone":"138****1234"}]},"volunteers":{"nodes":[{"name":"赵**","phone":"137****4321"}]},"suppliers":{"nodes":[{"phone":"139****5678"}]}}`
		if string(a.Data) != want {
			t.Errorf("got %s, want %s", a.Data, want)
		}
		secret := obj{"unitId": e.units["E6-1"], "room": "9901", "floor": 99, "contactName": strings.Repeat("王秀英", 40), "phone": "13800001234x"}
		for _, actor := range []string{"C01@DCXY", "S01@DCXY"} {
			e.ask(actor, `mutation ($in: CreateHouseholdsInput!) { createHouseholds(input: $in) { userErrors { `+asked+` } results { userErrors { `+asked+` } } } }`,
				obj{"in": obj{"communityId": e.community, "households": []obj{secret, {"unitId": e.units["E6-1"], "room": "1103", "floor": 11, "phone": "13800001234x"}}}})
		}
		e.ask("C01@DCXY", `mutation ($in: CreateHouseholdsInput!) { createHouseholds(input: $in) { saved } }`,
			obj{"in": obj{"communityId": e.community, "households": []obj{{"unitId": e.units["E6-1"], "room": "1", "floor": 1, "contactName": []string{"王秀英"}, "phone": obj{"n": "13800001234"}}}}})
		e.ask("C01@DCXY", `mutation ($c: ID!, $u: ID!) { createHouseholds(input: { communityId: $c, households: [{ unitId: $u, room: "1", floor: 1, phone: 13800001234 }] }) { saved } }`,
			obj{"c": e.community, "u": e.units["E6-1"]})
	})

	t.Run("me", func(t *testing.T) {
		t.Parallel()
		for actor, want := range map[string]string{
			"admin":          `{"me":{"name":"admin","role":"ADMIN","community":null,"volunteer":null,"supplier":null,"household":null}}`,
			"S01@DCXY":       `{"me":{"name":"S01","role":"VOLUNTEER","community":{"code":"DCXY"},"volunteer":{"code":"S01"},"supplier":null,"household":null}}`,
			"caiban@XILING":  `{"me":{"name":"caiban","role":"SUPPLIER","community":{"code":"XILING"},"volunteer":null,"supplier":{"code":"caiban"},"household":null}}`,
			"E6-1-1403@DCXY": `{"me":{"name":"E6-1-1403","role":"RESIDENT","community":{"code":"DCXY"},"volunteer":null,"supplier":null,"household":{"address":"E6-1-1403"}}}`,
		} {
			if a := e.ask(actor, `{ me { name role community { code } volunteer { code } supplier { code } household { address } } }`, nil); string(a.Data) != want {
				t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, want)
			}
		}
		var got struct {
			Communities struct{ Nodes []json.RawMessage }
		}
		e.must("S01@DCXY", `{ communities { nodes { code } } }`, nil, &got)
		if len(got.Communities.Nodes) != 1 {
			t.Errorf("got %s, want the own community", got.Communities.Nodes)
		}
	})
}
