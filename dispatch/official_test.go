package dispatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/access"
)

// inviteAdmin is the code of a new administrator.
func (e *house) inviteAdmin() string {
	e.t.Helper()
	secret, _, err := e.d.Access.InviteAdmin(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return secret
}

// officials lists the codes of administrators and the city, the newest first.
func (e *house) officials(ended bool) []*delivery.AccessCode {
	e.t.Helper()
	return must(e.db.Codes(e.t.Context(), e.admin.Scope(), 0, db.CodeFilter{Ended: ended}, e.clock(), db.Range{Limit: 200})).Items
}

// revoke ends codes and returns why not, if so.
func (e *house) revoke(a delivery.Actor, codes ...delivery.ID) delivery.Reason {
	e.t.Helper()
	p := must(e.d.Access.RevokeCodes(e.t.Context(), a, access.RevokeCodesInput{CodeIds: codes}))
	if len(p.UserErrors) > 0 {
		return p.UserErrors[0].Reason
	}
	for _, r := range p.Results {
		if !r.Ended {
			return r.UserErrors[0].Reason
		}
	}
	return none
}

func TestAdministratorsAreRevoked(t *testing.T) {
	t.Parallel()
	for name, signIn := range map[string]func(e *house, code, subject string) delivery.Actor{
		"signed in by the code": func(e *house, code, _ string) delivery.Actor {
			token, _ := e.redeem(code)
			a, _ := e.who(token)
			return a
		},
		"signed in through the issuer": func(e *house, code, subject string) delivery.Actor {
			e.bind(code, subject)
			a, _ := e.subject(subject)
			return a
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			other := e.another()
			stays, goes := signIn(e, e.inviteAdmin(), "wang"), signIn(e, e.inviteAdmin(), "li")
			if stays.Role != delivery.RoleAdmin || goes.Role != delivery.RoleAdmin || stays.UUID == goes.UUID {
				t.Fatalf("got %+v and %+v, want two administrators", stays, goes)
			}
			if got := e.officials(false); len(got) != 0 {
				t.Errorf("got %d codes that can be redeemed, want none", len(got))
			}
			listed := e.officials(true)
			if len(listed) != 2 || listed[0].Role != delivery.RoleAdmin {
				t.Fatalf("got %d codes, want both", len(listed))
			}
			theirs := listed[0].ID()
			for who, a := range map[string]delivery.Actor{"the commander": e.commander, "a lead": e.lead, "the city": {Role: delivery.RoleCity}} {
				if why := e.revoke(a, theirs); why != delivery.ReasonNoSuch {
					t.Errorf("%s: got %q, want NO_SUCH", who, why)
				}
			}
			n, m, woken := len(e.feed()), len(other.feed()), e.woken.Load()
			if why := e.revoke(stays, theirs); why != none {
				t.Fatal(why)
			}
			if e.still(goes) || !e.still(stays) {
				t.Errorf("the one revoked goes on: %t; the other: %t", e.still(goes), e.still(stays))
			}
			for _, events := range [][]*delivery.Event{e.feed()[n:], other.feed()[m:]} {
				if len(events) != 1 || events[0].Kind != delivery.AccessChanged || delivery.BodyOf[delivery.AccessBody](events[0]).Row != goes.UUID || *events[0].ByUUID != stays.UUID {
					t.Errorf("got %d events, want ACCESS_CHANGED for the one revoked in every feed", len(events))
				}
			}
			if got := e.woken.Load() - woken; got != 2 {
				t.Errorf("%d feeds were woken, want both", got)
			}
			if goes.Subject == "" {
				return
			}
			if _, why := e.subject(goes.Subject); why != delivery.ReasonNoAccount {
				t.Errorf("got %q, want NO_ACCOUNT", why)
			}
			if why := e.bind(e.inviteAdmin(), goes.Subject); why != none {
				t.Errorf("invited again: got %s", why)
			}
		})
	}
	t.Run("before it is redeemed", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		c := e.inviteAdmin()
		if why := e.revoke(e.admin, e.officials(false)[0].ID()); why != none {
			t.Fatal(why)
		}
		if _, why := e.redeem(c); why != db.ReasonBadCode {
			t.Errorf("got %q, want BAD_CODE", why)
		}
	})
}

// An account is an administrator while it has the role, and no longer.
func TestAdministratorsNeedTheirRole(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := e.inviteAdmin()
	token, _ := e.redeem(e.inviteAdmin())
	signed, _ := e.who(token)
	e.bind(e.inviteAdmin(), "wang")
	bound, _ := e.subject("wang")
	for _, a := range []delivery.Actor{signed, bound} {
		if a.Role != delivery.RoleAdmin || !e.still(a) {
			t.Fatalf("got %+v, want an administrator", a)
		}
		if a.Role = delivery.RoleCity; e.still(a) {
			t.Error("an administrator's account passes for the city")
		}
	}
	e.column(`delete from roles where role = 'ADMIN'`)
	if e.still(signed) || e.still(bound) {
		t.Error("an administrator without the role goes on")
	}
	if _, why := e.redeem(c); why != db.ReasonBadCode {
		t.Errorf("an invitation whose role was taken away: got %q, want BAD_CODE", why)
	}
	if err := e.db.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Actor(t.Context(), signed, e.time())
		return err
	}); delivery.CodeOf(err) != delivery.CodeNotFound {
		t.Errorf("in a transaction: got %v, want NOT_FOUND", err)
	}
}

// The invitation by which an administrator can be ended stays as long as they are one; one that was never redeemed goes.
func TestPurgeKeepsAdministrators(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.bind(e.inviteAdmin(), "wang")
	a, _ := e.subject("wang")
	e.inviteAdmin()
	if err := e.db.UnscopedPurgeSignIns(t.Context(), e.clock().Add(delivery.InvitationLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	left := e.officials(true)
	if len(left) != 1 || left[0].UUID != a.UUID || !e.still(a) {
		t.Errorf("got %d codes, want that of the administrator", len(left))
	}
	if accounts := e.column(`select id from accounts`); len(accounts) != 1 {
		t.Errorf("got %d accounts, want one", len(accounts))
	}
}

// The city counts the communities that it was invited for, in every way of signing in.
func TestTheCityIsInvited(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	other := e.another()
	invite := func(communities ...string) string {
		t.Helper()
		secret, _, err := e.d.Access.InviteCity(t.Context(), communities)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	if _, _, err := e.d.Access.InviteCity(t.Context(), []string{e.code, "nowhere"}); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v, want an error that names the community", err)
	}
	for name, c := range map[string]struct {
		communities []string
		want        []int32
	}{"all": {nil, []int32{0}}, "one": {[]string{other.code}, []int32{other.community.Community}},
		"two, one of them twice": {[]string{other.code, e.code, e.code}, []int32{e.community.Community, other.community.Community}}} {
		token, why := e.redeem(invite(c.communities...))
		signed, not := e.who(token)
		if why != none || not != none || signed.Role != delivery.RoleCity || signed.Community != 0 || !slices.Equal(signed.Communities, c.want) {
			t.Errorf("%s: got %+v, %s %s, want %v", name, signed, why, not, c.want)
		}
		e.bind(invite(c.communities...), name)
		if bound, why := e.subject(name); why != none || !slices.Equal(bound.Communities, c.want) || bound.Community != 0 {
			t.Errorf("%s, through the issuer: got %+v, %s", name, bound, why)
		}
		n := len(e.feed())
		fresh, why := e.refresh(token)
		if a, not := e.who(fresh); why != none || not != none || !slices.Equal(a.Communities, c.want) {
			t.Errorf("%s, refreshed: got %+v, %s %s", name, a, why, not)
		}
		e.wait(delivery.ReplacedGrace + time.Second)
		if _, why := e.refresh(token); why != access.ReasonTokenReused {
			t.Errorf("%s, used twice: got %q, want TOKEN_REUSED", name, why)
		}
		token, _ = e.redeem(invite(c.communities...))
		a, _ := e.who(token)
		if p := must(e.d.Access.SignOut(t.Context(), a, access.SignOutInput{})); !p.SignedOut || e.still(a) {
			t.Errorf("%s: got %+v, want it signed out", name, p)
		}
		token, _ = e.redeem(invite(c.communities...))
		a, _ = e.who(token)
		if why := e.revoke(e.admin, e.officials(true)[0].ID()); why != none || e.still(a) {
			t.Errorf("%s: got %q, want it revoked", name, why)
		}
		if got := e.since(n); len(got) != 0 {
			t.Errorf("%s: got %v, and the city follows nothing", name, got)
		}
	}
	token, _ := e.redeem(invite(e.code, other.code))
	a, why := e.who(token)
	if why != none || len(a.Communities) != 2 {
		t.Errorf("got %v, refused %q, want two communities", a.Communities, why)
	}
	e.column(`delete from roles where role = 'CITY' and community_id = $1`, e.community.Community)
	if a, _ = e.who(token); !slices.Equal(a.Communities, []int32{other.community.Community}) {
		t.Errorf("got %v, want the one that is left", a.Communities)
	}
	e.column(`delete from roles where role = 'CITY'`)
	if e.still(a) {
		t.Error("the city without a role goes on")
	}
}
