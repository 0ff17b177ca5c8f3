package delivery_test

import (
	"testing"

	"baogong/delivery"
)

func TestSight(t *testing.T) {
	t.Parallel()
	by, o := &delivery.Ref{Role: "COMMANDER", Community: community, UUID: someone}, &delivery.Order{Address: "E6-1-1203"}
	for class, whole := range map[delivery.Class]bool{delivery.SeesAll: true, delivery.SeesBuildings: true, delivery.SeesHousehold: true, delivery.SeesSupplier: true,
		delivery.SeesOrder: false, delivery.SeesNumbers: false, delivery.SeesNothing: false, "TOMORROW": false} {
		s := delivery.Scope{Class: class, Community: community, UUID: orderOf}.View().Sight()
		door := map[bool]string{true: "E6-1-1203", false: "E6"}[whole]
		if s.Whole != whole || (s.Doer(by) != nil) != whole || s.Door(o) != door {
			t.Errorf("%q: got %+v, %v, %q", class, s, s.Doer(by), s.Door(o))
		}
		for kind := delivery.KindCommunity; kind <= delivery.KindCode; kind++ {
			if want := whole || kind == delivery.KindOrder || kind == delivery.KindCommunity; s.Finds(kind) != want {
				t.Errorf("%q finds a %s: got %t, want %t", class, kind, !want, want)
			}
		}
	}
}
