package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestConflict has two volunteers move one order at the same moment.
func TestConflict(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	for _, expected := range []obj{{"expectedStage": "AT_BUILDING"}, {"expectedVersion": 5}} {
		id := e.Place("E6-1-1103")
		e.Bring(id, "AT_BUILDING")
		in := house.MoveTo("DELIVERED", id)
		maps.Copy(in["orders"].([]obj)[0], expected)
		actors := []string{"S01", "C01"}
		got := make([]house.MoveAnswer, 2)
		var group errgroup.Group
		for i, actor := range actors {
			group.Go(func() (err error) { got[i], err = e.TryAdvance(actor, in); return err })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		won := slices.IndexFunc(got, func(p house.MoveAnswer) bool { return p.Results[0].Moved })
		lost := got[1-max(won, 0)].Results[0]
		if won < 0 || lost.Moved || len(lost.UserErrors) != 1 {
			t.Fatalf("%v: got %+v, want one to succeed", expected, got)
		}
		no := lost.UserErrors[0]
		d := no.Details
		if no.Code != "CONFLICT" || d == nil || d.Stage != "DELIVERED" || d.Version != 6 || d.MovedAt == nil || !d.MovedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%v: got %+v, want CONFLICT with where and when", expected, no)
		}
		if want := map[string]string{"S01": "VOLUNTEER", "C01": "COMMANDER"}[actors[won]]; d.MovedBy.Role != want || d.MovedBy.ID != e.Team[actors[won]] {
			t.Errorf("%v: got moved by %+v, want %s", expected, d.MovedBy, actors[won])
		}
		if lost.Order == nil || lost.Order.Stage != "DELIVERED" {
			t.Errorf("%v: got %+v, want the order as it is now", expected, lost.Order)
		}
	}
}

// TestAllowedMoves moves orders along the chain: at every stage, for every actor, each move in allowedMoves succeeds and every other
// move is refused.
func TestAllowedMoves(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	all := []string{"PLACED", "DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED", "CANCELLED", "RETURNED"}
	ways := map[string][]string{"PLACED": nil, "DISPATCHED": {"DISPATCHED"}, "AT_BUILDING": {"AT_GATE", "SORTED", "AT_BUILDING"},
		"OUT_FOR_DELIVERY": {"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY"}}
	for at, way := range ways {
		for _, place := range []func(string) string{func(d string) string { return e.Place(d) }, e.Bought} {
			id := place("E6-1-1103")
			for _, stage := range way {
				e.Advance("C01", stage, id)
			}
			for _, actor := range []string{"C01", "S01", "D01", "caiban", "E6-1-1103"} {
				view := e.Order(actor, id)
				if view == nil {
					continue // the errand's supplier is none
				}
				for _, stage := range all {
					i := slices.IndexFunc(view.AllowedMoves, func(m struct {
						To      string
						Reasons []string
					}) bool {
						return m.To == stage
					})
					in := house.MoveTo(stage, id)
					if i >= 0 && len(view.AllowedMoves[i].Reasons) > 0 {
						in["reason"] = view.AllowedMoves[i].Reasons[0]
					} else if i < 0 && (stage == "CANCELLED" || stage == "RETURNED") {
						in["reason"] = "DUPLICATE"
					}
					got, err := e.TryAdvance(actor, in)
					if err != nil {
						t.Fatal(err)
					}
					if moved := got.Results[0].Moved; moved != (i >= 0) {
						t.Errorf("%s at %s to %s: moved %v, want %v: %+v", actor, at, stage, moved, i >= 0, got.Results[0].UserErrors)
					}
					if got.Results[0].Moved {
						e.Undo("C01", id)
					}
				}
			}
		}
	}
	t.Run("none while it is held", func(t *testing.T) {
		id := e.Place("E7-1-1103")
		e.Hold(obj{"subjectIds": []string{id}, "reason": "OTHER"})
		for _, actor := range []string{"C01", "caiban"} {
			if got := e.Order(actor, id); len(got.AllowedMoves) != 0 || !got.Held {
				t.Errorf("%s: got %+v, want none", actor, got)
			}
		}
	})
}

// TestHolds checks that moves of held orders are refused with HELD and the end of the hold, until it is over.
func TestHolds(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id, beside := e.Place("E6-1-1103"), e.Place("E7-1-1103")
	until := e.Clock.Now().Add(2 * time.Hour)
	e.Hold(obj{"subjectIds": []string{e.Buildings["E6"]}, "reason": "TESTING", "until": until.Format(time.RFC3339)})
	no := e.Refused("C01", house.MoveTo("DISPATCHED", id))
	if no.Code != "HELD" || no.Details == nil || no.Details.HeldUntil == nil || !no.Details.HeldUntil.Equal(until) || no.Details.HoldReason != "TESTING" {
		t.Errorf("got %+v, want HELD until %v", no, until)
	}
	e.Advance("C01", "DISPATCHED", beside)
	if got := e.Order("E6-1-1103", e.Place("E6-1-1103")); !got.Held {
		t.Error("an order placed in a held building is not held")
	}
	forever := e.Hold(obj{"subjectIds": []string{id}, "reason": "INVESTIGATION"})
	if no := e.Refused("C01", house.MoveTo("DISPATCHED", id)); no.Code != "HELD" || no.Details.HeldUntil != nil || no.Details.HoldReason != "INVESTIGATION" {
		t.Errorf("got %+v, want HELD without an end", no)
	}

	p := e.Dial(t, "C01", "")
	events := p.Follow(e, obj{"orderIds": []string{id}, "kinds": []string{"HOLD_ENDED"}})
	e.Clock.Pass(2 * time.Hour) // the clock worker ends the building's hold
	if v := events.Next(); !v.Order.Held {
		t.Errorf("got %+v, want still held by the other", v)
	}
	if no := e.Refused("C01", house.MoveTo("DISPATCHED", id)); no.Code != "HELD" {
		t.Errorf("got %+v, want HELD", no)
	}
	for range 2 {
		var got struct {
			ReleaseHold struct {
				Results []struct {
					Hold       *struct{ EndedAt *time.Time }
					UserErrors []house.UserError
				}
			}
		}
		e.Must("S00", `mutation ($in: ReleaseHoldInput!) { releaseHold(input: $in) { results { hold { endedAt } userErrors { `+house.RefusalFields+` } } } }`, obj{"in": obj{"holdIds": forever}}, &got)
		if r := got.ReleaseHold.Results[0]; len(r.UserErrors) > 0 && r.UserErrors[0].Code != "CONFLICT" {
			t.Errorf("got %+v, want it ended, and CONFLICT the second time", r)
		}
	}
	if v := events.Next(); v.Order.Held {
		t.Errorf("got %+v, want free", v)
	}
	e.Advance("C01", "DISPATCHED", id)
	for actor, code := range map[string]string{"S01": "FORBIDDEN", "caiban": "FORBIDDEN", "E6-1-1103": "FORBIDDEN"} {
		a := e.Ask(actor, `mutation ($in: PlaceHoldInput!) { placeHold(input: $in) { userErrors { code } } }`, obj{"in": obj{"subjectIds": []string{id}, "reason": "OTHER"}})
		if got, want := string(a.Data), fmt.Sprintf(`{"placeHold":{"userErrors":[{"code":%q}]}}`, code); got != want {
			t.Errorf("%s: got %s, want %s", actor, got, want)
		}
	}
}

// TestHistory reads an order's history and holder after moves, a failed attempt and an undo.
func TestHistory(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	started := e.Clock.Now()
	for _, m := range []struct{ actor, stage, reason string }{{"caiban", "DISPATCHED", ""}, {"D01", "AT_GATE", ""}, {"D01", "SORTED", ""}, {"T01", "AT_BUILDING", ""},
		{"S01", "OUT_FOR_DELIVERY", ""}, {"S01", "AT_BUILDING", "ABSENT"}, {"S01", "DELIVERED", ""}} {
		e.Clock.Pass(time.Minute)
		in := house.MoveTo(m.stage, id)
		if m.reason != "" {
			in["reason"] = m.reason
		}
		e.AdvanceAs(m.actor, in)
	}
	e.Clock.Pass(time.Minute)
	if got := e.TryUndo("S07", obj{"orderId": id, "expectedVersion": 8}); got.Results[0].Moved || got.Results[0].UserErrors[0].Code != "NOT_FOUND" {
		t.Errorf("got %+v, want NOT_FOUND for whom it does not concern", got)
	}
	if got := e.TryUndo("T01", obj{"orderId": id, "expectedVersion": 8}); got.Results[0].Moved || got.Results[0].UserErrors[0].Reason != "UNDO_NOT_AUTHOR" {
		t.Errorf("got %+v, want UNDO_NOT_AUTHOR", got)
	}
	if got := e.TryUndo("S01", obj{"orderId": id, "expectedVersion": 7}); got.Results[0].Moved || got.Results[0].UserErrors[0].Reason != "VERSION_CHANGED" {
		t.Errorf("got %+v, want VERSION_CHANGED", got)
	}
	e.Clock.Pass(31 * time.Minute)
	if got := e.TryUndo("S01", obj{"orderId": id, "expectedVersion": 8}); got.Results[0].Moved || got.Results[0].UserErrors[0].Reason != "UNDO_TOO_LATE" {
		t.Errorf("got %+v, want UNDO_TOO_LATE", got)
	}
	e.Undo("S00", id)
	if got := e.TryUndo("S00", obj{"orderId": id, "expectedVersion": 9}); got.Results[0].Moved || got.Results[0].UserErrors[0].Reason != "NOTHING_TO_UNDO" {
		t.Errorf("got %+v, want NOTHING_TO_UNDO", got)
	}

	var got struct {
		Order struct {
			Stage       string
			StageSince  time.Time
			DeliveredAt *time.Time
			ActsNext    string
			History     []struct {
				Kind, From, Reason string
				By                 house.HolderView
				UndoneVersion      *int
				Order              struct {
					Stage   string
					Version int
				}
			}
			StageTimes []struct {
				Stage string
				At    time.Time
			}
		}
	}
	e.Must("E6-1-1103", `query ($id: ID!) { order(id: $id) { stage stageSince deliveredAt actsNext history { kind from reason undoneVersion by { role id } order { stage version } } stageTimes { stage at } } }`, obj{"id": id}, &got)
	o := got.Order
	var steps []string
	for i, v := range o.History {
		if v.Order.Version != i+1 {
			t.Errorf("event %d: got version %d", i+1, v.Order.Version)
		}
		steps = append(steps, v.By.Role+" "+v.Order.Stage)
	}
	want := []string{"COMMANDER PLACED", "SUPPLIER DISPATCHED", "VOLUNTEER AT_GATE", "VOLUNTEER SORTED", "VOLUNTEER AT_BUILDING", "VOLUNTEER OUT_FOR_DELIVERY", "VOLUNTEER AT_BUILDING", "VOLUNTEER DELIVERED", "LEAD AT_BUILDING"}
	if !slices.Equal(steps, want) {
		t.Errorf("got %v, want %v", steps, want)
	}
	last := o.History[len(o.History)-1]
	if last.Kind != "MOVE_UNDONE" || last.UndoneVersion == nil || *last.UndoneVersion != 8 || last.From != "DELIVERED" || last.By.ID != e.Team["S00"] || o.History[6].Reason != "ABSENT" {
		t.Errorf("got %+v", last)
	}
	back := started.Add(6 * time.Minute) // after the failed attempt
	if o.Stage != "AT_BUILDING" || o.DeliveredAt != nil || !o.StageSince.Equal(back) || o.ActsNext != "BUILDING" {
		t.Errorf("got %+v, want it at the building since %v", o, back)
	}
	var times []string
	for _, s := range o.StageTimes {
		times = append(times, fmt.Sprintf("%s %v", s.Stage, s.At.Sub(started)))
	}
	if want := []string{"PLACED 0s", "DISPATCHED 1m0s", "AT_GATE 2m0s", "SORTED 3m0s", "AT_BUILDING 6m0s", "OUT_FOR_DELIVERY 5m0s"}; !slices.Equal(times, want) {
		t.Errorf("got %v, want %v", times, want)
	}

	t.Run("holder and reach", func(t *testing.T) {
		unserved := e.Place("E10-1-1103")
		check := func(id, holder, reach string) {
			t.Helper()
			got := e.Order("C01", id)
			idOf := func(w *house.HolderView) string {
				if w == nil {
					return ""
				}
				return w.ID
			}
			if idOf(got.Holder) != holder || idOf(got.Reach) != reach {
				t.Errorf("at %s: got %v and %v, want %q and %q", got.Stage, got.Holder, got.Reach, holder, reach)
			}
		}
		check(id, e.Team["S01"], e.Team["S01"])
		check(unserved, e.Suppliers["caiban"], e.Suppliers["caiban"])
		e.Bring(unserved, "AT_GATE")
		check(unserved, e.Team["D00"], e.Team["D00"])
		e.Advance("C01", "SORTED", unserved)
		check(unserved, e.Team["T00"], e.Team["T00"])
		e.Advance("C01", "AT_BUILDING", unserved)
		check(unserved, "", e.Team["S00"]) // E10 has no volunteer
		e.Update("C01", "volunteer", obj{"id": e.Team["S00"], "reachable": false})
		check(unserved, "", e.Team["C01"])
		e.Advance("C01", "DELIVERED", unserved)
		check(unserved, "", "")
	})
}

// TestRetry repeats a call: the outcome is the same, with the objects as the caller may see them now.
func TestRetry(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	e.Bring(id, "SORTED")
	in := house.MoveTo("AT_BUILDING", id)
	in["clientMutationId"] = "a-truck"
	first, err := e.TryAdvance("S01", in)
	if err != nil || !first.Results[0].Moved || first.Results[0].Order.Stage != "AT_BUILDING" {
		t.Fatal(first, err)
	}
	events := e.Events()

	e.Advance("S01", "DELIVERED", id)
	again, err := e.TryAdvance("S01", in)
	if err != nil || !again.Results[0].Moved || again.Results[0].Order == nil || again.Results[0].Order.Stage != "DELIVERED" {
		t.Errorf("got %+v, %v, want the outcome of then and the order of now", again, err)
	}
	if got := e.Events(); got != events+1 {
		t.Errorf("got %d events, want %d", got, events+1)
	}
	other := house.MoveTo("OUT_FOR_DELIVERY", id)
	other["clientMutationId"] = "a-truck"
	if no := e.Refused("S01", other); no.Code != "BAD_USER_INPUT" || no.Reason != "OTHER_INPUT" {
		t.Errorf("got %+v, want OTHER_INPUT", no)
	}

	e.Update("C01", "volunteer", obj{"id": e.Team["S01"], "services": e.Services("E7")})
	again, err = e.TryAdvance("S01", in)
	if err != nil || !again.Results[0].Moved || again.Results[0].Order != nil {
		t.Errorf("got %+v, %v, want the outcome, and no order that is not to be seen any more", again, err)
	}

	t.Run("placeOrder places once, also at the same moment", func(t *testing.T) {
		in := obj{"householdId": e.Homes["E6-1-1203"], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": house.Goods, "clientMutationId": "once"}
		ids := make([]string, 6)
		var group errgroup.Group
		for i := range ids {
			group.Go(func() error {
				a, err := e.Try("E6-1-1203", house.PlaceOrder, obj{"in": in})
				if err != nil {
					return err
				}
				var got struct {
					PlaceOrder struct{ Order struct{ ID string } }
				}
				if err := json.Unmarshal(a.Data, &got); err != nil {
					return fmt.Errorf("%s %v: %w", a.Data, a.Errors, err)
				}
				ids[i] = got.PlaceOrder.Order.ID
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if len(slices.Compact(ids)) != 1 || ids[0] == "" {
			t.Errorf("got %v, want one order", ids)
		}
	})
}

// TestAtomic moves all or none.
func TestAtomic(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	ready, not := e.Place("E6-1-1103"), e.Place("E6-1-1203")
	e.Advance("C01", "DISPATCHED", not)
	in := house.MoveTo("DISPATCHED", ready, not)
	in["atomic"] = true
	got, err := e.TryAdvance("C01", in)
	if err != nil || got.Results[0].Moved || got.Results[0].UserErrors[0].Reason != "ATOMIC" || got.Results[1].UserErrors[0].Code != "CONFLICT" {
		t.Errorf("got %+v, %v", got, err)
	}
	in["atomic"] = false
	got, err = e.TryAdvance("C01", in)
	if err != nil || !got.Results[0].Moved || got.Results[1].Moved {
		t.Errorf("got %+v, %v", got, err)
	}
}
