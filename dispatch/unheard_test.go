package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/desk"
	"baogong/dispatch/order"
	"baogong/dispatch/task"
)

// TestUnheard lets each household be heard of in one way. Those of which no one has heard are listed, and a day later all are.
func TestUnheard(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	desks := e.desks(1, e.buildings...)
	before := e.time()
	e.pass(time.Minute)
	closed := func(in desk.LogEnquiryInput, how delivery.EnquiryOutcome) {
		t.Helper()
		id := e.enquiry(e.commander, in)
		if _, refused := e.pickUp(desks[0], id); refused != nil {
			t.Fatal(refused)
		}
		if refused := e.hangUp(desks[0], id, how); refused != nil {
			t.Fatal(refused)
		}
	}
	done := func(in task.TaskInput) {
		t.Helper()
		in.Title = "看看"
		if refused := e.finish(e.commander, delivery.TaskDone, e.tasks(e.commander, delivery.SquadPatrol, &in)...); refused != nil {
			t.Fatal(refused)
		}
	}
	e.order(e.resident, order.PlaceOrderInput{HouseholdID: e.homes[0], Channel: delivery.ChannelApp})
	e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[1], Channel: delivery.ChannelPhone})
	handed := e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[2], Channel: delivery.ChannelApp})
	for _, to := range []delivery.Stage{delivery.AtGate, delivery.Sorted, delivery.AtBuilding, delivery.Delivered} {
		e.move(e.commander, handed, to)
	}
	closed(desk.LogEnquiryInput{HouseholdID: &e.homes[3]}, delivery.OutcomeAnswered)
	done(task.TaskInput{Kind: delivery.TaskVisit, HouseholdID: &e.homes[4]})
	want := e.homes[5:]
	// These say nothing of a household.
	e.order(e.commander, order.PlaceOrderInput{HouseholdID: e.homes[5], Channel: delivery.ChannelApp})
	closed(desk.LogEnquiryInput{HouseholdID: &e.homes[6]}, delivery.OutcomeUnreachable)
	closed(desk.LogEnquiryInput{Phone: "13800001111"}, delivery.OutcomeAnswered)
	done(task.TaskInput{Kind: delivery.TaskPatrol})
	unheard := func(since time.Time) []delivery.ID {
		t.Helper()
		rows := must(e.db.Unheard(t.Context(), e.commander.Scope(), e.community.Community, since, db.Range{Limit: 200, Count: true}))
		if rows.Total != len(rows.Items) {
			t.Errorf("got a count of %d for %d rows", rows.Total, len(rows.Items))
		}
		var ids []delivery.ID
		for _, h := range rows.Items {
			ids = append(ids, h.ID())
		}
		return ids
	}
	if got := unheard(before); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := unheard(e.time().Add(time.Minute)); len(got) != len(e.homes) {
		t.Errorf("got %d later, want all %d", len(got), len(e.homes))
	}
}
