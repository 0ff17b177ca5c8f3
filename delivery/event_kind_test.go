package delivery

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// A kind that is declared wrongly stops the program before it starts.
func TestKindsAreDeclaredOnce(t *testing.T) {
	t.Parallel()
	type nameless struct{ Bin string }
	type version struct {
		V int `json:"v"`
	}
	type order struct {
		Order UUID `json:"order,omitempty"`
	}
	for want, spec := range map[string]eventSpec{
		"event kind ORDER_MOVED is declared twice":           {kind: OrderMoved},
		"delivery.nameless.Bin needs a JSON name of its own": {kind: "A", body: reflect.TypeFor[nameless]()},
		"delivery.version.V needs a JSON name of its own":    {kind: "C", body: reflect.TypeFor[version]()},
		"delivery.order.Order needs a JSON name of its own":  {kind: "D", body: reflect.TypeFor[order]()},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}()
			addKind(spec)
		}()
	}
}

// The lists of kinds do not depend on the order of the declarations, and an order's kinds are those with a fold rule.
func TestListsOfKindsAreSorted(t *testing.T) {
	t.Parallel()
	all, orders := EventKinds(), OrderEventKinds()
	if len(all) != len(eventSpecs) || !slices.IsSorted(all) || !slices.IsSorted(orders) {
		t.Errorf("got %v and %v, want all %d, sorted", all, orders, len(eventSpecs))
	}
	for _, k := range all {
		if got, want := slices.Contains(orders, k), eventSpecs[k].fold != nil; got != want {
			t.Errorf("%s: listed as a kind of an order: got %t, want %t", k, got, want)
		}
	}
}

// An event changes the boards that its kind says.
func TestMayChange(t *testing.T) {
	t.Parallel()
	const here, there UUID = "here", "there"
	sees, elsewhere := Scope{Class: SeesBuildings, Community: 1, Buildings: []UUID{here}}, Scope{Class: SeesBuildings, Community: 1, Buildings: []UUID{there}}
	order := UUID("order")
	of := func(kind EventKind) *Event {
		return NewEvent(kind, System(1), time.Unix(0, 0), Keys{Community: 1, Building: here}, nil)
	}
	moved := of(OrderMoved)
	moved.OrderUUID, moved.Order = &order, &OrderSnapshot{}
	for _, c := range []struct {
		e               *Event
		sees, elsewhere bool
	}{
		{moved, true, false}, {of(HouseholdSaved), true, false}, {of(BuildingSaved), true, true}, {of(DayStarted), true, true}, {of("DRONE_LANDED"), true, true},
		{of(AccessChanged), false, false}, {of(CodesIssued), false, false}, {of(CodesEnded), false, false},
	} {
		if got, other := c.e.MayChange(&sees), c.e.MayChange(&elsewhere); got != c.sees || other != c.elsewhere {
			t.Errorf("%s: got %t where it is seen and %t elsewhere, want %t and %t", c.e.Kind, got, other, c.sees, c.elsewhere)
		}
	}
}
