package live_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// TestReplicas runs three programs over one database: one gets notifications and hardly polls, one gets none and must poll, and one makes
// most of the moves. All subscribers end with the same events.
func TestReplicas(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t)
	told := house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now, Change: func(s *app.ServerSettings) { s.Poll = time.Hour }})
	deaf := house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now, Listen: "postgres://unknown@127.0.0.1:1/none?sslmode=disable", Change: func(s *app.ServerSettings) { s.Poll = 300 * time.Millisecond }})
	ids := e.Fill(40)
	from := e.Cursor()
	houses := []*house.Program{e.Program, told, deaf}
	inboxes := make([]*house.Inbox, len(houses))
	for i, h := range houses {
		inboxes[i] = h.Dial(t, "C01", "").After(e, from, nil)
	}
	for i, h := range houses {
		there := *e
		there.Program = h
		there.Advance("C01", []string{"DISPATCHED", "AT_GATE", "SORTED"}[i], ids[0])
		want := inboxes[0].Next()
		for _, in := range inboxes[1:] {
			if got := in.Next(); got.Order != want.Order || got.Kind != want.Kind {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		// A cursor of one program is valid at the others.
		for _, other := range houses {
			if got := other.Dial(t, "C01", "").After(e, from, nil).Many(i + 1)[i]; got.Order != want.Order {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}

	var group errgroup.Group
	for i, h := range houses {
		group.Go(func() error {
			there := *e
			there.Program = h
			for part := range slices.Chunk(ids[1+13*i:14+13*i], 3) {
				for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED"} {
					if _, err := there.TryAdvance("C01", house.MoveTo(stage, part...)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	const n = 39 * 3
	want := inboxes[0].Many(n)
	for _, in := range inboxes[1:] {
		for i, got := range in.Many(n) {
			if got.Order != want[i].Order || got.Kind != want[i].Kind {
				t.Fatalf("event %d: got %+v, want %+v", i, got, want[i])
			}
		}
	}
}
