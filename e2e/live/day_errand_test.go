package live_test

import (
	"fmt"
	"slices"
	"time"

	"baogong/e2e/house"
)

// The errands of the day: volunteers carry households' cards and money.

// dayErrand is an errand as its volunteer sees it.
type dayErrand struct {
	ID, Stage string
	Taker     *struct{ ID string }
	Errand    *struct{ Answer string }
	Documents []struct {
		ID         string
		ReturnedAt *time.Time
		Lost       *struct{ ID string }
	}
	Purse *struct {
		InHandFen, SpentFen int
		SettledAt           *time.Time
		Entries             []struct {
			ID, Kind   string
			AmountFen  int
			Reversed   bool
			ReversesID *string
		}
	}
}

const dayErrandFields = `id stage taker { id } errand { answer } documents { id returnedAt lost { id } } purse { inHandFen spentFen settledAt entries { id kind amountFen reversed reversesId } }`

// runner runs errands to their ends.
func (d *day) runner(name string) {
	c := d.newDayClient(name, eventStream("events"))
	d.act(c, func() { c.run() })
	d.nights = append(d.nights, func() {
		for late := time.Now().Add(house.Timeout); c.run(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(late) {
				d.t.Errorf("%s: errands that do not end: %v", name, c.refused)
				return
			}
		}
	})
}

// run does the next thing of one errand. It reports false if none of the volunteer's is open.
func (c *dayClient) run() bool {
	var got struct{ Orders struct{ Nodes []dayErrand } }
	c.query(`query ($c: ID!) { orders(communityId: $c, filter: { channels: [ERRAND], open: true }, orderBy: { field: NUMBER, direction: ASC }, first: 100) { nodes { `+dayErrandFields+` } } }`, nil, &got)
	own := slices.DeleteFunc(got.Orders.Nodes, func(e dayErrand) bool { return e.Taker == nil || e.Taker.ID != c.d.e.Team[c.name] })
	if len(own) == 0 {
		return false
	}
	c.runOne(own[c.rng.IntN(len(own))])
	return true
}

// money records an entry of a purse.
func (c *dayClient) money(order string, entries ...obj) dayAnswer {
	return c.call("recordMoney", "results { entryId "+dayRefusal+" }", obj{"orderId": order, "entries": entries, "atomic": true})
}

func entry(kind, party string, fen int) obj {
	return obj{"kind": kind, "party": party, "amountFen": fen, "method": "CASH"}
}

// runOne does the next thing of an errand: it takes the card and the money, pays, gives the rest back, settles, returns the card, answers and
// ends it. It makes each mistake that the rules catch, and one that a reversal corrects.
func (c *dayClient) runOne(e dayErrand) {
	var out []string
	for _, doc := range e.Documents {
		if doc.ReturnedAt == nil && doc.Lost == nil {
			out = append(out, doc.ID)
		}
	}
	const received, price = 5000, 4200
	mistake := ""
	if e.Purse != nil {
		for _, m := range e.Purse.Entries {
			if m.Kind == "SPENT" && m.AmountFen != price && !m.Reversed && m.ReversesID == nil {
				mistake = m.ID
			}
		}
	}
	switch {
	case e.Purse == nil:
		c.money(e.ID, entry("IN", "HOUSEHOLD", received))
	case len(e.Documents) == 0:
		c.call("takeDocuments", "documentIds", obj{"orderId": e.ID, "kinds": []string{"MEDICAL_CARD", "MEDICAL_RECORD"}})
	case e.Stage == "PLACED":
		c.advance("DISPATCHED", nil, e.ID)
	case mistake != "":
		c.money(e.ID, obj{"reverses": mistake}, entry("SPENT", "SHOP", price))
	case e.Purse.SpentFen == 0: // or a zero too few, or one too many: there is less in the purse
		c.money(e.ID, entry("SPENT", "SHOP", []int{price, price, price / 10, 10 * price}[c.rng.IntN(4)]))
	case e.Stage == "DISPATCHED" || e.Stage == "AT_BUILDING":
		c.advance("OUT_FOR_DELIVERY", nil, e.ID)
	case len(out) > 0 && c.some(4):
		c.advance("DELIVERED", nil, e.ID) // refused: the card is out
	case len(out) > 0:
		var back []obj
		for _, id := range out {
			back = append(back, obj{"documentId": id, "lost": c.d.lost.CompareAndSwap(false, true)})
		}
		c.call("returnDocuments", "results { documentId done "+dayRefusal+" }", obj{"documents": back})
	case e.Errand == nil || e.Errand.Answer == "":
		if c.some(4) {
			c.advance("DELIVERED", nil, e.ID) // refused: there is no answer
		}
		c.call("answerErrand", "order { id }", obj{"orderId": e.ID, "answer": "已办好"})
	case e.Purse.SettledAt == nil && c.unsettled(e.ID):
		c.advance("DELIVERED", nil, e.ID)
	case e.Purse.InHandFen > 0:
		if c.some(4) {
			c.call("settleMoney", "results { orderId settled "+dayRefusal+" }", obj{"orderIds": []string{e.ID}}) // refused: the rest is in hand
		}
		c.money(e.ID, entry("BACK", "HOUSEHOLD", e.Purse.InHandFen))
	case e.Purse.SettledAt == nil:
		c.call("settleMoney", "results { orderId settled "+dayRefusal+" }", obj{"orderIds": []string{e.ID}})
	default:
		c.advance("DELIVERED", nil, e.ID)
	}
}

// unsettled reports whether the errand is the one whose money is forgotten.
func (c *dayClient) unsettled(id string) bool {
	if c.d.forgotten.CompareAndSwap(nil, &id) {
		return true
	}
	return *c.d.forgotten.Load() == id
}

// checkErrands compares how the errands of the day ended, as the API answers, with the tables: each document is back, or lost with an incident,
// and each purse is settled but the one that was forgotten.
func (d *day) checkErrands() {
	d.t.Helper()
	var got struct {
		Orders struct{ Nodes []dayErrand }
		Owed   struct{ Nodes []struct{ ID string } }
	}
	d.read("C01", `query ($c: ID!) { orders(communityId: $c, filter: { channels: [ERRAND] }, first: 200) { nodes { `+dayErrandFields+` } } owed: ordersWithMoneyOwed(communityId: $c, first: 200) { nodes { id } } }`, &got)
	var text []string
	lost, open := 0, 0
	for _, e := range got.Orders.Nodes {
		back, missing := 0, 0
		for _, doc := range e.Documents {
			switch {
			case doc.Lost != nil:
				missing++
			case doc.ReturnedAt != nil:
				back++
			}
		}
		if back+missing != len(e.Documents) || len(e.Documents) == 0 {
			d.t.Errorf("an errand ended with %d documents, %d back and %d lost", len(e.Documents), back, missing)
		}
		settled := e.Purse != nil && e.Purse.SettledAt != nil
		if !settled {
			open++
			if forgotten := d.forgotten.Load(); forgotten == nil || *forgotten != e.ID || !slices.ContainsFunc(got.Owed.Nodes, func(o struct{ ID string }) bool { return o.ID == e.ID }) {
				d.t.Errorf("the money of an errand is not settled, and owed by %v", got.Owed.Nodes)
			}
		}
		lost += missing
		text = append(text, fmt.Sprintf("%s %s settled %t, %d back, %d lost, answered %t", house.UUID(d.t, e.ID), e.Stage, settled, back, missing, e.Errand != nil && e.Errand.Answer != ""))
	}
	if lost != 1 || open != 1 {
		d.t.Errorf("of %d errands %d documents are lost and %d purses open, want one each", len(text), lost, open)
	}
	d.same("the errands", text, `
		select format('%s DELIVERED settled %s, %s back, %s lost, answered %s', o.id, case when p.settled_at is null then 'false' else 'true' end, count(x.id) filter (where x.returned_at is not null),
		       count(i.id) filter (where x.lost_at is not null), case when n.answer <> '' then 'true' else 'false' end)
		  from orders o join purses p on p.order_id = o.id join documents x on x.order_id = o.id left join errands n on n.id = o.id
		  left join incidents i on i.id = x.incident_id and i.kind = 'DOCUMENT_LOST'
		 where o.channel = 'ERRAND' group by o.community_id, o.id, p.settled_at, n.answer`)
}

// checkMoney lets two days pass: the clock opens an incident for the purse that was forgotten, and there is none for the others.
func (d *day) checkMoney() {
	d.t.Helper()
	d.e.Clock.Pass(49 * time.Hour)
	house.WaitFor(d.t, "the incident of the money that was forgotten", func() bool {
		return len(d.lines("select kind from incidents where kind = 'MONEY' and state <> 'RESOLVED'")) > 0
	})
	var got struct {
		Incidents struct {
			Nodes []struct{ Order struct{ ID string } }
		}
	}
	d.read("C01", `query ($c: ID!) { incidents(communityId: $c, kinds: [MONEY], states: [OPEN, TAKEN], first: 50) { nodes { order { id } } } }`, &got)
	var text []string
	for _, i := range got.Incidents.Nodes {
		text = append(text, house.UUID(d.t, i.Order.ID))
	}
	d.same("the open incidents of money", text, "select cast(order_id as text) from purses where settled_at is null")
}
