package live_test

import (
	"encoding/json"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/e2e/house"
)

// boardView is a board as a client reads it.
type boardView struct {
	Open           int
	Held           int
	DeliveredToday int
	WithoutHolder  int
	Stages         []struct {
		Stage string
		Count int
	}
	Buildings []struct {
		Building struct{ Code string }
		Open     int
	}
	FeedCursor string
}

const board = `{ open held deliveredToday withoutHolder stages { stage count } buildings { building { code } open } feedCursor }`

// TestOrderState watches one order through more moves than a viewer takes.
func TestOrderState(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	type state struct{ Order house.OrderView }
	watch := func(next func() state) {
		t.Helper()
		if first := next(); first.Order.Stage != "PLACED" {
			t.Fatalf("got %+v, want the present at once", first)
		}
		start, from := time.Now(), e.Order("C01", id).Version
		const moves = 20
		var group errgroup.Group
		group.Go(func() error { return e.BackAndForth("caiban", id, moves) })
		states, last := 0, from
		for last < from+2*moves {
			s := next()
			if s.Order.Version <= last {
				t.Fatalf("got version %d after %d, want a newer one", s.Order.Version, last)
			}
			last = s.Order.Version
			states++
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if most := int(time.Since(start)/(250*time.Millisecond)) + 2; states > most {
			t.Errorf("got %d states in %v, want at most %d", states, time.Since(start), most)
		}
	}
	t.Run("over a WebSocket", func(*testing.T) {
		in := e.Dial(t, "E6-1-1103", "").Operate(house.WatchOrder, obj{"id": id})
		watch(func() (s state) { in.Value(&s); return s })
		in.Stop()
	})
	t.Run("over an event stream", func(*testing.T) {
		l := e.Listen(t, "E6-1-1103", "", house.WatchOrder, obj{"id": id})
		watch(func() (s state) {
			sent, ok := l.Next()
			if !ok || sent.ID != "" || json.Unmarshal(sent.Answer.Data, &s) != nil {
				t.Fatalf("got %+v, want a state without an id", sent)
			}
			return s
		})
	})
	t.Run("what hangs on it is fresh too", func(t *testing.T) {
		in := e.Dial(t, "S01", "").Operate(`subscription ($id: ID!) { order(id: $id) { version history(last: 200) { order { version } } holds { reason } household { address } } }`, obj{"id": id})
		var got struct {
			Order struct {
				Version int
				History []struct{ Order struct{ Version int } }
				Holds   []struct{ Reason string }
			}
		}
		in.Value(&got)
		e.Hold(obj{"subjectIds": []string{id}, "reason": "TESTING"})
		in.Value(&got)
		if o := got.Order; len(o.History) != o.Version || len(o.Holds) != 1 {
			t.Errorf("got %+v, want as many events as the version says and a hold", o)
		}
	})
	t.Run("a change outside the selection sends nothing", func(t *testing.T) {
		id := e.Place("E6-1-1203")
		p := e.Dial(t, "C01", "")
		versions := p.Operate(`subscription ($id: ID!) { order(id: $id) { version } }`, obj{"id": id})
		stages := p.Operate(`subscription ($id: ID!) { order(id: $id) { stage } }`, obj{"id": id})
		var got struct {
			Order struct {
				Version int
				Stage   string
			}
		}
		stages.Value(&got)
		e.Hold(obj{"subjectIds": []string{id}, "reason": "TESTING"})
		for got.Order.Version < 2 { // until the hold was read
			versions.Value(&got)
		}
		e.Release(id)
		for got.Order.Version < 3 {
			versions.Value(&got)
		}
		e.Advance("C01", "DISPATCHED", id)
		if stages.Value(&got); got.Order.Stage != "DISPATCHED" {
			t.Errorf("got %s again, want the next stage", got.Order.Stage)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		p := e.Dial(t, "C01", "")
		for v, code := range map[string]string{e.Community: "BAD_USER_INPUT", "zzz": "BAD_USER_INPUT"} {
			if f := p.Operate(house.WatchOrder, obj{"id": v}).Refused(); f.Extensions["code"] != code {
				t.Errorf("got %v, want %s", f, code)
			}
		}
	})
}

// TestBoardState watches boards through a burst of moves; each ends with the numbers a query gives.
func TestBoardState(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	ids := e.Fill(60)
	query := func(actor string) (b boardView) {
		var got struct{ Board boardView }
		e.Must(actor, `query ($c: ID!) { board(communityId: $c) `+board+` }`, obj{"c": e.Community}, &got)
		return got.Board
	}
	inboxes := map[string]*house.Inbox{}
	for _, actor := range []string{"C01", "D01", "S01", "caiban", "E6-1-1103"} {
		inboxes[actor] = e.Dial(t, actor, "").Operate(`subscription ($c: ID!) { board(communityId: $c) `+board+` }`, obj{"c": e.Community})
		var got struct{ Board boardView }
		inboxes[actor].Value(&got)
		if got.Board.Open != query(actor).Open || len(got.Board.Stages) != 6 || len(got.Board.Buildings) != 4 {
			t.Errorf("%s: got %+v, want %+v at once", actor, got.Board, query(actor))
		}
	}
	for i := 0; i < len(ids); i += 10 {
		e.Bring(ids[i], "DELIVERED")
	}
	e.Advance("C01", "AT_GATE", ids[1:10]...)
	e.Hold(obj{"subjectIds": []string{e.Buildings["E6"]}, "reason": "SEALED"})
	e.Place("E7-1-1103")
	same := func(a, b boardView) bool {
		a.FeedCursor, b.FeedCursor = "", ""
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return string(x) == string(y)
	}
	for actor, in := range inboxes {
		want := query(actor)
		var got struct{ Board boardView }
		for in.Value(&got); !same(got.Board, want); in.Value(&got) {
		}
	}
	if b := query("C01"); b.DeliveredToday != 6 || b.Open != 55 || b.Buildings[0].Building.Code != "E2" || b.Buildings[3].Building.Code != "E10" {
		t.Errorf("got %+v", b)
	}
	t.Run("a new day starts at none delivered", func(t *testing.T) {
		e.Clock.Pass(15 * time.Hour) // midnight in Yichang
		var got struct{ Board boardView }
		for inboxes["C01"].Value(&got); got.Board.DeliveredToday > 0; inboxes["C01"].Value(&got) {
		}
	})
}
