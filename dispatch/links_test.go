package dispatch_test

import (
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch"
)

// What time alone ends, the clock worker says in the feed: so that running streams of a link end with its order's day.
func TestEndLinks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	p, err := e.d.ShareOrder(t.Context(), e.resident, dispatch.ShareOrderInput{OrderID: id})
	token, _ := e.redeem(code(t, p, err))
	end := func() []delivery.EventKind {
		t.Helper()
		n := len(e.feed())
		if err := e.d.EndLinks(t.Context()); err != nil {
			t.Fatal(err)
		}
		return e.since(n)
	}
	if got := end(); len(got) != 0 {
		t.Errorf("while the order is open: got %v", got)
	}
	e.move(e.supply, id, delivery.Delivered)
	e.pass(delivery.LinkAfter - time.Minute)
	if got := end(); len(got) != 0 {
		t.Errorf("within a day: got %v", got)
	}
	e.pass(2 * time.Minute)
	if got := end(); len(got) != 2 || got[0] != delivery.AccessChanged || got[1] != delivery.CodesEnded {
		t.Errorf("after a day: got %v, want ACCESS_CHANGED and CODES_ENDED", got)
	}
	if got := end(); len(got) != 0 {
		t.Errorf("again: got %v", got)
	}
	if _, why := e.who(token); why != delivery.ReasonBadToken {
		t.Errorf("its token: got %s, want BAD_TOKEN", why)
	}
}

func TestPurgeSignIns(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := e.card(e.homes[0])
	token, _ := e.redeem(c)
	gone, _ := e.redeem(e.invite(e.team["S01"]))
	a, _ := e.who(gone)
	if _, err := e.d.SignOut(t.Context(), a, dispatch.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	if err := e.db.UnscopedPurgeSignIns(t.Context(), e.clock().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, why := e.who(gone); why != delivery.ReasonBadToken {
		t.Errorf("signed out: got %s, want BAD_TOKEN", why)
	}
	if _, why := e.who(token); why != "" {
		t.Errorf("signed in: got %s", why)
	}
	if again, why := e.redeem(c); again == "" {
		t.Errorf("a card that is still good: got %s", why)
	}
}
