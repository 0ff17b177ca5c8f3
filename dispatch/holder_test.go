package dispatch_test

import (
	"testing"

	"baogong/delivery"
	"baogong/dispatch/order"
	"baogong/dispatch/team"
)

// The holder of an order can see and move it.
func TestWhoHoldsCanAct(t *testing.T) {
	t.Parallel()
	errand := func(e *house, taker delivery.ID) order.PlaceOrderInput {
		return order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelErrand, TakerID: &taker,
			Lines: []*order.LineInput{{Item: "降压药", Quantity: 1000, Unit: "盒"}}}
	}
	t.Run("a taker who does not serve the building is refused", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		p := must(e.d.Order.PlaceOrder(t.Context(), e.commander, errand(e, e.team["P01"])))
		if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != order.ReasonBlindTaker || p.UserErrors[0].Field[0] != "takerId" {
			t.Errorf("got %v, want BLIND_TAKER at takerId", p.UserErrors)
		}
	})
	t.Run("a taker who serves it no more hands the errand on", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.order(e.commander, errand(e, e.team["P02"]))
		if o := e.row(id); o.HolderVolunteer == nil || *o.HolderVolunteer != e.team["P02"].UUID {
			t.Fatalf("got holder %v, want the taker", o.HolderVolunteer)
		}
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["P02"], Services: []*team.ServiceInput{}})
		o := e.row(id)
		if o.HolderVolunteer == nil || *o.HolderVolunteer == e.team["P02"].UUID {
			t.Errorf("got holder %v, want the building's volunteer", o.HolderVolunteer)
		}
		if refusal := e.advance(e.supply, id, delivery.Dispatched); refusal != nil {
			t.Errorf("the new holder: got %v", refusal)
		}
		e.checkNeverLost()
	})
	t.Run("with the commander and a lead away another member is named", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		id := e.at(delivery.AtGate, delivery.ChannelApp)
		e.reach("D00", false)
		e.reach("C01", false)
		o := e.row(id)
		r := must(e.db.Roster(t.Context(), e.admin.Scope(), e.community.Community))
		if v, _ := r.Reach(&o.OrderSnapshot); v == nil || !r.Reachable[*v] {
			t.Errorf("got %v, want any reachable member", v)
		}
		e.checkNeverLost()
	})
}

// A member who was promoted, or a lead who is one no more, is still who did what they did.
func TestSamePersonAnotherRank(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	in := order.PlaceOrderInput{ClientMutationID: new("k"), HouseholdID: e.homes[0], Channel: delivery.ChannelPhone, ConsentBy: new(delivery.ConsentHousehold), ReadBack: true, SupplierID: &e.suppliers[1],
		Lines: []*order.LineInput{{Item: "上海青", Quantity: 1000, Unit: "斤"}}}
	first := must(e.d.Order.PlaceOrder(t.Context(), e.supply, in))
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Rank: new(delivery.RankLead)})
	if again := must(e.d.Order.PlaceOrder(t.Context(), e.actor("S01"), in)); *again.OrderID != *first.OrderID {
		t.Error("a retry after the promotion placed a second order")
	}
	id := e.at(delivery.Sorted, delivery.ChannelApp)
	e.move(e.actor("S01"), id, delivery.AtBuilding)
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Rank: new(delivery.RankMember)})
	if refusal := e.undo(e.actor("S01"), id); refusal != nil {
		t.Errorf("undo of one's own move: got %v", refusal)
	}
}
