package delivery_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"baogong/delivery"
)

// TestActivities follows one event of each kind with each class of scope: what is sent, what it is about, and its numbers.
func TestActivities(t *testing.T) {
	t.Parallel()
	const linked = "HOLDER_CHANGED HOLD_ENDED HOLD_STARTED MOVE_UNDONE ORDER_MOVED ORDER_PLACED"
	const orders = linked + " ORDER_AMENDED ORDER_BAGS_CHANGED ORDER_CONFIRMED ORDER_PROVED"
	const within = "ORDER_BINNED ORDER_LATE ORDER_LOADED ORDER_UNLOADED" // where in its stage an order is
	const incidents = "INCIDENT_OPENED INCIDENT_RECOUNTED INCIDENT_RESOLVED INCIDENT_RISEN INCIDENT_TAKEN"
	const purse = " MONEY_RECORDED MONEY_SETTLED ERRAND_ANSWERED DOCUMENTS_TAKEN DOCUMENTS_RETURNED DOCUMENTS_LOST" // of an order, for its household and the team only
	const calls = "ENQUIRY_CLOSED ENQUIRY_DUE ENQUIRY_LOGGED ENQUIRY_POSTPONED ENQUIRY_RELEASED ENQUIRY_TAKEN"
	o := standing("SORTED", "APP")
	for _, c := range []struct {
		scope delivery.Scope
		want  string
	}{
		{delivery.Scope{Class: delivery.SeesBuildings, Community: community, Buildings: []delivery.UUID{o.BuildingUUID}},
			orders + " " + within + " " + incidents + " BUILDING_FREED BUILDING_HELD HOUSEHOLD_FREED HOUSEHOLD_HELD ROUND_ENDED ROUND_STARTED TASK_CREATED TASK_ENDED NOTICE_SEEN " + calls + purse},
		{delivery.Scope{Class: delivery.SeesHousehold, Community: community, UUID: o.HouseholdUUID}, orders + " " + incidents + " NOTICE_SEEN " + calls + purse},
		{delivery.Scope{Class: delivery.SeesSupplier, Community: community, UUID: *o.SupplierUUID}, orders + " " + incidents},
		{delivery.Scope{Class: delivery.SeesOrder, Community: community, UUID: o.UUID}, linked},
		{delivery.Scope{Class: delivery.SeesNumbers, Communities: []int32{0}}, ""},
		{delivery.Scope{Class: delivery.SeesAll, Community: community + 1}, ""},
		{delivery.Scope{}, ""},
	} {
		var got []string
		for _, e := range oneOfEach() {
			if c.scope.Follows(e) {
				got = append(got, string(e.Kind))
				if !slices.Contains(c.scope.Activities(), e.Kind) {
					t.Errorf("%v is sent %s, which is not among the kinds to read", c.scope, e.Kind)
				}
			}
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(strings.Fields(c.want))); !slices.Equal(slices.Compact(got), want) {
			t.Errorf("%v: got %v, want %v", c.scope, got, want)
		}
	}
	about := regexp.MustCompile(`^(order|arrival|stray|run|round|incident|enquiry|hold|building|unit|household|volunteer|supplier|bin|package|order window|shift|task|notice|webhook|scenario|community)$`)
	all := delivery.Scope{Class: delivery.SeesAll, Community: community}
	for _, e := range oneOfEach() {
		hidden := e.Kind == delivery.AccessChanged || e.Kind == delivery.CodesIssued || e.Kind == delivery.CodesEnded
		if all.Follows(e) == hidden {
			t.Errorf("%s: got it sent: %t", e.Kind, !hidden)
		}
		if noun := e.SubjectID().Kind.String(); !about.MatchString(noun) || (noun == "order") != (e.OrderUUID != nil || strings.Contains(purse, string(e.Kind))) {
			t.Errorf("%s is about a %q", e.Kind, noun)
		}
		if text, err := json.Marshal(e.Numbers()); err != nil || strings.Contains(string(text), "null") {
			t.Errorf("%s: got numbers %s, %v", e.Kind, text, err)
		}
	}
	newer := read(t, delivery.ArrivalWasReceived, `{"v":2,"arrivalId":"01926f3e-7c1a-7000-8000-0000000000f2","bagsCounted":29}`)
	if got := fmt.Sprint(newer.SubjectID().UUID, newer.Numbers()); got != "01926f3e-7c1a-7000-8000-0000000000f2[{orders 0} {bagsAnnounced 0} {bagsCounted 29} {bagsMissing 0} {bagsStray 0} {bagsDamaged 0}]" {
		t.Errorf("of a newer release: got %s", got)
	}
	if drone := read(t, "DRONE_LANDED", `{"v":1,"run":"01926f3e-7c1a-7000-8000-0000000000f2"}`); all.Follows(drone) {
		t.Error("a kind that is not known is sent")
	}
}
