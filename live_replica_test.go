package main

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// TestReplicas runs three programs over one database: one that is told of events and as good as never looks, one that
// cannot be told and must look, and one through which most moves go. All subscribers end with the same events.
func TestReplicas(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	told := buildHouse(t, e.store.dsn, site{now: e.clock.now, change: func(s *serverSettings) { s.Poll = time.Hour }})
	deaf := buildHouse(t, e.store.dsn, site{now: e.clock.now, listen: "postgres://nobody@127.0.0.1:1/none?sslmode=disable", change: func(s *serverSettings) { s.Poll = 300 * time.Millisecond }})
	ids := e.fill(40)
	from := e.cursor()
	houses := []*testHouse{e.testHouse, told, deaf}
	inboxes := make([]*inbox, len(houses))
	for i, h := range houses {
		inboxes[i] = h.dial(t, "C01", "").after(e, from, nil)
	}
	for i, h := range houses {
		there := *e
		there.testHouse = h
		there.advance("C01", []string{"DISPATCHED", "AT_GATE", "SORTED"}[i], ids[0])
		want := inboxes[0].next()
		for _, in := range inboxes[1:] {
			if got := in.next(); got.Order != want.Order || got.Kind != want.Kind {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		// The cursors of one program serve at the others.
		for _, other := range houses {
			if got := other.dial(t, "C01", "").after(e, from, nil).many(i + 1)[i]; got.Order != want.Order {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	}

	var group errgroup.Group
	for i, h := range houses {
		group.Go(func() error {
			there := *e
			there.testHouse = h
			for part := range slices.Chunk(ids[1+13*i:14+13*i], 3) {
				for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED"} {
					if _, err := there.tryAdvance("C01", to(stage, part...)); err != nil {
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
	want := inboxes[0].many(n)
	for _, in := range inboxes[1:] {
		for i, got := range in.many(n) {
			if got.Order != want[i].Order || got.Kind != want[i].Kind {
				t.Fatalf("event %d: got %+v, want %+v", i, got, want[i])
			}
		}
	}
}
