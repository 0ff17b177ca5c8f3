package dispatch_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/incident"
	"baogong/dispatch/money"
)

// pays is a call that records one entry.
func pays(order delivery.ID, kind delivery.MoneyKind, party delivery.MoneyParty, fen int64) money.RecordMoneyInput {
	return money.RecordMoneyInput{OrderID: order, Entries: []*money.MoneyInput{{Kind: &kind, Party: &party, AmountFen: &fen}}}
}

// record records entries and returns what was recorded, and the first refusal, if any.
func (e *house) record(a delivery.Actor, in money.RecordMoneyInput) (entries []delivery.ID, refusal *delivery.Error) {
	e.t.Helper()
	p := must(e.d.Money.RecordMoney(e.t.Context(), a, in))
	if len(p.UserErrors) > 0 {
		return nil, p.UserErrors[0]
	}
	for _, r := range p.Results {
		if r.EntryID != nil {
			entries = append(entries, *r.EntryID)
		} else if refusal == nil {
			refusal = r.UserErrors[0]
		}
	}
	return entries, refusal
}

// pay records one entry and returns its id, or fails the test.
func (e *house) pay(a delivery.Actor, order delivery.ID, kind delivery.MoneyKind, party delivery.MoneyParty, fen int64) delivery.ID {
	e.t.Helper()
	ids, refusal := e.record(a, pays(order, kind, party, fen))
	if refusal != nil {
		e.t.Fatalf("%s %s %d: %v", kind, party, fen, refusal)
	}
	return ids[0]
}

// settleAll settles orders and returns the first refusal, if any.
func (e *house) settleAll(a delivery.Actor, orders ...delivery.ID) *delivery.Error {
	e.t.Helper()
	p := must(e.d.Money.SettleMoney(e.t.Context(), a, money.SettleMoneyInput{OrderIds: orders}))
	for _, r := range p.Results {
		p.UserErrors = append(p.UserErrors, r.UserErrors...)
	}
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0]
	}
	return nil
}

// purse reads the purse of an order.
func (e *house) purse(order delivery.ID) *delivery.Purse {
	e.t.Helper()
	rows := must(e.db.PursesOfOrders(e.t.Context(), e.commander.Scope(), []delivery.ID{order}))
	if len(rows) != 1 {
		e.t.Fatalf("got %d purses, want one", len(rows))
	}
	return rows[0]
}

// checkEquations checks what holds after every transaction.
func (e *house) checkEquations() {
	e.t.Helper()
	for _, q := range db.Equations() {
		if rows := e.column(strings.TrimSuffix(strings.TrimSpace(q.Query), ";")); len(rows) > 0 {
			e.t.Errorf("%s is broken by %v", q.Name, rows)
		}
	}
}

func TestMoneyOfAnOrder(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	receipt := e.keep(e.taker, 3)
	in := pays(id, delivery.MoneyIn, delivery.PartyHousehold, 10_000)
	in.ClientMutationID = new("once")
	in.Entries = append(in.Entries, pays(id, delivery.MoneySpent, delivery.PartyShop, 8_350).Entries[0], pays(id, delivery.MoneySpent, delivery.PartyShop, 8_350).Entries[0])
	in.Entries[1].ReceiptPhotoID = &receipt
	told := len(e.feed())
	for range 2 { // a retry records nothing again
		entries, refusal := e.record(e.taker, in)
		if len(entries) != 2 || reasonAt(refusal) != "NOTHING_IN_HAND at entries.2.amountFen" || *refusal.Details.InHandFen != 1650 {
			t.Fatalf("got %v, %v", entries, refusal)
		}
	}
	if got := e.since(told); !slices.Equal(got, []delivery.EventKind{delivery.MoneyRecorded}) {
		t.Errorf("got events %v", got)
	}
	feed := e.feed()
	last := feed[len(feed)-1]
	if text := must(last.MarshalBody()); last.SupplierUUID != nil || last.HouseholdUUID == nil || text != fmt.Sprintf(`{"v":1,"purseOf":"%s","entries":2}`, id.UUID) {
		t.Errorf("got %+v with %s, want the keys of the household and no amount", last, text)
	}
	if got, want := e.seers(receipt), "admin backup commander lead resident supply"; got != want {
		t.Errorf("the receipt is seen by %s, want %s", got, want)
	}
	if _, refusal := e.record(e.taker, money.RecordMoneyInput{OrderID: id, Entries: []*money.MoneyInput{{Kind: new(delivery.MoneyIn), Party: new(delivery.PartyFund), AmountFen: new(int64(1)), ReceiptPhotoID: &receipt}}}); reasonAt(refusal) != "FILE_USED at entries.0.receiptPhotoId" {
		t.Errorf("the receipt again: %v", refusal)
	}
	if p := e.purse(id); p.InHandFen != 1_650 || p.OwesFen != -1_650 || p.SpentFen != 8_350 || p.Version != 1 {
		t.Errorf("got %+v", p)
	}
	if refusal := e.settleAll(e.taker, id); reasonAt(refusal) != "NOT_EVEN at orderIds.0" || *refusal.Details.OwesFen != -1650 {
		t.Errorf("settled with money in hand: %v", refusal)
	}
	back := e.pay(e.taker, id, delivery.MoneyBack, delivery.PartyHousehold, 1_650)
	if refusal := e.settleAll(e.taker, id); refusal != nil {
		t.Fatal(refusal)
	}
	told = len(e.feed())
	if refusal := e.settleAll(e.taker, id); refusal != nil || len(e.since(told)) != 0 {
		t.Errorf("settled twice: %v, %v", refusal, e.since(told))
	}
	if _, refusal := e.record(e.lead, money.RecordMoneyInput{OrderID: id, Entries: []*money.MoneyInput{{Reverses: &back}}}); refusal != nil || e.purse(id).Settled() {
		t.Errorf("a further entry: %v, want the purse open again", refusal)
	}
	other := e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	for name, c := range map[string]struct {
		order delivery.ID
		entry money.MoneyInput
		why   string
	}{
		"twice":             {id, money.MoneyInput{Reverses: &back}, "REVERSED at entries.0.reverses"},
		"of another order":  {other, money.MoneyInput{Reverses: &back}, "NO_SUCH at entries.0.reverses"},
		"with an amount":    {id, money.MoneyInput{Reverses: &back, AmountFen: new(int64(1))}, "REVERSAL_REPEATS at entries.0.reverses"},
		"without a kind":    {id, money.MoneyInput{}, "MISSING at entries.0.kind"},
		"too much":          {id, *pays(id, delivery.MoneyIn, delivery.PartyFund, delivery.MaxEntryFen+1).Entries[0], "OUT_OF_RANGE at entries.0.amountFen"},
		"nothing":           {id, *pays(id, delivery.MoneyIn, delivery.PartyFund, 0).Entries[0], "OUT_OF_RANGE at entries.0.amountFen"},
		"another's id":      {id, money.MoneyInput{Reverses: &id}, "WRONG_KIND at entries.0.reverses"},
		"spent by the fund": {id, *pays(id, delivery.MoneySpent, delivery.PartyFund, 1).Entries[0], "WRONG_PARTY at entries.0.party"},
	} {
		if _, refusal := e.record(e.lead, money.RecordMoneyInput{OrderID: c.order, Entries: []*money.MoneyInput{&c.entry}}); reasonAt(refusal) != c.why {
			t.Errorf("%s: got %s, want %s", name, reasonAt(refusal), c.why)
		}
	}
	atomic := pays(other, delivery.MoneyIn, delivery.PartyFund, 100)
	atomic.Atomic = true
	atomic.Entries = append(atomic.Entries, pays(other, delivery.MoneySpent, delivery.PartyShop, 101).Entries[0])
	if entries, refusal := e.record(e.lead, atomic); len(entries) != 0 || reasonAt(refusal) != "ATOMIC at entries.0" {
		t.Errorf("all or none: got %v, %v", entries, refusal)
	}
	if refusal := e.settleAll(e.lead, other); reasonAt(refusal) != "NO_MONEY at orderIds.0" {
		t.Errorf("without money: %v", refusal)
	}
	if _, err := e.direct.ExecContext(t.Context(), "delete from money"); err == nil {
		t.Error("entries can be deleted")
	}
	e.checkEquations()
}

func TestWhoRecordsMoney(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	for name, c := range map[string]struct {
		a             delivery.Actor
		money, waived string
	}{
		"the taker":            {e.taker, "", "WAIVED_BY_LEADS at entries.0.kind"},
		"the building's":       {e.backup, "", "WAIVED_BY_LEADS at entries.0.kind"},
		"another building's":   {e.elsewhere, "NO_SUCH at orderId", "NO_SUCH at orderId"},
		"a lead":               {e.lead, "", ""},
		"the commander":        {e.commander, "", ""},
		"an administrator":     {e.admin, "", ""},
		"the gate":             {e.duty, "NOT_YOUR_MONEY at orderId", "NOT_YOUR_MONEY at orderId"},
		"its household":        {e.resident, "NOT_YOUR_MONEY at orderId", "NOT_YOUR_MONEY at orderId"},
		"another household":    {e.neighbour, "NO_SUCH at orderId", "NO_SUCH at orderId"},
		"its supplier":         {e.shop, "NOT_YOUR_MONEY at orderId", "NOT_YOUR_MONEY at orderId"},
		"a patrol of no doors": {e.patrol, "NO_SUCH at orderId", "NO_SUCH at orderId"},
	} {
		for want, in := range map[*string]money.RecordMoneyInput{&c.money: pays(id, delivery.MoneyIn, delivery.PartyHousehold, 1), &c.waived: pays(id, delivery.MoneyWaived, delivery.PartyFund, 1)} {
			if _, refusal := e.record(c.a, in); refusal == nil && *want != "" || refusal != nil && reasonAt(refusal) != *want {
				t.Errorf("%s records %s: got %v, want %q", name, *in.Entries[0].Kind, refusal, *want)
			}
		}
	}
	if refusal := e.settleAll(e.duty, id); reasonAt(refusal) != "NOT_YOUR_MONEY at orderIds.0" {
		t.Errorf("the gate settles: %v", refusal)
	}
	if refusal := e.settleAll(e.resident, id); reasonAt(refusal) != "NOT_YOUR_MONEY at orderIds.0" {
		t.Errorf("the household settles: %v", refusal)
	}
	e.checkEquations()
}

// TestTwoSpendOnePurse has many people take money out of one purse at once, and settle it meanwhile.
func TestTwoSpendOnePurse(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	e.pay(e.taker, id, delivery.MoneyIn, delivery.PartyHousehold, 500)
	var spent, settled atomic.Int64
	var all []func()
	for i := range 12 {
		all = append(all, func() {
			a := []delivery.Actor{e.taker, e.lead, e.backup}[i%3]
			p := must(e.d.Money.RecordMoney(t.Context(), a, pays(id, delivery.MoneySpent, delivery.PartyShop, 100)))
			if len(p.Results) == 1 && p.Results[0].EntryID != nil {
				spent.Add(1)
			}
		}, func() {
			if p := must(e.d.Money.SettleMoney(t.Context(), e.commander, money.SettleMoneyInput{OrderIds: []delivery.ID{id}})); len(p.Results) == 1 && p.Results[0].Settled {
				settled.Add(1)
			}
		})
	}
	atOnce(all...)
	if p := e.purse(id); spent.Load() != 5 || p.InHandFen != 0 || p.OwesFen != 0 {
		t.Errorf("%d spent, %+v, want exactly what was there", spent.Load(), p)
	}
	before := len(e.feed())
	var firsts atomic.Int64
	again := func() {
		if e.settleAll(e.lead, id) == nil {
			firsts.Add(1)
		}
	}
	atOnce(again, again, again)
	if n := len(e.since(before)); firsts.Load() != 3 || settled.Load() == 0 && n != 1 || settled.Load() > 0 && n != 0 {
		t.Errorf("%d settled, %d events, want one settlement in all", firsts.Load(), n)
	}
	e.checkEquations()
}

func TestUnsettledMoney(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, quiet, reported := e.at(delivery.Dispatched, delivery.ChannelBuyFor), e.at(delivery.Dispatched, delivery.ChannelBuyFor), e.at(delivery.Dispatched, delivery.ChannelBuyFor)
	for _, order := range []delivery.ID{id, quiet, reported} {
		e.pay(e.taker, order, delivery.MoneyIn, delivery.PartyHousehold, 500)
		e.pay(e.taker, order, delivery.MoneySpent, delivery.PartyShop, 400)
	}
	e.pass(72 * time.Hour)
	e.tick()
	open := func(order delivery.ID) []string {
		return e.column("select opened_by_role || ' ' || state from incidents where kind = 'MONEY' and order_id = $1 order by number", order.UUID)
	}
	if got := open(id); len(got) > 0 {
		t.Fatalf("got %v before the order has ended", got)
	}
	e.move(e.taker, id, delivery.Delivered)
	e.move(e.taker, reported, delivery.Delivered)
	e.move(e.taker, quiet, delivery.Delivered)
	e.pay(e.taker, quiet, delivery.MoneyBack, delivery.PartyHousehold, 100)
	if refusal := e.settleAll(e.taker, quiet); refusal != nil {
		t.Fatal(refusal)
	}
	own, refusal := e.trouble(e.resident, delivery.IncidentMoney, reported)
	if refusal != nil {
		t.Fatal(refusal)
	}
	e.pass(delivery.SettleWithin - time.Second)
	e.tick()
	if got := append(open(id), open(quiet)...); len(got) > 0 {
		t.Fatalf("got %v too early", got)
	}
	e.pass(time.Minute)
	e.tick()
	e.tick()
	if got := [][]string{open(id), open(quiet), open(reported)}; fmt.Sprint(got) != "[[SYSTEM OPEN] [] [RESIDENT OPEN]]" {
		t.Fatalf("got %v", got)
	}
	clock := delivery.ID{Kind: delivery.KindIncident, Community: e.community.Community, UUID: delivery.UUID(e.column("select id from incidents where kind = 'MONEY' and opened_by_role = 'SYSTEM'")[0])}
	if p := must(e.d.Incident.ResolveIncidents(t.Context(), e.lead, incident.ResolveIncidentsInput{Ids: []delivery.ID{clock}, Resolution: delivery.ResolutionWrittenOff})); reasonAt(p.Results[0].UserErrors[0]) != "CLOSES_ITSELF at ids.0" {
		t.Errorf("resolved by hand: %v", p.Results[0].UserErrors)
	}
	for _, order := range []delivery.ID{id, reported} {
		e.pay(e.taker, order, delivery.MoneyBack, delivery.PartyHousehold, 100)
	}
	if refusal := e.settleAll(e.taker, id, reported); refusal != nil {
		t.Fatal(refusal)
	}
	if got := [][]string{open(id), open(reported)}; fmt.Sprint(got) != "[[SYSTEM RESOLVED] [RESIDENT OPEN]]" {
		t.Errorf("got %v, want the clock's closed and the household's open", got)
	}
	if refused := e.resolve(e.lead, *own); refused != nil {
		t.Errorf("the household's: %v", refused)
	}
	e.pay(e.lead, id, delivery.MoneyIn, delivery.PartyFund, 1) // opens it again
	e.pass(delivery.SettleWithin - time.Hour)
	e.tick()
	if got := open(id); len(got) != 1 {
		t.Errorf("got %v, want another 48 hours", got)
	}
	e.pass(2 * time.Hour)
	e.tick()
	if got := fmt.Sprint(open(id)); got != "[SYSTEM RESOLVED SYSTEM OPEN]" {
		t.Errorf("got %v", got)
	}
	e.checkEquations()
}
