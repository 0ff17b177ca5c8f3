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
	"baogong/dispatch"
)

// A truck is up to 300 orders. Whoever moves them, in whatever order they name them, none moves twice and nobody waits for ever.
func TestTrucksAtOnce(t *testing.T) {
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
			all = append(all, func() { moved[i] = must(e.d.AdvanceOrders(ctx, e.commander, advanceAll(ids, to))).Moved() })
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
			p, err := e.d.PlaceHold(ctx, e.lead, dispatch.PlaceHoldInput{SubjectIds: append(slices.Clone(backwards[:50]), e.buildings[1], e.buildings[0]),
				Reason: delivery.HoldTesting, Until: ptr(e.time().Add(time.Hour))})
			if err != nil {
				return err
			}
			var holds []delivery.ID
			for _, r := range p.Results {
				if r.HoldID != nil {
					holds = append(holds, *r.HoldID)
				}
			}
			_, err = e.d.ReleaseHold(ctx, e.lead, dispatch.ReleaseHoldInput{HoldIds: holds[len(holds)/2:]})
			return err
		}),
		again(func(int) error { e.pass(30 * time.Minute); return e.d.Tick(ctx) }),
		again(func(i int) error {
			_, err := e.d.AdvanceOrders(ctx, e.commander, advanceAll(truck, []delivery.Stage{delivery.AtBuilding, delivery.OutForDelivery, delivery.Delivered}[i%3]))
			return err
		}),
		again(func(int) error {
			_, err := e.d.AdvanceOrders(ctx, e.supply, advanceAll(backwards, delivery.Delivered))
			return err
		}),
		again(func(int) error {
			in := dispatch.UndoMoveInput{}
			rows, err := e.db.OrdersByID(ctx, e.admin.Scope(), backwards)
			for _, o := range rows {
				in.Orders = append(in.Orders, &dispatch.OrderUndoInput{OrderID: o.ID(), ExpectedVersion: o.Version})
			}
			if err == nil {
				_, err = e.d.UndoMove(ctx, e.commander, in)
			}
			return err
		}),
		again(func(i int) error {
			_, err := e.d.UpdateVolunteers(ctx, e.lead, dispatch.UpdateVolunteersInput{Volunteers: []*dispatch.VolunteerPatchInput{
				{ID: e.team["S01"], Reachable: ptr(i%2 == 1)}, {ID: e.team["T00"], Code: ptr(fmt.Sprintf("T%02d", i%2*50))}}})
			return err
		}),
		again(func(int) error {
			for _, h := range e.homes {
				in := order(e)
				in.HouseholdID = h
				if _, err := e.d.PlaceOrder(ctx, e.commander, in); err != nil {
					return err
				}
			}
			return nil
		}),
		again(func(i int) error {
			_, err := e.d.UpdateBuildings(ctx, e.commander, dispatch.UpdateBuildingsInput{Buildings: []*dispatch.BuildingPatchInput{{ID: e.buildings[0], Code: ptr(fmt.Sprint("E", i))}}})
			if err == nil {
				_, err = e.d.UpdateSuppliers(ctx, e.commander, dispatch.UpdateSuppliersInput{Suppliers: []*dispatch.SupplierPatchInput{{ID: e.suppliers[1], Code: ptr(fmt.Sprint("c", i))}}})
			}
			return err
		}),
		again(func(i int) error {
			_, err := e.d.UpdateCommunities(ctx, e.commander, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: e.community, Code: ptr(fmt.Sprint("c", i))}}})
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

func advanceAll(ids []delivery.ID, to delivery.Stage) dispatch.AdvanceOrdersInput {
	in := dispatch.AdvanceOrdersInput{To: to}
	for _, id := range ids {
		in.Orders = append(in.Orders, &dispatch.OrderMoveInput{OrderID: id})
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
			p := must(e.d.UpdateCommunities(t.Context(), e.commander, dispatch.UpdateCommunitiesInput{Communities: []*dispatch.CommunityPatchInput{{ID: e.community, Code: ptr(fmt.Sprint("c", i))}}}))
			if p.Saved() != 1 {
				t.Errorf("rename %d: got %v", i, results(p.BulkOutcome))
			}
		}
	}, func() {
		for i := range int64(rounds) {
			if n := must(e.d.AdvanceOrders(t.Context(), e.commander, advanceAll(ids, delivery.AtGate))).Moved(); n != len(ids) {
				t.Errorf("round %d: moved %d orders", i, n)
			}
			in := dispatch.UndoMoveInput{}
			for _, id := range ids {
				in.Orders = append(in.Orders, &dispatch.OrderUndoInput{OrderID: id, ExpectedVersion: 2*i + 2})
			}
			if n := must(e.d.UndoMove(t.Context(), e.commander, in)).Moved(); n != len(ids) {
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
