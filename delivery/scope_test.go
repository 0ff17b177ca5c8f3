package delivery_test

import (
	"testing"

	"baogong/delivery"
)

func TestScope(t *testing.T) {
	t.Parallel()
	everything := delivery.Keys{Community: community, Building: here, Household: home, Supplier: shop, Order: orderOf}
	t.Run("sees what its key says, in its own community", func(t *testing.T) {
		t.Parallel()
		for _, s := range []delivery.Scope{{Class: delivery.SeesAll, Community: community}, {Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{there, here}},
			{Class: delivery.SeesHousehold, Community: community, UUID: home}, {Class: delivery.SeesSupplier, Community: community, UUID: shop}, {Class: delivery.SeesOrder, Community: community, UUID: orderOf}} {
			if !s.Sees(everything) || !s.SeesCommunity(community) {
				t.Errorf("%s does not see it", s.Class)
			}
			elsewhere := everything
			elsewhere.Community = anotherEstate
			if s.Sees(elsewhere) || s.SeesCommunity(anotherEstate) {
				t.Errorf("%s sees into another community", s.Class)
			}
			if s.Class != delivery.SeesAll && s.Sees(delivery.Keys{Community: community}) {
				t.Errorf("%s sees what has no key", s.Class)
			}
		}
	})
	t.Run("without a key or a community sees nothing", func(t *testing.T) {
		t.Parallel()
		for _, s := range []delivery.Scope{{}, {Community: community}, {Class: delivery.SeesHousehold, Community: community}, {Class: delivery.SeesSupplier, Community: community},
			{Class: delivery.SeesBuildings, Community: community}, {Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{""}}, {Class: delivery.SeesHousehold, UUID: home},
			{Class: "EVERYTHING", Community: community}} {
			if s.Sees(everything) || s.Sees(delivery.Keys{Community: community}) || s.Sees(delivery.Keys{}) {
				t.Errorf("%+v sees something", s)
			}
		}
	})
	t.Run("is one view in every order of its buildings", func(t *testing.T) {
		t.Parallel()
		a := delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{there, here}}
		b := delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{here, there, here}}
		c := delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{here}}
		if a.View() != b.View() || a.View() == c.View() {
			t.Errorf("got %+v, %+v, %+v", a.View(), b.View(), c.View())
		}
	})
}

// Counting allocations cannot be done beside other tests.
func TestScopeAsksForNoMemory(t *testing.T) {
	s := delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{there, here}}
	k := delivery.Keys{Community: community, Building: here}
	if n := testing.AllocsPerRun(100, func() { s.Sees(k) }); n != 0 {
		t.Errorf("got %v allocations", n)
	}
}

func TestTheZeroActorHasNoPermissions(t *testing.T) {
	t.Parallel()
	var anonymous delivery.Actor
	h := &delivery.Household{Row: delivery.Row{CommunityID: community, UUID: home}, BuildingUUID: here}
	if anonymous.SignedIn() || anonymous.OfTeam() || anonymous.SeesNeeds() || anonymous.CanSetUp(0) || anonymous.CanSetUp(community) || anonymous.CanLeadTeam(0) || anonymous.CanHold(0) ||
		anonymous.CanPlace(h, "APP") == nil || len(anonymous.AllowedMoves(standing("PLACED", "APP"))) != 0 {
		t.Error("the zero actor may do something")
	}
}

func TestEventFilter(t *testing.T) {
	t.Parallel()
	o := standing("PLACED", "PHONE")
	e := o.Place(commander, noon, roster())
	for _, c := range []struct {
		f    delivery.EventFilter
		want bool
	}{{delivery.EventFilter{}, true}, {delivery.EventFilter{Kinds: []delivery.EventKind{"ORDER_MOVED", "ORDER_PLACED"}, Stages: []delivery.Stage{"PLACED"}, Channels: []delivery.Channel{"PHONE"},
		Buildings: []delivery.UUID{here}, Households: []delivery.UUID{home}, Suppliers: []delivery.UUID{shop}, Orders: []delivery.UUID{orderOf}}, true},
		{delivery.EventFilter{Kinds: []delivery.EventKind{"ORDER_MOVED"}}, false}, {delivery.EventFilter{Stages: []delivery.Stage{"SORTED"}}, false}, {delivery.EventFilter{Channels: []delivery.Channel{"APP"}}, false},
		{delivery.EventFilter{Buildings: []delivery.UUID{there}}, false}, {delivery.EventFilter{Households: []delivery.UUID{someone}}, false},
		{delivery.EventFilter{Suppliers: []delivery.UUID{someone}}, false}, {delivery.EventFilter{Orders: []delivery.UUID{someone}}, false},
		{delivery.EventFilter{Buildings: []delivery.UUID{here}, Orders: []delivery.UUID{someone}}, false}} {
		if got := c.f.Matches(e); got != c.want {
			t.Errorf("%+v: got %t, want %t", c.f, got, c.want)
		}
	}
	o.SupplierUUID = nil
	if f := (delivery.EventFilter{Suppliers: []delivery.UUID{""}}); f.Matches(o.Place(commander, noon, roster())) {
		t.Error("an errand without a supplier passes for one of a supplier")
	}
	if day := delivery.StartDay(community, "2020-02-18", noon); (&delivery.EventFilter{}).Matches(day) {
		t.Error("a day passes for an order's event")
	}
}
