package main

import (
	"slices"
	"testing"
	"time"
)

// TestAccess changes what somebody may see while they watch: from that position of the feed on their streams show
// what they may see now, or end with NOT_FOUND.
func TestAccess(t *testing.T) {
	t.Parallel()

	t.Run("a volunteer is given another building", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		theirs, next := e.place("E6-1-1103"), e.place("E7-1-1103")
		p := e.dial(t, "S01", "")
		events := p.follow(e, nil)
		state, other := p.operate(watchOrder, obj{"id": theirs}), p.operate(watchOrder, obj{"id": next})
		boards := p.operate(`subscription ($c: ID!) { board(communityId: $c) `+board+` }`, obj{"c": e.community})
		var b struct{ Board boardView }
		if boards.value(&b); b.Board.Open != 1 {
			t.Errorf("got %+v, want one open", b.Board)
		}
		var s struct{ Order orderView }
		state.value(&s)
		if f := other.refused(); f.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", f)
		}
		e.advance("C01", "DISPATCHED", theirs, next)
		if v := events.next(); v.Order.OrderID != theirs {
			t.Errorf("got %+v, want the order of E6", v)
		}

		changed := time.Now()
		e.update("C01", "volunteer", obj{"id": e.team["S01"], "services": e.services("E7")})
		e.advance("C01", "AT_GATE", theirs, next)
		if v := events.next(); v.Order.OrderID != next || v.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want only the order of E7 from here on", v)
		}
		if f := state.refused(); f.Extensions["code"] != "NOT_FOUND" {
			t.Errorf("got %v, want NOT_FOUND", f)
		}
		for b.Board.Buildings[2].Open != 1 || b.Board.Buildings[1].Open != 0 {
			boards.value(&b)
		}
		p.operate(watchOrder, obj{"id": next}).value(&s)
		if s.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want the order of E7", s)
		}
		// Queries over the old connection are judged by what they are by then, too; an actor counts as fresh for a moment.
		for addresses := []string(nil); !slices.Equal(addresses, []string{"E7-1-1103"}); {
			var got struct{ Orders struct{ Nodes []orderView } }
			p.operate(`query ($c: ID!) { orders(communityId: $c) { nodes { id address } } }`, obj{"c": e.community}).value(&got)
			addresses = each(got.Orders.Nodes, func(o orderView) string { return o.Address })
			if time.Since(changed) > patient {
				t.Fatalf("got %v, want the order of E7", addresses)
			}
		}
	})

	t.Run("a volunteer leaves the team", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place("E6-1-1103")
		p := e.dial(t, "S01", "")
		events, state := p.follow(e, nil), p.operate(watchOrder, obj{"id": id})
		boards := p.operate(`subscription ($c: ID!) { board(communityId: $c) { open } }`, obj{"c": e.community})
		stream := e.listen(t, "S01", "", orderEvents, obj{"c": e.community, "a": e.cursor()})
		e.advance("C01", "DISPATCHED", id)
		if v, _ := stream.event(); v.Order.OrderID != id {
			t.Errorf("got %+v", v)
		}
		events.next()
		e.update("C01", "volunteer", obj{"id": e.team["S01"], "archived": true})
		e.advance("C01", "AT_GATE", id)
		for name, in := range map[string]*inbox{"events": events, "order": state, "board": boards} {
			if f := in.refused(); f.Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: got %v, want NOT_FOUND", name, f)
			}
		}
		s, ok := stream.next()
		if !ok || s.answer.code() != "NOT_FOUND" {
			t.Errorf("event stream: got %+v, want NOT_FOUND", s)
		}
		if s, ok = stream.next(); !ok || s.name != "complete" {
			t.Errorf("event stream: got %+v, want complete", s)
		}
	})

	t.Run("a lead becomes a member", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place("E6-1-1103")
		e.bring(id, "AT_BUILDING")
		e.update("C01", "volunteer", obj{"id": e.team["S00"], "services": e.services("E6")})
		type state struct {
			Order struct {
				Stage        string
				AllowedMoves []struct{ To string }
				Household    *struct{ Needs []string }
			}
		}
		in := e.dial(t, "S00", "").operate(`subscription ($id: ID!) { order(id: $id) { stage allowedMoves { to } household { needs } } }`, obj{"id": id})
		var s state
		in.value(&s)
		if len(s.Order.AllowedMoves) == 0 {
			t.Errorf("got %+v, want moves", s)
		}
		e.update("C01", "volunteer", obj{"id": e.team["S00"], "rank": "MEMBER", "squad": "PATROL"})
		for len(s.Order.AllowedMoves) > 0 { // a patrol of the building sees the order, and moves nothing
			in.value(&s)
		}
		if s.Order.Stage != "AT_BUILDING" || s.Order.Household == nil {
			t.Errorf("got %+v, want the order as the building's team sees it", s)
		}
	})

	t.Run("a restore from backup", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place("E6-1-1103")
		p := e.dial(t, "C01", "")
		before := e.cursor()
		events, state := p.after(e, before, nil), p.operate(watchOrder, obj{"id": id})
		e.advance("C01", "DISPATCHED", id)
		events.next()
		if n, err := e.store.UnscopedRerollEpochs(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if f := events.refused(); f.Extensions["code"] != "RESYNC_REQUIRED" {
			t.Errorf("got %v, want RESYNC_REQUIRED", f)
		}
		if f := p.after(e, before, nil).refused(); f.Extensions["code"] != "RESYNC_REQUIRED" {
			t.Errorf("got %v, want RESYNC_REQUIRED", f)
		}
		again := p.after(e, e.list("C01", nil).FeedCursor, nil)
		e.advance("C01", "AT_GATE", id)
		if v := again.next(); v.Order.Stage != "AT_GATE" {
			t.Errorf("got %+v, want to go on after the list", v)
		}
		var s struct{ Order orderView }
		for s.Order.Stage != "AT_GATE" {
			state.value(&s)
		}
	})
}
