package dispatch_test

import (
	"slices"
	"testing"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/estate"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
)

// archive archives a member of the team, a supplier or a household, or brings it back, as the actor.
func (e *house) archive(a delivery.Actor, id delivery.ID, archived bool) dispatch.BulkOutcome {
	e.t.Helper()
	switch id.Kind {
	case delivery.KindVolunteer:
		return must(e.d.Team.UpdateVolunteers(e.t.Context(), a, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{{ID: id, Archived: &archived}}})).BulkOutcome
	case delivery.KindSupplier:
		return must(e.d.Supplier.UpdateSuppliers(e.t.Context(), a, supplier.UpdateSuppliersInput{Suppliers: []*supplier.SupplierPatchInput{{ID: id, Archived: &archived}}})).BulkOutcome
	}
	return must(e.d.Estate.UpdateHouseholds(e.t.Context(), a, estate.UpdateHouseholdsInput{Households: []*estate.HouseholdPatchInput{{ID: id, Archived: &archived}}})).BulkOutcome
}

// TestArchivingEndsSignIns archives one of each kind that can sign in and brings it back: every token, invitation, card and
// link from before stays dead, and a new invitation or card works.
func TestArchivingEndsSignIns(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, id := range []delivery.ID{e.team["P01"], e.team["S00"], e.suppliers[0], e.homes[0]} {
		issue := e.invite
		if id.Kind == delivery.KindHousehold {
			issue = e.card
		}
		secrets, tokens := []string{issue(id)}, []string{}
		signIn := func(secret string) {
			token, why := e.redeem(secret, "k")
			next, not := e.refresh(token)
			if why != none || not != none {
				t.Fatal(why, not)
			}
			tokens = append(tokens, token, next)
		}
		signIn(secrets[0])
		var order delivery.ID
		if id.Kind == delivery.KindHousehold {
			order = e.at("DELIVERED", "APP")
			p, err := e.d.Access.ShareOrder(t.Context(), e.resident, access.ShareOrderInput{OrderID: order})
			secrets = append(secrets, code(t, p, err))
			signIn(secrets[1])
		}
		n := len(e.feed())
		saved(t, e.archive(e.commander, id, true))
		var lost []delivery.UUID
		for _, ev := range e.feed()[n:] {
			if ev.Kind == delivery.AccessChanged {
				lost = append(lost, delivery.BodyOf[delivery.AccessBody](ev).Row)
			}
		}
		if !slices.Contains(lost, id.UUID) || order.UUID != "" && !slices.Contains(lost, order.UUID) {
			t.Errorf("%v: the feed ends the streams of %v", id.Kind, lost)
		}
		for _, when := range []string{"archived", "brought back"} {
			for i, token := range tokens {
				if _, why := e.who(token); why != delivery.ReasonBadToken {
					t.Errorf("%v, %s: token %d opens: %q", id.Kind, when, i, why)
				}
				if _, why := e.refresh(token); why != delivery.ReasonBadToken {
					t.Errorf("%v, %s: token %d is replaced: %q", id.Kind, when, i, why)
				}
			}
			for i, secret := range secrets {
				from := access.Requester{Address: "203.0.113." + when}
				for _, key := range []*string{new("k"), nil} {
					if _, why := answer(must(e.d.Access.RedeemCode(t.Context(), from, access.RedeemCodeInput{Code: secret, ClientMutationID: key}))); why != db.ReasonBadCode && why != delivery.ReasonCodeEnded {
						t.Errorf("%v, %s: code %d opens: %q", id.Kind, when, i, why)
					}
				}
				if _, _, err := e.d.Access.OpenLink(t.Context(), from, secret); delivery.AsError(err) == nil {
					t.Errorf("%v, %s: code %d opens as a link", id.Kind, when, i)
				}
			}
			if when == "archived" {
				saved(t, e.archive(e.commander, id, false))
			}
		}
		if token, why := e.redeem(issue(id)); why != none {
			t.Errorf("%v: the new code: %s", id.Kind, why)
		} else if _, why := e.who(token); why != none {
			t.Errorf("%v: the new token: %s", id.Kind, why)
		}
	}
	t.Run("an unused invitation", func(t *testing.T) {
		secret := e.invite(e.team["T01"])
		saved(t, e.archive(e.commander, e.team["T01"], true))
		saved(t, e.archive(e.commander, e.team["T01"], false))
		if _, why := e.redeem(secret); why != delivery.ReasonCodeEnded {
			t.Errorf("got %q, want CODE_ENDED", why)
		}
	})
	t.Run("a sign-in that an earlier release left open for an archived row", func(t *testing.T) {
		token, _ := e.redeem(e.invite(e.team["T01"]))
		e.column(`with x as (update volunteers set archived_at = created_at where id = $1 returning id) select cast(id as text) from x`, e.team["T01"].UUID)
		saved(t, e.archive(e.commander, e.team["T01"], false))
		e.opens("brought back", token, delivery.ReasonBadToken)
	})
}

// TestTheLastCommanderStays has two commanders archive and demote each other at once: one remains. An administrator may archive
// the last one.
func TestTheLastCommanderStays(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	expect(t, "themselves", e.archive(e.commander, e.team["C01"], true), "NOT_YOURS at volunteers.0.archived")
	saved(t, must(e.d.Team.UpdateVolunteers(t.Context(), e.commander, team.UpdateVolunteersInput{Volunteers: []*team.VolunteerPatchInput{
		{ID: e.team["S01"], Rank: new(delivery.RankCommander)}, {ID: e.team["S02"], Rank: new(delivery.RankCommander)}}})).BulkOutcome)
	second, third := e.actor("S01"), e.actor("S02")
	demote := func(a delivery.Actor, ids ...string) dispatch.BulkOutcome {
		in := team.UpdateVolunteersInput{}
		for _, id := range ids {
			in.Volunteers = append(in.Volunteers, &team.VolunteerPatchInput{ID: e.team[id], Rank: new(delivery.RankMember)})
		}
		return must(e.d.Team.UpdateVolunteers(t.Context(), a, in)).BulkOutcome
	}
	atOnce(func() { demote(e.commander, "S01", "S02") }, func() { demote(second, "C01", "S02") }, func() { e.archive(third, e.team["C01"], true); e.archive(third, e.team["S01"], true) })
	if got := e.column(`select code from volunteers where rank = 'COMMANDER' and archived_at is null`); len(got) != 1 {
		t.Errorf("got the commanders %v, want one", got)
	} else {
		expect(t, "the last by an earlier commander", demote(third, got[0]), map[bool]string{
			true: "NOT_YOURS at volunteers.0.rank", false: "LAST_COMMANDER at volunteers.0.rank"}[got[0] == "S02"])
		expect(t, "an administrator", demote(e.admin, got[0]), "")
	}
}
