package dispatch_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/dispatch/estate"
	"baogong/dispatch/hold"
	"baogong/dispatch/order"
)

// With any number of concurrent calls a household places at most its allowance of orders a day. The refusal says until when.
func TestQuotaOfAHousehold(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.d.Quota = 1
	ctx := t.Context()
	const most = 30
	refused := make(chan *delivery.Error, 2*most)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for range 8 {
				p := must(e.d.Order.PlaceOrder(ctx, e.resident, appOrder(e)))
				if p.OrderID == nil {
					refused <- p.UserErrors[0]
				}
			}
		})
	}
	all.Wait()
	if placed := 6*8 - len(refused); placed != most {
		t.Errorf("placed %d orders, want %d", placed, most)
	}
	_, day := e.itself().Today(e.time())
	for range len(refused) {
		r := <-refused
		if r.Reason != db.ReasonQuota || r.Code() != delivery.CodeRateLimited || r.Details.Limit != most || !r.Details.Until.Equal(day) {
			t.Fatalf("got %v (%+v), want QUOTA until %v", r, r.Details, day)
		}
		if !strings.Contains(r.Message(delivery.Chinese), "30 个订单") {
			t.Fatalf("got %q", r.Message(delivery.Chinese))
		}
	}
	// Other households, the household's other calls and retries of placed orders are not affected.
	if p := must(e.d.Order.PlaceOrder(ctx, e.neighbour, func() order.PlaceOrderInput { in := appOrder(e); in.HouseholdID = e.homes[4]; return in }())); p.OrderID == nil {
		t.Errorf("a neighbour: %v", p.UserErrors[0])
	}
	e.checkNeverLost()
	e.pass(24 * time.Hour)
	e.tick()
	if p := must(e.d.Order.PlaceOrder(ctx, e.resident, appOrder(e))); p.OrderID == nil {
		t.Errorf("the next day: %v", p.UserErrors[0])
	}
}

// Lines, text, events, links and holds are limited like orders.
func TestQuotasOfOtherWriters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.d.Quota = 1
	ctx := t.Context()
	until := func(what string, most int, do func() []*delivery.Error) {
		t.Helper()
		for range most {
			if refusals := do(); len(refusals) > 0 {
				if refusals[0].Reason != db.ReasonQuota || refusals[0].Details.Until == nil {
					t.Errorf("%s: got %v", what, refusals[0])
				}
				return
			}
		}
		t.Errorf("%s: nothing was refused", what)
	}
	big := appOrder(e)
	for len(big.Lines) < 75 {
		big.Lines = append(big.Lines, big.Lines[0])
	}
	until("lines", 8, func() []*delivery.Error { return must(e.d.Order.PlaceOrder(ctx, e.resident, big)).UserErrors })
	long := appOrder(e)
	long.HouseholdID = e.homes[4]
	long.Note = strings.Repeat("字", delivery.MaxNote)
	for len(long.Lines) < 16 {
		long.Lines = append(long.Lines, &order.LineInput{Item: strings.Repeat("菜", delivery.MaxName), Quantity: 1000, Unit: "斤"})
	}
	until("text", 30, func() []*delivery.Error { return must(e.d.Order.PlaceOrder(ctx, e.neighbour, long)).UserErrors })
	var subjects []delivery.ID
	for range 6 {
		subjects = append(subjects, e.place(e.homes[1]))
	}
	hold := hold.PlaceHoldInput{SubjectIds: subjects, Reason: delivery.HoldOther}
	must(e.d.Hold.PlaceHold(ctx, e.lead, hold))
	e.column("update quotas set used = 4995 where quota = 'HOLDS' returning used")
	until("holds", 1, func() []*delivery.Error { return must(e.d.Hold.PlaceHold(ctx, e.lead, hold)).UserErrors })
	share := access.ShareOrderInput{OrderID: e.place(e.homes[0])}
	must(e.d.Access.ShareOrder(ctx, e.resident, share))
	e.column("update quotas set used = 60 where quota = 'CODES' and actor like 'RESIDENT%' returning used")
	until("links", 1, func() []*delivery.Error { return must(e.d.Access.ShareOrder(ctx, e.resident, share)).UserErrors })
	again := e.card(e.homes[0])
	for range 50 {
		if _, why := e.redeem(again); why != none {
			t.Fatalf("redeem: %s", why)
		}
	}
	if _, why := e.redeem(e.card(e.homes[0])); why != db.ReasonQuota {
		t.Errorf("sign-in 51: got %q", why)
	}
}

// TestQuotaOfEventsOfTheTeam checks that leads, the commander and administrators write a bounded number of events a day
// too, and that a commander's day passes in which 10,000 residents are imported and every order is moved.
func TestQuotaOfEventsOfTheTeam(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.d.Quota = 1
	ctx := t.Context()
	in := estate.CreateHouseholdsInput{CommunityID: e.community}
	for i := range delivery.MaxBulk {
		in.Households = append(in.Households, &estate.NewHouseholdInput{UnitID: e.units[0], Room: fmt.Sprint("Q", i), Floor: 1, People: 1})
	}
	saved(t, must(e.d.Estate.CreateHouseholds(ctx, e.commander, in)).BulkOutcome)
	used := e.column("select used from quotas where quota = 'EVENTS' and actor = $1", e.commander.Ref().Key())
	each, err := strconv.ParseInt(used[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	const (
		residents = 10_000
		cards     = 3_700
		orders    = 4_000 * (1 + 6 + 6) // placed, moved to the door, each move taken back
		holds     = 10_000 * 2
	)
	day := delivery.AllowanceOf(delivery.RoleCommander, 1)[delivery.QuotaEvents]
	if need := each*residents/delivery.MaxBulk + cards + orders + holds; need > day {
		t.Errorf("a commander may write %d events, and a busy day has %d", day, need)
	}
	for name, who := range map[string]delivery.Actor{"lead": e.lead, "commander": e.commander, "administrator": e.admin} {
		most := delivery.AllowanceOf(who.Role, 1)[delivery.QuotaEvents]
		place := func() *order.PlaceOrderPayload {
			return must(e.d.Order.PlaceOrder(ctx, who, order.PlaceOrderInput{HouseholdID: e.homes[1], Channel: delivery.ChannelPhone, ConsentBy: new(delivery.ConsentHousehold), ReadBack: true, SupplierID: &e.suppliers[1], Lines: orderInput(e).Lines}))
		}
		if p := place(); p.OrderID == nil {
			t.Fatalf("%s: %v", name, p.UserErrors[0])
		}
		e.column("update quotas set used = $1 where quota = 'EVENTS' and actor = $2 returning used", most-1, who.Ref().Key())
		if p := place(); p.OrderID == nil {
			t.Errorf("%s: the last event of the day: %v", name, p.UserErrors[0])
		}
		p := place()
		if p.OrderID != nil {
			t.Errorf("%s: an event past %d was taken", name, most)
		} else if r := p.UserErrors[0]; r.Reason != db.ReasonQuota || r.Details.Limit != most || r.Details.Until == nil {
			t.Errorf("%s: got %v (%+v), want QUOTA", name, r, r.Details)
		}
	}
}

// A sign-in's chain of tokens is limited, and expired ones are deleted. A replaced token still reveals theft.
func TestTokenChainsAreBounded(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.d.Access.StaffTokenLife = 24 * time.Hour
	first, _ := e.redeem(e.invite(e.team["S01"]))
	token := first
	for range 60 {
		next, why := e.refresh(token)
		if why != none {
			t.Fatalf("refresh: %s", why)
		}
		token = next
	}
	if n := e.column("select count(*) from tokens")[0]; n != "40" {
		t.Errorf("got %s tokens, want 40", n)
	}
	e.wait(23 * time.Hour)
	next, why := e.refresh(token)
	if why != none || next == token {
		t.Fatalf("half a day later: %q", why)
	}
	e.wait(3 * time.Hour)
	if _, err := e.db.UnscopedPurgeTokens(t.Context(), e.clock().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := e.column("select count(*) from tokens")[0]; n != "1" {
		t.Errorf("got %s tokens when the others had expired, want 1", n)
	}
	e.opens("the last", next, none)
	last, _ := e.refresh(next)
	e.opens("its successor", last, none)
	e.wait(2 * time.Minute)
	e.opens("the replaced one", next, access.ReasonTokenReused)
	e.opens("its successor, after that", last, delivery.ReasonBadToken)
}

// appOrder returns an order that the first household may place.
func appOrder(e *house) order.PlaceOrderInput {
	in := orderInput(e)
	in.Channel = delivery.ChannelApp
	return in
}
