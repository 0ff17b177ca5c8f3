package dispatch_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/contact"
	"baogong/dispatch/estate"
	"baogong/dispatch/team"
)

// look asks for a contact and returns it, or why not.
func (e *house) look(a delivery.Actor, home delivery.ID, order *delivery.ID, more ...func(*contact.RevealContactInput)) (*delivery.Contact, *delivery.Error) {
	e.t.Helper()
	in := contact.RevealContactInput{HouseholdID: home, OrderID: order, Reason: "敲门无人"}
	for _, change := range more {
		change(&in)
	}
	p := must(e.d.Contact.RevealContact(e.t.Context(), a, in))
	if (p.Contact == nil) != (len(p.UserErrors) == 1) {
		e.t.Fatalf("got contact %v and errors %v", p.Contact, p.UserErrors)
	}
	if p.Contact == nil {
		return nil, p.UserErrors[0]
	}
	return p.Contact, nil
}

// looks is who looked at the household, newest first.
func (e *house) looks(home delivery.ID) []*delivery.Reveal {
	e.t.Helper()
	return must(e.db.RevealsOfHouseholds(e.t.Context(), e.admin.Scope(), []delivery.ID{home}, db.Range{Limit: 200}))[home].Items
}

func TestRevealContact(t *testing.T) {
	t.Parallel()
	t.Run("is for the actor who needs it now, and all others are refused beside them", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		other := e.another()
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["P01"], Squad: new(delivery.SquadPersuasion), Services: []*team.ServiceInput{{BuildingID: e.buildings[0], Duty: delivery.DutyBackup}}})
		desk := e.actor("P01")
		waits, moving := e.at("AT_BUILDING", "APP"), e.at("SORTED", "APP")
		errand := e.at("DISPATCHED", "BUY_FOR")
		events := len(e.feed())
		n := 0
		for _, c := range []struct {
			who   string
			actor delivery.Actor
			order *delivery.ID
			want  string
		}{
			{"admin", e.admin, nil, ""}, {"commander", e.commander, nil, ""}, {"desk", desk, nil, ""}, {"desk", desk, &moving, ""},
			{"supply", e.supply, &waits, ""}, {"backup", e.backup, &waits, ""}, {"lead", e.lead, &waits, ""}, {"taker", e.taker, &errand, ""},
			{"supply", e.supply, nil, "NAME_ORDER at orderId"}, {"supply", e.supply, &moving, "NOT_NEEDED_NOW at "}, {"supply", e.supply, &errand, "NOT_NEEDED_NOW at "},
			{"taker", e.taker, &waits, "NOT_NEEDED_NOW at "}, {"duty", e.duty, &waits, "NOT_NEEDED_NOW at "}, {"transport", e.transport, &waits, "NOT_NEEDED_NOW at "},
			{"resident", e.resident, &waits, "NOT_NEEDED_NOW at "}, {"resident", e.resident, nil, "NOT_NEEDED_NOW at "},
			{"elsewhere", e.elsewhere, &waits, "NO_SUCH at householdId"}, {"neighbour", e.neighbour, &waits, "NO_SUCH at householdId"},
			{"shop", e.shop, &waits, "NO_SUCH at householdId"}, {"pharmacy", e.pharmacy, nil, "NO_SUCH at householdId"},
			{"another commander", other.commander, nil, "NO_SUCH at householdId"}, {"another supply", other.supply, &waits, "NO_SUCH at householdId"},
		} {
			contact, refused := e.look(c.actor, e.homes[0], c.order)
			if c.want == "" {
				n++
				if refused != nil || contact.Name != "王秀英" || contact.Phone != "13800001234" || contact.Household.UUID != e.homes[0].UUID {
					t.Errorf("%s: got %v, refused %v", c.who, contact, refused)
				}
				if looked := e.looks(e.homes[0]); len(looked) != n || looked[0].By().Role != c.actor.Role || looked[0].By().UUID != c.actor.UUID || looked[0].Reason != "敲门无人" ||
					!looked[0].At.Equal(e.time()) || (looked[0].OrderUUID == nil) != (c.order == nil) {
					t.Errorf("%s: got %d rows, the last %+v", c.who, len(looked), looked[0])
				}
				e.pass(time.Second)
				continue
			}
			if got := reasonAt(refused); got != c.want {
				t.Errorf("%s: got %s, want %s", c.who, got, c.want)
			}
		}
		if got := len(e.looks(e.homes[0])); got != n {
			t.Errorf("got %d rows, want %d: none of those refused", got, n)
		}
		if got := len(e.feed()); got != events {
			t.Errorf("%d events came of it, want none", got-events)
		}
		if p, err := e.d.Contact.RevealContact(t.Context(), delivery.Actor{}, contact.RevealContactInput{HouseholdID: e.homes[0], Reason: "x"}); delivery.CodeOf(err) != delivery.CodeUnauthenticated {
			t.Errorf("without a sign-in: got %v, %v, want UNAUTHENTICATED", p, err)
		}
	})
	t.Run("while the order is open", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		app, errand, dropped := e.at("OUT_FOR_DELIVERY", "APP"), e.at("DISPATCHED", "ERRAND"), e.at("PLACED", "BUY_FOR")
		for who, c := range map[string]struct {
			actor delivery.Actor
			order delivery.ID
			ends  delivery.Stage
		}{"supply": {e.supply, app, "DELIVERED"}, "taker": {e.taker, errand, "DELIVERED"}, "taker of what is cancelled": {e.taker, dropped, "CANCELLED"}} {
			if _, refused := e.look(c.actor, e.homes[0], &c.order); refused != nil {
				t.Errorf("%s: refused %v while it is open", who, refused)
			}
			e.move(c.actor, c.order, c.ends)
			if _, refused := e.look(c.actor, e.homes[0], &c.order); reasonAt(refused) != "NOT_NEEDED_NOW at " {
				t.Errorf("%s: got %v once it is %s", who, refused, c.ends)
			}
		}
	})
	t.Run("asks for what it needs", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		order, theirs := e.at("AT_BUILDING", "APP"), e.place(e.homes[4])
		for want, change := range map[string]func(*contact.RevealContactInput){
			"MISSING at reason":         func(in *contact.RevealContactInput) { in.Reason = " " },
			"TOO_LONG at reason":        func(in *contact.RevealContactInput) { in.Reason = strings.Repeat("字", 201) },
			"BAD_TEXT at reason":        func(in *contact.RevealContactInput) { in.Reason = "a\x00" },
			"WRONG_KIND at householdId": func(in *contact.RevealContactInput) { in.HouseholdID = order },
			"WRONG_KIND at orderId":     func(in *contact.RevealContactInput) { in.OrderID = &in.HouseholdID },
			"NO_SUCH at orderId":        func(in *contact.RevealContactInput) { in.OrderID = &theirs },
			"TWO_COMMUNITIES at orderId": func(in *contact.RevealContactInput) {
				in.OrderID = &delivery.ID{Kind: delivery.KindOrder, Community: 999, UUID: order.UUID}
			},
			"NO_SUCH at householdId":             func(in *contact.RevealContactInput) { in.HouseholdID.UUID = order.UUID },
			"TOO_MANY_BYTES at clientMutationId": func(in *contact.RevealContactInput) { in.ClientMutationID = new(strings.Repeat("x", 65)) },
		} {
			if _, refused := e.look(e.commander, e.homes[0], &order, change); reasonAt(refused) != want {
				t.Errorf("got %s, want %s", reasonAt(refused), want)
			}
		}
		if _, refused := e.look(e.admin, delivery.ID{Kind: delivery.KindHousehold, Community: 999, UUID: order.UUID}, nil); reasonAt(refused) != "NO_SUCH at householdId" {
			t.Errorf("got %v", refused)
		}
		if _, refused := e.look(e.commander, e.homes[0], &order, func(in *contact.RevealContactInput) { in.Reason = strings.Repeat("字", 200) }); refused != nil {
			t.Error(refused)
		}
	})
	t.Run("a retry records nothing twice, stores nothing personal, and looks again under today's permission", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		order := e.at("AT_BUILDING", "APP")
		call := func(in *contact.RevealContactInput) { in.ClientMutationID = new("1") }
		for range 2 {
			if contact, refused := e.look(e.supply, e.homes[0], &order, call); refused != nil || contact.Phone != "13800001234" {
				t.Fatalf("got %v, refused %v", contact, refused)
			}
		}
		if got := len(e.looks(e.homes[0])); got != 1 {
			t.Errorf("got %d rows, want one", got)
		}
		if _, refused := e.look(e.supply, e.homes[0], &order, call, func(in *contact.RevealContactInput) { in.Reason = "另一个" }); reasonAt(refused) != "OTHER_INPUT at clientMutationId" {
			t.Errorf("got %v, want OTHER_INPUT", refused)
		}
		saved(t, must(e.d.Estate.UpdateHouseholds(t.Context(), e.commander, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: e.homes[0], Phone: new(delivery.Phone("13899998888"))}}})).BulkOutcome)
		if contact, refused := e.look(e.supply, e.homes[0], &order, call); refused != nil || contact.Phone != "13899998888" {
			t.Errorf("got %v, refused %v, want the phone of today", contact, refused)
		}
		e.move(e.supply, order, "DELIVERED")
		e.pass(25 * time.Hour)
		if _, refused := e.look(e.supply, e.homes[0], &order, call); reasonAt(refused) != "NOT_NEEDED_NOW at " {
			t.Errorf("a day later: got %v, want NOT_NEEDED_NOW", refused)
		}
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Services: []*team.ServiceInput{}})
		if _, refused := e.look(e.actor("S01"), e.homes[0], &order, call); reasonAt(refused) != "NO_SUCH at householdId" {
			t.Errorf("of another building now: got %v, want NO_SUCH", refused)
		}
		stored := e.column(`select cast(outcome as text) from calls where mutation = 'revealContact'`)
		if len(stored) != 1 {
			t.Fatalf("got %q stored, want one call", stored)
		}
		var ids struct {
			At    time.Time
			Looks []struct{ Household, Order delivery.ID }
		}
		fields := json.NewDecoder(strings.NewReader(stored[0]))
		fields.DisallowUnknownFields()
		if err := fields.Decode(&ids); err != nil || len(ids.Looks) != 1 || ids.Looks[0].Household != e.homes[0] || ids.Looks[0].Order != order {
			t.Errorf("got %s stored (%v), want only the time and the ids of the household and the order", stored[0], err)
		}
	})
}

// A retry is for a lost answer. Later it is another look, and who is looked at can read that.
func TestRevealLater(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order := e.at("AT_BUILDING", "APP")
	round := contact.RevealRoundInput{CommunityID: e.community, BuildingID: &e.buildings[0], Reason: "上门投递", ClientMutationID: new("k")}
	for name, look := range map[string]func() *delivery.Error{
		"revealContact": func() *delivery.Error {
			p := must(e.d.Contact.RevealContact(t.Context(), e.supply, contact.RevealContactInput{HouseholdID: e.homes[0], OrderID: &order, Reason: "敲门无人", ClientMutationID: new("k")}))
			if p.ClientMutationID == nil || *p.ClientMutationID != "k" {
				t.Errorf("got the key %v", p.ClientMutationID)
			}
			if len(p.UserErrors) > 0 {
				return p.UserErrors[0]
			}
			if p.Contact == nil || p.Contact.Phone != "13800001234" {
				t.Errorf("got %+v", p.Contact)
			}
			return nil
		},
		"revealRound": func() *delivery.Error {
			p := must(e.d.Contact.RevealRound(t.Context(), e.supply, round))
			if p.ClientMutationID == nil || *p.ClientMutationID != "k" {
				t.Errorf("got the key %v", p.ClientMutationID)
			}
			if len(p.UserErrors) > 0 {
				return p.UserErrors[0]
			}
			if len(p.Contacts) != 1 || p.Contacts[0].Phone != "13800001234" {
				t.Errorf("got %+v", p.Contacts)
			}
			return nil
		},
	} {
		n := len(e.looks(e.homes[0]))
		for i, c := range []struct {
			after time.Duration
			rows  int
		}{{0, 1}, {9 * time.Minute, 1}, {2 * time.Minute, 2}, {0, 3}} { // what comes late is never the first again
			e.wait(c.after)
			if refused := look(); refused != nil {
				t.Errorf("%s, try %d: %v", name, i, refused)
			}
			if got := len(e.looks(e.homes[0])) - n; got != c.rows {
				t.Errorf("%s, try %d: got %d rows, want %d", name, i, got, c.rows)
			}
		}
	}
	n := len(e.looks(e.homes[0]))
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Services: []*team.ServiceInput{}})
	moved := e.actor("S01")
	p := must(e.d.Contact.RevealContact(t.Context(), moved, contact.RevealContactInput{HouseholdID: e.homes[0], OrderID: &order, Reason: "敲门无人", ClientMutationID: new("k")}))
	q := must(e.d.Contact.RevealRound(t.Context(), moved, round))
	if p.Contact != nil || len(q.Contacts) > 0 || reasonAt(p.UserErrors[0]) != "NO_SUCH at householdId" || len(q.UserErrors) == 0 || len(e.looks(e.homes[0])) != n {
		t.Errorf("who may no longer: got %+v and %+v, %d rows", p, q, len(e.looks(e.homes[0]))-n)
	}
}

func TestRevealRound(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	other := e.another()
	// Two orders of one door, one on the stairs, one delivered, one not there yet, and one of the other building.
	stand := func(home delivery.ID, to delivery.Stage) delivery.ID {
		id := e.place(home)
		for _, s := range []delivery.Stage{"DISPATCHED", "AT_GATE", "SORTED", "AT_BUILDING", "OUT_FOR_DELIVERY", "DELIVERED"} {
			e.move(e.commander, id, s)
			if s == to {
				break
			}
		}
		return id
	}
	first := stand(e.homes[0], "AT_BUILDING")
	stand(e.homes[0], "AT_BUILDING")
	stand(e.homes[1], "OUT_FOR_DELIVERY")
	stand(e.homes[2], "DELIVERED")
	stand(e.homes[3], "SORTED")
	stand(e.homes[4], "AT_BUILDING")
	round := func(a delivery.Actor, building *delivery.ID, more ...func(*contact.RevealRoundInput)) (doors string, refused *delivery.Error) {
		t.Helper()
		in := contact.RevealRoundInput{CommunityID: e.community, BuildingID: building, Reason: "上门投递"}
		for _, change := range more {
			change(&in)
		}
		p := must(e.d.Contact.RevealRound(t.Context(), a, in))
		var at []string
		for _, c := range p.Contacts {
			if c.Name != "王秀英" || c.Phone != "13800001234" {
				t.Errorf("got %+v", c)
			}
			at = append(at, c.Household.Address)
		}
		if len(p.UserErrors) > 0 {
			refused = p.UserErrors[0]
		}
		return strings.Join(at, " "), refused
	}
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["P01"], Squad: new(delivery.SquadPersuasion), Services: []*team.ServiceInput{{BuildingID: e.buildings[0], Duty: delivery.DutyBackup}}})
	desk := e.actor("P01")
	const e6, e7 = "E6-1-1203 E6-1-1103", "E7-1-1103"
	one, two, nowhere := &e.buildings[0], &e.buildings[1], &delivery.ID{Kind: delivery.KindBuilding, Community: e.community.Community, UUID: e.homes[0].UUID}
	events, n := len(e.feed()), 0
	for _, c := range []struct {
		who      string
		actor    delivery.Actor
		building *delivery.ID
		doors    string
		want     string
	}{
		{"supply", e.supply, nil, e6 + " " + e7, ""}, {"supply", e.supply, one, e6, ""}, {"supply", e.supply, two, e7, ""}, {"backup", e.backup, nil, e6, ""},
		{"elsewhere", e.elsewhere, nil, e7, ""}, {"lead", e.lead, one, e6, ""}, {"desk", desk, one, e6, ""}, {"commander", e.commander, one, e6, ""}, {"admin", e.admin, two, e7, ""},
		{"lead", e.lead, nil, "", "MISSING at buildingId"}, {"desk", desk, nil, "", "MISSING at buildingId"}, {"admin", e.admin, nil, "", "MISSING at buildingId"},
		{"elsewhere", e.elsewhere, one, "", "NOT_NEEDED_NOW at buildingId"}, {"desk", desk, two, "", "NOT_NEEDED_NOW at buildingId"},
		{"taker", e.taker, nil, "", "NOT_NEEDED_NOW at "}, {"taker", e.taker, one, "", "NOT_NEEDED_NOW at buildingId"}, {"duty", e.duty, one, "", "NOT_NEEDED_NOW at buildingId"},
		{"transport", e.transport, one, "", "NOT_NEEDED_NOW at buildingId"}, {"resident", e.resident, one, "", "NOT_NEEDED_NOW at buildingId"}, {"shop", e.shop, one, "", "NOT_NEEDED_NOW at buildingId"},
		{"commander", e.commander, nowhere, "", "NO_SUCH at buildingId"}, {"another commander", other.commander, one, "", "NO_SUCH at communityId"}, {"another supply", other.supply, nil, "", "NO_SUCH at communityId"},
	} {
		doors, refused := round(c.actor, c.building)
		if doors != c.doors || reasonAt(refused) != c.want {
			t.Errorf("%s: got %q, %s, want %q, %s", c.who, doors, reasonAt(refused), c.doors, c.want)
		}
		n += len(strings.Fields(c.doors))
	}
	rows := 0
	for _, h := range e.homes {
		rows += len(e.looks(h))
	}
	if rows != n || len(e.feed()) != events {
		t.Errorf("got %d rows and %d events, want %d and none", rows, len(e.feed())-events, n)
	}
	if got := e.looks(e.homes[0])[0]; got.OrderUUID == nil || *got.OrderUUID != first.UUID {
		t.Errorf("got %+v, want the first order that waits there", got)
	}
	if doors, refused := round(e.supply, nil, func(in *contact.RevealRoundInput) { in.Reason = "" }); doors != "" || reasonAt(refused) != "MISSING at reason" {
		t.Errorf("got %q, %v", doors, refused)
	}

	call := func(in *contact.RevealRoundInput) { in.ClientMutationID = new("1") }
	for range 2 {
		if doors, refused := round(e.supply, one, call); doors != e6 || refused != nil {
			t.Errorf("got %q, %v", doors, refused)
		}
	}
	before := len(e.looks(e.homes[0]))
	e.move(e.supply, first, "DELIVERED")
	e.pass(25 * time.Hour)
	if doors, _ := round(e.supply, one, call); doors != "E6-1-1203" {
		t.Errorf("a day later: got %q, want the door that still waits", doors)
	}
	e.volunteer(&team.VolunteerPatchInput{ID: e.team["S01"], Services: []*team.ServiceInput{}})
	if doors, refused := round(e.actor("S01"), one, call); doors != "" || reasonAt(refused) != "NO_SUCH at householdId" {
		t.Errorf("without the building: got %q, %v", doors, refused)
	}
	if got := len(e.looks(e.homes[0])); got != before {
		t.Errorf("got %d rows, want %d: a retry records nothing", got, before)
	}
}

// reasonAt is a refusal's reason and field.
func reasonAt(e *delivery.Error) string {
	if e == nil {
		return ""
	}
	return e.Reason.String() + " at " + strings.Join(e.Field, ".")
}
