package delivery_test

import (
	"testing"
	"time"

	"baogong/delivery"
)

// TestWhoMakesMayUnmake tries every change of rank, squad and archiving by every role, also of the actor's own row. A lead may
// change only members whom a lead may make; the commander changes the phone desk, leads and commanders.
func TestWhoMakesMayUnmake(t *testing.T) {
	t.Parallel()
	ranks := []delivery.Rank{delivery.RankMember, delivery.RankLead, delivery.RankCommander}
	gone := noon
	for _, p := range people() {
		if !p.top && p.leads == "" {
			continue // CanLeadTeam refuses the call
		}
		for _, own := range []bool{false, true} {
			for _, from := range ranks {
				for _, to := range ranks {
					for _, squad := range delivery.Squads {
						for _, next := range delivery.Squads {
							for _, archived := range [][2]*time.Time{{nil, nil}, {nil, &gone}, {&gone, nil}, {&gone, &gone}} {
								was := &delivery.Volunteer{Row: delivery.Row{CommunityID: community, UUID: takerOf, Versioned: delivery.Versioned{ArchivedAt: archived[0]}}, Rank: from, Squad: squad}
								is := &delivery.Volunteer{Row: delivery.Row{CommunityID: community, UUID: takerOf, Versioned: delivery.Versioned{ArchivedAt: archived[1]}}, Rank: to, Squad: next}
								if own {
									was.UUID, is.UUID = p.actor.UUID, p.actor.UUID
								}
								toggled := archived[0] != archived[1]
								// A lead may make members of any squad but the phone desk.
								plain := from == "MEMBER" && to == "MEMBER" && squad != "PERSUASION" && next != "PERSUASION"
								may := p.top || from != "COMMANDER" && from == to && (plain || squad == next && !toggled)
								if own && p.actor.Role != "ADMIN" && (toggled || from != to) {
									may = false
								}
								if p.actor.Community == anotherEstate {
									continue
								}
								if got := p.actor.MayNotMake(is, was); (got == "") != may {
									t.Fatalf("%s, own %t, %s %s archived %v to %s %s archived %v: got %q, may %t",
										p.name, own, from, squad, archived[0], to, next, archived[1], got, may)
								}
							}
						}
					}
				}
			}
		}
		for _, squad := range delivery.Squads {
			v := &delivery.Volunteer{Row: delivery.Row{CommunityID: community, UUID: takerOf}, Rank: delivery.RankMember, Squad: squad}
			if got, want := p.actor.CanServe(v), p.top || squad != "PERSUASION"; p.actor.Community != anotherEstate && got != want {
				t.Errorf("%s gives buildings to %s: got %t, want %t", p.name, squad, got, want)
			}
		}
	}
}
