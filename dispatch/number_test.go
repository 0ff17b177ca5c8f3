package dispatch_test

import (
	"testing"

	"baogong/delivery"
	"baogong/dispatch/order"
)

// TestNumbersOfOthers uses platforms' numbers that others have used. A resident can neither learn nor occupy them; the team and
// each household can use a number once.
func TestNumbersOfOthers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	place := func(what string, a delivery.Actor, home delivery.ID, number, want string) {
		t.Helper()
		in := orderInput(e)
		in.HouseholdID, in.ExternalNumber, in.Channel = home, number, delivery.ChannelGroupBuy
		p := must(e.d.Order.PlaceOrder(t.Context(), a, in))
		if got := describe(p.UserErrors); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	const taken = "TAKEN at externalNumber"
	home, theirs := e.homes[0], delivery.ID{Kind: delivery.KindHousehold, Community: e.community.Community, UUID: e.neighbour.UUID}
	place("a resident", e.resident, home, "MT-1", "")
	place("the resident again", e.resident, home, "MT-1", taken)
	place("a neighbour", e.neighbour, theirs, "MT-1", "")
	place("the commander", e.commander, theirs, "MT-1", "")
	place("a volunteer after the commander", e.supply, home, "MT-1", taken)
	place("the volunteer", e.supply, home, "MT-2", "")
	place("the resident for whom it was placed", e.resident, home, "MT-2", "")
	place("a neighbour after the volunteer", e.neighbour, theirs, "MT-2", "")
	in := orderInput(e)
	in.HouseholdID, in.ExternalNumber, in.SupplierID, in.Channel = home, "MT-2", &e.suppliers[0], delivery.ChannelPhone
	if p := must(e.d.Order.PlaceOrder(t.Context(), e.supply, in)); p.OrderID == nil {
		t.Errorf("of another supplier: got %v", p.UserErrors)
	}
	var refused []*delivery.Error
	all := make([]*order.PlaceOrderPayload, 8)
	var at []func()
	for i := range all {
		at = append(at, func() {
			in := orderInput(e)
			in.HouseholdID, in.ExternalNumber, in.Channel = home, "MT-3", delivery.ChannelApp
			all[i] = must(e.d.Order.PlaceOrder(t.Context(), e.resident, in))
		})
	}
	atOnce(at...)
	for _, p := range all {
		refused = append(refused, p.UserErrors...)
	}
	if len(refused) != len(all)-1 {
		t.Errorf("%d of %d at once were refused, want all but one", len(refused), len(all))
	}
}
