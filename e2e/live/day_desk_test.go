package live_test

import (
	"fmt"
	"sync/atomic"
	"time"
)

// The phone desk of the day: who rings, who answers, and how it ends.

const dayQueue = `{ waiting taken urgent due enquiries { number state attempts } }`

// dayCalls are the kinds of enquiries, in the order in which households ring.
var dayCalls = []string{"ERRAND", "ORDER", "COMPLAINT", "QUESTION", "ORDER", "ERRAND", "CALL_BACK", "COMPLAINT"}

// callsLeft returns the kind of the next enquiry if one is to be logged now. They come evenly over the morning.
func (d *day) callsLeft() (kind string, ok bool) {
	part := min(1, float64(time.Since(d.began))/float64(d.size.morning))
	n := d.rung.Load()
	if float64(n) >= part*float64(d.size.calls) || !d.rung.CompareAndSwap(n, n+1) {
		return "", false
	}
	return dayCalls[int(n)%len(dayCalls)], true
}

// desk logs who rings, and answers what is due.
func (d *day) desk(name string, homes []dayDoor) {
	c := d.newDayClient(name, stateStream("callQueue", dayQueue), eventStream("events"), stateStream("notices", dayNotice))
	var read atomic.Bool // aloud before the first order
	d.act(c, func() {
		if kind, ok := d.callsLeft(); ok {
			c.ring(kind, homes)
		}
		var queue struct{ Due int }
		if c.state(0, &queue) && queue.Due > 0 {
			c.answer(&read, false)
		}
	})
	d.evenings = append(d.evenings, func() {
		for kind, ok := d.callsLeft(); ok; kind, ok = d.callsLeft() {
			c.ring(kind, homes)
		}
		for c.answer(&read, true) {
		}
		c.tell(nil)
	})
}

// ring logs an enquiry of a household without the app, or of a caller whose household is not known.
func (c *dayClient) ring(kind string, homes []dayDoor) {
	in := obj{"communityId": c.d.e.Community, "kind": kind, "way": []string{"PHONE", "PHONE", "SMS", "VISIT"}[c.rng.IntN(4)], "text": "想问一下"}
	if in["householdId"] = homes[c.rng.IntN(len(homes))].id; kind == "QUESTION" && c.some(2) {
		delete(in, "householdId")
		in["phone"] = "0717-6012345"
	}
	if c.some(8) {
		in["urgent"] = true
	}
	c.call("logEnquiry", "enquiry { id number }", in)
}

// complain logs an enquiry of the resident's own household.
func (c *dayClient) complain(home dayDoor) {
	c.call("logEnquiry", "enquiry { id number }", obj{"communityId": c.d.e.Community, "kind": "COMPLAINT", "way": "APP", "householdId": home.id, "text": "太晚了"})
}

// answer takes the next enquiry and closes it or puts it off; at the end of the day it closes each. It reports false if none is due.
func (c *dayClient) answer(read *atomic.Bool, last bool) bool {
	id := c.takeNext()
	if id == "" {
		return false
	}
	var got struct {
		Node struct {
			Kind      string
			Attempts  int
			Household *struct{ ID string }
		}
	}
	if !c.query(`query ($id: ID!) { node(id: $id) { ... on Enquiry { kind attempts household { id } } } }`, obj{"id": id}, &got) {
		return true
	}
	of := got.Node
	switch {
	case last:
	case c.some(15): // the desk loses its page: the lease ends
		return true
	case c.some(6):
		c.call("postponeEnquiry", "enquiry { id }", obj{"enquiryId": id, "unreachable": true})
		return true
	case c.some(8):
		c.call("postponeEnquiry", "enquiry { id }", obj{"enquiryId": id, "until": c.d.e.Clock.Now().Add(20 * time.Minute)})
		return true
	}
	in := obj{"enquiryId": id, "outcome": "ANSWERED", "answer": "已告知"}
	order := obj{}
	switch {
	case of.Kind == "COMPLAINT" && !c.some(3):
		in["outcome"] = "PASSED_ON"
	case of.Kind == "ORDER":
		order = obj{"channel": "PHONE", "consentBy": []string{"HOUSEHOLD", "RELATIVE"}[c.rng.IntN(2)], "readBack": true, "supplierId": c.d.suppliers[c.rng.IntN(len(c.d.suppliers))]}
	case of.Kind == "ERRAND":
		order = obj{"channel": "ERRAND", "errandKind": []string{"HOSPITAL", "BILL", "PAPERWORK"}[c.rng.IntN(3)], "takerId": c.d.e.Team[c.d.runners[c.rng.IntN(len(c.d.runners))]]}
	}
	if len(order) > 0 {
		order["householdId"] = of.Household.ID
		if order["readBack"] == true && read.CompareAndSwap(false, true) {
			delete(order, "readBack")
			if a := c.placed(order); len(a.UserErrors) != 1 || a.UserErrors[0].Reason != "READ_BACK_NEEDED" {
				c.d.t.Errorf("%s: an order by telephone that was not read back: got %+v, want READ_BACK_NEEDED", c.name, a)
			}
			order["readBack"] = true
		}
		if a := c.placed(order); a.Order != nil {
			in["outcome"], in["orderId"] = "ORDERED", a.Order.ID
		}
	}
	a := c.call("closeEnquiry", "enquiry { id } incident { id }", in)
	if passed := in["outcome"] == "PASSED_ON"; len(a.UserErrors) == 0 && passed != (a.Incident != nil) {
		c.d.t.Errorf("%s: an enquiry closed as %s opened the incident %v", c.name, in["outcome"], a.Incident)
	}
	return true
}

// takeNext takes the next enquiry, or none.
func (c *dayClient) takeNext() string {
	a := c.call("takeEnquiry", "enquiry { id }", obj{"communityId": c.d.e.Community})
	if a.Enquiry == nil {
		return ""
	}
	return a.Enquiry.ID
}

// checkDesk compares how the calls of the day ended, as the API answers, with the tables: each is closed, or waits until a time that was set.
func (d *day) checkDesk() {
	d.t.Helper()
	var got struct {
		Waiting, Taken, Closed, Complaints struct {
			TotalCount int
			Nodes      []struct {
				Number  int
				DueAt   time.Time
				Outcome *string
			}
		}
	}
	d.read("C01", `query ($c: ID!) {
		waiting: enquiries(communityId: $c, filter: { states: [WAITING] }, first: 200) { totalCount nodes { number dueAt } }
		taken: enquiries(communityId: $c, filter: { states: [TAKEN] }) { totalCount }
		closed: enquiries(communityId: $c, filter: { states: [CLOSED] }, first: 200) { totalCount nodes { number outcome } }
		complaints: enquiries(communityId: $c, filter: { kinds: [COMPLAINT], outcomes: [PASSED_ON] }) { totalCount } }`, &got)
	for _, e := range got.Waiting.Nodes {
		if !e.DueAt.After(d.e.Clock.Now()) {
			d.t.Errorf("enquiry %d still waits, and was due at %v", e.Number, e.DueAt)
		}
	}
	if got.Taken.TotalCount > 0 {
		d.t.Errorf("%d enquiries are taken at the end", got.Taken.TotalCount)
	}
	if n := got.Closed.TotalCount + got.Waiting.TotalCount; n < d.size.calls {
		d.t.Errorf("%d enquiries were logged, want %d or more", n, d.size.calls)
	}
	d.same("the enquiries", []string{fmt.Sprintf("waiting %d, closed %d, passed on %d", got.Waiting.TotalCount, got.Closed.TotalCount, got.Complaints.TotalCount)}, `
		select format('waiting %s, closed %s, passed on %s', count(*) filter (where state = 'WAITING' and due_at > '`+d.now()+`'),
		       count(*) filter (where state = 'CLOSED' and outcome is not null and (outcome <> 'ORDERED' or order_id is not null)),
		       count(*) filter (where kind = 'COMPLAINT' and outcome = 'PASSED_ON' and exists (select from incidents i where i.enquiry_id = e.id)))
		  from enquiries e`)
}
