package dispatch_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/dispatch/access"
	"baogong/dispatch/team"
)

var phone = access.Requester{Address: "203.0.113.7"}

// code is the secret of the only code of a payload.
func code(t testing.TB, p *access.CodesPayload, err error) string {
	t.Helper()
	if err != nil || len(p.UserErrors) > 0 || len(p.Results) != 1 || p.Results[0].Secret == nil {
		t.Fatalf("got %+v, %v, want one code", p, err)
	}
	return *p.Results[0].Secret
}

func (e *house) invite(subject delivery.ID) string {
	e.t.Helper()
	p, err := e.d.Access.CreateInvitations(e.t.Context(), e.commander, access.CreateInvitationsInput{SubjectIds: []delivery.ID{subject}})
	return code(e.t, p, err)
}

func (e *house) card(home delivery.ID) string {
	e.t.Helper()
	p, err := e.d.Access.IssueCards(e.t.Context(), e.commander, access.IssueCardsInput{HouseholdIds: []delivery.ID{home}})
	return code(e.t, p, err)
}

// redeem signs in by a code and returns the token, or the reason why not.
func (e *house) redeem(code string, key ...string) (token string, why delivery.Reason) {
	e.t.Helper()
	in := access.RedeemCodeInput{Code: code}
	for _, k := range key {
		in.ClientMutationID = &k
	}
	return answer(must(e.d.Access.RedeemCode(e.t.Context(), phone, in)))
}

func (e *house) refresh(token string) (string, delivery.Reason) {
	e.t.Helper()
	return answer(must(e.d.Access.RefreshToken(e.t.Context(), access.RefreshTokenInput{Token: token})))
}

func answer(p *access.TokenPayload) (string, delivery.Reason) {
	if p.Token == nil {
		return "", p.UserErrors[0].Reason
	}
	return *p.Token, none
}

// who returns the actor of a token, or the reason why it has none.
func (e *house) who(token string) (delivery.Actor, delivery.Reason) {
	e.t.Helper()
	a, _, err := e.d.Access.SignedIn(e.t.Context(), delivery.Token(token))
	if refusal := delivery.AsError(err); refusal != nil {
		return a, refusal.Reason
	}
	return must(a, err), none
}

// opens checks that a token signs its actor in, or the reason why not.
func (e *house) opens(what, token string, want delivery.Reason) {
	e.t.Helper()
	if _, why := e.who(token); why != want {
		e.t.Errorf("%s: got %q, want %q", what, why, want)
	}
}

func TestSignInByCode(t *testing.T) {
	t.Parallel()
	t.Run("an invitation makes a volunteer what their row says", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for name, id := range map[string]delivery.ID{"S01": e.team["S01"], "S00": e.team["S00"], "C01": e.team["C01"], "caiban": e.suppliers[1]} {
			token, why := e.redeem(e.invite(id))
			a, not := e.who(token)
			want := e.actor(name)
			if why != none || not != none || a.Role != want.Role || a.UUID != want.UUID || a.Name != name || a.Session == "" {
				t.Errorf("%s: got %+v, %s %s, want %+v", name, a, why, not, want)
			}
		}
	})
	t.Run("typed as people type", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.card(e.homes[0])
		typed := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(c))
		if token, why := e.redeem(typed); token == "" {
			t.Errorf("%s: got %s", typed, why)
		}
	})
	t.Run("an invitation serves once, and a retry of it twice", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.invite(e.team["S01"])
		first, _ := e.redeem(c, "k")
		if again, why := e.redeem(c, "k"); again != first || first == "" {
			t.Errorf("the retry: got %q, %s, want the same token", again, why)
		}
		if _, why := e.redeem(c, "other"); why != delivery.ReasonCodeUsed {
			t.Errorf("another try: got %s, want CODE_USED", why)
		}
	})
	t.Run("a retry is one for ten minutes, and while the sign-in holds its first token", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.invite(e.team["S01"])
		e.redeem(c, "k")
		e.wait(11 * time.Minute)
		if token, why := e.redeem(c, "k"); why != delivery.ReasonCodeUsed {
			t.Errorf("the slip found later: got %q, %s, want CODE_USED", token, why)
		}
		c = e.card(e.homes[0])
		token, _ := e.redeem(c, "k")
		a, _ := e.who(token)
		must(e.d.Access.SignOut(t.Context(), a, access.SignOutInput{}))
		if again, why := e.redeem(c, "k"); again == "" || again == token {
			t.Errorf("a card after signing out: got %q, %s, want another token", again, why)
		}
	})
	t.Run("a clientMutationId that comes again after the calls are forgotten issues other codes", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		in := access.IssueCardsInput{ClientMutationID: new("k"), HouseholdIds: e.homes[:1]}
		one := must(e.d.Access.IssueCards(t.Context(), e.commander, in))
		e.wait(dispatch.KeepCalls + 2*time.Hour)
		must(e.db.UnscopedPurgeCalls(t.Context(), e.clock().Add(-dispatch.KeepCalls)))
		two := must(e.d.Access.IssueCards(t.Context(), e.commander, in))
		if *one.Results[0].Secret == *two.Results[0].Secret {
			t.Error("got the ended secret again")
		}
	})
	t.Run("eight at once get one sign-in", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.invite(e.team["S01"])
		var in atomic.Int64
		var all []func()
		for i := range 8 {
			all = append(all, func() {
				if token, _ := e.redeem(c, fmt.Sprint(i)); token != "" {
					in.Add(1)
				}
			})
		}
		atOnce(all...)
		if in.Load() != 1 {
			t.Errorf("got %d sign-ins, want 1", in.Load())
		}
	})
	t.Run("not for ever", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.invite(e.team["S01"])
		e.wait(delivery.InvitationLife)
		if _, why := e.redeem(c); why != delivery.ReasonCodeExpired {
			t.Errorf("after its life: got %s, want CODE_EXPIRED", why)
		}
		c = e.invite(e.team["S02"])
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S02"], Archived: new(true)})
		if _, why := e.redeem(c); why != db.ReasonBadCode {
			t.Errorf("of a member who has left: got %s, want BAD_CODE", why)
		}
		old := e.invite(e.team["S03"])
		e.invite(e.team["S03"])
		if _, why := e.redeem(old); why != delivery.ReasonCodeEnded {
			t.Errorf("replaced by another: got %s, want CODE_ENDED", why)
		}
	})
	t.Run("a retry of issuing gives the same codes", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		in := access.IssueCardsInput{ClientMutationID: new("k"), BuildingID: &e.buildings[0]}
		one, two := must(e.d.Access.IssueCards(t.Context(), e.commander, in)), must(e.d.Access.IssueCards(t.Context(), e.commander, in))
		if len(one.Results) != 4 || len(two.Results) != 4 {
			t.Fatalf("got %d and %d cards, want one a household", len(one.Results), len(two.Results))
		}
		for i, r := range one.Results {
			if *r.Secret != *two.Results[i].Secret || *r.CodeID != *two.Results[i].CodeID {
				t.Errorf("card %d: got %s, then %s", i, *r.Secret, *two.Results[i].Secret)
			}
		}
	})
	t.Run("a retry shows nothing to an actor who may not issue any more", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		in := access.CreateInvitationsInput{ClientMutationID: new("k"), SubjectIds: []delivery.ID{e.team["S00"]}}
		must(e.d.Access.CreateInvitations(t.Context(), e.commander, in))
		demoted := e.commander
		demoted.Role = delivery.RoleVolunteer
		if p := must(e.d.Access.CreateInvitations(t.Context(), demoted, in)); len(p.Results) > 0 || len(p.UserErrors) != 1 || p.UserErrors[0].Reason != delivery.ReasonNotYours {
			t.Errorf("got %v, %v, want NOT_YOURS and no code", p.Results, p.UserErrors)
		}
	})
	t.Run("who may not issue", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		stranger := e.another().commander
		for name, c := range map[string]struct {
			actor delivery.Actor
			want  delivery.Reason
		}{"a lead": {e.lead, delivery.ReasonNotYours}, "a volunteer": {e.supply, delivery.ReasonNotYours}, "a shop": {e.shop, delivery.ReasonNotYours},
			"a resident": {e.resident, delivery.ReasonNotYours}, "another commander": {stranger, delivery.ReasonNoSuch}} {
			p := must(e.d.Access.CreateInvitations(t.Context(), c.actor, access.CreateInvitationsInput{SubjectIds: []delivery.ID{e.team["S01"]}}))
			q := must(e.d.Access.IssueCards(t.Context(), c.actor, access.IssueCardsInput{BuildingID: &e.buildings[0]}))
			r := must(e.d.Access.EndSessions(t.Context(), c.actor, access.EndSessionsInput{SubjectIds: []delivery.ID{e.team["S01"]}}))
			for i, errs := range [][]*delivery.Error{p.UserErrors, q.UserErrors, r.UserErrors} {
				if len(errs) != 1 || errs[0].Reason != c.want {
					t.Errorf("%s, %d: got %v, want %s", name, i, errs, c.want)
				}
			}
		}
	})
}

func TestGuessing(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	right := e.card(e.homes[0])
	wrong := right[:7] + strings.Map(func(r rune) rune { // the same row, another secret
		if r == '-' {
			return r
		}
		if r == '7' {
			return '8'
		}
		return '7'
	}, right[7:])
	for i, typed := range []string{"", "Q-4", "您好", right[:len(right)-1], right + "7", strings.Repeat("7", 3000), right[:6] + "?", "Bearer", "1203"} {
		for range 5 {
			if _, why := e.redeem(typed); why != access.ReasonCodeForm {
				t.Fatalf("no code, %d: got %s, want CODE_FORM, and no guess", i, why)
			}
		}
	}
	for i := range 5 {
		if _, why := e.redeem(wrong); why != db.ReasonBadCode {
			t.Fatalf("guess %d: got %s, want BAD_CODE", i, why)
		}
	}
	if _, why := e.redeem(right); why != delivery.ReasonTooManyGuesses {
		t.Errorf("even the right one after five wrong ones from there: got %s, want TOO_MANY_GUESSES", why)
	}
	if p := must(e.d.Access.RedeemCode(t.Context(), access.Requester{Address: "198.51.100.1"}, access.RedeemCodeInput{Code: right})); p.Token == nil {
		t.Errorf("the rightful holder from elsewhere: got %v", p.UserErrors)
	}
	for i := range 40 {
		e.redeem(fmt.Sprintf("%06d00000000000000", i))
	}
	if _, why := e.redeem("99999900000000000000"); why != delivery.ReasonTooManyGuesses {
		t.Errorf("after 40 guesses at anything: got %s, want TOO_MANY_GUESSES", why)
	}
	if token, why := e.redeem(e.card(e.homes[1])); token == "" {
		t.Errorf("a neighbour behind the same address: got %s, want a token", why)
	}
	e.wait(16 * time.Minute)
	if token, why := e.redeem(right); token == "" {
		t.Errorf("later: got %s, want a token", why)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	signIn := func(e *house) string {
		token, why := e.redeem(e.card(e.homes[0]))
		if token == "" {
			t.Fatal(why)
		}
		return token
	}
	replaced := func(e *house) (old, fresh string) { // and the fresh one has been used
		old = signIn(e)
		fresh, _ = e.refresh(old)
		e.who(fresh)
		return old, fresh
	}
	t.Run("one replaces another", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old := signIn(e)
		fresh, _ := e.refresh(old)
		if again, why := e.refresh(old); again != fresh || fresh == "" || fresh == old {
			t.Errorf("the retry of a lost answer: got %q, %s, want %q", again, why, fresh)
		}
		e.opens("the old one before the new one was used", old, none)
		e.opens("the new one", fresh, none)
		e.opens("the old one in requests that were under way", old, none)
	})
	t.Run("used again after that it ends the family", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old, fresh := replaced(e)
		e.wait(delivery.ReplacedGrace + time.Second)
		n := len(e.feed())
		if _, why := e.refresh(old); why != access.ReasonTokenReused {
			t.Errorf("the thief: got %s, want TOKEN_REUSED", why)
		}
		e.opens("the new one", fresh, delivery.ReasonBadToken)
		if got := e.since(n); len(got) != 1 || got[0] != delivery.AccessChanged {
			t.Errorf("got events %v, want ACCESS_CHANGED", got)
		}
	})
	t.Run("asked for by two tabs at once it is the same", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old, fresh := replaced(e)
		if again, why := e.refresh(old); again != fresh {
			t.Errorf("the second tab: got %q, %s, want the first's token", again, why)
		}
		e.opens("the new one", fresh, none)
	})
	t.Run("all of a household's sign out everywhere at once", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.card(e.homes[0])
		var all []func()
		for i := range 6 {
			token, _ := e.redeem(c, fmt.Sprint(i))
			a, _ := e.who(token)
			all = append(all, func() {
				if _, err := e.d.Access.SignOut(t.Context(), a, access.SignOutInput{Everywhere: true}); err != nil {
					t.Error(err)
				}
			})
		}
		atOnce(all...)
	})
	t.Run("also as a credential, after the grace", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		old, fresh := replaced(e)
		e.wait(delivery.ReplacedGrace + time.Second)
		e.opens("the old one", old, access.ReasonTokenReused)
		e.opens("the new one", fresh, delivery.ReasonBadToken)
	})
	t.Run("of staff last as long as is set", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		e.d.Access.StaffTokenLife = 5 * time.Hour
		token, _ := e.redeem(e.invite(e.team["S00"]))
		e.wait(4 * time.Hour)
		fresh, why := e.refresh(token)
		e.wait(4 * time.Hour)
		e.opens("the next one", fresh, none)
		if e.wait(time.Hour); why != none {
			t.Errorf("refreshed: got %s", why)
		}
		e.opens("the next one after its life", fresh, delivery.ReasonTokenExpired)
	})
	t.Run("expiry", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token := signIn(e)
		e.wait(delivery.ResidentTokenLife)
		e.opens("the token", token, delivery.ReasonTokenExpired)
		if _, why := e.refresh(token); why != delivery.ReasonTokenExpired {
			t.Errorf("refreshed: got %s, want TOKEN_EXPIRED", why)
		}
		token = signIn(e)
		for range 10 {
			e.wait(20 * 24 * time.Hour)
			fresh, why := e.refresh(token)
			if why == delivery.ReasonTokenExpired {
				return // a sign-in does not last for ever, however often it is refreshed
			}
			token = fresh
		}
		t.Error("the sign-in has no end")
	})
	t.Run("nonsense", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		for _, token := range []string{"", "bgt_", string(delivery.NewToken()), strings.Repeat("x", 10_000)} {
			if _, why := e.refresh(token); why != delivery.ReasonBadToken {
				t.Errorf("%.20q: got %s, want BAD_TOKEN", token, why)
			}
		}
		e.opens("the token", string(delivery.NewToken()), delivery.ReasonBadToken)
	})
	t.Run("signing out", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.card(e.homes[0])
		one, _ := e.redeem(c, "phone")
		two, _ := e.redeem(c, "tablet")
		a, _ := e.who(one)
		if p := must(e.d.Access.SignOut(t.Context(), a, access.SignOutInput{})); !p.SignedOut {
			t.Errorf("got %+v", p)
		}
		e.opens("signed out", one, delivery.ReasonBadToken)
		b, why := e.who(two)
		if why != none {
			t.Errorf("the other device: got %s", why)
		}
		three, _ := e.redeem(c, "watch")
		must(e.d.Access.SignOut(t.Context(), b, access.SignOutInput{Everywhere: true}))
		if p := must(e.d.Access.SignOut(t.Context(), e.commander, access.SignOutInput{})); p.SignedOut || len(p.UserErrors) != 1 || p.UserErrors[0].Reason.String() != "NOT_OUR_SIGN_IN" {
			t.Errorf("a development actor: got %+v, want NOT_OUR_SIGN_IN", p)
		}
		e.opens("signed out everywhere", three, delivery.ReasonBadToken)
	})
}

func TestRevoking(t *testing.T) {
	t.Parallel()
	t.Run("a card and what it signed in", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		p := must(e.d.Access.IssueCards(t.Context(), e.commander, access.IssueCardsInput{HouseholdIds: e.homes[:1]}))
		token, _ := e.redeem(*p.Results[0].Secret)
		n := len(e.feed())
		ghost := *p.Results[0].CodeID
		ghost.UUID = "01890000-0000-7000-8000-000000000000"
		q := must(e.d.Access.RevokeCodes(t.Context(), e.commander, access.RevokeCodesInput{CodeIds: []delivery.ID{*p.Results[0].CodeID, ghost}, Atomic: true}))
		if q.Results[0].Ended || q.Results[0].UserErrors[0].Reason != dispatch.ReasonAtomic {
			t.Errorf("all or none: got %+v", *q.Results[0])
		}
		e.opens("all or none", token, none)
		q = must(e.d.Access.RevokeCodes(t.Context(), e.commander, access.RevokeCodesInput{CodeIds: []delivery.ID{*p.Results[0].CodeID, ghost}}))
		if !q.Results[0].Ended || q.Results[1].Ended || q.Results[1].UserErrors[0].Reason != delivery.ReasonNoSuch {
			t.Errorf("got %+v and %+v", *q.Results[0], *q.Results[1])
		}
		e.opens("its sign-in", token, delivery.ReasonBadToken)
		if _, why := e.redeem(*p.Results[0].Secret); why != delivery.ReasonCodeEnded {
			t.Errorf("redeemed again: got %s, want CODE_ENDED", why)
		}
		if got := e.since(n); len(got) != 2 || got[0] != delivery.AccessChanged || got[1] != delivery.CodesEnded {
			t.Errorf("got events %v", got)
		}
	})
	t.Run("a card by its successor", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token, _ := e.redeem(e.card(e.homes[0]))
		e.card(e.homes[0])
		e.opens("the token", token, delivery.ReasonBadToken)
	})
	t.Run("sign-ins of a lost phone", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token, _ := e.redeem(e.invite(e.team["S01"]))
		if p := must(e.d.Access.EndSessions(t.Context(), e.commander, access.EndSessionsInput{SubjectIds: []delivery.ID{e.team["S01"]}})); !p.Results[0].Ended {
			t.Errorf("got %+v", *p.Results[0])
		}
		e.opens("the token", token, delivery.ReasonBadToken)
	})
	t.Run("by leaving the team", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		token, _ := e.redeem(e.invite(e.team["S02"]))
		e.volunteer(&team.VolunteerPatchInput{ID: e.team["S02"], Archived: new(true)})
		e.opens("the token", token, delivery.ReasonBadToken)
	})
}

func TestTrackingLinks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	share := func(a delivery.Actor) (*access.CodesPayload, error) {
		return e.d.Access.ShareOrder(t.Context(), a, access.ShareOrderInput{OrderID: id})
	}
	for name, c := range map[string]struct {
		actor delivery.Actor
		want  delivery.Reason
	}{"the shop": {e.shop, delivery.ReasonNotYours}, "a neighbour": {e.neighbour, delivery.ReasonNoSuch}, "who does not see it": {e.patrol, delivery.ReasonNoSuch}} {
		if p := must(share(c.actor)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != c.want {
			t.Errorf("%s: got %v, want %s", name, p.UserErrors, c.want)
		}
	}
	p, err := share(e.resident)
	secret := code(t, p, err)
	token, why := e.redeem(secret)
	a, _ := e.who(token)
	if why != none || a.Role != delivery.RoleLink || !a.Scope().Sees(e.row(id).Keys()) || a.Scope().Sees(e.row(e.place(e.homes[0])).Keys()) {
		t.Errorf("got %+v, %s, want to see this order and no other", a, why)
	}
	if got := e.advance(a, id, delivery.Delivered); got == nil || got.Code() != delivery.CodeForbidden {
		t.Errorf("a move by a link: got %v, want FORBIDDEN", got)
	}
	e.move(e.supply, id, delivery.Delivered)
	e.pass(23 * time.Hour)
	e.opens("within a day", token, none)
	e.pass(2 * time.Hour)
	e.opens("after a day", token, delivery.ReasonBadToken)
	if _, why := e.redeem(secret); why != db.ReasonBadCode {
		t.Errorf("redeemed after a day: got %s, want BAD_CODE", why)
	}
	if p := must(share(e.resident)); len(p.UserErrors) != 1 || p.UserErrors[0].Reason != delivery.ReasonFinalStage {
		t.Errorf("shared after a day: got %v, want FINAL_STAGE", p.UserErrors)
	}
}
