package dispatch_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/intake"
)

// addDoors adds a building with the doors, by unit and room.
func (e *house) addDoors(building string, units map[int][]string) {
	e.t.Helper()
	ctx := e.t.Context()
	b := saved(e.t, must(e.d.Estate.CreateBuildings(ctx, e.admin, estate.CreateBuildingsInput{CommunityID: e.community, Buildings: []*estate.NewBuildingInput{{Code: building}}})).BulkOutcome)[0]
	for _, n := range slices.Sorted(maps.Keys(units)) {
		u := saved(e.t, must(e.d.Estate.CreateUnits(ctx, e.admin, estate.CreateUnitsInput{CommunityID: e.community, Units: []*estate.NewUnitInput{{BuildingID: b, Number: n, Floors: 27}}})).BulkOutcome)[0]
		in := estate.CreateHouseholdsInput{CommunityID: e.community}
		for _, room := range units[n] {
			in.Households = append(in.Households, &estate.NewHouseholdInput{UnitID: u, Room: room, Floor: 1, People: 1})
		}
		saved(e.t, must(e.d.Estate.CreateHouseholds(ctx, e.admin, in)).BulkOutcome)
	}
}

// TestImportAPostedListLater imports the two postings of one list whose difference reading/jielong/testdata states: what is new is placed, what changed is
// changed, and a door that vanished is asked about and keeps its order.
func TestImportAPostedListLater(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.addDoors("E18", map[int][]string{1: {"501", "904", "1403"}, 2: {"702", "2001"}})
	data := filepath.Join("..", "reading", "jielong", "testdata")
	var want struct {
		Unchanged, Gone, New []string
		Changed              []struct{ Address, Item, Was, Now string }
	}
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join(data, "08-difference.expected.json"))), &want); err != nil {
		t.Fatal(err)
	}
	post := func(list string) *delivery.Import {
		t.Helper()
		in := e.importing(delivery.ImportJielong)
		in.Menu = []*intake.MenuInput{{Item: "洗衣液", Unit: "瓶", UnitPriceFen: 3290}}
		in.Text = new(string(must(os.ReadFile(filepath.Join(data, list)))))
		return e.imported(e.lead, in)
	}
	// doors are the doors of an import's rows with an outcome and a reason, in the order of the list.
	doors := func(i *delivery.Import, outcome delivery.ImportOutcome, reason string) []string {
		t.Helper()
		return e.column(`select h.address from import_rows r join households h on h.id = r.household_id where r.import_id = $1 and r.outcome = $2 and r.reason = $3 order by r.row`,
			i.UUID, outcome, reason)
	}
	// orders are the orders of the estate: their doors, stages and goods.
	orders := func() []string {
		t.Helper()
		return e.column(`select h.address || ' ' || o.stage || ' ' || l.item || ' ' || trim_scale(l.quantity) || l.unit || ' ' || l.unit_price_fen
			from orders o join households h on h.id = o.household_id join order_lines l on l.order_id = o.id order by o.number`)
	}
	first := post("08a-evening.txt")
	e.expectRows(first, "1 PLACED", "2 PLACED", "3 PLACED")
	later := post("08b-later-the-same-list.txt")
	changed := doors(later, delivery.RowChanged, "")
	if len(want.Changed) != 1 || !slices.Equal(changed, []string{want.Changed[0].Address}) {
		t.Errorf("got %q changed, want %v", changed, want.Changed)
	}
	for outcome, c := range map[string]struct{ got, want []string }{
		"new":       {doors(later, delivery.RowPlaced, ""), want.New},
		"unchanged": {doors(later, delivery.RowUnchanged, ""), want.Unchanged},
		"gone":      {doors(later, delivery.RowInReview, "GONE"), want.Gone},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", outcome, diff)
		}
	}
	all := []string{"E18-1-501 PLACED 洗衣液 1瓶 3290", "E18-2-702 PLACED 洗衣液 " + want.Changed[0].Now + "瓶 3290", "E18-1-1403 PLACED 洗衣液 1瓶 3290",
		"E18-2-2001 PLACED 洗衣液 1瓶 3290", "E18-1-904 PLACED 洗衣液 1瓶 3290"}
	if diff := cmp.Diff(all, orders()); diff != "" {
		t.Errorf("after the later posting: (-want +got)\n%s", diff)
	}
	again := post("08b-later-the-same-list.txt")
	e.expectRows(again, "1 UNCHANGED", "2 UNCHANGED", "3 UNCHANGED", "4 UNCHANGED") // and the door that vanished is asked about once
	if diff := cmp.Diff(all, orders()); diff != "" {
		t.Errorf("after the same posting again: (-want +got)\n%s", diff)
	}
	e.checkNeverLost()
}
