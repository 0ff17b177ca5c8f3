package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/dispatch/gate"
	"baogong/dispatch/money"
)

// report is the report of a day as the commander reads it, without the numbers that are 0 or missing.
func (e *house) report(day string) string {
	e.t.Helper()
	c := must(e.db.CommunitiesByID(e.t.Context(), e.commander.Scope(), []delivery.ID{e.community}))[0]
	from, until, refusal := c.ReportOf(day, e.time())
	if refusal != nil {
		return refused(refusal)
	}
	r := must(e.db.DailyReport(e.t.Context(), e.commander.Scope(), e.community.Community, from, until))
	var out []string
	for _, column := range delivery.ReportColumns {
		if v := column.Value(r); v != "" && v != "0" && v != "0.00" {
			out = append(out, column.Name+" "+v)
		}
	}
	return strings.Join(out, ", ")
}

// TestDailyReport reads what happened on two days: what is done later changes the later report only.
func TestDailyReport(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	want := func(what, day string, want ...string) {
		t.Helper()
		if got := e.report(day); got != strings.Join(want, ", ") {
			t.Errorf("%s: got %s\nwant %s", what, got, strings.Join(want, ", "))
		}
	}
	const first, second = "2020-02-18", "2020-02-19"
	want("before anything happened", first)
	want("the next day", second, "FUTURE_DAY")
	want("no day", "18 February", "BAD_VALUE")

	duty := e.plan(e.planned(0, 8, "S01", "S02"))
	e.check(e.lead, &duty, false, "S01", "S02")
	slow, fast := e.place(e.homes[0]), e.place(e.homes[1])
	e.at(delivery.Cancelled, delivery.ChannelApp)
	e.at(delivery.Returned, delivery.ChannelApp)
	for _, id := range []delivery.ID{slow, fast} {
		for _, stage := range []delivery.Stage{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING"} {
			e.move(e.commander, id, stage)
		}
	}
	short := e.place(e.homes[2])
	truck := must(e.d.Gate.AnnounceArrival(t.Context(), e.duty, gate.AnnounceArrivalInput{SupplierID: e.suppliers[1], Orders: []*gate.AnnouncedOrderInput{{OrderID: short, Bags: new(3)}}}))
	must(e.d.Gate.ReceiveArrival(t.Context(), e.duty, gate.ReceiveArrivalInput{ArrivalID: *truck.ArrivalID, Orders: []*gate.ReceivedInput{{OrderID: &short, Received: 2}}, Complete: true}))
	errand := e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	e.pay(e.taker, errand, delivery.MoneyIn, delivery.PartyHousehold, 10_000)
	mistake := e.pay(e.taker, errand, delivery.MoneySpent, delivery.PartyShop, 1_000)
	if _, refusal := e.record(e.taker, money.RecordMoneyInput{OrderID: errand, Entries: []*money.MoneyInput{{Reverses: &mistake}}}); refusal != nil {
		t.Fatal(refusal)
	}
	e.pay(e.taker, errand, delivery.MoneySpent, delivery.PartyShop, 8_350)
	asked := e.enquiry(e.commander, desk.LogEnquiryInput{})
	e.enquiry(e.commander, desk.LogEnquiryInput{})
	told, refusal := e.publish(e.commander, nil)
	if refusal != nil {
		t.Fatal(refusal)
	}
	if refusal := e.told(e.commander, *told, e.homes[0]); refusal != nil {
		t.Fatal(refusal)
	}
	e.pass(10 * time.Minute)
	e.move(e.commander, fast, "DELIVERED")
	e.pickUp(e.commander, asked)
	e.pass(30 * time.Minute)
	e.move(e.commander, slow, "DELIVERED")
	e.pass(20 * time.Minute)
	e.checkOut(e.lead, &duty, "S01", "S02")
	households := len(e.homes) - 1
	whole := []string{"placed 6", "delivered 2", "cancelled 1", "returned 1", "medianMinutesGateToDoor 25", "p95MinutesGateToDoor 38.5", "bagsAnnounced 3", "bagsReceived 2", "bagsMissing 1",
		"incidentsOpened 1", "incidentsOpen 1", "enquiries 2", "enquiriesWithin30Min 1", "moneySpentFen 83.50", "moneyOpenFen 16.50", "volunteersOnShift 2", "personHours 2", "ordersPerPersonHour 1",
		fmt.Sprint("unreachedHouseholds ", households)}
	want("at ten", first, whole...)

	e.pass(24 * time.Hour)
	e.told(e.commander, *told, e.homes[1])
	e.pay(e.taker, errand, delivery.MoneyBack, delivery.PartyHousehold, 1_000)
	trouble := delivery.ID{Kind: delivery.KindIncident, Community: e.community.Community, UUID: delivery.UUID(e.column("select id from incidents")[0])}
	if refusal := e.resolve(e.commander, trouble); refusal != nil {
		t.Fatal(refusal)
	}
	e.pass(time.Minute)
	want("the first day, read on the second", first, whole...)
	want("the second day", second, "moneyOpenFen 6.50")

	if _, err := e.db.DailyReport(t.Context(), delivery.Actor{}.Scope(), e.community.Community, e.time(), e.time()); delivery.CodeOf(err) != delivery.CodeNotFound {
		t.Errorf("no one reads it: got %v, want NOT_FOUND", err)
	}
	names := slices.Collect(func(yield func(string) bool) {
		for _, c := range delivery.ReportColumns {
			if !yield(c.Words.Chinese) || !yield(c.Words.English) {
				return
			}
		}
	})
	slices.Sort(names)
	if len(slices.Compact(names)) != 2*len(delivery.ReportColumns) {
		t.Errorf("two columns have one name: %q", names)
	}
}
