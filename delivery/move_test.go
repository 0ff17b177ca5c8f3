package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// volunteer is a supply volunteer of the order's building.
func volunteer(id delivery.UUID) delivery.Actor {
	return delivery.Actor{Role: "VOLUNTEER", Community: community, UUID: id, Squad: "SUPPLY", Buildings: []delivery.UUID{here}}
}

var commander = delivery.Actor{Role: "COMMANDER", Community: community, UUID: someone}

// roster has every role at work: the building's volunteer, the leads, the commander.
func roster() *delivery.Roster {
	return &delivery.Roster{Primary: map[delivery.UUID][]delivery.UUID{here: {"primary"}}, Backup: map[delivery.UUID][]delivery.UUID{here: {"backup"}},
		Leads:     map[delivery.Squad]delivery.UUID{"DUTY": "duty", "TRANSPORT": "transport", "SUPPLY": "supply"},
		Commander: "commander", Reachable: map[delivery.UUID]bool{takerOf: true}, Serves: map[delivery.UUID][]delivery.UUID{takerOf: {here}}}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	t.Run("leaves the order it was asked about as it is", func(t *testing.T) {
		t.Parallel()
		o := standing("AT_BUILDING", "APP")
		before := *o
		e, refusal := o.Advance(volunteer(someone), delivery.Move{To: "DELIVERED", Note: "门口", DeviceTime: &noon}, noon.Add(time.Hour), nil, roster())
		if refusal != nil {
			t.Fatal(refusal)
		}
		if !o.Equal(&before) {
			t.Errorf("got %+v, want %+v", *o, before)
		}
		next := e.Order
		if next.Stage != "DELIVERED" || next.Version != 4 || next.DeliveredAt == nil || !next.DeliveredAt.Equal(noon.Add(time.Hour)) || next.HolderID() != nil {
			t.Errorf("got %+v", *next)
		}
		if *e.From() != "AT_BUILDING" || !delivery.BodyOf[delivery.MoveBody](e).FromSince.Equal(noon) || e.Note != "门口" || e.By().UUID != someone || e.Keys() != o.Keys() {
			t.Errorf("got event %+v", *e)
		}
	})
	t.Run("what comes first decides the refusal", func(t *testing.T) {
		t.Parallel()
		held := standing("AT_GATE", "APP")
		held.OpenHolds = 1
		final := standing("RETURNED", "APP")
		for name, c := range map[string]struct {
			order *delivery.OrderSnapshot
			move  delivery.Move
			want  delivery.Reason
		}{
			"not where it is expected": {held, delivery.Move{To: "SORTED", ExpectedStage: "PLACED"}, delivery.ReasonStageChanged},
			"not as it is expected":    {held, delivery.Move{To: "SORTED", ExpectedVersion: 2}, delivery.ReasonVersionChanged},
			"there already":            {held, delivery.Move{To: "AT_GATE"}, delivery.ReasonStageChanged},
			"final":                    {final, delivery.Move{To: "SORTED"}, delivery.ReasonFinalStage},
			"held":                     {held, delivery.Move{To: "DELIVERED"}, delivery.ReasonHeldOpen},
			"impossible":               {standing("AT_GATE", "APP"), delivery.Move{To: "DELIVERED"}, delivery.ReasonIllegalMove},
		} {
			_, refusal := c.order.Advance(delivery.Actor{}, c.move, noon, nil, roster())
			if refusal == nil || refusal.Reason != c.want {
				t.Errorf("%s: got %v, want %s", name, refusal, c.want)
				continue
			}
			d := refusal.Details
			if d == nil || d.Stage != c.order.Stage || d.Version != 3 || *d.MovedBy != *c.order.MovedBy() || !d.MovedAt.Equal(noon) {
				t.Errorf("%s: got details %+v", name, d)
			}
		}
	})
	t.Run("of several holds the refusal names the one that ends last", func(t *testing.T) {
		t.Parallel()
		o := standing("AT_GATE", "APP")
		o.OpenHolds = 2
		soon := &delivery.Hold{Reason: "TESTING", Until: new(noon.Add(time.Hour))}
		late := &delivery.Hold{Reason: "SEALED", Until: new(noon.Add(2 * time.Hour))}
		open := &delivery.Hold{Reason: "OTHER"}
		for _, c := range []struct {
			holds []*delivery.Hold
			want  delivery.HoldReason
			until *time.Time
		}{{[]*delivery.Hold{soon, late}, "SEALED", late.Until}, {[]*delivery.Hold{late, soon}, "SEALED", late.Until},
			{[]*delivery.Hold{soon, open, late}, "OTHER", nil}, {[]*delivery.Hold{open, soon}, "OTHER", nil}} {
			_, refusal := o.Advance(commander, delivery.Move{To: "SORTED"}, noon, c.holds, roster())
			if refusal == nil || refusal.Code() != "HELD" || refusal.Details.HoldReason != c.want || refusal.Details.HeldUntil != c.until {
				t.Errorf("got %v, want HELD for %s", refusal, c.want)
			}
		}
	})
}

func TestHolder(t *testing.T) {
	t.Parallel()
	away := func(change func(*delivery.Roster)) *delivery.Roster {
		r := roster()
		change(r)
		return r
	}
	empty := &delivery.Roster{}
	noPrimary := away(func(r *delivery.Roster) { delete(r.Primary, here) })
	noTaker := away(func(r *delivery.Roster) { delete(r.Reachable, takerOf) })
	blindTaker := away(func(r *delivery.Roster) { clear(r.Serves) })
	noLead := away(func(r *delivery.Roster) { clear(r.Leads) })
	for _, c := range []struct {
		name        string
		stage       delivery.Stage
		channel     delivery.Channel
		team        *delivery.Roster
		want, reach delivery.UUID // empty: none
	}{
		{"placed", "PLACED", "APP", empty, shop, shop},
		{"on the way", "DISPATCHED", "PHONE", empty, shop, shop},
		{"an errand", "PLACED", "ERRAND", roster(), takerOf, takerOf},
		{"an errand on the stairs", "OUT_FOR_DELIVERY", "BUY_FOR", roster(), takerOf, takerOf},
		{"an errand whose taker is away", "DISPATCHED", "BUY_FOR", noTaker, "primary", "primary"},
		{"an errand whose taker does not serve the building", "DISPATCHED", "ERRAND", blindTaker, "primary", "primary"},
		{"at the gate with one member only", "AT_GATE", "APP", &delivery.Roster{AnyMember: "member"}, "", "member"},
		{"at the gate", "AT_GATE", "APP", roster(), "duty", "duty"},
		{"at the gate without a lead", "AT_GATE", "APP", noLead, "", "commander"},
		{"sorted", "SORTED", "BUY_FOR", roster(), "transport", "transport"},
		{"at the building", "AT_BUILDING", "APP", roster(), "primary", "primary"},
		{"at the building, primary away", "AT_BUILDING", "ERRAND", noPrimary, "backup", "backup"},
		{"on the stairs, all away", "OUT_FOR_DELIVERY", "APP", away(func(r *delivery.Roster) { clear(r.Primary); clear(r.Backup) }), "", "supply"},
		{"without a team", "AT_GATE", "APP", empty, "", ""},
		{"delivered", "DELIVERED", "APP", roster(), "", ""},
	} {
		o := standing(c.stage, c.channel)
		o.HolderVolunteer, o.HolderSupplier = c.team.Holder(o)
		if got := oneOf(o.HolderVolunteer, o.HolderSupplier); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if got := oneOf(c.team.Reach(o)); got != c.reach {
			t.Errorf("%s: reach got %q, want %q", c.name, got, c.reach)
		}
	}
	t.Run("carries an errand on for a taker who is away", func(t *testing.T) {
		t.Parallel()
		for _, stage := range []delivery.Stage{"PLACED", "DISPATCHED", "OUT_FOR_DELIVERY"} {
			o := standing(stage, "BUY_FOR")
			o.HolderVolunteer = new(someone)
			next, _ := stage.Next()
			if stage == "DISPATCHED" {
				next = "OUT_FOR_DELIVERY"
			}
			if _, refusal := o.Advance(volunteer(someone), delivery.Move{To: next}, noon, nil, roster()); refusal != nil {
				t.Errorf("%s → %s: got %v", stage, next, refusal)
			}
			if stage == "OUT_FOR_DELIVERY" {
				continue // a colleague of the building may too
			}
			if _, refusal := o.Advance(volunteer("another"), delivery.Move{To: next}, noon, nil, roster()); refusal == nil || refusal.Code() != "FORBIDDEN" {
				t.Errorf("%s → %s by another volunteer: got %v, want FORBIDDEN", stage, next, refusal)
			}
		}
	})
}

func oneOf(a, b *delivery.UUID) delivery.UUID {
	switch {
	case a != nil:
		return *a
	case b != nil:
		return *b
	}
	return ""
}

func TestUndo(t *testing.T) {
	t.Parallel()
	author := volunteer(someone)
	// moved returns an order that the author has just moved, and the event of the move.
	moved := func(t *testing.T, from, to delivery.Stage) (*delivery.OrderSnapshot, *delivery.Event) {
		t.Helper()
		o := standing(from, "APP")
		m := delivery.Move{To: to}
		if e, _ := delivery.EdgeOf(from, to, "APP"); len(e.Reasons()) > 0 {
			m.Reason = e.Reasons()[0]
		}
		e, refusal := o.Advance(author, m, noon.Add(time.Hour), nil, roster())
		if refusal != nil {
			t.Fatal(refusal)
		}
		return e.Order, e
	}
	t.Run("brings back where the order was and since when", func(t *testing.T) {
		t.Parallel()
		for _, to := range []delivery.Stage{"DELIVERED", "OUT_FOR_DELIVERY", "RETURNED"} {
			o, last := moved(t, "AT_BUILDING", to)
			e, refusal := o.Undo(author, o.Version, last, noon.Add(90*time.Minute), nil, roster())
			if refusal != nil {
				t.Fatalf("from %s: %v", to, refusal)
			}
			n := e.Order
			if n.Stage != "AT_BUILDING" || !n.StageSince.Equal(noon) || n.DeliveredAt != nil || n.Version != 5 || oneOf(n.HolderVolunteer, nil) != "primary" {
				t.Errorf("from %s: got %+v", to, *n)
			}
			if *e.From() != to || *e.UndoneVersion() != 4 || e.Kind != delivery.MoveUndone {
				t.Errorf("from %s: got event %+v", to, *e)
			}
		}
	})
	t.Run("is the author's for 30 minutes, then a lead's", func(t *testing.T) {
		t.Parallel()
		o, last := moved(t, "AT_BUILDING", "DELIVERED")
		for _, c := range []struct {
			who   delivery.Actor
			after time.Duration
			want  delivery.Reason
		}{
			{author, 30 * time.Minute, none},
			{author, 30*time.Minute + time.Microsecond, delivery.ReasonUndoTooLate},
			{volunteer("another"), time.Minute, delivery.ReasonUndoNotAuthor},
			{delivery.Actor{Role: "RESIDENT", Community: community, UUID: someone}, 0, delivery.ReasonUndoNotAuthor},
			{delivery.Actor{Role: "LEAD", Community: community, UUID: "lead", Squad: "PATROL"}, 100 * time.Hour, none},
			{commander, 100 * time.Hour, none},
			{delivery.Actor{Role: "ADMIN"}, 100 * time.Hour, none},
			{delivery.System(community), 0, delivery.ReasonUndoNotAuthor},
		} {
			_, refusal := o.Undo(c.who, o.Version, last, last.At.Add(c.after), nil, roster())
			if got := reasonOf(refusal); got != c.want {
				t.Errorf("%s %s after %s: got %q, want %q", c.who.Role, c.who.UUID, c.after, got, c.want)
			}
		}
	})
	t.Run("takes back moves only, and only the last event", func(t *testing.T) {
		t.Parallel()
		o, last := moved(t, "AT_BUILDING", "OUT_FOR_DELIVERY")
		if _, refusal := o.Undo(commander, o.Version-1, last, noon, nil, roster()); reasonOf(refusal) != delivery.ReasonVersionChanged {
			t.Errorf("another version: got %v", refusal)
		}
		undone, refusal := o.Undo(commander, o.Version, last, noon, nil, roster())
		if refusal != nil {
			t.Fatal(refusal)
		}
		o = undone.Order
		hold := o.StartHold(commander, &delivery.Hold{UUID: "hold", Reason: "OTHER"}, noon)
		placed := standing("PLACED", "APP").Place(commander, noon, roster())
		away := o.Reassign(commander, noon, &delivery.Roster{})
		for _, e := range []*delivery.Event{undone, hold, placed, away} {
			n := e.Order
			if _, refusal := n.Undo(commander, n.Version, e, noon, nil, roster()); reasonOf(refusal) != delivery.ReasonNothingToUndo {
				t.Errorf("%s: got %v", e.Kind, refusal)
			}
		}
	})
}

// none is the reason of what was not refused.
var none delivery.Reason

func reasonOf(e *delivery.Error) delivery.Reason {
	if e == nil {
		return none
	}
	return e.Reason
}
