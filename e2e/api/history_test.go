package api_test

import (
	"encoding/json"
	"slices"
	"testing"

	"baogong/app"
	"baogong/e2e/house"
)

// TestLongHistories gives an order more events than a page shows. Reads are bounded and priced accordingly, and reading on
// finds every event and note.
func TestLongHistories(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Cost, s.CostBurst = 1e6, 1e6 })
	id := e.Place("E6-1-1103")
	const moves = 22
	for range moves {
		in := house.MoveTo("DISPATCHED", id)
		in["note"] = "堵车"
		e.AdvanceAs("C01", in)
		e.Undo("C01", id)
	}
	const whole = 1 + 2*moves
	type page struct {
		History []struct {
			Order struct{ Version int }
		}
		Notes []struct{ Version int }
	}
	read := func(arguments string) (versions, notes []int, cost int) {
		t.Helper()
		body, _ := json.Marshal(obj{"query": `query ($o: ID!) { order(id: $o) { history` + arguments + ` { order { version } } notes` + arguments + ` { version } } }`, "variables": obj{"o": id}})
		_, text, err := e.Send(t.Context(), "C01", body)
		var a struct {
			Data       struct{ Order *page }
			Extensions struct{ Cost struct{ Requested int } }
		}
		if err == nil {
			err = json.Unmarshal(text, &a)
		}
		if err != nil || a.Data.Order == nil {
			t.Fatalf("%v: %s", err, text)
		}
		for _, h := range a.Data.Order.History {
			versions = append(versions, h.Order.Version)
		}
		for _, n := range a.Data.Order.Notes {
			notes = append(notes, n.Version)
		}
		return versions, notes, a.Extensions.Cost.Requested
	}
	upTo := func(first, last, step int) (out []int) {
		for v := first; v <= last; v += step {
			out = append(out, v)
		}
		return out
	}
	versions, notes, usual := read("")
	if !slices.Equal(versions, upTo(whole-19, whole, 1)) || !slices.Equal(notes, upTo(whole-1-2*19, whole-1, 2)) {
		t.Errorf("got the events %v and notes %v, want the newest twenty", versions, notes)
	}
	_, _, one := read("(last: 1)")
	versions, notes, all := read("(last: 200)")
	if !slices.Equal(versions, upTo(1, whole, 1)) || !slices.Equal(notes, upTo(2, whole-1, 2)) {
		t.Errorf("got the events %v and notes %v, want all", versions, notes)
	}
	if usual <= one || all-usual < 9*(usual-one) { // 180 events more, and 19
		t.Errorf("one costs %d, twenty cost %d, two hundred %d: not as many as they are", one, usual, all)
	}
	versions, notes, _ = read("(last: 3, beforeVersion: 10)")
	if !slices.Equal(versions, []int{7, 8, 9}) || !slices.Equal(notes, []int{4, 6, 8}) {
		t.Errorf("got the events %v and notes %v before version 10", versions, notes)
	}
	for _, arguments := range []string{"(last: 201)", "(last: -1)", "(beforeVersion: 0)"} {
		if a := e.Ask("C01", `query ($o: ID!) { order(id: $o) { id history`+arguments+` { kind } } }`, obj{"o": id}); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("%s: got %v, want BAD_USER_INPUT", arguments, a)
		}
	}
	var got struct {
		Order struct{ StageTimes []struct{ Stage string } }
	}
	e.Must("C01", `query ($o: ID!) { order(id: $o) { stageTimes { stage } } }`, obj{"o": id}, &got)
	if s := got.Order.StageTimes; len(s) != 1 || s[0].Stage != "PLACED" {
		t.Errorf("got the stages %v, want PLACED only: every move was undone", s)
	}
}
