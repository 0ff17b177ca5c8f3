package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// TestContactsAreForWhoNeedsThemNow asks everybody for the household of every order, at and after every edge.
func TestContactsAreForWhoNeedsThemNow(t *testing.T) {
	t.Parallel()
	h := &delivery.Household{CommunityID: community, UUID: home, BuildingUUID: here}
	for _, p := range people() {
		seesHome := p.sees && !p.supplies
		anybody := p.top || p.squad == "PERSUASION" || p.leads == "PERSUASION"
		team := p.leads != "" || p.squad != ""
		want := func(anybody, now bool, missing delivery.Reason) delivery.Reason {
			switch {
			case !seesHome:
				return delivery.ReasonNoSuch
			case anybody:
				return ""
			case !team:
				return delivery.ReasonNotNeededNow
			case missing != "":
				return missing
			case now:
				return ""
			}
			return delivery.ReasonNotNeededNow
		}
		check := func(what string, got *delivery.Error, want delivery.Reason) {
			t.Helper()
			if (got == nil) != (want == "") || (got != nil && got.Reason != want) {
				t.Errorf("%s, %s: got %v, want %q", p.name, what, got, want)
			}
		}
		check("no order", p.actor.CanReveal(h, nil, noon), want(anybody, false, delivery.ReasonNameOrder))
		for _, c := range delivery.Channels {
			for _, stage := range delivery.Stages {
				o := standing(stage, c)
				for _, after := range []time.Duration{0, 24*time.Hour - 1, 24 * time.Hour} {
					recent := !stage.Final() || after < 24*time.Hour
					door := (p.squad == "SUPPLY" && p.serves) || p.leads == "SUPPLY"
					now := door && (stage == "AT_BUILDING" || stage == "OUT_FOR_DELIVERY" || (stage == "DELIVERED" && recent)) ||
						errand(c) && p.took && recent
					check(string(c)+" at "+string(stage)+" after "+after.String(), p.actor.CanReveal(h, o, noon.Add(after)), want(anybody, now, ""))
				}
			}
		}
		another := standing("AT_BUILDING", "APP")
		another.HouseholdUUID = someone
		if got := p.actor.CanReveal(h, another, noon); seesHome && (got == nil || got.Reason != delivery.ReasonNoSuch) {
			t.Errorf("%s: got %v for an order of somebody else, want NO_SUCH", p.name, got)
		}
		if got, want := p.actor.SeesReveals(), p.actor.Role == "ADMIN" || p.actor.Role == "COMMANDER" || p.actor.Role == "RESIDENT"; got != want {
			t.Errorf("%s: sees who looked: got %t, want %t", p.name, got, want)
		}
	}
}
