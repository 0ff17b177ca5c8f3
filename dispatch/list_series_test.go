package dispatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/estate"
	"baogong/dispatch/intake"
	"baogong/dispatch/purge"
)

// post imports a list of the chat group of a building.
func (e *house) post(building delivery.ID, a delivery.Actor, entries ...string) *delivery.Import {
	e.t.Helper()
	in := e.importing(delivery.ImportJielong)
	in.BuildingID = &building
	in.Text = new("#接龙 蔬菜包 70元\n" + strings.Join(entries, "\n"))
	in.Menu = []*intake.MenuInput{{Item: "蔬菜包", Unit: "份", UnitPriceFen: 7000}}
	return e.imported(a, in)
}

// TestADecidedRowOfAListIsKnownLater posts lists in which doors are written without their unit, and decides some of their rows.
func TestADecidedRowOfAListIsKnownLater(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.addDoors("E18", map[int][]string{1: {"1103", "1203", "1303"}, 2: {"1203", "1303"}})
	e.addDoors("E19", map[int][]string{1: {"1203"}, 2: {"1203"}})
	id := func(kind delivery.Kind, query, address string) delivery.ID {
		return delivery.ID{Kind: kind, Community: e.community.Community, UUID: delivery.UUID(e.column(query, address)[0])}
	}
	home := func(address string) *delivery.ID {
		out := id(delivery.KindHousehold, `select id from households where address = $1`, address)
		return &out
	}
	e18, e19 := id(delivery.KindBuilding, `select id from buildings where code = $1`, "E18"), id(delivery.KindBuilding, `select id from buildings where code = $1`, "E19")
	settle := func(i *delivery.Import, rows ...*intake.SettleRowInput) {
		t.Helper()
		for _, got := range settledAs(must(e.d.Intake.SettleImportRows(t.Context(), e.commander, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: rows}))) {
			if !strings.HasSuffix(got, "PLACED") && !strings.HasSuffix(got, "CHANGED") {
				t.Errorf("got %s, want it decided", got)
			}
		}
	}

	// While a row waits, no one is asked about the orders of the doors that it could mean.
	full := e.post(e18, e.lead, "1. 1-1103 1份", "2. 1-1203 1份", "3. 2-1303 1份")
	e.expectRows(full, "1 PLACED", "2 PLACED", "3 PLACED")
	short := []string{"1. 1-1103 1份", "2. 1203 1份"}
	e.expectRows(e.post(e18, e.lead, short...), "1 UNCHANGED", "2 REVIEW UNIT_MISSING", "3 REVIEW GONE") // 2-1303
	again := e.post(e18, e.lead, short...)
	e.expectRows(again, "1 UNCHANGED", "2 REVIEW UNIT_MISSING")
	settle(again, &intake.SettleRowInput{Row: 2, HouseholdID: home("E18-1-1203")})
	e.expectRows(e.post(e18, e.lead, short...), "1 UNCHANGED", "2 UNCHANGED")
	e.expectRows(e.post(e18, e.commander, "1. 1203　3份", "2. 1-1103 1份"), "1 CHANGED", "2 UNCHANGED")
	e.expectRows(e.post(e18, e.lead, "1. 1203 3份", "2. 1203 1份", "3. 1-1103 1份"), "1 REVIEW UNIT_MISSING", "2 REVIEW UNIT_MISSING", "3 UNCHANGED") // which of the two?
	if got := e.column(`select kind from address_aliases`); len(got) > 0 {
		t.Errorf("the words %q of the estate are kept, want none", got)
	}

	// The list of another building, and of another day, is another list.
	e.expectRows(e.post(e19, e.lead, "1. 1203 1份"), "1 REVIEW UNIT_MISSING")
	in := e.importing(delivery.ImportJielong)
	in.Text, in.BuildingID, in.DryRun = new("#接龙\n1. 1203 蔬菜包 3份"), &e18, true
	in.Menu = []*intake.MenuInput{{Item: "蔬菜包", Unit: "份", UnitPriceFen: 7000}}
	if p := must(e.d.Intake.ImportOrders(t.Context(), e.lead, in)); p.Report == nil || p.Report.Unchanged != 1 {
		t.Errorf("a dry run of the list: got %+v, want its row unchanged", p.Report)
	}

	// Two rows of one text that mean different doors, and one beside another that still waits, wait as before.
	twice := e.post(e18, e.lead, "1. 1303 1份", "2. 1303 2份", "3. 1-1103 1份", "4. 1203 3份")
	settle(twice, &intake.SettleRowInput{Row: 2, Text: new("E18-1-1303")})
	e.expectRows(e.post(e18, e.lead, "1. 1303 2份", "2. 1203 3份", "3. 1-1103 1份"), "1 REVIEW UNIT_MISSING", "2 UNCHANGED", "3 UNCHANGED")
	settle(twice, &intake.SettleRowInput{Row: 1, HouseholdID: home("E18-2-1303")})
	e.expectRows(e.post(e18, e.lead, "1. 1303 2份", "2. 1203 3份", "3. 1-1103 1份"), "1 REVIEW UNIT_MISSING", "2 UNCHANGED", "3 UNCHANGED")

	e.tell(`update households set archived_at = now() where address like 'E18-%-1203'`)
	e.expectRows(e.post(e18, e.lead, "1. 1-1103 1份", "2. 1203 3份", "3. 1303 1份"), "1 UNCHANGED", "2 REVIEW NO_SUCH_ROOM", "3 REVIEW UNIT_MISSING", "4 REVIEW GONE")
	e.tell(`update households set archived_at = null where address like 'E18-%-1203'`)
	e.checkNeverLost()

	// What is known is forgotten with the texts.
	kept := func(want string) {
		t.Helper()
		if got := e.column(`select coalesce(string_agg(place_key, ' ' order by place_key), '') from import_rows`); !slices.Equal(got, []string{want}) {
			t.Errorf("got texts %q, want %q", got, want)
		}
	}
	kept("1203 1303 1303")
	ended := e.time()
	if refused := e.close(e.commander, estate.CommunityPatchInput{ClosureEndedAt: &ended}); refused != nil {
		t.Fatal(refused)
	}
	e.pass(delivery.ImportKept + time.Hour)
	must(0, e.d.Intake.Forget(t.Context()))
	kept("")
	e.tell(`update import_rows set place_key = '1203' where settled_at is not null and outcome <> 'DROPPED'`)
	e.pass(30 * 24 * time.Hour)
	e.purge(purge.Options{After: 30 * 24 * time.Hour})
	kept("")
}
