package live_test

import (
	"context"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/e2e/house"
	"baogong/internal/volume"
	"baogong/live"
)

// TestTokenEnds lets a token expire while its holder watches.
func TestTokenEnds(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e, slow := house.NewSlowEstate(t)
	id := e.Place("E6-1-1403")
	code := e.Card(e.Homes["E6-1-1403"])

	const life = 4 * time.Second
	slow.Store(int64(delivery.ResidentTokenLife - life)) // so that what is issued now ends soon
	before := time.Now()                                 // a sign-in may take long
	lasting, ending := e.SignIn(code), e.SignIn(code)
	slow.Store(0)

	stays, goes := e.Dial(t, lasting, ""), e.Dial(t, ending, "")
	staying, going := stays.Follow(e, nil), goes.Follow(e, nil)
	state := stays.Operate(house.WatchOrder, obj{"id": id})
	stream := e.Listen(t, ending, "", house.OrderEvents, obj{"c": e.Community, "a": e.Cursor()})
	e.Advance("C01", "DISPATCHED", id)
	staying.Next()
	going.Next()
	stream.Event()
	var s struct{ Order house.OrderView }
	state.Value(&s)
	var renewed struct{ RefreshToken house.TokenAnswer }
	stays.Operate(house.RefreshToken, obj{"in": obj{"token": lasting}}).Value(&renewed)
	if renewed.RefreshToken.Token == "" {
		t.Fatalf("got %+v, want a token", renewed)
	}

	if code := goes.Closed(); code != 4403 {
		t.Errorf("the socket of a token that ended: closed with %d, want 4403", code)
	}
	if took := time.Since(before); took < life-100*time.Millisecond {
		t.Errorf("closed after %v, before the token ended", took)
	}
	if s, ok := stream.Next(); !ok || s.Answer.Code() != "UNAUTHENTICATED" {
		t.Errorf("the event stream: got %+v, want UNAUTHENTICATED", s)
	}
	if code := e.TryInit(t, ending); code != 4403 {
		t.Errorf("a new socket: closed with %d, want 4403", code)
	}
	// The other socket came with a token that has ended too by now.
	e.Advance("C01", "AT_GATE", id)
	if v := staying.Next(); v.Order.Stage != "AT_GATE" {
		t.Errorf("got %+v, want the next move", v)
	}
	for s.Order.Stage != "AT_GATE" {
		state.Value(&s)
	}
	if a := e.Ask(renewed.RefreshToken.Token, `{ me { role } }`, nil); len(a.Errors) > 0 {
		t.Errorf("the new token: %v", a.Errors)
	}
	if a := e.Ask(lasting, `{ me { role } }`, nil); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("the old token: got %v, want UNAUTHENTICATED", a)
	}
}

// TestSignInEnds ends sign-ins while they watch: exactly theirs end, and they see nothing that comes after it.
func TestSignInEnds(t *testing.T) {
	t.Parallel()
	mutate := func(e *house.Estate, actor, mutation, input string, in obj) {
		e.T.Helper()
		if a := e.Ask(actor, `mutation ($in: `+input+`!) { `+mutation+`(input: $in) { userErrors { code } } }`, obj{"in": in}); len(a.Errors) > 0 || house.RefusedWith.Match(a.Data) {
			e.T.Fatalf("%s: %s %v", mutation, a.Data, a.Errors)
		}
	}
	codesOf := func(e *house.Estate, subject string) []string {
		e.T.Helper()
		var got struct {
			Codes struct{ Nodes []struct{ ID string } }
		}
		e.Must("C01", `query ($c: ID!, $s: ID!) { codes(communityId: $c, filter: { subjectIds: [$s] }) { nodes { id } } }`, obj{"c": e.Community, "s": subject}, &got)
		return house.Each(got.Codes.Nodes, func(n struct{ ID string }) string { return n.ID })
	}
	home := func(e *house.Estate) string { return e.Homes["E6-1-1403"] }
	for name, c := range map[string]struct {
		act  func(e *house.Estate, order string, tokens map[string]string)
		ends []string
	}{
		"the card is revoked": {func(e *house.Estate, _ string, _ map[string]string) {
			mutate(e, "C01", "revokeCodes", "RevokeCodesInput", obj{"codeIds": codesOf(e, home(e))})
		}, []string{"first phone", "second phone"}},
		"a new card is issued": {func(e *house.Estate, _ string, _ map[string]string) { e.Card(home(e)) }, []string{"first phone", "second phone"}},
		"the household's sign-ins are ended": {func(e *house.Estate, _ string, _ map[string]string) {
			mutate(e, "C01", "endSessions", "EndSessionsInput", obj{"subjectIds": []string{home(e)}})
		}, []string{"first phone", "second phone"}},
		"the volunteer's sign-ins are ended": {func(e *house.Estate, _ string, _ map[string]string) {
			mutate(e, "C01", "endSessions", "EndSessionsInput", obj{"subjectIds": []string{e.Team["S01"]}})
		}, []string{"volunteer"}},
		"one phone signs out": {func(e *house.Estate, _ string, tokens map[string]string) {
			mutate(e, tokens["first phone"], "signOut", "SignOutInput", obj{})
		}, []string{"first phone"}},
		"one phone signs all out": {func(e *house.Estate, _ string, tokens map[string]string) {
			mutate(e, tokens["first phone"], "signOut", "SignOutInput", obj{"everywhere": true})
		}, []string{"first phone", "second phone"}},
		"the link is revoked": {func(e *house.Estate, order string, _ map[string]string) {
			mutate(e, "C01", "revokeCodes", "RevokeCodesInput", obj{"codeIds": codesOf(e, order)})
		}, []string{"link"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := house.NewEstate(t)
			order, next := e.Place("E6-1-1403"), e.Place("E6-1-1303")
			card := e.Card(home(e))
			tokens := map[string]string{"first phone": e.SignIn(card), "second phone": e.SignIn(card), "neighbour": e.SignIn(e.Card(e.Homes["E6-1-1303"])),
				"volunteer": e.SignIn(e.Invite(e.Team["S01"])), "link": e.SignIn(e.Link(order))}
			watch := map[string]*house.Watches{}
			for who, token := range tokens {
				sees := order
				if who == "neighbour" {
					sees = next
				}
				watch[who] = e.Watch(t, token, sees, who != "link")
			}
			e.Advance("C01", "DISPATCHED", order, next)
			began := time.Now()
			c.act(e, order, tokens)
			e.Advance("C01", "AT_GATE", order, next)
			for _, who := range c.ends {
				watch[who].Ended(t, who, "AT_GATE", began)
				delete(watch, who)
				if a := e.Ask(tokens[who], `{ me { role } }`, nil); a.Code() != "UNAUTHENTICATED" {
					t.Errorf("%s: got %s %v, want UNAUTHENTICATED", who, a.Data, a.Errors)
				}
			}
			for who, w := range watch {
				w.GoesOn(t, "AT_GATE")
				if a := e.Ask(tokens[who], `{ me { role } }`, nil); len(a.Errors) > 0 {
					t.Errorf("%s: %v", who, a.Errors)
				}
			}
		})
	}
}

// TestLinkEnds follows an order until a day after it is delivered.
func TestLinkEnds(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	order := e.Place("E6-1-1403")
	code := e.Link(order)
	token := e.SignIn(code)
	in := e.Dial(t, token, "").Operate(house.WatchOrder, obj{"id": order})
	e.Bring(order, "DELIVERED")
	for s := (struct{ Order house.OrderView }{}); s.Order.Stage != "DELIVERED"; {
		in.Value(&s)
	}
	e.Clock.Pass(delivery.LinkAfter - time.Minute)
	if a := e.Ask(token, `query ($id: ID!) { order(id: $id) { stage } }`, obj{"id": order}); string(a.Data) != `{"order":{"stage":"DELIVERED"}}` {
		t.Errorf("within the day: got %s %v", a.Data, a.Errors)
	}
	e.Clock.Pass(2 * time.Minute)
	if a := e.Ask(token, `query ($id: ID!) { order(id: $id) { stage } }`, obj{"id": order}); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("after it: got %s %v, want UNAUTHENTICATED", a.Data, a.Errors)
	}
	if code := e.TryInit(t, token); code != 4403 {
		t.Errorf("a new socket: closed with %d, want 4403", code)
	}
	if _, why := e.Redeem(code); why != "BAD_CODE" {
		t.Errorf("the link again: got %q, want BAD_CODE", why)
	}
}

// TestSubjectEnds ends the streams that an issuer's subject opened as its bound account, and no other stream.
func TestSubjectEnds(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	ctx, cancel := context.WithTimeout(t.Context(), house.Soon)
	defer cancel()
	const issuer, subject = "https://id.example", "wang"
	in := access.RedeemCodeInput{Code: e.Invite(e.Team["S01"])}
	if p, err := e.Verbs.Access.RedeemCode(ctx, access.Requester{Issuer: issuer, Subject: subject}, in); err != nil || p.Role == nil {
		t.Fatalf("got %+v, %v", p, err)
	}
	bound, err := e.Verbs.Access.SignedInBy(ctx, issuer, subject)
	if err != nil {
		t.Fatal(err)
	}
	bound.Issuer, bound.Subject = issuer, subject
	dev, err := e.Identity().Authenticate(ctx, house.Bearer(e.As("S01")))
	if err != nil {
		t.Fatal(err)
	}
	order := e.Place("E6-1-1403")
	watch := func(a delivery.Actor) *live.Stream {
		t.Helper()
		s, err := e.Hub.Subscribe(ctx, a, a.Community, delivery.EventFilter{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	}
	ends, stays := watch(bound), watch(dev.Actor)
	var ended struct {
		EndSessions struct{ Results []struct{ Ended bool } }
	}
	e.Must("C01", `mutation ($in: EndSessionsInput!) { endSessions(input: $in) { results { ended } } }`, obj{"in": obj{"subjectIds": []string{e.Team["S01"]}}}, &ended)
	e.Advance("C01", "DISPATCHED", order)
	if got := await(ctx, ends); delivery.CodeOf(got.Err) != delivery.CodeNotFound {
		t.Errorf("the subject: got %+v, want NOT_FOUND", got)
	}
	if got := await(ctx, stays); got.Step != live.Got || got.Value.(*delivery.Event).Kind != delivery.OrderMoved {
		t.Errorf("who came another way: got %+v, want the move", got)
	}
}

// await returns the flow's next answer, or nothing when ctx ends.
func await(ctx context.Context, f live.Flow) live.Result {
	rung := make(chan struct{}, 1)
	f.Listen(live.WakerFunc(func() {
		select {
		case rung <- struct{}{}:
		default:
		}
	}))
	for {
		if t := f.Take(); t.Step != live.Idle {
			return t
		}
		select {
		case <-rung:
		case <-ctx.Done():
			return live.Result{}
		}
	}
}

// TestAdministratorEnds has one administrator find the invitation of another and revoke it while they watch two
// communities.
func TestAdministratorEnds(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	other := e.Program.Estate("XILING", e.Clock)
	stays, goes := e.InvitedAdmin(t), e.InvitedAdmin(t)
	here, there := e.Place("E6-1-1403"), other.Place("E6-1-1403")
	ends := []*house.Watches{e.Watch(t, goes, here, true), other.Watch(t, goes, there, true)}
	goesOn := e.Watch(t, stays, here, true)

	const list = `query ($ended: Boolean!) { codes(filter: { includeEnded: $ended }) { totalCount nodes { id role subjectId purpose createdBy { role } } } }`
	for _, actor := range []string{"city", e.As("C01"), e.As("S01"), e.As("E6-1-1403")} {
		if a := e.Ask(actor, list, obj{"ended": true}); a.Code() != "FORBIDDEN" {
			t.Errorf("%s: got %s %v, want FORBIDDEN", actor, a.Data, a.Errors)
		}
	}
	if a := e.Ask("", list, obj{"ended": true}); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("without a sign-in: got %v, want UNAUTHENTICATED", a)
	}
	var got struct {
		Codes struct {
			TotalCount int
			Nodes      []struct{ ID, Role, Purpose string }
		}
	}
	e.Must(stays, list, obj{"ended": true}, &got)
	if n := got.Codes.Nodes; len(n) != 2 || got.Codes.TotalCount != 2 || n[0].Role != "ADMIN" || n[0].Purpose != "INVITATION" {
		t.Fatalf("got %+v, want two invitations", got)
	}
	id := got.Codes.Nodes[0].ID // the newest
	var node struct{ Node *struct{ Role string } }
	if e.Must(stays, `query ($id: ID!) { node(id: $id) { ... on AccessCode { role } } }`, obj{"id": id}, &node); node.Node == nil || node.Node.Role != "ADMIN" {
		t.Errorf("got %+v, want the code", node)
	}

	e.Advance("C01@DCXY", "DISPATCHED", here)
	other.Advance("C01@XILING", "DISPATCHED", there)
	began := time.Now()
	if a := e.Ask(stays, `mutation ($in: RevokeCodesInput!) { revokeCodes(input: $in) { results { ended } userErrors { code } } }`, obj{"in": obj{"codeIds": []string{id}}}); string(a.Data) != `{"revokeCodes":{"results":[{"ended":true}],"userErrors":[]}}` {
		t.Fatalf("got %s %v", a.Data, a.Errors)
	}
	e.Advance("C01@DCXY", "AT_GATE", here)
	other.Advance("C01@XILING", "AT_GATE", there)
	for _, w := range ends {
		w.Ended(t, "the administrator", "AT_GATE", began)
	}
	if a := e.Ask(goes, `{ me { role } }`, nil); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("got %s %v, want UNAUTHENTICATED", a.Data, a.Errors)
	}
	goesOn.GoesOn(t, "AT_GATE")
}
