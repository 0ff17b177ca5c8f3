package dispatch_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
)

// verb is one mutation as a client calls it: with a clientMutationId, and with one input or another.
type verb struct {
	name string
	call func(a delivery.Actor, id string, other bool) (any, error)
}

// mutations lists every mutation, each with an input that succeeds once and another that would, too.
func mutations(e *house) []verb {
	e.t.Helper()
	ctx := context.WithoutCancel(e.t.Context())
	moved, other := e.place(e.homes[1]), e.place(e.homes[2])
	undone, cancelled := e.at(delivery.AtGate, delivery.ChannelApp), e.place(e.homes[1])
	to, until := e.place(e.homes[3]), e.time().Add(time.Hour)
	ended := e.hold(nil, e.place(e.homes[3]))
	pick := func(other bool, a, b string) *string {
		if other {
			return &b
		}
		return &a
	}
	return []verb{
		{"placeOrder", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Order.PlaceOrder(ctx, a, order.PlaceOrderInput{ClientMutationID: &id, HouseholdID: e.homes[0], Channel: delivery.ChannelPhone, ConsentBy: new(delivery.ConsentHousehold), ReadBack: true, SupplierID: &e.suppliers[0],
				Note: *pick(other, "", "多放葱"), Lines: []*order.LineInput{{Item: "米", Quantity: 1000, Unit: "袋"}}, DeviceTime: &until})
		}},
		{"advanceOrders", func(a delivery.Actor, id string, twice bool) (any, error) {
			in := order.AdvanceOrdersInput{ClientMutationID: &id, To: delivery.Dispatched, Orders: []*order.OrderMoveInput{{OrderID: moved}}}
			if twice {
				in.Orders = append(in.Orders, &order.OrderMoveInput{OrderID: other})
			}
			return e.d.Order.AdvanceOrders(ctx, a, in)
		}},
		{"cancelOrder", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Order.CancelOrder(ctx, a, order.CancelOrderInput{ClientMutationID: &id, Orders: []*order.OrderMoveInput{{OrderID: cancelled}},
				Reason: delivery.MoveReason(*pick(other, "UNPAID", "DUPLICATE"))})
		}},
		{"undoMove", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Order.UndoMove(ctx, a, order.UndoMoveInput{ClientMutationID: &id, Orders: []*order.OrderUndoInput{{OrderID: undone, ExpectedVersion: 2}}, Note: *pick(other, "", "弄错了")})
		}},
		{"placeHold", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Hold.PlaceHold(ctx, a, hold.PlaceHoldInput{ClientMutationID: &id, SubjectIds: []delivery.ID{to, e.buildings[1]}, Reason: delivery.HoldSealed, Until: &until, Note: *pick(other, "", "等通知")})
		}},
		{"releaseHold", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Hold.ReleaseHold(ctx, a, hold.ReleaseHoldInput{ClientMutationID: &id, HoldIds: ended, Atomic: other})
		}},
		{"createCommunities", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.CreateCommunities(ctx, a, estate.CreateCommunitiesInput{ClientMutationID: &id, Communities: []*estate.NewCommunityInput{
				{Code: *pick(other, "new1", "new2"), Name: "新", TimeZone: "Asia/Shanghai"}}})
		}},
		{"updateCommunities", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.UpdateCommunities(ctx, a, estate.UpdateCommunitiesInput{ClientMutationID: &id, Communities: []*estate.CommunityPatchInput{{ID: e.community, Name: pick(other, "甲", "乙")}}})
		}},
		{"createBuildings", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.CreateBuildings(ctx, a, estate.CreateBuildingsInput{ClientMutationID: &id, CommunityID: e.community, Buildings: []*estate.NewBuildingInput{{Code: *pick(other, "F1", "F2")}}})
		}},
		{"updateBuildings", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.UpdateBuildings(ctx, a, estate.UpdateBuildingsInput{ClientMutationID: &id, Buildings: []*estate.BuildingPatchInput{{ID: e.buildings[0], Name: pick(other, "甲", "乙")}}})
		}},
		{"createUnits", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.CreateUnits(ctx, a, estate.CreateUnitsInput{ClientMutationID: &id, CommunityID: e.community, Units: []*estate.NewUnitInput{
				{BuildingID: e.buildings[0], Number: 10 + len(*pick(other, "", "1")), Floors: 5}}})
		}},
		{"updateUnits", func(a delivery.Actor, id string, other bool) (any, error) {
			floors := 30 + len(*pick(other, "", "1"))
			return e.d.Estate.UpdateUnits(ctx, a, estate.UpdateUnitsInput{ClientMutationID: &id, Units: []*estate.UnitPatchInput{{ID: e.units[0], Floors: &floors}}})
		}},
		{"createHouseholds", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Estate.CreateHouseholds(ctx, a, estate.CreateHouseholdsInput{ClientMutationID: &id, CommunityID: e.community, Households: []*estate.NewHouseholdInput{
				{UnitID: e.units[0], Room: *pick(other, "201", "202"), Floor: 2, People: 1}}})
		}},
		{"updateHouseholds", func(a delivery.Actor, id string, other bool) (any, error) {
			needs := []delivery.Need{}
			if !other {
				needs = []delivery.Need{delivery.NeedInfant}
			}
			return e.d.Estate.UpdateHouseholds(ctx, a, estate.UpdateHouseholdsInput{ClientMutationID: &id, Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], Needs: needs}}})
		}},
		{"createVolunteers", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Team.CreateVolunteers(ctx, a, team.CreateVolunteersInput{ClientMutationID: &id, CommunityID: e.community, Volunteers: []*team.NewVolunteerInput{
				{Code: *pick(other, "N01", "N02"), Name: "新人", Squad: delivery.SquadDuty, Rank: delivery.RankMember}}})
		}},
		{"updateVolunteers", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Team.UpdateVolunteers(ctx, a, team.UpdateVolunteersInput{ClientMutationID: &id, Volunteers: []*team.VolunteerPatchInput{{ID: e.team["P01"], HomeOrganisation: pick(other, "甲", "乙")}}})
		}},
		{"createSuppliers", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Supplier.CreateSuppliers(ctx, a, supplier.CreateSuppliersInput{ClientMutationID: &id, CommunityID: e.community, Suppliers: []*supplier.NewSupplierInput{
				{Code: *pick(other, "n1", "n2"), Name: "店", Kind: delivery.SupplierShop}}})
		}},
		{"updateSuppliers", func(a delivery.Actor, id string, other bool) (any, error) {
			return e.d.Supplier.UpdateSuppliers(ctx, a, supplier.UpdateSuppliersInput{ClientMutationID: &id, Suppliers: []*supplier.SupplierPatchInput{{ID: e.suppliers[0], Name: pick(other, "甲", "乙")}}})
		}},
	}
}

// said is a payload as text, without its clientMutationId, and its refusals of the whole call.
func said(p any, err error) (text string, refused []*delivery.Error) {
	if err != nil {
		panic(err)
	}
	b := must(json.Marshal(p))
	var whole struct {
		Errors []*delivery.Error `json:"errors"`
	}
	if err := json.Unmarshal(b, &whole); err != nil {
		panic(err)
	}
	return string(b), whole.Errors
}

func TestRetriedCalls(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, v := range mutations(e) {
		t.Run(v.name, func(t *testing.T) {
			before := len(e.feed())
			outcomes := make([]string, 8)
			var retries []func()
			for i := range outcomes {
				retries = append(retries, func() { outcomes[i], _ = said(v.call(e.admin, "a1", false)) })
			}
			atOnce(retries...)
			if len(slices.Compact(outcomes)) != 1 || strings.Contains(outcomes[0], "errors") {
				t.Fatalf("eight at once: got %v, want one outcome", outcomes)
			}
			once := len(e.feed())
			if v.name != "createCommunities" && once == before {
				t.Errorf("nothing happened")
			}
			if again, _ := said(v.call(e.admin, "a1", false)); again != outcomes[0] {
				t.Errorf("a retry: got %s, want %s", again, outcomes[0])
			}
			if _, refused := said(v.call(e.admin, "a1", true)); len(refused) != 1 || refused[0].Reason != db.ReasonOtherInput || !slices.Equal(refused[0].Field, []string{"clientMutationId"}) {
				t.Errorf("another input: got %v", refused)
			}
			for _, bad := range []string{"", " ", strings.Repeat("x", 65), strings.Repeat("保", 22), "a\x00b", "\xff"} {
				if _, refused := said(v.call(e.admin, bad, false)); len(refused) != 1 || refused[0].Code() != delivery.CodeBadUserInput || !slices.Equal(refused[0].Field, []string{"clientMutationId"}) {
					t.Errorf("id %q: got %v", bad, refused)
				}
			}
			if _, err := v.call(delivery.Actor{}, "a1", false); delivery.CodeOf(err) != delivery.CodeUnauthenticated {
				t.Errorf("without a sign-in: got %v", err)
			}
			if got := len(e.feed()); got != once {
				t.Errorf("got %d more events", got-once)
			}
		})
	}
	e.checkNeverLost()
}

func TestCallsAreScoped(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.place(e.homes[0])
	advance := func(a delivery.Actor, to delivery.Stage) *order.MovePayload {
		p := must(e.d.Order.AdvanceOrders(t.Context(), a, order.AdvanceOrdersInput{ClientMutationID: new("k"), To: to, Orders: []*order.OrderMoveInput{{OrderID: id}}}))
		if *p.ClientMutationID != "k" {
			t.Errorf("got clientMutationId %q", *p.ClientMutationID)
		}
		return p
	}
	t.Run("to the actor", func(t *testing.T) {
		if p := advance(e.shop, delivery.Dispatched); p.Moved() != 1 {
			t.Fatalf("got %+v", p)
		}
		if p := advance(e.duty, delivery.AtGate); p.Moved() != 1 {
			t.Errorf("another actor's: got %+v", p)
		}
	})
	t.Run("to the mutation", func(t *testing.T) {
		p := must(e.d.Order.UndoMove(t.Context(), e.duty, order.UndoMoveInput{ClientMutationID: new("k"), Orders: []*order.OrderUndoInput{{OrderID: id, ExpectedVersion: 3}}}))
		if p.Moved() != 1 {
			t.Errorf("got %+v", p)
		}
	})
	t.Run("to the community", func(t *testing.T) {
		there := e.another()
		for _, of := range []*house{e, there} {
			p := must(e.d.Estate.CreateBuildings(t.Context(), e.admin, estate.CreateBuildingsInput{ClientMutationID: new("k"), CommunityID: of.community, Buildings: []*estate.NewBuildingInput{{Code: "F9"}}}))
			if p.Saved() != 1 {
				t.Errorf("%s: got %+v", of.code, p.UserErrors)
			}
		}
	})
	t.Run("and answered as they were when the order has moved on", func(t *testing.T) {
		e.move(e.commander, id, delivery.Cancelled)
		if p := advance(e.duty, delivery.AtGate); p.Moved() != 1 || e.row(id).Stage != delivery.Cancelled {
			t.Errorf("got %+v, order at %s", p.Results[0], e.row(id).Stage)
		}
	})
}

func TestOutcomesAreStored(t *testing.T) {
	t.Parallel()
	t.Run("with their sentences as they were", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		in := order.AdvanceOrdersInput{ClientMutationID: new("k"), To: delivery.Dispatched, Orders: []*order.OrderMoveInput{
			{OrderID: e.place(e.homes[0])}, {OrderID: e.place(e.homes[1]), ExpectedVersion: new(int64(9))}}}
		first := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in))
		again := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in))
		for _, l := range []delivery.Locale{delivery.English, delivery.Chinese} {
			got, want := again.Results[1].UserErrors[0].Message(l), first.Results[1].UserErrors[0].Message(l)
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
	t.Run("only of calls that changed something", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.place(e.homes[0])
		in := order.AdvanceOrdersInput{ClientMutationID: new("k"), To: delivery.Sorted, Orders: []*order.OrderMoveInput{{OrderID: id}}}
		if p := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in)); p.Moved() != 0 {
			t.Fatalf("got %+v", p)
		}
		if n := must(e.db.UnscopedPurgeCalls(t.Context(), time.Now().Add(time.Hour))); n != 0 {
			t.Errorf("stored %d calls, want none", n)
		}
		e.move(e.commander, id, delivery.AtGate)
		if p := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, in)); p.Moved() != 1 {
			t.Errorf("tried again: got %+v", p.Results[0].UserErrors)
		}
	})
	t.Run("for 14 days", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		var machine = e.time()
		var mu sync.Mutex
		e.d.Machine = func() time.Time { mu.Lock(); defer mu.Unlock(); return machine }
		in := estate.CreateBuildingsInput{ClientMutationID: new("k"), CommunityID: e.community, Buildings: []*estate.NewBuildingInput{{Code: "F9"}}}
		first, _ := said(e.d.Estate.CreateBuildings(t.Context(), e.admin, in))
		// The clock worker forgets; its ticks are the signal that it has been there.
		forget := func(after time.Duration) {
			mu.Lock()
			machine = machine.Add(after)
			mu.Unlock()
			if _, err := e.db.UnscopedPurgeCalls(t.Context(), e.d.Machine().Add(-dispatch.KeepCalls)); err != nil {
				t.Fatal(err)
			}
		}
		forget(dispatch.KeepCalls)
		if again, _ := said(e.d.Estate.CreateBuildings(t.Context(), e.admin, in)); again != first {
			t.Errorf("after 14 days: got %s, want %s", again, first)
		}
		forget(time.Microsecond)
		if p := must(e.d.Estate.CreateBuildings(t.Context(), e.admin, in)); p.Saved() != 0 || p.Items[0].UserErrors[0].Reason != dispatch.ReasonTaken {
			t.Errorf("after more: got %+v", p.Items[0])
		}
	})
	t.Run("in any zone that a device's clock claims", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for offset, want := range map[int]bool{0: true, 8 * 3600: true, -23 * 3600: true, 24 * 3600: true, 3600*5 + 1800: true} {
			device := e.time().In(time.FixedZone("", offset))
			p := must(e.d.Order.AdvanceOrders(t.Context(), e.commander, order.AdvanceOrdersInput{ClientMutationID: new("k" + device.String()[:30]), To: delivery.Dispatched, DeviceTime: &device,
				Orders: []*order.OrderMoveInput{{OrderID: e.place(e.homes[0])}}}))
			if (p.Moved() == 1) != want {
				t.Errorf("offset %d: got %v", offset, p.UserErrors)
			}
		}
	})
}
