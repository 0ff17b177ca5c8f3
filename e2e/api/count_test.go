package api_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestStatements checks that the number of SQL statements of an operation does not grow with the size of its answer.
func TestStatements(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	ids := e.Fill(120)
	e.Advance("C01", "DISPATCHED", ids...)
	e.Advance("C01", "AT_GATE", ids...)
	e.Advance("C01", "SORTED", ids...)
	// Holders of both kinds on every page, and holds on some orders.
	more := e.Fill(6)
	for _, id := range more {
		e.Hold(obj{"subjectIds": []string{id}, "reason": "TESTING"})
	}
	e.Hold(obj{"subjectIds": []string{e.Buildings["E2"]}, "reason": "SEALED"})

	for i, id := range ids {
		e.Report(e.As("C01"), obj{"kind": []string{"DAMAGED", "SHORT", "OTHER"}[i%3], "subjectId": id})
	}

	still := still(e)
	for name, c := range map[string]struct {
		few   int
		query string
		want  int64
	}{
		"orders": {10, `query ($c: ID!, $n: Int!) { orders(communityId: $c, first: $n, orderBy: { field: NUMBER, direction: DESC }) { totalCount nodes {
			number label building { code } unit { number } household { address contactName } lines { item quantity } history { kind at by { role } order { stage } }
			holder { ... on Volunteer { code } ... on Supplier { code } } } } }`, 10},
		"orders and all that hangs on them": {10, `query ($c: ID!, $n: Int!) { orders(communityId: $c, first: $n, orderBy: { field: NUMBER, direction: DESC }) { totalCount feedCursor edges { cursor node {
			number building { code services { volunteer { code } } } unit { number building { code } } household { address unit { number } building { code } } lines { item }
			history { kind } stageTimes { stage } supplier { code } taker { code } holds { reason } allowedMoves { to } holder { ... on Volunteer { code } ... on Supplier { code } } reach { ... on Volunteer { code } } } } } }`, 15}, // an operation has three connections at most, so two loaders may ask one after the other
		"board": {3, `query ($c: ID!, $n: Int!) { board(communityId: $c) { community { code } feedCursor stages { stage count } buildings { building { code units { number } } stages { stage count } } }
			buildings(communityId: $c, first: $n) { nodes { code } } }`, 7},
		"orders with their estimates":     {10, `query ($c: ID!, $n: Int!) { orders(communityId: $c, first: $n, orderBy: { field: NUMBER, direction: DESC }) { nodes { ahead expectedAt } } }`, 3},
		"board with runs and an estimate": {3, `query ($c: ID!, $n: Int!) { board(communityId: $c) { open runs { number stops { building { code } } } expectedClearAt } buildings(communityId: $c, first: $n) { nodes { code } } }`, 7},
		"incidents": {10, `query ($c: ID!, $n: Int!) { incidents(communityId: $c, first: $n, states: [OPEN]) { totalCount nodes { number note openedBy { id } order { number incidents { number } }
			building { code } owner { code } } } }`, 6},
		"volunteers": {7, `query ($c: ID!, $n: Int!) { volunteers(communityId: $c, first: $n) { totalCount nodes { code services { duty building { code } } } } }`, 5},
		"buildings":  {2, `query ($c: ID!, $n: Int!) { buildings(communityId: $c, first: $n) { totalCount nodes { code units { number building { code } } services { volunteer { code } } holds { reason } } } }`, 8},
		"households": {6, `query ($c: ID!, $n: Int!) { households(communityId: $c, first: $n) { totalCount nodes { address unit { number } building { code } } } }`, 5},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := statements(still, "C01", c.query, c.few), statements(still, "C01", c.query, 100)
			// Both depend on the loaders collecting their keys in time. If more than a page's own fields are
			// selected, two loaders may also share one statement.
			for range 20 {
				if few != many && name == "orders" || max(few, many) > c.want {
					few, many = min(few, statements(still, "C01", c.query, c.few)), min(many, statements(still, "C01", c.query, 100))
				}
			}
			if name == "orders" && few != many || max(few, many) > c.want {
				t.Errorf("got %d statements for %d and %d for 100, want the same number, at most %d", few, c.few, many, c.want)
			}
		})
	}

	t.Run("nodes", func(t *testing.T) {
		for _, n := range []int{10, 100} {
			got := least(func() int64 {
				before := still.Store.Statements()
				still.Must("C01", `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { building { code } lines { item } household { address } } } }`, obj{"ids": ids[:n]}, &struct{}{})
				return still.Store.Statements() - before
			})
			if got > 5 {
				t.Errorf("got %d statements for %d, want at most 5", got, n)
			}
		}
	})

	t.Run("totalCount only when asked", func(t *testing.T) {
		with := statements(still, "C01", `query ($c: ID!, $n: Int!) { orders(communityId: $c, first: $n) { ...count nodes { id } } } fragment count on OrderConnection { all: totalCount }`, 10)
		without := statements(still, "C01", `query ($c: ID!, $n: Int!) { orders(communityId: $c, first: $n) { nodes { id } } }`, 10)
		if with != without+1 {
			t.Errorf("got %d with totalCount and %d without, want one more", with, without)
		}
	})

	t.Run("a page of 200 with everything on it is not refused as too costly", func(t *testing.T) {
		a := e.Ask("C01", `query ($c: ID!) { orders(communityId: $c, first: 200) { totalCount nodes { id number stage version address building { code } unit { number } household { address contactName instructions }
			lines { item quantity unit } holder { ... on Volunteer { code } ... on Supplier { code } } history { kind at } } } }`, obj{"c": e.Community})
		var got struct {
			Orders struct {
				TotalCount int
				Nodes      []json.RawMessage
			}
		}
		if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
			t.Fatal(err, a.Errors)
		}
		if len(got.Orders.Nodes) != 126 || got.Orders.TotalCount != 126 {
			t.Errorf("got %d of %d, want 126", len(got.Orders.Nodes), got.Orders.TotalCount)
		}
	})

	t.Run("the payload of 100 moved orders", func(t *testing.T) {
		const query = `mutation ($in: AdvanceOrdersInput!) { advanceOrders(input: $in) { moved results { orderId userErrors { message } order { stage building { code } household { address } lines { item } } } } }`
		e.Release(e.Buildings["E2"])
		for _, n := range []int{10, 100} {
			got := least(func() int64 {
				before := still.Store.Statements()
				var got struct{ AdvanceOrders struct{ Moved int } }
				still.Must("C01", query, obj{"in": house.MoveTo("AT_BUILDING", ids[:n]...)}, &got)
				spent := still.Store.Statements() - before
				if got.AdvanceOrders.Moved != n {
					t.Fatalf("moved %d, want %d", got.AdvanceOrders.Moved, n)
				}
				e.Undo("C01", ids[:n]...)
				return spent
			})
			if got > 10 { // one mutation checks permission by a read, before it locks anything
				t.Errorf("got %d statements for %d, want at most 10", got, n)
			}
		}
	})
}

// still starts a second program over the estate's database in which nothing else runs, so that statements can be counted.
func still(e *house.Estate) *house.Estate {
	e.T.Helper()
	h, err := app.Wire(e.T.Context(), app.Wiring{Settings: e.Settings, DSN: e.DSN, Now: e.Clock.Now, Log: slog.DiscardHandler})
	if err != nil {
		e.T.Fatal(err)
	}
	handler, err := h.Handler()
	if err != nil {
		e.T.Fatal(err)
	}
	server := httptest.NewServer(handler)
	e.T.Cleanup(func() {
		server.Close()
		if err := h.Close(); err != nil {
			e.T.Error(err)
		}
	})
	out := *e
	out.Program = &house.Program{System: h, T: e.T, URL: server.URL + "/graphql", DSN: e.DSN}
	return &out
}

// statements returns the number of statements of a query of n items, authentication included.
func statements(e *house.Estate, actor, query string, n int) int64 {
	e.T.Helper()
	return least(func() int64 {
		before := e.Store.Statements()
		if a := e.Ask(actor, query, obj{"c": e.Community, "n": n}); len(a.Errors) > 0 {
			e.T.Fatal(a.Errors)
		}
		return e.Store.Statements() - before
	})
}

// least returns the smallest of a few counts: on a busy machine a loader may miss keys and read twice.
func least(count func() int64) int64 {
	n := count()
	for range 4 {
		n = min(n, count())
	}
	return n
}

// TestStatementsAtTheGate counts the statements of the verbs at the gate, which must not grow with the truck.
func TestStatementsAtTheGate(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	quiet := still(e)
	caiban, gate := e.Suppliers["caiban"], "D01"
	type calls struct{ announce, receive, list, log, shut int64 }
	run := func(n int) (c calls) {
		ids := e.PlaceMany(n)
		counted := func(do func()) int64 {
			before := quiet.Store.Statements()
			do()
			return quiet.Store.Statements() - before
		}
		var a *house.ArrivalView
		c.announce = counted(func() {
			a = quiet.Gate(gate, "announceArrival", obj{"supplierId": caiban, "orders": house.Each(ids, func(id string) obj { return obj{"orderId": id, "bags": 2} })}).Arrival
		})
		var short []obj
		for i, id := range ids {
			if i%2 == 0 {
				short = append(short, obj{"orderId": id, "received": i % 3, "damaged": min(1, i%3)})
			}
		}
		c.receive = counted(func() {
			quiet.Gate(gate, "receiveArrival", obj{"arrivalId": a.ID, "orders": short, "allButListed": true, "complete": true, "settleUntil": e.Clock.Now().Add(time.Hour)})
		})
		c.list = least(func() int64 {
			return counted(func() {
				quiet.Must(gate, `query ($a: ID!) { arrivalList(arrivalId: $a) { announced counted order { label building { code } holds { reason } arrival { number } } } }`, obj{"a": a.ID}, &struct{}{})
			})
		})
		var strays []obj
		for range ids {
			strays = append(strays, obj{"place": "3 号架"})
		}
		var found house.GateAnswer
		c.log = counted(func() {
			found = quiet.Gate(gate, "logStrays", obj{"communityId": e.Community, "arrivalId": a.ID, "strays": strays})
		})
		var ends []obj
		for i, r := range found.Results {
			ends = append(ends, []obj{{"strayId": r.Stray.ID, "orderId": ids[i]}, {"strayId": r.Stray.ID, "householdId": e.Homes["E6-1-1103"]}, {"strayId": r.Stray.ID, "disposed": true}}[i%3])
		}
		c.shut = counted(func() { quiet.Gate(gate, "closeStrays", obj{"strays": ends}) })
		return c
	}
	run(6) // the first reads what later ones know
	few, many := run(12), run(90)
	for name, c := range map[string]struct{ few, many, most int64 }{
		"announceArrival": {few.announce, many.announce, 25}, "receiveArrival": {few.receive, many.receive, 45}, "arrivalList": {few.list, many.list, 12},
		"logStrays": {few.log, many.log, 30}, "closeStrays": {few.shut, many.shut, 65},
	} {
		t.Logf("%s: %d statements for 12, %d for 90", name, c.few, c.many)
		if c.many > c.few+2 || c.many > c.most { // a loader may read twice on a busy machine
			t.Errorf("%s: got %d statements for 12 and %d for 90, want as many, at most %d", name, c.few, c.many, c.most)
		}
	}
}

// TestStatementsOnTheWay counts the statements of manifests, runs and rounds, which must not grow with the number of orders.
func TestStatementsOnTheWay(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	quiet := still(e)
	counted := func(actor, query string, vars obj) int64 {
		before := quiet.Store.Statements()
		var answer json.RawMessage
		quiet.Must(actor, query, vars, &answer)
		if spent := quiet.Store.Statements() - before; !strings.Contains(string(answer), `"message"`) {
			return spent
		}
		t.Fatalf("%s is refused: %s", query, answer)
		return 0
	}
	const refusals = ` userErrors { message } `
	run := func(n int) map[string]int64 {
		ids := e.PlaceMany(n, obj{"householdId": e.Homes["E6-1-1103"]})
		out := map[string]int64{}
		e.AdvanceAs("C01", house.MoveTo("AT_GATE", ids...))
		out["sortOrders"] = counted("D01", `mutation ($bin: ID!, $ids: [SortItemInput!]!) { sortOrders(input: { binId: $bin, orders: $ids, atomic: true }) {
			batchId results { order { labels bin { code } }`+refusals+`}`+refusals+`} }`, obj{"bin": e.DefaultBin("E6"), "ids": house.Each(ids, func(id string) obj { return obj{"orderId": id} })})
		out["sortingManifest"] = least(func() int64 {
			return counted("D01", `query ($c: ID!, $b: ID!) { sortingManifest(communityId: $c, buildingId: $b) {
				buildings { building { code } orders { number labels marks stage bin { code } supplier { name } } } } }`, obj{"c": e.Community, "b": e.Buildings["E6"]})
		})
		var started struct {
			StartRun struct{ Run struct{ ID string } }
		}
		e.Must("T01", `mutation ($c: ID!) { startRun(input: { communityId: $c, capacity: 1000 }) { run { id } } }`, obj{"c": e.Community}, &started)
		cart := obj{"run": started.StartRun.Run.ID, "ids": ids, "b": e.Buildings["E6"], "n": n}
		out["loadRun"] = counted("T01", `mutation ($run: ID!, $ids: [ID!]!) { loadRun(input: { runId: $run, orderIds: $ids, atomic: true }) { batchId results { loaded`+refusals+`}`+refusals+`} }`, cart)
		out["dropAtBuilding"] = counted("T01", `mutation ($run: ID!, $b: ID!, $n: Int!) { dropAtBuilding(input: { runId: $run, buildingId: $b, bags: $n }) {
			batchId run { bags stops { bagsLeft } } results { order { number stage }`+refusals+`}`+refusals+`} }`, cart)
		e.Must("T01", `mutation ($run: ID!) { finishRun(input: { runId: $run }) { run { state } } }`, cart, &struct{}{})
		var climbed struct {
			StartRound struct{ Round struct{ ID string } }
		}
		before := quiet.Store.Statements()
		quiet.Must("S01", `mutation ($ids: [ID!]!) { startRound(input: { orderIds: $ids, most: 200 }) { batchId round { id } results { orderId`+refusals+`}`+refusals+`} }`, cart, &climbed)
		out["startRound"] = quiet.Store.Statements() - before
		out["doors"] = least(func() int64 {
			return counted("S01", `query ($id: ID!) { node(id: $id) { ... on Round { taken out doors { address floor instructions proofs orders { number marks lines { item } supplier { name } } } } } }`,
				obj{"id": climbed.StartRound.Round.ID})
		})
		out["handOver"] = counted("S01", `mutation ($ids: [ID!]!) { handOver(input: { doors: [{ orderIds: $ids, proof: ATTESTED }] }) { batchId results { orderIds`+refusals+`}`+refusals+`} }`, cart)
		e.Must("S01", `mutation ($id: ID!) { endRound(input: { roundId: $id }) { round { endedAt } } }`, obj{"id": climbed.StartRound.Round.ID}, &struct{}{})
		return out
	}
	run(2) // the first reads what later ones know
	few, many := run(20), run(200)
	grown := func(name string) bool { return many[name] > few[name]+6 || many[name] > 25 }
	for range 2 { // on a busy machine loaders read in several parts
		if !slices.ContainsFunc(slices.Collect(maps.Keys(few)), grown) {
			break
		}
		for name, n := range run(200) {
			many[name] = min(many[name], n)
		}
	}
	for name, n := range few {
		t.Logf("%s: %d statements for 20, %d for 200", name, n, many[name])
		if grown(name) {
			t.Errorf("%s: got %d statements for 20 and %d for 200, want as many, at most 25", name, n, many[name])
		}
	}
}
