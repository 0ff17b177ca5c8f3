package api_test

import (
	"testing"

	"baogong/e2e/house"
)

// TestSortingProgressFollowsTheOrders sorts an order while a member of the team watches, and compares the manifest.
func TestSortingProgressFollowsTheOrders(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	ids := []string{e.Place("E6-1-1103"), e.Place("E6-1-1203"), e.Place("E7-1-1103"), e.Place("E6-1-1103")}
	e.Advance(e.As("C01"), "DISPATCHED", ids[2])
	e.Advance(e.As("C01"), "AT_GATE", ids[:2]...)
	type building struct {
		Building                 struct{ Code string }
		Expected, AtGate, Sorted int
		Orders                   []struct{ ID string }
	}
	var got struct {
		SortingProgress struct{ Expected, AtGate, Sorted, Missing, Settling int }
	}
	in := e.Dial(t, e.As("D01"), "").Operate(`subscription ($c: ID!) { sortingProgress(communityId: $c) { expected atGate sorted missing settling } }`, obj{"c": e.Community})
	in.Value(&got)
	if p := got.SortingProgress; p.Expected != 1 || p.AtGate != 2 || p.Sorted != 0 {
		t.Errorf("got %+v, want 1 expected and 2 at the gate", p)
	}
	e.Must(e.As("D01"), `mutation ($b: ID!, $o: ID!) { sortOrders(input: { binId: $b, orders: [{ orderId: $o }] }) { sorted } }`, obj{"b": e.DefaultBin("E6"), "o": ids[0]}, &struct{}{})
	in.Value(&got)
	if p := got.SortingProgress; p.AtGate != 1 || p.Sorted != 1 {
		t.Errorf("got %+v, want 1 at the gate and 1 sorted", p)
	}
	var list struct {
		SortingManifest struct{ Buildings []building }
	}
	e.Must(e.As("D01"), `query ($c: ID!) { sortingManifest(communityId: $c) { buildings { building { code } expected atGate sorted orders { id } } } }`, obj{"c": e.Community}, &list)
	b := list.SortingManifest.Buildings
	if len(b) != 2 || b[0].Building.Code != "E6" || b[0].AtGate != 1 || b[0].Sorted != 1 || b[1].Expected != 1 || len(b[0].Orders) != 2 || b[0].Orders[0].ID != ids[1] {
		t.Errorf("got %+v, want E6 from the top floor down, then E7", b)
	}
}
