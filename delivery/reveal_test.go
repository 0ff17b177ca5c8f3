package delivery_test

import (
	"testing"

	"baogong/delivery"
)

// TestContactsNeedAnOrderInCare reveals, as every role, the household of orders at every stage, placed by every role. It also
// checks against whom the reveal counts.
func TestContactsNeedAnOrderInCare(t *testing.T) {
	t.Parallel()
	h := &delivery.Household{Row: delivery.Row{CommunityID: community, UUID: home}, BuildingUUID: here}
	for _, p := range people() {
		seesHome := p.sees && !p.supplies
		mayAll := p.top || p.squad == "PERSUASION" || p.leads == "PERSUASION"
		team := p.leads != "" || p.squad != ""
		want := func(mayAll, now bool, missing delivery.Reason) delivery.Reason {
			switch {
			case !seesHome:
				return delivery.ReasonNoSuch
			case mayAll:
				return none
			case !team:
				return delivery.ReasonNotNeededNow
			case missing != none:
				return missing
			case now:
				return none
			}
			return delivery.ReasonNotNeededNow
		}
		check := func(what string, got *delivery.Error, want delivery.Reason) {
			t.Helper()
			if (got == nil) != (want == none) || (got != nil && got.Reason != want) {
				t.Errorf("%s, %s: got %v, want %q", p.name, what, got, want)
			}
		}
		check("no order", p.actor.CanReveal(h, nil), want(mayAll, false, delivery.ReasonNameOrder))
		if got := p.actor.Charge(nil); team && (got == nil || *got != p.actor.UUID) || !team && got != nil {
			t.Errorf("%s: no order counts against %v", p.name, got)
		}
		for _, c := range delivery.Channels {
			for _, stage := range delivery.Stages {
				o := standing(stage, c)
				open := stage != "DELIVERED" && stage != "CANCELLED" && stage != "RETURNED"
				door := (p.squad == "SUPPLY" && p.serves) || p.leads == "SUPPLY"
				now := open && (door && (stage == "AT_BUILDING" || stage == "OUT_FOR_DELIVERY") || errand(c) && p.took)
				check(string(c)+" at "+string(stage), p.actor.CanReveal(h, o), want(mayAll, now, none))
				for _, by := range []struct {
					role delivery.Role
					id   delivery.UUID
				}{{"RESIDENT", home}, {"ADMIN", ""}, {"COMMANDER", colleague}, {"LEAD", colleague}, {"VOLUNTEER", colleague}, {"VOLUNTEER", p.actor.UUID}, {"COMMANDER", p.actor.UUID}} {
					o.PlacedByRole, o.PlacedByUUID = by.role, nil
					if by.id != "" {
						o.PlacedByUUID = &by.id
					}
					var charged delivery.UUID
					switch {
					case !team:
					case !now, by.id == p.actor.UUID:
						charged = p.actor.UUID // of the phone desk; others are refused without an order in their care
					case errand(c) && (by.role == "LEAD" || by.role == "VOLUNTEER"):
						charged = by.id
					}
					got := p.actor.Charge(o)
					if (got == nil) != (charged == "") || got != nil && *got != charged {
						t.Errorf("%s: %s at %s placed by %s %s counts against %v, want %q", p.name, c, stage, by.role, by.id, got, charged)
					}
				}
			}
		}
		another := standing("AT_BUILDING", "APP")
		another.HouseholdUUID = someone
		if got := p.actor.CanReveal(h, another); seesHome && (got == nil || got.Reason != delivery.ReasonNoSuch) {
			t.Errorf("%s: got %v for an order of another household, want NO_SUCH", p.name, got)
		}
		if got, want := p.actor.SeesReveals(), p.actor.Role == "ADMIN" || p.actor.Role == "COMMANDER" || p.actor.Role == "RESIDENT"; got != want {
			t.Errorf("%s: sees who looked: got %t, want %t", p.name, got, want)
		}
	}
}
