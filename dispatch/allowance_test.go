package dispatch_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/contact"
	"baogong/dispatch/estate"
	"baogong/dispatch/order"
	"baogong/dispatch/team"
)

// doors adds n households to the first unit.
func (e *house) doors(n int) []delivery.ID {
	e.t.Helper()
	in := estate.CreateHouseholdsInput{CommunityID: e.community}
	for i := range n {
		in.Households = append(in.Households, &estate.NewHouseholdInput{UnitID: e.units[0], Room: fmt.Sprintf("2%02d", i), Floor: 2, ContactName: "王秀英", Phone: "13800001234", People: 1})
	}
	return saved(e.t, must(e.d.Estate.CreateHouseholds(e.t.Context(), e.admin, in)).BulkOutcome)
}

// errand places an errand for a taker, or returns the reason of the refusal.
func (e *house) errand(a delivery.Actor, home delivery.ID, taker *delivery.ID) *delivery.ID {
	p := must(e.d.Order.PlaceOrder(e.t.Context(), a, order.PlaceOrderInput{HouseholdID: home, Channel: delivery.ChannelErrand, TakerID: taker,
		Lines: []*order.LineInput{{Item: "取药", Quantity: 1000, Unit: "次"}}}))
	if len(p.UserErrors) > 0 {
		e.t.Errorf("place: %v", p.UserErrors[0])
		return nil
	}
	return p.OrderID
}

// counted returns a member's row of revealCounts.
func (e *house) counted(code string) delivery.RevealCount {
	e.t.Helper()
	for _, c := range must(e.d.Contact.RevealCountsOf(e.t.Context(), e.commander, e.community)) {
		if c.Volunteer.Code == code {
			return *c
		}
	}
	e.t.Fatalf("%s is not counted", code)
	return delivery.RevealCount{}
}

// TestRevealsOfOwnOrdersAreLimited places an errand for each of many doors, reveals the contact and cancels, from 32 goroutines
// and with every known trick. It gets one day's allowance of contacts, until the next day or a raise.
func TestRevealsOfOwnOrdersAreLimited(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	homes := e.doors(2*delivery.OwnReveals + 8)
	var told []contact.UnusualReveals
	var mu sync.Mutex
	e.d.Contact.Unusual = func(_ context.Context, u contact.UnusualReveals) { mu.Lock(); told = append(told, u); mu.Unlock() }
	var given atomic.Int64
	var all []func()
	orders := make([]*delivery.ID, len(homes))
	for i, home := range homes {
		all = append(all, func() {
			orders[i] = e.errand(e.taker, home, nil)
			if c, refused := e.look(e.taker, home, orders[i], func(in *contact.RevealContactInput) { in.ClientMutationID = new(fmt.Sprint("k", i)) }); c != nil {
				given.Add(1)
			} else if reasonAt(refused) != "REVEALS_SPENT at orderId" || refused.Details.Limit != delivery.OwnReveals {
				t.Errorf("got %v, want REVEALS_SPENT", refused)
			}
			e.move(e.taker, *orders[i], "CANCELLED")
		})
	}
	atOnce(all...)
	if given.Load() != delivery.OwnReveals {
		t.Fatalf("%d contacts came of %d errands of the reader's own, want %d", given.Load(), len(homes), delivery.OwnReveals)
	}
	closed := -1 // a door that was not opened
	for i, home := range homes {
		if len(e.looks(home)) == 0 {
			closed = i
		}
		if c, _ := e.look(e.taker, home, orders[i]); c != nil {
			t.Error("a contact is given for an order that was cancelled")
		}
	}
	again := func(what string, order *delivery.ID, want string) {
		t.Helper()
		if _, refused := e.look(e.taker, homes[closed], order); reasonAt(refused) != want {
			t.Errorf("%s: got %v, want %q", what, refused, want)
		}
	}
	if refused := e.undo(e.taker, *orders[closed]); refused != nil {
		t.Fatal(refused)
	}
	again("the cancelling undone", orders[closed], "REVEALS_SPENT at orderId")
	again("another errand", e.errand(e.taker, homes[closed], nil), "REVEALS_SPENT at orderId")
	// Revealed to a colleague: it counts against the member who placed the errand.
	for _, home := range homes[:4] {
		o := e.errand(e.taker, home, &delivery.ID{Kind: delivery.KindVolunteer, Community: e.community.Community, UUID: e.backup.UUID})
		c, refused := e.look(e.backup, home, o)
		if seen := len(e.looks(home)) > 0; (c != nil) != seen || !seen && refused.Reason != contact.ReasonRevealsSpent {
			t.Errorf("by a colleague: got %v, %v; looked at before %t", c, refused, seen)
		}
	}
	// On the stairs, in a round by the building's volunteer.
	e.move(e.taker, *orders[closed], "DISPATCHED")
	e.move(e.taker, *orders[closed], "OUT_FOR_DELIVERY")
	p := must(e.d.Contact.RevealRound(t.Context(), e.backup, contact.RevealRoundInput{CommunityID: e.community, Reason: "上门投递"}))
	if len(p.Contacts) > 0 || len(p.UserErrors) != 1 || p.UserErrors[0].Reason != contact.ReasonRevealsSpent {
		t.Errorf("a round of them alone: got %d contacts, %v", len(p.Contacts), p.UserErrors)
	}
	e.at("AT_BUILDING", "APP")
	p = must(e.d.Contact.RevealRound(t.Context(), e.backup, contact.RevealRoundInput{CommunityID: e.community, Reason: "上门投递"}))
	if len(p.Contacts) != 1 || p.LeftOut != 1 || p.Contacts[0].Household.UUID != e.homes[0].UUID {
		t.Errorf("a round with another: got %d contacts, %d left out", len(p.Contacts), p.LeftOut)
	}
	if c := e.counted("P02"); c.Today != delivery.OwnReveals || c.Counted != delivery.OwnReveals || c.Allowance != delivery.OwnReveals || c.RaisedUntil != nil {
		t.Errorf("the commander sees %+v", c)
	}
	if n := e.d.Contact.RevealCounts(); n.Charged < delivery.OwnReveals || n.Refused < 20 || n.Unusual < 1 {
		t.Errorf("counted %+v", n)
	}
	mu.Lock()
	taker := 0
	for _, u := range told {
		if u.By.UUID == e.taker.UUID && u.Spent {
			taker++
		}
	}
	mu.Unlock()
	if taker != 1 {
		t.Errorf("told %d times of the taker's spent allowance, want once: %+v", taker, told)
	}

	raise := func(a delivery.Actor, n int, until time.Time) dispatch.BulkOutcome {
		return must(e.d.Team.UpdateVolunteers(t.Context(), a, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["P02"], RevealsPerDay: &n, RevealsUntil: &until}}})).BulkOutcome
	}
	hour := e.time().Add(time.Hour)
	expect(t, "a lead raises it", raise(e.lead, 20, hour), "NOT_YOURS at volunteers.0.revealsPerDay")
	expect(t, "the volunteer does", raise(e.taker, 20, hour), "NOT_YOURS at ")
	expect(t, "too high", raise(e.commander, 1001, hour), "OUT_OF_RANGE at volunteers.0.revealsPerDay")
	expect(t, "into the past", raise(e.commander, 20, e.time()), "NOT_FUTURE at volunteers.0.revealsUntil")
	expect(t, "for too long", raise(e.commander, 20, e.time().Add(32*24*time.Hour)), "OUT_OF_RANGE at volunteers.0.revealsUntil")
	expect(t, "without an end", must(e.d.Team.UpdateVolunteers(t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: e.team["P02"], RevealsPerDay: new(20)}}})).BulkOutcome, "MISSING at volunteers.0.revealsUntil")
	expect(t, "the commander", raise(e.commander, delivery.OwnReveals+1, hour), "")
	again("after the raise", orders[closed], "")
	if c := e.counted("P02"); c.Counted != delivery.OwnReveals+1 || c.Allowance != delivery.OwnReveals+1 || c.RaisedUntil == nil || !c.RaisedUntil.Equal(hour) {
		t.Errorf("after the raise the commander sees %+v", c)
	}
	e.pass(2 * time.Hour)
	if c := e.counted("P02"); c.Allowance != delivery.OwnReveals || c.RaisedUntil != nil {
		t.Errorf("after its end the commander sees %+v", c)
	}
	e.pass(24 * time.Hour)
	if c := e.counted("P02"); c.Today != 0 || c.Counted != 0 {
		t.Errorf("the next day the commander sees %+v", c)
	}
	again("the next day", orders[closed], "")
}

// TestThePhoneDeskIsCounted reveals contacts to the phone desk without an order, up to an allowance that the commander has lowered.
func TestThePhoneDeskIsCounted(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	until := e.time().Add(time.Hour)
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["P01"], Squad: new(delivery.SquadPersuasion), RevealsPerDay: new(2), RevealsUntil: &until,
		Services: []*team.ServiceInput{{BuildingID: e.buildings[0], Duty: delivery.DutyBackup}}})
	desk := e.actor("P01")
	waits := e.at("AT_BUILDING", "APP")
	for i, want := range []string{"", "", "REVEALS_SPENT at orderId", "", ""} {
		home, order := e.homes[min(i, 2)], (*delivery.ID)(nil)
		if i > 2 { // looked at before, once with an order that is not in the desk's care
			if home = e.homes[0]; i == 4 {
				order = &waits
			}
		}
		if _, refused := e.look(desk, home, order); reasonAt(refused) != want {
			t.Errorf("look %d: got %v, want %q", i, refused, want)
		}
	}
	if _, refused := e.look(e.commander, e.homes[2], nil); refused != nil {
		t.Errorf("the commander: %v", refused)
	}
	e.pass(2 * time.Hour)
	if _, refused := e.look(desk, e.homes[2], nil); refused != nil {
		t.Errorf("the usual allowance: %v", refused)
	}
}
