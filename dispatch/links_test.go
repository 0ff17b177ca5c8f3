package dispatch_test

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/access"
)

// What time alone ends, the clock worker says in the feed: so that running streams of a link end with its order's day.
func TestEndLinks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	p, err := e.d.Access.ShareOrder(t.Context(), e.resident, access.ShareOrderInput{OrderID: id})
	token, _ := e.redeem(code(t, p, err))
	end := func() []delivery.EventKind {
		t.Helper()
		n := len(e.feed())
		if err := e.d.Access.EndLinks(t.Context()); err != nil {
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

// An order that is brought back while its links are being ended keeps them.
func TestEndLinksOfAnOrderBroughtBack(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id := e.at(delivery.AtBuilding, delivery.ChannelApp)
	p, err := e.d.Access.ShareOrder(t.Context(), e.resident, access.ShareOrderInput{OrderID: id})
	link := code(t, p, err)
	e.move(e.supply, id, delivery.Delivered)
	e.pass(delivery.LinkAfter)
	conn := must(sql.Open("postgres", e.dsn))
	defer conn.Close()
	undo := must(conn.BeginTx(t.Context(), nil))
	if _, err := undo.ExecContext(t.Context(), `update orders set stage = 'AT_BUILDING', delivered_at = null where id = $1`, id.UUID); err != nil {
		t.Fatal(err)
	}
	n := len(e.feed())
	ended := make(chan error, 1)
	go func() { ended <- e.d.Access.EndLinks(context.WithoutCancel(t.Context())) }()
	e.blocked()
	if err := undo.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := e.since(n); len(got) != 0 {
		t.Errorf("got %v, want no link ended", got)
	}
	if _, _, err := e.d.Access.OpenLink(t.Context(), phone, link); err != nil {
		t.Errorf("the link: %v", err)
	}
}

func TestManyLinks(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	id, next := e.place(e.homes[0]), e.place(e.homes[0])
	share := func(id delivery.ID, a delivery.Actor) *delivery.Error {
		t.Helper()
		p := must(e.d.Access.ShareOrder(t.Context(), a, access.ShareOrderInput{OrderID: id}))
		if len(p.UserErrors) > 0 {
			return p.UserErrors[0]
		}
		return nil
	}
	var all []func()
	var refused atomic.Int64
	for range delivery.MaxLinks + 5 {
		all = append(all, func() {
			switch refusal := share(id, e.resident); {
			case refusal == nil:
			case refusal.Reason == access.ReasonManyLinks && refusal.Details.Limit == delivery.MaxLinks:
				refused.Add(1)
			default:
				t.Error(refusal)
			}
		})
	}
	atOnce(all...)
	links := must(e.db.Codes(t.Context(), e.commander.Scope(), e.community.Community, db.CodeFilter{}, e.clock(), db.Range{Limit: 200})).Items
	if len(links) != delivery.MaxLinks || refused.Load() != 5 {
		t.Errorf("got %d links and %d refused, want %d and 5", len(links), refused.Load(), delivery.MaxLinks)
	}
	if got := reasonAt(share(id, e.commander)); got != "MANY_LINKS at orderId" {
		t.Errorf("the commander: got %s", got)
	}
	if refusal := share(next, e.resident); refusal != nil {
		t.Errorf("another order: %v", refusal)
	}
	if why := e.revoke(e.commander, links[0].ID()); why != none {
		t.Fatal(why)
	}
	if refusal := share(id, e.resident); refusal != nil {
		t.Errorf("after one was revoked: %v", refusal)
	}
	e.wait(delivery.LinkLife)
	if refusal := share(id, e.resident); refusal != nil {
		t.Errorf("after they have expired: %v", refusal)
	}
}

func TestPurgeSignIns(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	c := e.card(e.homes[0])
	token, _ := e.redeem(c)
	gone, _ := e.redeem(e.invite(e.team["S01"]))
	a, _ := e.who(gone)
	if _, err := e.d.Access.SignOut(t.Context(), a, access.SignOutInput{}); err != nil {
		t.Fatal(err)
	}
	if err := e.db.UnscopedPurgeSignIns(t.Context(), e.clock().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, why := e.who(gone); why != delivery.ReasonBadToken {
		t.Errorf("signed out: got %s, want BAD_TOKEN", why)
	}
	if _, why := e.who(token); why != none {
		t.Errorf("signed in: got %s", why)
	}
	if again, why := e.redeem(c); again == "" {
		t.Errorf("a card that is still good: got %s", why)
	}
}
