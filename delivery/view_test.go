package delivery_test

import (
	"testing"

	"baogong/delivery"
)

func TestSight(t *testing.T) {
	t.Parallel()
	by, o := &delivery.Ref{Role: "COMMANDER", Community: community, UUID: someone}, &delivery.Order{Address: "E6-1-1203"}
	for class, sees := range map[delivery.Class]struct{ whole, team bool }{delivery.SeesAll: {true, true}, delivery.SeesBuildings: {true, true}, delivery.SeesHousehold: {true, false},
		delivery.SeesSupplier: {true, false}, delivery.SeesOrder: {}, delivery.SeesNumbers: {}, delivery.SeesNothing: {}, "TOMORROW": {}} {
		whole := sees.whole
		s := delivery.Scope{Class: class, Community: community, UUID: orderOf}.View().Sight()
		door := map[bool]string{true: "E6-1-1203", false: "E6"}[whole]
		if s.Whole != whole || s.Team != sees.team || (s.Doer(by) != nil) != whole || s.Door(o) != door {
			t.Errorf("%q: got %+v, %v, %q", class, s, s.Doer(by), s.Door(o))
		}
		for kind := delivery.KindCommunity; kind <= delivery.KindCode; kind++ {
			if want := whole || kind == delivery.KindOrder || kind == delivery.KindCommunity; s.Finds(kind) != want {
				t.Errorf("%q finds a %s: got %t, want %t", class, kind, !want, want)
			}
		}
	}
}
