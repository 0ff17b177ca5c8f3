package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/intake"
	"baogong/internal/photo"
	"baogong/internal/volume"
	"baogong/reading"
	"baogong/reading/address"
)

// entries makes the verbs read these entries from every source.
func (e *house) entries(list ...reading.Entry) {
	e.d.Intake.Read = func(_ context.Context, s intake.ToRead) (*intake.Entries, error) {
		return &intake.Entries{Total: len(list), All: func(yield func(reading.Entry, error) bool) {
			for _, one := range list {
				if one.Address.Status == "" {
					one.Address = s.Book.Read(one.Text, address.Context{})
				}
				if one.Asks == "" {
					one.Asks = reading.Place
				}
				if !yield(one, nil) {
					return
				}
			}
		}}, nil
	}
}

// entry is an order of one good.
func entry(number, door string, kilos int) reading.Entry {
	return reading.Entry{Rows: []int{2}, Number: number, Text: door, Goods: []reading.Good{{Item: "土豆", Quantity: delivery.Quantity(kilos * 1000), Unit: "斤", UnitPriceFen: 200}}}
}

func (e *house) importing(kind delivery.ImportKind) intake.ImportOrdersInput {
	text := "x"
	return intake.ImportOrdersInput{CommunityID: e.community, Kind: kind, SupplierID: e.suppliers[1], Text: &text, Name: "晚单"}
}

// imported imports as the actor and returns the import.
func (e *house) imported(a delivery.Actor, in intake.ImportOrdersInput) *delivery.Import {
	e.t.Helper()
	p := must(e.d.Intake.ImportOrders(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 || p.ImportID == nil {
		e.t.Fatalf("the import was refused: %v", p.UserErrors)
	}
	for { // a busy machine leaves the rest to the clock worker
		if i := must(e.d.Intake.GoOn(e.t.Context(), *p.ImportID, e.clock().Add(time.Minute), nil)); i.Finished() {
			return i
		}
	}
}

// rowsOf are the rows of an import as "row outcome reason".
func (e *house) rowsOf(i *delivery.Import) (out []string) {
	e.t.Helper()
	rows := must(e.db.ImportRows(e.t.Context(), e.admin.Scope(), i.CommunityID, db.ImportRowFilter{Import: &i.UUID}, db.Range{Limit: 200}))
	for _, r := range rows.Items {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Row, r.Outcome, r.Reason)))
	}
	return out
}

func (e *house) expectRows(i *delivery.Import, want ...string) {
	e.t.Helper()
	if got := e.rowsOf(i); !slices.Equal(got, want) {
		e.t.Errorf("got rows %q, want %q", got, want)
	}
	if !i.Finished() || i.Stopped != "" {
		e.t.Errorf("the import is not done: %+v", i)
	}
}

// TestImportAFileTwice sends a file, the same file again, and one with other goods.
func TestImportAFileTwice(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	unclear := entry("T-4", "E9-1-1", 1)
	refused := entry("T-5", "E6-1-1103", 0)
	refused.Asks, refused.Problems = reading.Refuse, []reading.Problem{"QUANTITY_NOT_POSITIVE"}
	file := []reading.Entry{entry("T-1", "E6-1-1103", 2), entry("T-2", "E7-1-1203", 3), entry("T-3", "E6-1-1203", 1), unclear, refused}
	e.entries(file...)
	first := e.imported(e.shop, e.importing(delivery.ImportCSV))
	e.expectRows(first, "1 PLACED", "2 PLACED", "3 PLACED", "4 REVIEW NO_SUCH_BUILDING", "5 REFUSED QUANTITY_NOT_POSITIVE")
	if want := (delivery.ImportTally{Rows: 5, Placed: 3, InReview: 1, Refused: 1}); first.ImportTally != want {
		t.Errorf("got %+v, want %+v", first.ImportTally, want)
	}
	if got := e.column(`select o.external_number || ' ' || o.channel || ' ' || o.total_fen || ' ' || o.number from orders o order by o.number`); !slices.Equal(got, []string{"T-1 APP 400 1", "T-2 APP 600 2", "T-3 APP 200 3"}) {
		t.Errorf("got orders %q", got)
	}
	again := e.imported(e.commander, e.importing(delivery.ImportCSV))
	e.expectRows(again, "1 UNCHANGED", "2 UNCHANGED", "3 UNCHANGED", "4 REVIEW NO_SUCH_BUILDING", "5 REFUSED QUANTITY_NOT_POSITIVE")
	file[1] = entry("T-2", "E7-1-1103", 3)
	file[2] = entry("T-3", "E6-1-1203", 9)
	e.advance(e.shop, e.orderNumbered(3), delivery.Dispatched)
	e.entries(append(file, entry("T-6", "E7-1-1403", 1))...)
	e.expectRows(e.imported(e.shop, e.importing(delivery.ImportCSV)), "1 UNCHANGED", "2 REVIEW OTHER_DOOR", "3 REVIEW ORDER_MOVED_ON", "4 REVIEW NO_SUCH_BUILDING",
		"5 REFUSED QUANTITY_NOT_POSITIVE", "6 PLACED")
	if got := e.column(`select max(number) || ' ' || count(*) from orders`); got[0] != "4 4" { // no number is lost
		t.Errorf("got the last number and the number of orders %q, want 4 of each", got[0])
	}
	e.checkNeverLost()
}

// orderNumbered is the order with the number that people read.
func (e *house) orderNumbered(n int) delivery.ID {
	e.t.Helper()
	return delivery.ID{Kind: delivery.KindOrder, Community: e.community.Community, UUID: delivery.UUID(e.column(`select id from orders where number = $1`, n)[0])}
}

// TestImportADryRun reports what an import would do, and writes nothing.
func TestImportADryRun(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.entries(entry("T-1", "E6-1-1103", 2), entry("T-2", "E9-1-1", 3))
	in := e.importing(delivery.ImportCSV)
	in.DryRun = true
	p := must(e.d.Intake.ImportOrders(t.Context(), e.shop, in))
	if want := (delivery.ImportTally{Rows: 2, Placed: 1, InReview: 1}); p.Report == nil || p.Report.ImportTally != want || p.ImportID != nil {
		t.Fatalf("got %+v %v, want %+v and no import", p.Report, p.ImportID, want)
	}
	if got := e.column(`select (select count(*) from orders) + (select count(*) from imports) + (select count(*) from import_rows) + (select last from order_numbers limit 1)`); got[0] != "0" {
		t.Errorf("a dry run wrote %s rows or numbers", got[0])
	}
}

// TestImportALaterList posts a list, the same list later, and once more.
func TestImportALaterList(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	in := e.importing(delivery.ImportJielong)
	e.entries(entry("1", "E6-1-1103", 1), entry("2", "E6-1-1203", 2), entry("3", "E6-1-1303", 1), entry("4", "E6-1-1103", 5), entry("5", "E6-1-1203", 2))
	e.expectRows(e.imported(e.supply, in), "1 PLACED", "2 PLACED", "3 PLACED", "4 PLACED", "5 REVIEW SAME_DOOR_TWICE")
	back := entry("3", "E6-1-1203", 0)
	back.Asks = reading.Cancel
	later := []reading.Entry{entry("7", "E6-1-1103", 1), entry("2", "E6-1-1103", 5), back, entry("5", "E6-1-1403", 2)}
	e.entries(later...)
	i := e.imported(e.supply, in)
	e.expectRows(i, "1 UNCHANGED", "2 UNCHANGED", "3 REVIEW TAKEN_BACK", "4 PLACED", "5 REVIEW GONE")
	e.expectRows(e.imported(e.supply, in), "1 UNCHANGED", "2 UNCHANGED", "3 REVIEW TAKEN_BACK", "4 UNCHANGED")
	p := must(e.d.Intake.SettleImportRows(t.Context(), e.supply, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{
		{Row: 5, Cancel: true}, {Row: 3, Drop: new("问过了，还要")}, {Row: 1, Cancel: true}}}))
	if got := settledAs(p); !slices.Equal(got, []string{"5 CHANGED", "3 DROPPED", "1 ROW_SETTLED"}) {
		t.Errorf("got %q", got)
	}
	if got := e.column(`select h.address || ' ' || o.stage from orders o join households h on h.id = o.household_id order by o.number`); !slices.Equal(got,
		[]string{"E6-1-1103 PLACED", "E6-1-1203 PLACED", "E6-1-1303 CANCELLED", "E6-1-1103 PLACED", "E6-1-1403 PLACED"}) {
		t.Errorf("got orders %q", got)
	}
	e.checkNeverLost()
}

// settledAs are the results of a call as "row outcome" or "row reason".
func settledAs(p *intake.SettleImportRowsPayload) (out []string) {
	for _, refusal := range p.UserErrors {
		out = append(out, refusal.Reason.String())
	}
	for _, r := range p.Results {
		switch {
		case len(r.UserErrors) > 0:
			out = append(out, fmt.Sprintf("%d %s", r.Row, r.UserErrors[0].Reason))
		default:
			out = append(out, fmt.Sprintf("%d %s", r.Row, *r.Outcome))
		}
	}
	return out
}

// TestSettleImportRows decides rows as callers who may, and as callers who may not.
func TestSettleImportRows(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	unclear := func(number, text string) reading.Entry {
		x := entry(number, text, 2)
		x.Address = address.Reading{Status: address.Review, Why: address.UnitMissing, Text: text, Doors: []address.Door{{Building: "E6", Unit: "1", Room: "1103", Index: 0}, {Building: "E6", Unit: "1", Room: "1203", Index: 1}}}
		return x
	}
	vague := entry("T-4", "E6-1-1303", 0)
	vague.Asks, vague.Problems, vague.Goods = reading.Review, []reading.Problem{"QUANTITY_UNCLEAR"}, nil
	e.entries(unclear("T-1", "小白楼1103"), unclear("T-2", "那家"), unclear("T-3", "不知道"), vague, entry("T-5", "E7-1-1203", 1), unclear("T-6", "1203室"))
	i := e.imported(e.shop, e.importing(delivery.ImportCSV))
	settle := func(a delivery.Actor, rows ...*intake.SettleRowInput) []string {
		t.Helper()
		return settledAs(must(e.d.Intake.SettleImportRows(t.Context(), a, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: rows})))
	}
	expect := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expect(settle(e.resident, &intake.SettleRowInput{Row: 1, Drop: new("x")}), "NO_SUCH")
	expect(settle(e.pharmacy, &intake.SettleRowInput{Row: 1, Drop: new("x")}), "NO_SUCH")
	expect(settle(e.duty, &intake.SettleRowInput{Row: 1, Drop: new("x")}), "NOT_YOURS")
	expect(settle(e.elsewhere, &intake.SettleRowInput{Row: 1, HouseholdID: &e.homes[0]}), "1 NO_SUCH_ROW")
	expect(settle(e.shop, &intake.SettleRowInput{Row: 1, HouseholdID: &e.homes[0]}, &intake.SettleRowInput{Row: 2, Text: new("还是不知道")}, &intake.SettleRowInput{Row: 9, Drop: new("x")}),
		"1 NOT_YOURS", "2 STILL_UNCLEAR", "9 NO_SUCH_ROW")
	for word, reason := range map[string]string{"号楼": "NOT_A_NAME", "单元": "NOT_A_NAME", " 室": "NOT_A_NAME", "6": "NOT_A_NAME", "1203": "NOT_A_NAME", "东辰心语": "WORD_OF_ESTATE"} {
		expect(settle(e.backup, &intake.SettleRowInput{Row: 1, HouseholdID: &e.homes[0], RememberBuilding: &word}), "1 "+reason)
	}
	expect(settle(e.backup, &intake.SettleRowInput{Row: 6, HouseholdID: &e.homes[0], Remember: true}), "6 NOT_A_NAME")
	expect(settle(e.backup, &intake.SettleRowInput{Row: 6, HouseholdID: &e.homes[0]}), "6 PLACED")
	expect(settle(e.backup, &intake.SettleRowInput{Row: 1, HouseholdID: &e.homes[0], Remember: true, RememberBuilding: new("小白楼")}, &intake.SettleRowInput{Row: 2, HouseholdID: &e.homes[4]},
		&intake.SettleRowInput{Row: 4}), "1 PLACED", "2 NO_SUCH", "4 NO_GOODS")
	expect(settle(e.shop, &intake.SettleRowInput{Row: 3, Text: new("E7-1-1403")}, &intake.SettleRowInput{Row: 2, Drop: new("重复")}), "3 PLACED", "2 DROPPED")
	expect(settle(e.supply, &intake.SettleRowInput{Row: 4, Lines: []*intake.RowLineInput{{Item: "鸡蛋", Quantity: 1000, Unit: "板"}}}, &intake.SettleRowInput{Row: 5, Drop: new("x")}), "4 PLACED", "5 ROW_SETTLED")
	if got := e.column(`select kind || ' ' || text from address_aliases order by kind`); !slices.Equal(got, []string{"BUILDING 小白楼", "DOOR 小白楼1103"}) {
		t.Errorf("got aliases %q", got)
	}
	if got := e.column(`select count(*) from import_rows where text <> '' or goods <> '[]' or place <> ''`); got[0] != "0" {
		t.Errorf("%s decided rows keep their text", got[0])
	}
	got := must(e.db.UnscopedImport(t.Context(), i.ID())).ImportTally
	if want := (delivery.ImportTally{Rows: 6, Placed: 5, Dropped: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	e.checkNeverLost()
}

// tell carries out a statement of the test's own.
func (e *house) tell(statement string, args ...any) {
	e.t.Helper()
	if _, err := e.direct.ExecContext(e.t.Context(), statement, args...); err != nil {
		e.t.Fatal(err)
	}
}

// TestImportsThatAreRefused names what is wrong with an import or a decision.
func TestImportsThatAreRefused(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	waits := entry("T-1", "E9-1-1", 1)
	e.entries(waits, entry("T-2", "E9-1-2", 1), entry("T-3", "E9-1-3", 1))
	i := e.imported(e.shop, e.importing(delivery.ImportCSV))
	for reason, change := range map[string]func(*intake.ImportOrdersInput){
		"ONE_SOURCE":   func(in *intake.ImportOrdersInput) { in.Text = nil },
		"MISSING":      func(in *intake.ImportOrdersInput) { in.Text = new(" ") },
		"BAD_TEXT":     func(in *intake.ImportOrdersInput) { in.Text = new("a\x00") },
		"TOO_LONG":     func(in *intake.ImportOrdersInput) { in.Text = new(strings.Repeat("字", delivery.MaxImportText+1)) },
		"LIST_IS_TEXT": func(in *intake.ImportOrdersInput) { in.Kind = delivery.ImportXLSX },
		"WRONG_KIND":   func(in *intake.ImportOrdersInput) { in.SupplierID = e.homes[0] },
		"NO_SUCH": func(in *intake.ImportOrdersInput) {
			in.BuildingID = &delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: e.homes[0].UUID}
		},
		"IMPORT_NOT_YOURS": func(in *intake.ImportOrdersInput) { in.SupplierID = e.suppliers[0] },
		"TWO_COMMUNITIES":  func(in *intake.ImportOrdersInput) { in.SupplierID.Community++ },
	} {
		in := e.importing(delivery.ImportCSV)
		change(&in)
		if p := must(e.d.Intake.ImportOrders(t.Context(), e.shop, in)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != reason {
			t.Errorf("got %v, want %s", p.UserErrors, reason)
		}
	}
	p := must(e.d.Intake.SettleImportRows(t.Context(), e.commander, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{
		{Row: 1}, {Row: 2, HouseholdID: &e.homes[0], Drop: new("x")}, {Row: 3, Cancel: true}}}))
	if got, want := settledAs(p), []string{"1 ONE_DECISION", "2 ONE_DECISION", "3 NOTHING_TO_CANCEL"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p = must(e.d.Intake.SettleImportRows(t.Context(), e.commander, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{
		{Row: 1, Lines: []*intake.RowLineInput{{Item: "米", Quantity: 1000}}}}}))
	if got, want := settledAs(p), []string{"1 NO_DOOR"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWhoMayImport tries to import as everyone.
func TestWhoMayImport(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.entries(entry("", "E6-1-1103", 1), entry("", "E7-1-1103", 1))
	for _, c := range []struct {
		who  string
		a    delivery.Actor
		want string
	}{
		{"an administrator", e.admin, ""}, {"the commander", e.commander, ""}, {"a lead", e.lead, ""}, {"a volunteer", e.backup, ""}, {"the supplier", e.shop, ""},
		{"another supplier", e.pharmacy, "IMPORT_NOT_YOURS"}, {"the duty squad", e.duty, "IMPORT_NOT_YOURS"}, {"transport", e.transport, "IMPORT_NOT_YOURS"},
		{"a resident", e.resident, "IMPORT_NOT_YOURS"}, {"patrol", e.patrol, "IMPORT_NOT_YOURS"},
	} {
		in := e.importing(delivery.ImportCSV)
		p := must(e.d.Intake.ImportOrders(t.Context(), c.a, in))
		got := ""
		if len(p.UserErrors) > 0 {
			got = p.UserErrors[0].Reason.String()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.who, got, c.want)
		}
		if c.who == "a volunteer" { // who serves E6 only
			e.expectRows(must(e.db.UnscopedImport(t.Context(), *p.ImportID)), "1 UNCHANGED", "2 REVIEW OUT_OF_SIGHT")
		}
	}
}

// TestRowsOfTheTeamAreNotForSuppliers lets a lead paste a list for a supplier: the supplier sees its orders, and not what the chat group wrote.
func TestRowsOfTheTeamAreNotForSuppliers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.entries(entry("", "E6-1-1103", 1), entry("", "张奶奶家 13800001203", 1))
	seen := func(i *delivery.Import) int {
		return len(must(e.db.ImportRows(t.Context(), e.shop.Scope(), i.CommunityID, db.ImportRowFilter{Import: &i.UUID}, db.Range{Limit: 200})).Items)
	}
	of := e.imported(e.lead, e.importing(delivery.ImportCSV))
	if got := seen(of); got != 0 {
		t.Errorf("the supplier sees %d rows that the lead sent, want none", got)
	}
	if got := seen(e.imported(e.shop, e.importing(delivery.ImportCSV))); got != 2 {
		t.Errorf("the supplier sees %d rows that it sent itself, want 2", got)
	}
	settled := settledAs(must(e.d.Intake.SettleImportRows(t.Context(), e.shop, intake.SettleImportRowsInput{ImportID: of.ID(), Rows: []*intake.SettleRowInput{{Row: 2, Drop: new("x")}}})))
	if !slices.Equal(settled, []string{"2 NO_SUCH_ROW"}) {
		t.Errorf("got %q, want that the supplier cannot decide it", settled)
	}
}

// TestFilesAreReadAFewAtOnce imports a file while others are being read.
func TestFilesAreReadAFewAtOnce(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	id := must(e.d.File.Receive(t.Context(), e.shop, e.community.Community, "text/csv", strings.NewReader("订单号,地址,商品,数量\nT-1,E6-1-1103,鸡蛋,2\n"))).ID()
	in := e.importing(delivery.ImportCSV)
	in.Text, in.FileID = nil, &id
	taken := must(e.d.Intake.Reading.Take(t.Context(), e.shop.Ref().Key()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if out, err := e.d.Intake.ImportOrders(ctx, e.shop, in); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v, want that it waits for the account's other file", out, err)
	}
	taken()
	for range 4 { // each slot is given back
		e.imported(e.shop, in)
	}
}

// TestImportsAtOnce imports one file by several people at once, and the clock worker beside them. Each row is placed once.
func TestImportsAtOnce(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	var file []reading.Entry
	for n := range 1200 {
		file = append(file, entry(fmt.Sprintf("T-%d", n), []string{"E6-1-1103", "E7-1-1203", "E6-1-1403"}[n%3], 1+n%5))
	}
	e.entries(file...)
	var wg sync.WaitGroup
	for _, a := range []delivery.Actor{e.shop, e.commander, e.lead} {
		wg.Go(func() {
			for range 2 {
				p, err := e.d.Intake.ImportOrders(t.Context(), a, e.importing(delivery.ImportCSV))
				if err != nil || len(p.UserErrors) > 0 {
					t.Errorf("got %v %v", p, err)
					return
				}
			}
		})
	}
	resume := func() {
		e.machine.Add(int64(20e9)) // so that it takes those that are worked on, too
		if err := e.d.Intake.Resume(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wg.Go(func() {
		for range 20 {
			resume()
		}
	})
	wg.Wait()
	for range 3 { // of six imports, four in one turn, what slow calls have left
		resume()
	}
	if got := e.column(`select count(*) || ' ' || count(distinct external_number) || ' ' || max(number) from orders`); got[0] != "1200 1200 1200" {
		t.Errorf("got orders, numbers and the last number %q, want 1200 of each", got[0])
	}
	if got := e.column(`select sum(placed) || ' ' || sum(unchanged) || ' ' || count(*) filter (where done_at is null) from imports`); got[0] != "1200 6000 0" {
		t.Errorf("got placed, unchanged and unfinished %q, want 1200, 6000 and none", got[0])
	}
	e.checkNeverLost()
}

// TestImportOfOrdersGoesOn cuts an import off after some of its rows: the clock worker does the rest, each row once.
func TestImportOfOrdersGoesOn(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var file []reading.Entry
	for n := range 1700 {
		file = append(file, entry(fmt.Sprintf("T-%d", n), "E6-1-1103", 1))
	}
	e.entries(file...)
	whole := e.d.Intake.Read
	cut := errors.New("cut off")
	calls := 0
	e.d.Intake.Read = func(ctx context.Context, s intake.ToRead) (*intake.Entries, error) {
		out, err := whole(ctx, s)
		if calls++; calls == 1 {
			return out, err
		}
		return &intake.Entries{Total: out.Total, All: func(yield func(reading.Entry, error) bool) {
			n := 0
			for x := range out.All {
				if n++; n > 1200 {
					yield(reading.Entry{}, cut)
					return
				}
				if !yield(x, nil) {
					return
				}
			}
		}}, err
	}
	machine := e.d.Machine
	at := machine()
	e.d.Machine = func() time.Time { return at } // on a slow machine the call's time would be up before it is cut off
	_, err := e.d.Intake.ImportOrders(t.Context(), e.shop, e.importing(delivery.ImportCSV))
	e.d.Machine = machine
	if !errors.Is(err, cut) {
		t.Fatalf("got %v, want %v", err, cut)
	}
	if got := e.column(`select placed || ' ' || (done_at is null) from imports`); got[0] != "1000 true" {
		t.Fatalf("got %q, want 1000 placed and not done", got[0])
	}
	e.d.Intake.Read = whole
	if err := e.d.Intake.Resume(t.Context()); err != nil { // too early: the call may still be at work
		t.Fatal(err)
	}
	if got := e.column(`select placed from imports`); got[0] != "1000" {
		t.Errorf("an import that another may be working on went on: %s placed", got[0])
	}
	for range 5 { // a slow machine needs more than one turn
		e.machine.Add(int64(60e9))
		if err := e.d.Intake.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := e.column(`select placed || ' ' || (done_at is null) || ' ' || text from imports`); got[0] != "1700 false " {
		t.Errorf("got %q, want 1700 placed, done, without its text", got[0])
	}
	e.checkNeverLost()
}

// TestImportOfOneWhoMayNoMore gives up an import whose sender may not import any more, and one of a supplier that was archived.
func TestImportOfOneWhoMayNoMore(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.entries(entry("T-1", "E6-1-1103", 1))
	p := must(e.d.Intake.ImportOrders(t.Context(), e.commander, e.importing(delivery.ImportCSV)))
	if _, err := e.direct.ExecContext(t.Context(), `update imports set done_at = null, retry_at = started_at, text = 'x'; update volunteers set squad = 'DUTY', rank = 'MEMBER' where code = 'C01'`); err != nil {
		t.Fatal(err)
	}
	if err := e.d.Intake.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i := must(e.db.UnscopedImport(t.Context(), *p.ImportID)); !i.Finished() || i.Stopped != delivery.ReasonImportNotYours.String() {
		t.Errorf("got %+v, want one that was given up", i)
	}
	_ = dispatch.ReasonArchived
}

// TestImportAFile sends a sheet in parts, imports it twice, and reads it again after it is done.
func TestImportAFile(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var b strings.Builder
	b.WriteString("\ufeff单号,地址,商品,数量,单价,备注\r\n合作社 4月12日,,,,,\r\n")
	for n := range 1200 { // more than one part
		fmt.Fprintf(&b, "T-%d,%s,土豆,2斤,2元,%s\r\n", n, []string{"E6-1-1103", "E7-1-1203", "E9-1-1"}[min(n, 2)], strings.Repeat("轻放", 50))
	}
	send := func(a delivery.Actor, text string) (*delivery.File, error) {
		return e.d.File.Receive(t.Context(), a, e.community.Community, "text/csv", strings.NewReader(text))
	}
	f := must(send(e.shop, b.String()))
	if again := must(send(e.shop, b.String())); again.UUID != f.UUID {
		t.Error("the same bytes of the same account are another file")
	}
	if got := e.column(`select count(*) || ' ' || max(part) from file_parts`); got[0] != "2 1" {
		t.Errorf("got parts %q, want two of one file", got[0])
	}
	for name, bad := range map[string]func() (*delivery.File, error){
		"IMPORT_NOT_YOURS": func() (*delivery.File, error) { return send(e.resident, "x") },
		"UPLOAD_EMPTY":     func() (*delivery.File, error) { return send(e.shop, "") },
		"UPLOAD_BYTES": func() (*delivery.File, error) {
			return e.d.File.Receive(t.Context(), e.shop, e.community.Community, "text/csv", io.LimitReader(zeros{}, delivery.MaxSheetBytes+1))
		},
	} {
		if _, err := bad(); delivery.AsError(err) == nil || delivery.AsError(err).Reason.String() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	in := e.importing(delivery.ImportCSV)
	id := f.ID()
	in.Text, in.FileID = nil, &id
	first := e.imported(e.shop, in)
	if want := (delivery.ImportTally{Rows: 1200, Placed: 2, InReview: 1198}); first.ImportTally != want || first.PassedOver != 1 {
		t.Errorf("got %+v and %d passed over, want %+v and 1", first.ImportTally, first.PassedOver, want)
	}
	if p := must(e.d.Intake.ImportOrders(t.Context(), e.commander, in)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != delivery.ReasonFileNotYours {
		t.Errorf("another account imported the file: %v", p.UserErrors)
	}
	if again := e.imported(e.shop, in); again.Unchanged != 2 {
		t.Errorf("got %+v, want 2 unchanged", again.ImportTally)
	}
	door := must(e.d.File.Keep(t.Context(), e.commander, e.community.Community, photo.PNG, picture(7))).ID()
	in.FileID = &door
	if p := must(e.d.Intake.ImportOrders(t.Context(), e.commander, in)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != "FILE_KIND" {
		t.Errorf("a photo was imported: %v", p.UserErrors)
	}
	in.FileID = &id
	e.machine.Add(int64(delivery.FileKept + time.Hour))
	if err := e.d.File.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := e.column(`select (select count(*) from files) || ' ' || (select count(*) from file_parts)`); got[0] != "0 0" {
		t.Errorf("got files and parts %q after they expired, want none", got[0])
	}
	if p := must(e.d.Intake.ImportOrders(t.Context(), e.shop, in)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != delivery.ReasonFileGone {
		t.Errorf("got %v, want FILE_GONE", p.UserErrors)
	}
	e.checkNeverLost()
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// TestImportIntoAWindow takes what lists and files order from the offers of a window, and what a later list changes.
func TestImportIntoAWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil) // six packages, two for each household
	name := e.column("select name from packages")[0]
	in := e.importing(delivery.ImportJielong)
	in.WindowID = &s.window
	list := func(lines ...string) {
		text := "#接龙\n" + strings.Join(lines, "\n")
		in.Text = &text
	}
	list("1. E6-1-1103 "+name+" 2份", "2. E6-1-1203 "+name+" 1份", "3. E6-1-1303 "+name+" 3份", "4. E6-1-1403 "+name+" 2份", "5. E7-1-1103 "+name+" 2份")
	first := e.imported(e.supply, in)
	e.expectRows(first, "1 PLACED", "2 PLACED", "3 REVIEW OVER_CAP", "4 PLACED", "5 REVIEW SOLD_OUT")
	list("1. E6-1-1203 "+name+" 2份", "2. E6-1-1403 "+name+" 1份", "3. E7-1-1203 "+name+" 1份")
	later := e.imported(e.supply, in)
	e.expectRows(later, "1 CHANGED", "2 CHANGED", "3 PLACED", "4 REVIEW GONE")
	if got := e.column("select sold || ' ' || (select orders from order_windows) from offers"); got[0] != "6.000 4" {
		t.Errorf("got sold and orders %q, want 6.000 4", got[0])
	}
	p := must(e.d.Intake.SettleImportRows(t.Context(), e.supply, intake.SettleImportRowsInput{ImportID: later.ID(), Rows: []*intake.SettleRowInput{{Row: 4, Cancel: true}}}))
	if got := settledAs(p); !slices.Equal(got, []string{"4 CHANGED"}) {
		t.Errorf("got %q", got)
	}
	p = must(e.d.Intake.SettleImportRows(t.Context(), e.supply, intake.SettleImportRowsInput{ImportID: first.ID(), Rows: []*intake.SettleRowInput{{Row: 5, HouseholdID: &e.homes[4]}}}))
	if got := settledAs(p); !slices.Equal(got, []string{"5 PLACED"}) {
		t.Errorf("got %q", got)
	}
	if got := e.column("select sold || ' ' || (select orders from order_windows) from offers"); got[0] != "6.000 4" {
		t.Errorf("got sold and orders %q, want 6.000 4", got[0])
	}
	e.checkNeverLost()
}

// TestAnImportThatFailsHoldsUpNoOther has the clock worker go on with two imports, of which the one that waits longest cannot be read.
func TestAnImportThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.entries(entry("T-1", "E6-1-1103", 1))
	in := e.importing(delivery.ImportCSV)
	broken := must(e.d.Intake.ImportOrders(t.Context(), e.shop, in))
	e.entries(entry("T-2", "E7-1-1203", 1))
	must(e.d.Intake.ImportOrders(t.Context(), e.commander, in))
	if _, err := e.direct.ExecContext(t.Context(), `update imports set done_at = null, text = 'x', retry_at = case id when $1 then timestamptz '2020-01-01' else '2020-01-02' end`, broken.ImportID.UUID); err != nil {
		t.Fatal(err)
	}
	read := e.d.Intake.Read
	e.d.Intake.Read = func(ctx context.Context, s intake.ToRead) (*intake.Entries, error) {
		if s.Import.UUID == broken.ImportID.UUID {
			return nil, errors.New("the database does not answer")
		}
		return read(ctx, s)
	}
	if err := e.d.Intake.Resume(t.Context()); err == nil {
		t.Error("the fault is not reported")
	}
	if got := e.column(`select (done_at is null) || ' ' || coalesce(retry_at > timestamptz '2020-01-03', false) from imports order by id`); !slices.Equal(got, []string{"true true", "false false"}) {
		t.Errorf("got %q, want the first put off and the second done", got)
	}
}

// TestImportsAreWithinTheQuota counts rows that wait and pasted lists against the day's text, and sheets by their size against the day's files.
func TestImportsAreWithinTheQuota(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := newEstate(t)
	e.d.Quota = 1
	var waiting []reading.Entry
	for n := range delivery.ImportChunk {
		waiting = append(waiting, entry(fmt.Sprint("T-", n), "E9-1-1 "+strings.Repeat("不", 1000), 1))
	}
	e.entries(waiting...)
	most := delivery.AllowanceOf(delivery.RoleSupplier, 1)[delivery.QuotaText]
	e.imported(e.shop, e.importing(delivery.ImportCSV))
	if used, _ := strconv.Atoi(e.column(`select used from quotas where quota = 'TEXT'`)[0]); used < delivery.ImportChunk*1000 {
		t.Errorf("rows of 3 KB that wait count as %d bytes", used)
	}
	e.tell(`update quotas set used = $1 where quota = 'TEXT'`, most-1000)
	p := must(e.d.Intake.ImportOrders(t.Context(), e.shop, e.importing(delivery.ImportCSV)))
	if len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	if i := must(e.db.UnscopedImport(t.Context(), *p.ImportID)); i.Finished() || i.Rows != 0 || i.RetryAt == nil || !i.RetryAt.After(e.clock().Add(time.Minute)) {
		t.Errorf("got %+v, want one that waits for another day", i)
	}
	e.tell(`update imports set retry_at = started_at where done_at is null`)
	read := e.d.Intake.Read
	e.d.Intake.Read = func(context.Context, intake.ToRead) (*intake.Entries, error) {
		return nil, errors.New("the file was read again")
	}
	if err := e.d.Intake.Resume(t.Context()); err != nil {
		t.Errorf("the clock worker: %v", err)
	}
	e.d.Intake.Read = read
	if got := e.column(`select count(*) from imports where done_at is null and retry_at > started_at + interval '1 minute'`); got[0] != "1" {
		t.Error("the clock worker does not put off an import without a quota")
	}
	e.tell(`update quotas set used = $1 where quota = 'TEXT'`, most-100)
	p = must(e.d.Intake.ImportOrders(t.Context(), e.shop, e.importing(delivery.ImportCSV)))
	if len(p.UserErrors) != 1 || p.UserErrors[0].Reason != db.ReasonQuota || p.UserErrors[0].Details.Until == nil {
		t.Errorf("got %v, want QUOTA", p.UserErrors)
	}
	sheet := func(name byte) error {
		_, err := e.d.File.Receive(t.Context(), e.shop, e.community.Community, "text/csv", io.LimitReader(letters(name), 2*delivery.MaxFileBytes+1))
		return err
	}
	if err := errors.Join(sheet('a'), sheet('b')); err != nil {
		t.Fatal(err)
	}
	if used := e.column(`select used from quotas where quota = 'FILES'`); used[0] != "6" {
		t.Errorf("two sheets of 10 MB and a byte count as %s files, want 6", used[0])
	}
	e.tell(`update quotas set used = $1 where quota = 'FILES'`, delivery.AllowanceOf(delivery.RoleSupplier, 1)[delivery.QuotaFiles]-2)
	if err := sheet('c'); delivery.AsError(err) == nil || delivery.AsError(err).Reason != db.ReasonQuota {
		t.Errorf("got %v, want QUOTA", err)
	}
	if got := e.column(`select count(distinct file_id) from file_parts`); got[0] != "2" {
		t.Errorf("the parts of %s sheets are kept, want 2", got[0])
	}
}

// letters is an endless body of one letter.
type letters byte

func (l letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(l)
	}
	return len(p), nil
}

// TestSuppliersTryFewTelephoneNumbers has a supplier and a member of the team look for a household's telephone number by dry runs.
func TestSuppliersTryFewTelephoneNumbers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.tell(`update households set phone = '13800009999' where room = '1203'`)
	try := func(a delivery.Actor, numbers ...int) int {
		t.Helper()
		text := "单号,地址,电话,商品,数量\n"
		for k, n := range numbers {
			text += fmt.Sprintf("T-%d,E6-1-1103,138%08d,土豆,1斤\n", k, n)
		}
		in := e.importing(delivery.ImportCSV)
		in.Text, in.DryRun = &text, true
		p := must(e.d.Intake.ImportOrders(t.Context(), a, in))
		if p.Report == nil || p.Report.Rows != len(numbers) {
			t.Fatalf("got %+v, want a report", p)
		}
		return p.Report.InReview
	}
	var many []int
	for n := range 400 {
		many = append(many, 10_000+n)
	}
	if got := try(e.shop, 9999); got != 1 {
		t.Errorf("a number that belongs to another door: %d rows wait, want 1", got)
	}
	if got := try(e.shop, many...); got != 0 {
		t.Errorf("numbers that no one has: %d rows wait, want none", got)
	}
	if got := try(e.shop, 9999); got != 1 {
		t.Errorf("a number that was tried before: %d rows wait, want 1", got)
	}
	e.tell(`update households set phone = '13800008888' where room = '1203'`)
	if got := try(e.shop, 8888); got != 0 {
		t.Error("the supplier has found the number after hundreds of others")
	}
	if got := try(e.commander, append(many, 8888)...); got != 1 {
		t.Errorf("the commander: %d rows wait, want 1", got)
	}
	e.wait(25 * time.Hour)
	if got := try(e.shop, 8888); got != 1 {
		t.Errorf("a day later: %d rows wait, want 1", got)
	}
}

// TestSeveralPackagesOfOneName has a row name two packages at once, and each by its code.
func TestSeveralPackagesOfOneName(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil)
	name, code := e.column("select name from packages")[0], e.column("select code from packages")[0]
	e.tell(`insert into packages (community_id, id, supplier_id, code, name, unit, price_fen, marks, version, created_at)
		select community_id, gen_random_uuid(), supplier_id, 'TWIN', name, unit, 999, marks, 1, created_at from packages where code = $1`, code)
	e.tell(`insert into offers (community_id, window_id, package_id, supplier_id, price_fen, phone_reserve, reserve_open, sold, sold_by_phone)
		select p.community_id, o.window_id, p.id, p.supplier_id, 999, 0, false, 0, 0 from packages p cross join offers o where p.code = 'TWIN' limit 1`)
	in := e.importing(delivery.ImportCSV)
	in.WindowID = &s.window
	text := fmt.Sprintf("单号,地址,商品,数量\nT-1,E6-1-1103,%s,1\nT-2,E6-1-1203,%s,1\nT-3,E6-1-1303,twin,1\n", name, code)
	in.Text = &text
	e.expectRows(e.imported(e.supply, in), "1 REVIEW SEVERAL_PACKAGES", "2 PLACED", "3 PLACED")
	e.checkNeverLost()
}

// TestSettleRowsOfADecidedWindow drops a row, confirms that a household takes its order back, and tries to place another.
func TestSettleRowsOfADecidedWindow(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	s := e.sell(nil)
	name := e.column("select name from packages")[0]
	in := e.importing(delivery.ImportJielong)
	in.WindowID = &s.window
	list := func(lines ...string) {
		text := "#接龙\n" + strings.Join(lines, "\n")
		in.Text = &text
	}
	list("1. E6-1-1103 "+name+" 2份", "2. E6-1-1203 "+name+" 2份")
	e.imported(e.supply, in)
	list("1. E6-1-1203 "+name+" 2份", "2. E6-1-1303 "+name+" 3份", "3. E6-1-1403 "+name+" 3份")
	i := e.imported(e.supply, in)
	e.expectRows(i, "1 UNCHANGED", "2 REVIEW OVER_CAP", "3 REVIEW OVER_CAP", "4 REVIEW GONE")
	e.pass(48 * time.Hour)
	if _, refusal := e.decide(e.shop, s, true); refusal != nil {
		t.Fatal(refusal)
	}
	p := must(e.d.Intake.SettleImportRows(t.Context(), e.commander, intake.SettleImportRowsInput{ImportID: i.ID(), Rows: []*intake.SettleRowInput{
		{Row: 2, HouseholdID: &e.homes[0]}, {Row: 3, Drop: new("已电话取消")}, {Row: 4, Cancel: true}}}))
	if len(p.UserErrors) > 0 {
		t.Fatal(p.UserErrors[0])
	}
	var got []string
	for _, r := range p.Results {
		if r.Outcome != nil {
			got = append(got, string(*r.Outcome))
		}
		for _, refusal := range r.UserErrors {
			got = append(got, refusal.Reason.String())
		}
	}
	if want := []string{"WINDOW_CLOSED", "DROPPED", "CHANGED"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := e.column("select sold || ' ' || (select orders from order_windows) from offers"); got[0] != "2.000 1" {
		t.Errorf("got %q sold and orders, want the two of one order", got)
	}
	e.checkNeverLost()
}
