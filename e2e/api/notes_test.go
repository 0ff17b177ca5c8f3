package api_test

import (
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestNotes reads the notes of moves: only the team sees them, and no event carries them.
func TestNotes(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	id := e.Place("E6-1-1103")
	in := house.MoveTo("DISPATCHED", id)
	in["note"], in["deviceTime"] = "车牌鄂E12345", "2020-02-18T09:30:00+08:00"
	e.AdvanceAs("caiban", in)
	e.AdvanceAs("D01", house.MoveTo("AT_GATE", id))
	type note struct {
		Version    int
		Note       string
		By         struct{ Role string }
		DeviceTime *time.Time
	}
	read := func(actor string) (order struct {
		Notes   []note
		History []struct{ Order struct{ Version int } }
	}) {
		got := struct{ Order any }{&order}
		e.Must(actor, `query ($id: ID!) { order(id: $id) { notes { version note by { role } deviceTime } history { order { version } } } }`, obj{"id": id}, &got)
		return order
	}
	for _, actor := range []string{"C01", "S01", "D01"} {
		got := read(actor).Notes
		if len(got) != 1 || got[0].Note != "车牌鄂E12345" || got[0].Version != 2 || got[0].By.Role != "SUPPLIER" ||
			!got[0].DeviceTime.Equal(time.Date(2020, 2, 18, 1, 30, 0, 0, time.UTC)) {
			t.Errorf("%s: got %+v, want the note of the truck", actor, got)
		}
	}
	for _, actor := range []string{"caiban", "E6-1-1103"} {
		if got := read(actor); len(got.Notes) != 0 || len(got.History) != 3 {
			t.Errorf("%s: got %+v, want the history without notes", actor, got)
		}
	}
}
