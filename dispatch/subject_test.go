package dispatch_test

import (
	"slices"
	"testing"

	"baogong/delivery"
	"baogong/dispatch/access"
)

const issuer = "https://id.example"

// bind redeems a code as whom the issuer calls by the subject, and returns why not.
func (e *house) bind(code, subject string, key ...string) delivery.Reason {
	e.t.Helper()
	in := access.RedeemCodeInput{Code: code}
	for _, k := range key {
		in.ClientMutationID = &k
	}
	p := must(e.d.Access.RedeemCode(e.t.Context(), access.Requester{Address: phone.Address, Issuer: issuer, Subject: subject}, in))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0].Reason
	}
	if p.Token != nil || p.Role == nil {
		e.t.Errorf("got %+v, want a role and no token of ours", p)
	}
	return none
}

// subject returns the actor of a subject of the issuer, as the edge asks, or the reason why there is none.
func (e *house) subject(subject string) (delivery.Actor, delivery.Reason) {
	e.t.Helper()
	a, err := e.d.Access.SignedInBy(e.t.Context(), issuer, subject)
	if refusal := delivery.AsError(err); refusal != nil {
		return a, refusal.Reason
	}
	a = must(a, err)
	a.Issuer, a.Subject = issuer, subject
	return a, none
}

// still reports whether an actor who was read before still has a role, as their running streams ask.
func (e *house) still(a delivery.Actor) bool {
	e.t.Helper()
	_, err := e.db.UnscopedActor(e.t.Context(), a, e.time())
	if err != nil && delivery.AsError(err) == nil {
		e.t.Fatal(err)
	}
	return err == nil
}

// Who signs in through the issuer loses access as all others do, and the feed says so.
func TestSubjectsLoseAccess(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(e *house, codeID delivery.ID){
		"their sign-ins are ended": func(e *house, _ delivery.ID) {
			if p := must(e.d.Access.EndSessions(e.t.Context(), e.commander, access.EndSessionsInput{SubjectIds: []delivery.ID{e.team["S01"]}})); !p.Results[0].Ended {
				e.t.Errorf("got %+v", *p.Results[0])
			}
		},
		"their invitation is revoked": func(e *house, codeID delivery.ID) {
			must(e.d.Access.RevokeCodes(e.t.Context(), e.commander, access.RevokeCodesInput{CodeIds: []delivery.ID{codeID}}))
		},
		"they are archived and brought back": func(e *house, _ delivery.ID) {
			saved(e.t, e.archive(e.commander, e.team["S01"], true))
			saved(e.t, e.archive(e.commander, e.team["S01"], false))
		},
		"they are invited again":      func(e *house, _ delivery.ID) { e.invite(e.team["S01"]) },
		"another takes their account": func(e *house, _ delivery.ID) { e.bind(e.invite(e.team["S01"]), "li") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			p, err := e.d.Access.CreateInvitations(t.Context(), e.commander, access.CreateInvitationsInput{SubjectIds: []delivery.ID{e.team["S01"]}})
			if why := e.bind(code(t, p, err), "wang"); why != none {
				t.Fatal(why)
			}
			other, _ := e.redeem(e.invite(e.team["S02"]))
			e.bind(e.invite(e.team["S03"]), "zhao")
			a, why := e.subject("wang")
			if why != none || a.Name != "S01" || !e.still(a) {
				t.Fatalf("got %+v, %s, want S01", a, why)
			}
			n := len(e.feed())
			end(e, *p.Results[0].CodeID)
			if e.still(a) {
				t.Error("the running streams of the subject go on")
			}
			if _, why := e.subject("wang"); why != delivery.ReasonNoAccount {
				t.Errorf("got %q, want NO_ACCOUNT", why)
			}
			lost := slices.DeleteFunc(e.feed()[n:], func(ev *delivery.Event) bool { return ev.Kind != delivery.AccessChanged })
			want := 1
			if name == "they are archived and brought back" {
				want = 2
			}
			if len(lost) != want || delivery.BodyOf[delivery.AccessBody](lost[0]).Row != a.UUID {
				t.Errorf("got %d events ACCESS_CHANGED, want %d for S01", len(lost), want)
			}
			if _, why := e.subject("zhao"); why != none {
				t.Errorf("another subject: got %s", why)
			}
			if _, why := e.who(other); why != none {
				t.Errorf("another sign-in: got %s", why)
			}
			if name != "another takes their account" {
				if why := e.bind(e.invite(e.team["S01"]), "wang"); why != none {
					t.Errorf("invited again: got %s", why)
				}
			}
		})
	}
}

// The holder of a row's old subject loses it to the one who comes with its next invitation, if the first is still
// bound by then.
func TestSubjectIsReplaced(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := e.invite(e.team["S01"])
	token, _ := e.redeem(c)
	e.column(`update accounts set issuer = $1, subject = 'wang'`, issuer) // bound, and signed in by a code later
	a, why := e.subject("wang")
	if why != none {
		t.Fatal(why)
	}
	next := e.invite(e.team["S01"])
	if _, why := e.who(token); why != delivery.ReasonBadToken {
		t.Errorf("the sign-in of the code before: got %s, want BAD_TOKEN", why)
	}
	if !e.still(a) {
		t.Fatal("the subject is lost already")
	}
	n, woken := len(e.feed()), e.woken.Load()
	if why := e.bind(next, "li"); why != none {
		t.Fatal(why)
	}
	if e.still(a) {
		t.Error("the old subject is still S01")
	}
	if got := e.since(n); len(got) != 1 || got[0] != delivery.AccessChanged || e.woken.Load() == woken {
		t.Errorf("got %v, want ACCESS_CHANGED, and the feed woken", got)
	}
}

// Without its role an account has no permissions, in running streams too.
func TestRoleTakenAway(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.bind(e.invite(e.team["S01"]), "wang")
	bound, _ := e.subject("wang")
	token, _ := e.redeem(e.invite(e.team["S02"]))
	signed, _ := e.who(token)
	e.column(`delete from roles`)
	if e.still(bound) || e.still(signed) {
		t.Error("a stream goes on")
	}
}

// An answer that was lost can be asked for again, also by a caller who gets no token of ours.
func TestBindingIsTriedAgain(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for name, c := range map[string]string{"a volunteer": e.invite(e.team["S01"]), "an administrator": e.inviteAdmin()} {
		for range 2 {
			if why := e.bind(c, name, "k"); why != none {
				t.Errorf("%s: got %s", name, why)
			}
		}
		if why := e.bind(c, name); why != none {
			t.Errorf("%s, without a key: got %s", name, why)
		}
		if why := e.bind(c, "another subject", "k"); why != delivery.ReasonCodeUsed {
			t.Errorf("%s, another subject: got %q, want CODE_USED", name, why)
		}
		if token, why := e.redeem(c, "k"); why != delivery.ReasonCodeUsed {
			t.Errorf("%s, without the issuer: got %q %q, want CODE_USED", name, token, why)
		}
	}
	if why := e.bind(e.invite(e.team["S02"]), "a volunteer"); why != access.ReasonHasAccount {
		t.Errorf("another account: got %q, want HAS_ACCOUNT", why)
	}
}
