package live_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/e2e/house"
)

// squadStream is the state of one squad as one subscriber sees it, written as text.
type squadStream[T any] struct {
	*house.Inbox
	who  string
	text func(T) string
}

// want waits until the state is the text. A state may show what was before, and is replaced.
func (s squadStream[T]) want(claim, want string) {
	s.T.Helper()
	got := ""
	for deadline := time.Now().Add(house.Timeout); time.Now().Before(deadline); {
		var shown T
		s.Value(&shown)
		if got = s.text(shown); got == want {
			return
		}
	}
	s.T.Fatalf("%s, %s: got %q, want %q", claim, s.who, got, want)
}

// TestReadyBuildings carries goods from the bins to the buildings while transport, a building's volunteer and the commander watch what can be loaded,
// and the board's runs.
func TestReadyBuildings(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	type shown struct {
		ReadyBuildings []struct {
			Bin                             struct{ Building struct{ Code string } }
			Orders, Bags, Heavy, Cold, Held int
		}
	}
	watch := func(who string) squadStream[shown] {
		in := e.Dial(t, e.As(who), "").Operate(`subscription ($c: ID!) { readyBuildings(communityId: $c) { bin { building { code } } orders bags heavy cold held } }`, obj{"c": e.Community})
		return squadStream[shown]{in, who, func(s shown) (text string) {
			for _, b := range s.ReadyBuildings {
				text += fmt.Sprintf("%s: %d orders, %d bags, %d heavy, %d cold, %d held; ", b.Bin.Building.Code, b.Orders, b.Bags, b.Heavy, b.Cold, b.Held)
			}
			return text
		}}
	}
	for _, who := range []string{"caiban", "E6-1-1403"} {
		if refused := watch(who).Refused(); refused.Extensions["code"] != "FORBIDDEN" {
			t.Errorf("%s: got %v, want FORBIDDEN", who, refused)
		}
	}
	cart, near := watch("T01"), watch("S01")
	for _, s := range []squadStream[shown]{cart, near} {
		s.want("before anything is sorted", "")
	}
	first, second, far := e.Place("E6-1-1403"), e.Place("E6-1-1103"), e.Place("E7-1-1103")
	e.Bring(far, "SORTED")
	e.Clock.Pass(time.Minute)
	e.Bring(first, "SORTED")
	e.Bring(second, "SORTED")
	cart.want("the oldest first", "E7: 1 orders, 1 bags, 0 heavy, 0 cold, 0 held; E6: 2 orders, 2 bags, 0 heavy, 0 cold, 0 held; ")
	near.want("their own building", "E6: 2 orders, 2 bags, 0 heavy, 0 cold, 0 held; ")
	e.Hold(obj{"subjectIds": []string{e.Buildings["E7"]}, "reason": "TESTING"})
	e.Hold(obj{"subjectIds": []string{second}, "reason": "TESTING"})
	cart.want("a held building is not loaded", "E6: 1 orders, 1 bags, 0 heavy, 0 cold, 1 held; ")

	var run struct {
		StartRun struct{ Run struct{ ID string } }
	}
	e.Must(e.As("T01"), `mutation ($c: ID!) { startRun(input: { communityId: $c, capacity: 9 }) { run { id } userErrors { message } } }`, obj{"c": e.Community}, &run)
	e.Must(e.As("T01"), `mutation ($r: ID!, $o: ID!) { loadRun(input: { runId: $r, orderIds: [$o] }) { userErrors { message } } }`, obj{"r": run.StartRun.Run.ID, "o": first}, &struct{}{})
	cart.want("it is on the cart", "")
	near.want("it is on the cart", "")
	for who, want := range map[string]int{"C01": 1, "T01": 1, "S01": 1, "S07": 0, "caiban": 0, "E6-1-1403": 0} {
		var board struct {
			Board struct{ Runs []struct{ Bags int } }
		}
		e.Must(e.As(who), `query ($c: ID!) { board(communityId: $c) { runs { bags } } }`, obj{"c": e.Community}, &board)
		if len(board.Board.Runs) != want {
			t.Errorf("%s: got %d runs on the board, want %d", who, len(board.Board.Runs), want)
		}
	}
	e.Must(e.As("T01"), `mutation ($r: ID!) { cancelRun(input: { runId: $r }) { userErrors { message } } }`, obj{"r": run.StartRun.Run.ID}, &struct{}{})
	cart.want("it is back in the bin", "E6: 1 orders, 1 bags, 0 heavy, 0 cold, 1 held; ")
}

// TestMyRound takes orders up the stairs while two volunteers of one building, with one View, and leads watch: each sees the round of the volunteer that they
// name, and no one else may.
func TestMyRound(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	type shown struct {
		MyRound struct {
			Round   *struct{ Doors []struct{ Address string } }
			Waiting []struct{ Address string }
		}
	}
	watch := func(who, whose string) squadStream[shown] {
		in := obj{"c": e.Community}
		if whose != "" {
			in["v"] = e.Team[whose]
		}
		inbox := e.Dial(t, e.As(who), "").Operate(`subscription ($c: ID!, $v: ID) { myRound(communityId: $c, volunteerId: $v) { round { doors { address } } waiting { address } } }`, in)
		return squadStream[shown]{inbox, who, func(s shown) string {
			text := "none"
			if s.MyRound.Round != nil {
				text = "out"
				for _, d := range s.MyRound.Round.Doors {
					text += " " + d.Address
				}
			}
			text += ", waiting"
			for _, o := range s.MyRound.Waiting {
				text += " " + o.Address
			}
			return text
		}}
	}
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["S07"], "services": e.Services("E6")})
	for _, c := range [][3]string{{"caiban", "", "FORBIDDEN"}, {"E6-1-1403", "", "FORBIDDEN"}, {"S01", "S07", "FORBIDDEN"}, {"T01", "S01", "FORBIDDEN"}} {
		if refused := watch(c[0], c[1]).Refused(); refused.Extensions["code"] != c[2] {
			t.Errorf("%s of %s: got %v, want %s", c[0], c[1], refused, c[2])
		}
	}
	one, other, lead := watch("S01", ""), watch("S07", ""), watch("S00", "S01")
	all := []squadStream[shown]{one, other, lead}
	for _, s := range all {
		s.want("at first", "none, waiting")
	}
	low, high, held := e.Place("E6-1-1103"), e.Place("E6-1-1403"), e.Place("E6-1-1103")
	for _, id := range []string{low, high, held} {
		e.Bring(id, "AT_BUILDING")
	}
	e.Hold(obj{"subjectIds": []string{held}, "reason": "TESTING"})
	for _, s := range all {
		s.want("the top floor first, without what is held", "none, waiting E6-1-1403 E6-1-1103")
	}
	var started struct {
		StartRound struct{ Round struct{ ID string } }
	}
	e.Must(e.As("S01"), `mutation ($o: ID!) { startRound(input: { orderIds: [$o] }) { round { id } userErrors { message } } }`, obj{"o": high}, &started)
	for _, s := range []squadStream[shown]{one, lead} {
		s.want("the round of S01", "out E6-1-1403, waiting E6-1-1103")
	}
	other.want("the other volunteer has no round", "none, waiting E6-1-1103")
	e.Advance(e.As("S01"), "DELIVERED", high)
	one.want("all is handed over", "out, waiting E6-1-1103")
	e.Must(e.As("S01"), `mutation ($r: ID!) { endRound(input: { roundId: $r }) { userErrors { message } } }`, obj{"r": started.StartRound.Round.ID}, &struct{}{})
	for _, s := range []squadStream[shown]{one, lead} {
		s.want("the round has ended", "none, waiting E6-1-1103")
	}
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team["S07"], "services": e.Services()})
	other.want("who serves no building any more", "none, waiting")
}

// TestActivities moves orders, trucks, runs, rounds and incidents: each viewer gets the events of all nouns that they may see, in order, and
// continues after a cursor.
func TestActivities(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	start := e.Cursor()
	order := e.Place("E6-1-1403", obj{"supplierId": e.Suppliers["caiban"]})
	e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour), "orders": []obj{{"orderId": order, "bags": 3}}})
	e.Report(e.As("E6-1-1403"), obj{"kind": "COMPLAINT", "subjectId": order, "note": "王五 13812345678"})
	e.Must(e.As("T01"), `mutation ($c: ID!) { startRun(input: { communityId: $c, capacity: 9 }) { userErrors { message } } }`, obj{"c": e.Community}, &struct{}{})
	shelved := e.Place("E6-1-1103")
	e.Bring(shelved, "AT_BUILDING")
	e.Must(e.As("S01"), `mutation ($o: ID!) { startRound(input: { orderIds: [$o] }) { userErrors { message } } }`, obj{"o": shelved}, &struct{}{})
	e.Update(e.As("C01"), "household", obj{"id": e.Homes["E6-1-1403"], "phone": "13612345678"})

	const ask = `subscription ($c: ID!, $a: String, $k: [ActivityKind!]) { events(communityId: $c, after: $a, kinds: $k) { cursor kind subjectId order { stage } numbers { name value } by { role } } }`
	kinds := []string{"ORDER_PLACED", "ARRIVAL_ANNOUNCED", "INCIDENT_OPENED", "RUN_STARTED", "ROUND_STARTED", "HOUSEHOLD_SAVED"}
	for _, c := range []struct {
		who, token string
		want       []string
	}{
		{"T01", e.As("T01"), []string{"ORDER_PLACED", "ARRIVAL_ANNOUNCED", "INCIDENT_OPENED", "RUN_STARTED", "ORDER_PLACED", "ROUND_STARTED", "HOUSEHOLD_SAVED"}},
		{"S01", e.As("S01"), []string{"ORDER_PLACED", "INCIDENT_OPENED", "ORDER_PLACED", "ROUND_STARTED", "HOUSEHOLD_SAVED"}},
		{"caiban", e.As("caiban"), []string{"ORDER_PLACED", "ARRIVAL_ANNOUNCED"}},
		{"E6-1-1403", e.As("E6-1-1403"), []string{"ORDER_PLACED", "INCIDENT_OPENED", "ORDER_PLACED"}},
	} {
		p := e.Dial(t, c.token, "")
		in := p.Operate(ask, obj{"c": e.Community, "a": start, "k": kinds})
		var last string
		for i, want := range c.want {
			if c.who == "E6-1-1403" && i == 2 { // no more of the past: what comes now
				e.Place("E6-1-1403")
			}
			var got struct {
				Events struct {
					Cursor, Kind, SubjectID string
					Order                   *struct{ Stage string }
					Numbers                 []struct {
						Name  string
						Value int
					}
				}
			}
			in.Value(&got)
			if got.Events.Kind != want || (got.Events.Order != nil) != (want == "ORDER_PLACED") {
				t.Fatalf("%s: got %+v, want %s", c.who, got.Events, want)
			}
			if want == "ARRIVAL_ANNOUNCED" && fmt.Sprint(got.Events.Numbers[:2]) != "[{orders 1} {bagsAnnounced 3}]" {
				t.Errorf("got the numbers %v", got.Events.Numbers)
			}
			if i == 0 {
				last = got.Events.Cursor
			}
		}
		var next struct{ Events struct{ Kind string } }
		if p.Operate(ask, obj{"c": e.Community, "a": last, "k": kinds}).Value(&next); next.Events.Kind != c.want[1] {
			t.Errorf("%s: after the first: got %s, want %s", c.who, next.Events.Kind, c.want[1])
		}
	}
	for _, c := range []struct {
		token, code string
		kinds       any
	}{{e.SignIn(e.Link(order)), "NOT_FOUND", nil}, {e.As("C01"), "BAD_USER_INPUT", []string{}}} {
		if refused := e.Dial(t, c.token, "").Operate(ask, obj{"c": e.Community, "k": c.kinds}).Refused(); refused.Extensions["code"] != c.code {
			t.Errorf("got %v, want %s", refused, c.code)
		}
	}
}

// TestTasks watches the list of the patrol while the commander adds to it and a member ends a point: the member sees no visit to a household out of
// their sight, and another squad's list stays as it is.
func TestTasks(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	type shown struct{ Tasks []struct{ Title string } }
	watch := func(who, squad string) squadStream[shown] {
		in := e.Dial(t, e.As(who), "").Operate(`subscription ($c: ID!, $s: Squad!) { tasks(communityId: $c, squad: $s) { title } }`, obj{"c": e.Community, "s": squad})
		return squadStream[shown]{in, who, func(s shown) (text string) {
			for _, k := range s.Tasks {
				text += k.Title + "; "
			}
			return text
		}}
	}
	patrol, boss, supply := watch("P01", "PATROL"), watch("C01", "PATROL"), watch("C01", "SUPPLY")
	for _, s := range []squadStream[shown]{patrol, boss, supply} {
		s.want("before there is a task", "")
	}
	var got struct {
		CreateTasks struct {
			Results []struct{ Task struct{ ID string } }
		}
	}
	e.Must(e.As("C01"), `mutation ($i: CreateTasksInput!) { createTasks(input: $i) { results { task { id } } userErrors { message } } }`, obj{"i": obj{"communityId": e.Community, "squad": "PATROL",
		"tasks": []obj{{"kind": "VISIT", "title": "看看老人", "householdId": e.Homes["E6-1-1103"], "dueAt": e.Clock.Now().Add(time.Hour)}, {"kind": "PATROL", "title": "东门", "dueAt": e.Clock.Now()}}}}, &got)
	patrol.want("the point alone", "东门; ")
	boss.want("what is due first", "东门; 看看老人; ")
	e.Must(e.As("P01"), `mutation ($t: ID!) { finishTasks(input: { ids: [$t], state: DONE }) { userErrors { message } } }`, obj{"t": got.CreateTasks.Results[1].Task.ID}, &struct{}{})
	patrol.want("it is done", "")
	boss.want("the visit is left", "看看老人; ")
	e.Must(e.As("C01"), `mutation ($i: CreateTasksInput!) { createTasks(input: $i) { userErrors { message } } }`, obj{"i": obj{"communityId": e.Community, "squad": "SUPPLY",
		"tasks": []obj{{"kind": "TELL", "title": "通知", "dueAt": e.Clock.Now()}}}}, &struct{}{})
	supply.want("its own task alone", "通知; ")
}
