package api_test

import (
	"testing"

	"baogong/e2e/house"
)

// TestReadsRevealNothingOutOfSight reads and watches as a resident while events happen that they may not see.
func TestReadsRevealNothingOutOfSight(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	const who = "E6-1-1103"
	t.Run("two cursors of one position differ, and both are valid", func(t *testing.T) {
		mine := e.Place(who)
		seen := map[string]bool{}
		var cursors []string
		for range 2 {
			var got struct {
				Board  struct{ FeedCursor string }
				Orders struct{ FeedCursor string }
				Order  struct{ History []struct{ Cursor string } }
			}
			e.Must(who, `query ($c: ID!, $o: ID!) { board(communityId: $c) { feedCursor } orders(communityId: $c) { feedCursor } order(id: $o) { history { cursor } } }`,
				obj{"c": e.Community, "o": mine}, &got)
			cursors = append(cursors, got.Board.FeedCursor, got.Orders.FeedCursor)
			seen[got.Order.History[0].Cursor] = true
		}
		for _, c := range cursors {
			if seen[c] {
				t.Errorf("%q came twice, so nothing has happened anywhere since", c)
			}
			seen[c] = true
		}
		if len(seen) != 5 {
			t.Errorf("got %d cursors, want four readings' and the event's, which is the same each time", len(seen))
		}
		e.Advance("C01", "DISPATCHED", mine)
		for _, c := range cursors {
			if v := e.Dial(t, who, "").After(e, c, nil).Next(); v.Order.OrderID != mine || v.Order.Stage != "DISPATCHED" {
				t.Errorf("after %q: got %+v", c, v)
			}
		}
	})
	t.Run("events that are not on a board cause no new reading of it", func(t *testing.T) {
		const watch = `subscription ($c: ID!) { board(communityId: $c) { open feedCursor } }` // the cursor differs in each reading
		mine, command := e.Dial(t, who, "").Operate(watch, obj{"c": e.Community}), e.Dial(t, "C01", "").Operate(watch, obj{"c": e.Community})
		var got, all struct{ Board struct{ Open int } }
		mine.Value(&got)
		command.Value(&all)
		before := got.Board.Open
		e.Update("C01", "household", obj{"id": e.Homes["E7-1-1103"], "needs": []string{"QUARANTINED"}})
		command.Value(&all) // by now the resident's would have been read too
		e.Invite(e.Team["S01"])
		e.Place("E7-1-1103")
		for n := all.Board.Open; all.Board.Open == n; {
			command.Value(&all)
		}
		e.Place(who)
		if mine.Value(&got); got.Board.Open != before+1 {
			t.Errorf("got a board of %d open orders, the same as before, which tells that something happened elsewhere", got.Board.Open)
		}
	})
	t.Run("a link's code is shown to no caller", func(t *testing.T) {
		order := e.Place(who)
		for _, actor := range []string{"admin", "C01", "S00", "D00", "D01", "T01", "S01", who} {
			var got struct {
				ShareOrder struct {
					Results []struct {
						Secret *string
						Code   *struct{ ID string }
					}
				}
			}
			e.Must(actor, `mutation ($o: ID!) { shareOrder(input: { orderId: $o }) { results { secret code { id } } } }`, obj{"o": order}, &got)
			if r := got.ShareOrder.Results; len(r) != 1 || r[0].Secret == nil || r[0].Code != nil {
				t.Errorf("%s: got %+v, want a secret and no code", actor, r)
			}
		}
	})
}
