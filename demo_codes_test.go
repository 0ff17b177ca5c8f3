package main

import (
	"strings"
	"testing"

	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/demo"
	"baogong/dispatch"
	"baogong/web"
)

func TestDemoDoors(t *testing.T) {
	t.Parallel()
	clock := &businessClock{}
	clock.at.Store(opened.UnixMicro())
	e := buildHouse(t, dbtest.DSN(t), site{now: clock.now}).estate(demo.Code, clock)
	actors := []web.Actor{{Name: "C01", Role: "COMMANDER"}, {Name: "S00", Role: "LEAD"}, {Name: "S01", Role: "VOLUNTEER"}, {Name: "yiyao", Role: "SUPPLIER"},
		{Name: "E6-1-1103", Role: "RESIDENT"}, {Name: "admin", Role: "ADMIN"}, {Name: "city", Role: "CITY"}}
	for range 2 { // a demo that is started again issues them again
		doors, err := e.doors(t.Context(), actors)
		if err != nil || len(doors) != len(actors) {
			t.Fatalf("got %v, %v, want one for everybody", doors, err)
		}
		for _, a := range actors {
			code := strings.TrimPrefix(doors[a.Name], "/sign-in#")
			p, err := e.dispatch.RedeemCode(t.Context(), dispatch.Caller{Address: "203.0.113.7"}, dispatch.RedeemCodeInput{Code: code})
			if err != nil || p.Role == nil || *p.Role != delivery.Role(a.Role) {
				t.Errorf("%s: got %+v, %v, want a sign-in as %s", a.Name, p, err, a.Role)
			}
		}
	}

	community, err := delivery.ParseID(e.community)
	if err != nil {
		t.Fatal(err)
	}
	if link, err := e.trackDoor(t.Context(), community.Community, "E6-1-1103"); link != "" || err != nil {
		t.Errorf("where nothing is open: got %q, %v, want no link", link, err)
	}
	mine := e.place("E6-1-1103")
	e.place("E7-1-1103")
	e.advance("C01", "DISPATCHED", mine)
	for household, want := range map[string]string{"E6-1-1103": "DISPATCHED", "E2-1-1103": "PLACED"} {
		link, err := e.trackDoor(t.Context(), community.Community, household)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.tracks(link).stage(); got != want {
			t.Errorf("%s: got an order at %s, want %s", household, got, want)
		}
	}
}
