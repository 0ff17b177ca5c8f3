package db_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/order"
	"baogong/dispatch/verbs"
)

// commander is who may do everything in a community.
func (w *town) commander(c int32) delivery.Actor {
	return delivery.Actor{Role: delivery.RoleCommander, Community: c, UUID: of(w.volunteers, c)[0].UUID, Squad: delivery.SquadSupply}
}

// dispatch are the verbs over the town's database.
func (w *town) dispatch() *verbs.All {
	return verbs.New(&dispatch.Engine{DB: w.db, Now: time.Now, Machine: time.Now})
}

// place is an order for a household.
func (w *town) place(h *delivery.Household) order.PlaceOrderInput {
	supplier := of(w.suppliers, h.CommunityID)[0].ID()
	return order.PlaceOrderInput{HouseholdID: h.ID(), Channel: delivery.ChannelPhone, ConsentBy: new(delivery.ConsentHousehold), ReadBack: true, SupplierID: &supplier,
		Lines: []*order.LineInput{{Item: "大米", Quantity: 1000, Unit: "袋", UnitPriceFen: 5800}}}
}

// Sixteen writers append while another transaction that has written stays open. A reader that asks for what is past its
// position must get everything, once, in order, and without waiting for that transaction.
func TestTheFeedLosesNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const c = 1
	other := raw(t, w.dsn)
	foreign, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = foreign.Rollback() }()
	for _, statement := range []string{`set local idle_in_transaction_session_timeout = 0`, `update communities set name = 'busy' where community_id = 2`} {
		if _, err := foreign.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var (
		writers errgroup.Group
		mu      sync.Mutex
		written = map[int64]delivery.UUID{} // what each writer was told, by position
		placed  atomic.Int64
		wake    = make(chan struct{}, 1)
	)
	rung := func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	w.db.Committed = func(context.Context, db.Appended) { rung() }
	for i := range 12 {
		d := seeded(uint64(i))
		writers.Go(func() error {
			for range feedRounds {
				events := make([]*delivery.Event, 1+d.IntN(5))
				for n := range events {
					events[n] = delivery.NewSaved(delivery.SupplierSaved, delivery.System(c), time.Now(), delivery.Keys{Community: c}, newUUID())
				}
				err := w.db.InTx(t.Context(), func(tx *db.Tx) error {
					if err := tx.Append(t.Context(), c, events); err != nil || !oneIn(d, 10) {
						return err
					}
					return errTakenBack
				})
				if errors.Is(err, errTakenBack) {
					continue
				}
				if err != nil {
					return err
				}
				mu.Lock()
				for _, e := range events {
					written[e.Seq] = delivery.BodyOf[delivery.NounBody](e).Noun
				}
				mu.Unlock()
			}
			return nil
		})
	}
	verbs := w.dispatch()
	for i := range 4 {
		h := of(w.households, c)[i]
		writers.Go(func() error {
			for range feedRounds / 4 {
				p, err := verbs.Order.PlaceOrder(t.Context(), w.commander(c), w.place(h))
				if err != nil {
					return err
				}
				if p.OrderID == nil {
					return p.UserErrors[0]
				}
				placed.Add(1)
			}
			return nil
		})
	}

	var got []*delivery.Event
	tail := func() int {
		events, head, err := w.db.UnscopedEvents(t.Context(), c, int64(len(got)), 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Seq != int64(len(got))+1 {
				t.Fatalf("got position %d after %d", e.Seq, len(got))
			}
			got = append(got, e)
		}
		if head.Seq < int64(len(got)) || head.Oldest != 1 && head.Seq > 0 {
			t.Fatalf("got head %+v at position %d", head, len(got))
		}
		return len(events)
	}
	ended := make(chan error, 1)
	go func() { ended <- writers.Wait() }()
	for writing := true; writing; {
		select {
		case <-wake:
			for tail() == 500 {
			}
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			writing = false
		}
	}
	for tail() > 0 {
	}
	if err := foreign.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := tail(); n > 0 {
		t.Errorf("got %d of %d events only after the other transaction ended, want none", n, len(got))
	}
	orders := 0
	for _, e := range got {
		if e.Kind == delivery.OrderPlaced {
			orders++
		} else if written[e.Seq] != delivery.BodyOf[delivery.NounBody](e).Noun {
			t.Fatalf("got %s at %d, want %s", delivery.BodyOf[delivery.NounBody](e).Noun, e.Seq, written[e.Seq])
		}
	}
	if len(got) != len(written)+orders || int64(orders) != placed.Load() {
		t.Errorf("got %d events with %d orders, want %d with %d", len(got), orders, len(written)+int(placed.Load()), placed.Load())
	}
	t.Logf("%d events, %d orders", len(got), orders)
}

var errTakenBack = errors.New("taken back")

func TestEventsThatAreNoLongerKept(t *testing.T) {
	t.Parallel()
	w := newTown(t).fill(seeded(11), 0, 0, 6)
	d := raw(t, w.dsn)
	for _, purge := range []struct {
		upTo, oldest int64
		events       int
	}{{0, 1, 6}, {4, 5, 2}, {6, 7, 0}} {
		if _, err := d.ExecContext(t.Context(), `with x as (delete from event_notes where seq <= $1) delete from events where seq <= $1`, purge.upTo); err != nil {
			t.Fatal(err)
		}
		events, head, err := w.db.UnscopedEvents(t.Context(), 1, 0, 100)
		if err != nil || len(events) != purge.events || head.Oldest != purge.oldest || head.Seq != 6 {
			t.Errorf("purged up to %d: got %d events, head %+v, error %v, want %d events and the oldest %d", purge.upTo, len(events), head, err, purge.events, purge.oldest)
		}
		heads, err := w.db.UnscopedHeads(t.Context())
		if len(heads) > 0 {
			head.Server = heads[0].Server // which only the list of heads tells
		}
		if err != nil || len(heads) != 2 || heads[0] != head {
			t.Errorf("purged up to %d: got heads %+v, error %v, want %+v first", purge.upTo, heads, err, head)
		}
	}
	if _, _, err := w.db.UnscopedEvents(t.Context(), 9, 0, 100); delivery.CodeOf(err) != delivery.CodeNotFound {
		t.Errorf("got %v for a community that is not there, want NOT_FOUND", err)
	}
}

// A client that lists orders and then follows the feed from the list's position sees every change once: the rows are exactly
// the result of the events up to that position.
func TestOrdersArePositioned(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const c = 1
	verbs := w.dispatch()
	homes := of(w.households, c)[:5]
	done, stop := context.WithCancel(t.Context())
	defer stop()
	var placed atomic.Int64
	grew := make(chan struct{}, 1)
	var writers errgroup.Group
	for i := range 4 {
		d := seeded(uint64(100 + i))
		writers.Go(func() error {
			var mine []*order.OrderMoveInput
			for done.Err() == nil && placed.Load() < positionedOrders {
				p, err := verbs.Order.PlaceOrder(t.Context(), w.commander(c), w.place(homes[min(len(homes)-1, d.IntN(3+int(placed.Load()*5/positionedOrders)))]))
				if err != nil {
					return err
				}
				if p.OrderID == nil {
					return p.UserErrors[0]
				}
				placed.Add(1)
				select {
				case grew <- struct{}{}:
				default:
				}
				mine = append(mine, &order.OrderMoveInput{OrderID: *p.OrderID})
				if len(mine) < 3 {
					continue
				}
				if _, err := verbs.Order.AdvanceOrders(t.Context(), w.commander(c), order.AdvanceOrdersInput{Orders: mine, To: delivery.AtGate}); err != nil {
					return err
				}
				mine = nil
			}
			return nil
		})
	}
	ended := make(chan error, 1)
	go func() { ended <- writers.Wait() }()

	type reading struct {
		of   *delivery.Household // nil: every household
		rows *db.OrderRows
	}
	var readings []reading
	read := func() {
		for _, h := range append([]*delivery.Household{nil}, homes...) {
			var f db.OrderFilter
			if h != nil {
				f.Households = []delivery.UUID{h.UUID}
			}
			rows, err := w.db.Orders(t.Context(), w.all(c), c, f, db.SortPlacedAt, true, everything)
			if err != nil {
				t.Fatal(err)
			}
			readings = append(readings, reading{h, rows})
		}
	}
	read()
	for running := true; running; {
		select {
		case <-grew:
			read()
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		}
	}
	read()

	events, _, err := w.db.UnscopedEvents(t.Context(), c, 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	empty := 0
	for _, r := range readings {
		want := map[delivery.UUID]*delivery.OrderSnapshot{}
		for _, e := range events[:r.rows.Position.Seq] {
			if r.of == nil || *e.HouseholdUUID == r.of.UUID {
				want[*e.OrderUUID] = e.Order
			}
		}
		if len(want) == 0 && r.rows.Position.Seq > 0 {
			empty++
		}
		if len(r.rows.Items) != len(want) {
			t.Fatalf("at %d: got %d orders, want %d", r.rows.Position.Seq, len(r.rows.Items), len(want))
		}
		for _, o := range r.rows.Items {
			if !o.Equal(want[o.UUID]) {
				t.Fatalf("at %d: got %+v, want %+v", r.rows.Position.Seq, o.OrderSnapshot, want[o.UUID])
			}
		}
	}
	if empty == 0 {
		t.Error("no list was empty while the feed grew, so that case was not tried")
	}
	t.Logf("%d lists, %d of them empty, over %d events", len(readings), empty, len(events))
}

func TestEpochs(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	epochs := func() []uint64 {
		var out []uint64
		for _, c := range w.communities {
			p, err := w.db.FeedEnd(t.Context(), w.all(c.CommunityID), c.CommunityID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p.Epoch)
		}
		return out
	}
	before := epochs()
	n, err := w.db.UnscopedRerollEpochs(t.Context())
	if err != nil || n != 2 {
		t.Fatalf("got %d feeds, error %v, want 2", n, err)
	}
	all := slices.Concat(before, epochs())
	slices.Sort(all)
	if len(slices.Compact(all)) != 4 || all[0] == 0 {
		t.Errorf("got epochs %d, want four that differ", all)
	}
}
