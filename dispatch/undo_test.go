package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/order"
)

func TestUndoMove(t *testing.T) {
	t.Parallel()
	t.Run("brings a delivered order back to where and since when it was", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtBuilding, delivery.ChannelApp)
		before := e.row(id)
		e.pass(time.Hour)
		e.move(e.supply, id, delivery.Delivered)
		if o := e.row(id); o.DeliveredAt == nil || !o.DeliveredAt.Equal(e.time()) || o.HolderID() != nil {
			t.Errorf("delivered: got %+v", o.OrderSnapshot)
		}
		e.pass(time.Minute)
		n := len(e.feed())
		if refused := e.undo(e.supply, id); refused != nil {
			t.Fatal(refused)
		}
		o := e.row(id)
		if o.Stage != delivery.AtBuilding || !o.StageSince.Equal(before.StageSince) || o.DeliveredAt != nil || o.Version != before.Version+2 ||
			!same(o.HolderVolunteer, before.HolderVolunteer) || o.MovedBy().UUID != e.supply.UUID {
			t.Errorf("got %+v, want as %+v", o.OrderSnapshot, before.OrderSnapshot)
		}
		if ev := e.feed()[n]; ev.Kind != delivery.MoveUndone || *ev.UndoneVersion() != before.Version+1 || *ev.From() != delivery.Delivered {
			t.Errorf("got event %+v", ev.Body)
		}
		if refused := e.undo(e.commander, id); refused == nil || refused.Reason != delivery.ReasonNothingToUndo {
			t.Errorf("an undo: got %v", refused)
		}
		e.checkNeverLost()
	})
	t.Run("is the author's for 30 minutes and a lead's at any time", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtBuilding, delivery.ChannelApp)
		e.move(e.supply, id, delivery.OutForDelivery)
		for _, c := range []struct {
			who  delivery.Actor
			want delivery.Reason
		}{{e.backup, delivery.ReasonUndoNotAuthor}, {e.duty, delivery.ReasonUndoNotAuthor}, {e.resident, delivery.ReasonUndoNotAuthor}, {e.elsewhere, delivery.ReasonNoSuch},
			{e.neighbour, delivery.ReasonNoSuch}, {e.pharmacy, delivery.ReasonNoSuch}, {e.another().commander, delivery.ReasonNoSuch}} {
			if refused := e.undo(c.who, id); refused == nil || refused.Reason != c.want {
				t.Errorf("by %s: got %v, want %s", c.who.Name, refused, c.want)
			}
		}
		e.pass(30*time.Minute + time.Microsecond)
		if refused := e.undo(e.supply, id); refused == nil || refused.Reason != delivery.ReasonUndoTooLate {
			t.Errorf("late: got %v", refused)
		}
		e.pass(24 * time.Hour)
		if refused := e.undo(e.actor("T00"), id); refused != nil {
			t.Errorf("by a lead: got %v", refused)
		}
		e.move(e.supply, id, delivery.OutForDelivery)
		e.pass(30 * time.Minute)
		if refused := e.undo(e.supply, id); refused != nil {
			t.Errorf("by the author in time: got %v", refused)
		}
		e.checkNeverLost()
	})
	t.Run("takes back a failed attempt, a cancellation and a return", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		away := e.at(delivery.OutForDelivery, delivery.ChannelApp)
		if refused := e.advance(e.supply, away, delivery.AtBuilding, delivery.MoveAbsent); refused != nil {
			t.Fatal(refused)
		}
		for id, want := range map[delivery.ID]delivery.Stage{away: delivery.OutForDelivery, e.at(delivery.Cancelled, delivery.ChannelErrand): delivery.Placed,
			e.at(delivery.Returned, delivery.ChannelPackage): delivery.AtGate} {
			if refused := e.undo(e.commander, id); refused != nil {
				t.Fatal(refused)
			}
			if got := e.row(id).Stage; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		e.checkNeverLost()
	})
	t.Run("needs the version it expects", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		for _, version := range []int64{-1, 0, 1, 3, 1 << 62} {
			p := must(e.d.Order.UndoMove(t.Context(), e.commander, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: version}}}))
			if refused := refusal(p); refused == nil || refused.Code() != delivery.CodeConflict || refused.Details.Version != 2 {
				t.Errorf("version %d: got %v", version, refused)
			}
		}
	})
	t.Run("takes back the move of an order that is late since, alone and with its call", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		ids := []delivery.ID{e.at(delivery.Dispatched, delivery.ChannelApp), e.at(delivery.Dispatched, delivery.ChannelApp), e.at(delivery.Dispatched, delivery.ChannelApp)}
		batch := e.advanceAll(e.lead, delivery.AtGate, nil, ids...)
		for range 2 {
			e.pass(31 * time.Minute)
			e.tick()
		}
		late := e.row(ids[0])
		if late.Version != 5 || late.LateLevel != delivery.LevelLead {
			t.Fatalf("got %+v, want an order that is late at the lead's level", late.OrderSnapshot)
		}
		e.hold(nil, ids[1])
		if refused := e.undo(e.lead, ids[0]); refused != nil {
			t.Fatal(refused)
		}
		p := must(e.d.Order.UndoMove(t.Context(), e.lead, order.UndoMoveInput{BatchID: batch}))
		var got []string
		for _, r := range p.Results {
			if len(r.UserErrors) == 0 {
				got = append(got, "")
				continue
			}
			got = append(got, r.UserErrors[0].Reason.String())
		}
		if want := []string{"VERSION_CHANGED", "HELD_OPEN", ""}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := e.lates(ids[2]); !slices.Equal(got, []string{"RESOLVED 2 MOVED_ON"}) {
			t.Errorf("got the incidents %q", got)
		}
		if ev := e.feed()[len(e.feed())-2]; ev.Kind == delivery.MoveUndone && *ev.UndoneVersion() != 3 {
			t.Errorf("got %+v, want version 3 undone", ev.Body)
		}
		e.checkNeverLost()
	})
	t.Run("takes back nothing but the last event, and no hold", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		holds := e.hold(nil, id)
		if refused := e.undo(e.commander, id); refused == nil || refused.Reason != delivery.ReasonNothingToUndo {
			t.Errorf("held: got %v", refused)
		}
		e.release(holds...)
		if refused := e.undo(e.commander, id); refused == nil || refused.Reason != delivery.ReasonNothingToUndo {
			t.Errorf("released: got %v", refused)
		}
		fresh := e.place(e.homes[0])
		if refused := e.undo(e.commander, fresh); refused == nil || refused.Reason != delivery.ReasonNothingToUndo {
			t.Errorf("placed: got %v", refused)
		}
	})
	t.Run("brings nothing back into a held building", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtBuilding, delivery.ChannelApp)
		e.move(e.supply, id, delivery.Delivered)
		until := e.time().Add(time.Hour)
		holds := e.hold(&until, e.buildings[0])
		refused := e.undo(e.supply, id)
		if refused == nil || refused.Code() != delivery.CodeHeld || !refused.Details.HeldUntil.Equal(until) {
			t.Errorf("got %v", refused)
		}
		e.release(holds...)
		if refused := e.undo(e.supply, id); refused != nil {
			t.Errorf("released: got %v", refused)
		}
		e.checkNeverLost()
	})
	t.Run("gives the order to a member who is still there", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for range 12 {
			id := e.at(delivery.AtBuilding, delivery.ChannelApp)
			e.move(e.commander, id, delivery.Delivered)
			atOnce(func() { _ = e.undo(e.commander, id) }, func() { e.reach("S01", false) })
			e.checkNeverLost()
			e.reach("S01", true)
		}
	})
}

// The same move at the same moment is taken back once.
func TestTwoUndosAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for range 10 {
		id := e.at(delivery.OutForDelivery, delivery.ChannelApp)
		version := e.row(id).Version
		var out [2]*delivery.Error
		undo := func(i int, a delivery.Actor) func() {
			return func() {
				out[i] = refusal(must(e.d.Order.UndoMove(t.Context(), a, order.UndoMoveInput{Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: version}}})))
			}
		}
		atOnce(undo(0, e.commander), undo(1, e.lead))
		if (out[0] == nil) == (out[1] == nil) {
			t.Fatalf("got %v, want one success", out)
		}
	}
	e.checkNeverLost()
}
