package dispatch_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"baogong/db"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
	"baogong/internal/volume"
)

// A truck is up to 300 orders. In any order of the calls and of their ids, none moves twice and no call waits for ever.
func TestTrucksAtOnce(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	open := must(db.Open(t.Context(), dsn, db.Options{}))
	e := settle(t, open, "dongchen")
	ctx := t.Context()
	var truck []delivery.ID
	for i := range truckload {
		truck = append(truck, e.place(e.homes[i%len(e.homes)]))
	}
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted} {
		moved := make([]int, 6)
		var all []func()
		for i := range moved {
			ids := slices.Clone(truck)
			if i%2 == 1 {
				slices.Reverse(ids)
			}
			all = append(all, func() { moved[i] = must(e.d.Order.AdvanceOrders(ctx, e.commander, advanceAll(ids, to))).Moved() })
		}
		atOnce(all...)
		sum := 0
		for _, n := range moved {
			sum += n
		}
		if sum != len(truck) {
			t.Errorf("to %s: moved %d orders, want %d", to, sum, len(truck))
		}
	}
	e.checkNeverLost()

	// Everything that takes locks, at once.
	again := func(do func(round int) error) func() {
		return func() {
			for i := range truckRounds {
				if err := do(i); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}
	backwards := slices.Clone(truck)
	slices.Reverse(backwards)
	atOnce(
		again(func(int) error {
			p, err := e.d.Hold.PlaceHold(ctx, e.lead, hold.PlaceHoldInput{SubjectIds: append(slices.Clone(backwards[:50]), e.buildings[1], e.buildings[0]),
				Reason: delivery.HoldTesting, Until: new(e.time().Add(time.Hour))})
			if err != nil {
				return err
			}
			var holds []delivery.ID
			for _, r := range p.Results {
				if r.HoldID != nil {
					holds = append(holds, *r.HoldID)
				}
			}
			_, err = e.d.Hold.ReleaseHold(ctx, e.lead, hold.ReleaseHoldInput{HoldIds: holds[len(holds)/2:]})
			return err
		}),
		again(func(int) error { e.pass(30 * time.Minute); return e.d.Tick(ctx) }),
		again(func(i int) error {
			_, err := e.d.Order.AdvanceOrders(ctx, e.commander, advanceAll(truck, []delivery.Stage{delivery.AtBuilding, delivery.OutForDelivery, delivery.Delivered}[i%3]))
			return err
		}),
		again(func(int) error {
			_, err := e.d.Order.AdvanceOrders(ctx, e.supply, advanceAll(backwards, delivery.Delivered))
			return err
		}),
		again(func(int) error {
			in := order.UndoMoveInput{}
			rows, err := e.db.OrdersByID(ctx, e.admin.Scope(), backwards)
			for _, o := range rows {
				in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: o.ID(), ExpectedVersion: o.Version})
			}
			if err == nil {
				_, err = e.d.Order.UndoMove(ctx, e.commander, in)
			}
			return err
		}),
		again(func(i int) error {
			_, err := e.d.Team.UpdateVolunteers(ctx, e.lead, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
				{ID: e.team["S01"], Reachable: new(i%2 == 1)}, {ID: e.team["T00"], Code: new(fmt.Sprintf("T%02d", i%2*50))}}})
			return err
		}),
		again(func(int) error {
			for _, h := range e.homes {
				in := orderInput(e)
				in.HouseholdID = h
				if _, err := e.d.Order.PlaceOrder(ctx, e.commander, in); err != nil {
					return err
				}
			}
			return nil
		}),
		again(func(i int) error {
			_, err := e.d.Estate.UpdateBuildings(ctx, e.commander, estate.UpdateBuildingsInput{Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Code: new(fmt.Sprint("E", i))}}})
			if err == nil {
				_, err = e.d.Supplier.UpdateSuppliers(ctx, e.commander, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[1], Code: new(fmt.Sprint("c", i))}}})
			}
			return err
		}),
		again(func(i int) error {
			_, err := e.d.Estate.UpdateCommunities(ctx, e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Code: new(fmt.Sprint("c", i))}}})
			return err
		}),
	)
	e.checkNeverLost()
	e.offered.check()
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	if n := deadlocks(t, dsn); n != 0 {
		t.Errorf("got %d deadlocks, want none", n)
	}
}

func advanceAll(ids []delivery.ID, to delivery.Stage) order.AdvanceOrdersInput {
	in := order.AdvanceOrdersInput{To: to}
	for _, id := range ids {
		in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: id})
	}
	return in
}

// deadlocks is how many the database has had to break. Connections tell when they close.
func deadlocks(t *testing.T, dsn string) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for busy := 1; busy > 0; {
		if err := conn.QueryRowContext(ctx, `
			select (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()),
			       (select deadlocks from pg_stat_database where datname = current_database())`).Scan(&busy, &n); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// A community's code is part of a key, so a new one locks the row that every event refers to.
func TestRenamingACommunityWhileOrdersMove(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	dsn := dbtest.DSN(t)
	open := must(db.Open(t.Context(), dsn, db.Options{}))
	e := settle(t, open, "dongchen")
	var ids []delivery.ID
	for range 50 {
		ids = append(ids, e.place(e.homes[0]))
	}
	const rounds = 10
	atOnce(func() {
		for i := range rounds * 5 {
			p := must(e.d.Estate.UpdateCommunities(t.Context(), e.commander, estate.UpdateCommunitiesInput{Communities: []*estate.CommunityPatchInput{{ID: e.community, Code: new(fmt.Sprint("c", i))}}}))
			if p.Saved() != 1 {
				t.Errorf("rename %d: got %v", i, results(p.BulkOutcome))
			}
		}
	}, func() {
		for i := range int64(rounds) {
			if n := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, advanceAll(ids, delivery.AtGate))).Moved(); n != len(ids) {
				t.Errorf("round %d: moved %d orders", i, n)
			}
			in := order.UndoMoveInput{}
			for _, id := range ids {
				in.Orders = append(in.Orders, &order.OrderUndoInput{OrderID: id, ExpectedVersion: 2*i + 2})
			}
			if n := must(e.d.Order.UndoMove(t.Context(), e.commander, in)).Moved(); n != len(ids) {
				t.Errorf("round %d: undone %d moves", i, n)
			}
		}
	})
	e.checkNeverLost()
	e.offered.check()
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	if n := deadlocks(t, dsn); n != 0 {
		t.Errorf("got %d deadlocks, want none", n)
	}
}
