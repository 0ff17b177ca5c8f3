package live_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"baogong/app"
	"baogong/e2e/house"
)

// TestEvents reads a feed whose beginning is only in the table and whose end is in memory.
func TestEvents(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.Ring = 64 })
	start := e.Cursor()
	ids := e.Fill(120)
	for _, stage := range []string{"DISPATCHED", "AT_GATE", "SORTED"} {
		e.Advance("C01", stage, ids[:60]...)
	}
	e.Hold(obj{"subjectIds": []string{e.Buildings["E6"]}, "reason": "TESTING"})
	e.Undo("C01", ids[0])
	e.Release(e.Buildings["E6"])
	inE6 := e.List("C01", obj{"filter": obj{"buildingIds": []string{e.Buildings["E6"]}}}).TotalCount
	n := 120 + 3*60 + 2*inE6 + 1

	all := e.Dial(t, "C01", "").After(e, start, nil).Many(n)
	versions := map[string]int{}
	for i, v := range all {
		if v.Order.Version != versions[v.Order.OrderID]+1 {
			t.Fatalf("event %d: got version %d of an order that was at %d", i, v.Order.Version, versions[v.Order.OrderID])
		}
		versions[v.Order.OrderID] = v.Order.Version
	}
	same := func(t *testing.T, got, want []house.OrderEvent) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("got %d events, want %d", len(got), len(want))
		}
		for i := range got {
			if a, b := got[i], want[i]; a != b {
				t.Fatalf("event %d: got %+v, want %+v", i, a, b)
			}
		}
	}
	t.Run("again from the start", func(t *testing.T) {
		t.Parallel()
		same(t, e.Dial(t, "C01", "").After(e, start, nil).Many(n), all)
	})
	t.Run("after any of its cursors", func(t *testing.T) {
		t.Parallel()
		p := e.Dial(t, "D01", "")
		for _, at := range []int{0, 1, n / 2, n - 65, n - 64, n - 63, n - 2} {
			in := p.After(e, all[at].Cursor, nil)
			same(t, in.Many(n-at-1), all[at+1:])
			in.Stop()
		}
	})
	t.Run("by an event stream, cut and resumed", func(t *testing.T) {
		t.Parallel()
		var got []house.OrderEvent
		last := ""
		for len(got) < n {
			// A client that reconnects by itself sends its first variables again.
			l := e.Listen(t, "C01", last, house.OrderEvents, obj{"c": e.Community, "a": start})
			for range min(1+rand.IntN(100), n-len(got)) {
				v, id := l.Event()
				if id != v.Cursor {
					t.Fatalf("got id %q, want the cursor %q", id, v.Cursor)
				}
				got, last = append(got, v), id
			}
			l.Cancel()
		}
		same(t, got, all)
	})
	for name, c := range map[string]struct {
		filter obj
		keep   func(house.OrderEvent) bool
	}{
		"kinds":              {obj{"kinds": []string{"MOVE_UNDONE", "HOLD_ENDED"}}, func(v house.OrderEvent) bool { return v.Kind == "MOVE_UNDONE" || v.Kind == "HOLD_ENDED" }},
		"stages":             {obj{"stages": []string{"SORTED"}}, func(v house.OrderEvent) bool { return v.Order.Stage == "SORTED" }},
		"channels":           {obj{"channels": []string{"PHONE"}}, func(house.OrderEvent) bool { return false }},
		"orders":             {obj{"orderIds": ids[:2]}, func(v house.OrderEvent) bool { return slices.Contains(ids[:2], v.Order.OrderID) }},
		"suppliers":          {obj{"supplierIds": []string{e.Suppliers["caiban"]}}, func(house.OrderEvent) bool { return true }},
		"stages and kinds":   {obj{"stages": []string{"PLACED"}, "kinds": []string{"HOLD_STARTED"}}, func(v house.OrderEvent) bool { return v.Order.Stage == "PLACED" && v.Kind == "HOLD_STARTED" }},
		"none of a supplier": {obj{"supplierIds": []string{e.Suppliers["yiyao"]}}, func(house.OrderEvent) bool { return false }},
	} {
		t.Run("filter/"+name, func(t *testing.T) {
			t.Parallel()
			var want []house.OrderEvent
			for _, v := range all {
				if c.keep(v) {
					want = append(want, v)
				}
			}
			in := e.Dial(t, "C01", "").After(e, start, c.filter)
			same(t, in.Many(len(want)), want)
			if len(want) == 0 {
				return
			}
			// A cursor from one filter is valid for any other filter.
			at := slices.IndexFunc(all, func(v house.OrderEvent) bool { return v.Order == want[0].Order && v.Kind == want[0].Kind })
			same(t, e.Dial(t, "C01", "").After(e, want[0].Cursor, nil).Many(n-at-1), all[at+1:])
		})
	}
	t.Run("the history's cursors serve too", func(t *testing.T) {
		t.Parallel()
		var got struct {
			Order struct{ History []house.OrderEvent }
		}
		e.Must("C01", `query ($id: ID!) { order(id: $id) { history { cursor kind order { orderId stage version held } } } }`, obj{"id": ids[5]}, &got)
		for _, h := range got.Order.History {
			at := slices.IndexFunc(all, func(v house.OrderEvent) bool { return v.Order == h.Order && v.Kind == h.Kind })
			if at < 0 || at == n-1 {
				continue
			}
			if v := e.Dial(t, "C01", "").After(e, h.Cursor, nil).Next(); v.Order != all[at+1].Order {
				t.Errorf("got %+v, want %+v", v, all[at+1])
			}
		}
	})
}

// TestEventsFromNow subscribes without a cursor: the stream begins now and skips no later event.
func TestEventsFromNow(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	e.Fill(5)
	in := e.Dial(t, "C01", "").Operate(house.OrderEvents, obj{"c": e.Community})
	id := e.Place("E6-1-1103")
	stop := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		for {
			select {
			case <-stop:
				return nil
			default:
				if err := e.BackAndForth("caiban", id, 1); err != nil {
					return err
				}
			}
		}
	})
	last := in.Next()
	for range 20 {
		v := in.Next()
		if v.Order.OrderID != id || v.Order.Version != last.Order.Version+1 {
			t.Errorf("got %+v after %+v", v, last)
		}
		last = v
	}
	close(stop)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestListThenSubscribe reads a list and subscribes after its feedCursor while orders move: the list and what follows
// make up every order as it stands, however the two fall between the moves.
func TestListThenSubscribe(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	ids := e.Fill(40)
	chain := []string{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"}
	var movers, readers errgroup.Group
	for m := range 4 {
		movers.Go(func() error {
			for _, stage := range chain {
				for part := range slices.Chunk(ids[10*m:10*m+10], 1+m) {
					if _, err := e.TryAdvance("C01", house.MoveTo(stage, part...)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	p := e.Dial(t, "C01", "")
	for range 12 {
		readers.Go(func() error {
			page := e.List("C01", obj{"first": 200})
			stands := map[string]string{}
			open := 0
			for _, o := range page.Nodes {
				stands[o.ID] = o.Stage
				if o.Stage != "DELIVERED" {
					open++
				}
			}
			in := p.After(e, page.FeedCursor, nil)
			for open > 0 {
				v := in.Next()
				was := stands[v.Order.OrderID]
				if i := slices.Index(chain, v.Order.Stage); i < 0 || (i > 0 && was != chain[i-1]) || (i == 0 && was != "PLACED") {
					return fmt.Errorf("got %s after %s: a hole or a repetition", v.Order.Stage, was)
				}
				if stands[v.Order.OrderID] = v.Order.Stage; v.Order.Stage == "DELIVERED" {
					open--
				}
			}
			return nil
		})
	}
	if err := movers.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := readers.Wait(); err != nil {
		t.Fatal(err)
	}
}
