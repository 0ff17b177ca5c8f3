package live_test

import (
	"slices"
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestAccess changes an actor's scope while they watch: from that position of the feed on, their streams follow the new scope or end
// with NOT_FOUND.
func TestAccess(t *testing.T) {
	t.Parallel()

	t.Run("a volunteer is given another building", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		theirs, next := e.Place("E6-1-1103"), e.Place("E7-1-1103")
		p := e.Dial(t, "S01", "")
		events := p.Follow(e, nil)
		state, other := p.Operate(house.WatchOrder, obj{"id": theirs}), p.Operate(house.WatchOrder, obj{"id": next})
		boards := p.Operate(`subscription ($c: ID!) { board(communityId: $c) `+board+` }`, obj{"c": e.Community})
		var b struct{ Board boardView }
		if boards.Value(&b); b.Board.Open != 1 {
			t.Errorf("got %+v, want one open", b.Board)
		}
		var s struct{ Order house.OrderView }
		state.Value(&s)
		if f := other.Refused(); f.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", f)
		}
		e.Advance("C01", "DISPATCHED", theirs, next)
		if v := events.Next(); v.Order.OrderID != theirs {
			t.Errorf("got %+v, want the order of E6", v)
		}

		changed := time.Now()
		e.Update("C01", "volunteer", obj{"id": e.Team["S01"], "services": e.Services("E7")})
		e.Advance("C01", "AT_GATE", theirs, next)
		if v := events.Next(); v.Order.OrderID != next || v.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want only the order of E7 from here on", v)
		}
		if f := state.Refused(); f.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", f)
		}
		for b.Board.Buildings[2].Open != 1 || b.Board.Buildings[1].Open != 0 {
			boards.Value(&b)
		}
		p.Operate(house.WatchOrder, obj{"id": next}).Value(&s)
		if s.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want the order of E7", s)
		}
		// Queries over the old connection use the new scope too; an actor is cached for a moment.
		for addresses := []string(nil); !slices.Equal(addresses, []string{"E7-1-1103"}); {
			var got struct {
				Orders struct{ Nodes []house.OrderView }
			}
			p.Operate(`query ($c: ID!) { orders(communityId: $c) { nodes { id address } } }`, obj{"c": e.Community}).Value(&got)
			addresses = house.Each(got.Orders.Nodes, func(o house.OrderView) string { return o.Address })
			if time.Since(changed) > house.Timeout {
				t.Fatalf("got %v, want the order of E7", addresses)
			}
		}
	})

	t.Run("a volunteer leaves the team", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		id := e.Place("E6-1-1103")
		p := e.Dial(t, "S01", "")
		events, state := p.Follow(e, nil), p.Operate(house.WatchOrder, obj{"id": id})
		boards := p.Operate(`subscription ($c: ID!) { board(communityId: $c) { open } }`, obj{"c": e.Community})
		stream := e.Listen(t, "S01", "", house.OrderEvents, obj{"c": e.Community, "a": e.Cursor()})
		e.Advance("C01", "DISPATCHED", id)
		if v, _ := stream.Event(); v.Order.OrderID != id {
			t.Errorf("got %+v", v)
		}
		events.Next()
		e.Update("C01", "volunteer", obj{"id": e.Team["S01"], "archived": true})
		e.Advance("C01", "AT_GATE", id)
		for name, in := range map[string]*house.Inbox{"events": events, "order": state, "board": boards} {
			if f := in.Refused(); f.Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: got %v, want NOT_FOUND", name, f)
			}
		}
		s, ok := stream.Next()
		if !ok || s.Answer.Code() != "NOT_FOUND" {
			t.Errorf("event stream: got %+v, want NOT_FOUND", s)
		}
		if s, ok = stream.Next(); !ok || s.Name != "complete" {
			t.Errorf("event stream: got %+v, want complete", s)
		}
	})

	t.Run("a lead becomes a member", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		id := e.Place("E6-1-1103")
		e.Bring(id, "AT_BUILDING")
		e.Update("C01", "volunteer", obj{"id": e.Team["S00"], "services": e.Services("E6")})
		type state struct {
			Order struct {
				Stage        string
				AllowedMoves []struct{ To string }
				Household    *struct{ Needs []string }
			}
		}
		in := e.Dial(t, "S00", "").Operate(`subscription ($id: ID!) { order(id: $id) { stage allowedMoves { to } household { needs } } }`, obj{"id": id})
		var s state
		in.Value(&s)
		if len(s.Order.AllowedMoves) == 0 {
			t.Errorf("got %+v, want moves", s)
		}
		e.Update("C01", "volunteer", obj{"id": e.Team["S00"], "rank": "MEMBER", "squad": "PATROL"})
		for len(s.Order.AllowedMoves) > 0 { // a patrol of the building sees the order, and moves nothing
			in.Value(&s)
		}
		if s.Order.Stage != "AT_BUILDING" || s.Order.Household == nil {
			t.Errorf("got %+v, want the order as the building's team sees it", s)
		}
	})

	t.Run("a restore from backup", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		id := e.Place("E6-1-1103")
		p := e.Dial(t, "C01", "")
		before := e.Cursor()
		events, state := p.After(e, before, nil), p.Operate(house.WatchOrder, obj{"id": id})
		e.Advance("C01", "DISPATCHED", id)
		events.Next()
		if n, err := e.Store.UnscopedRerollEpochs(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if f := events.Refused(); f.Extensions["code"] != "RESYNC_REQUIRED" {
			t.Errorf("got %v, want RESYNC_REQUIRED", f)
		}
		if f := p.After(e, before, nil).Refused(); f.Extensions["code"] != "RESYNC_REQUIRED" {
			t.Errorf("got %v, want RESYNC_REQUIRED", f)
		}
		again := p.After(e, e.List("C01", nil).FeedCursor, nil)
		e.Advance("C01", "AT_GATE", id)
		if v := again.Next(); v.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want to go on after the list", v)
		}
		var s struct{ Order house.OrderView }
		for s.Order.Stage != "AT_GATE" {
			state.Value(&s)
		}
	})
}
