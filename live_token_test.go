package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/dispatch/access"
	"baogong/live"
)

// soon is how long the end of a sign-in may take to reach a stream on a busy machine; it takes milliseconds.
const soon = 5 * time.Second

// TestTokenEnds lets a token expire while its holder watches.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	e, slow := newSlowEstate(t)
	id := e.place("E6-1-1403")
	code := e.card(e.homes["E6-1-1403"])

	const life = 4 * time.Second
	slow.Store(int64(delivery.ResidentTokenLife - life)) // so that what is issued now ends soon
	lasting, ending := e.signIn(code), e.signIn(code)
	issued := time.Now()
	slow.Store(0)

	stays, goes := e.dial(t, lasting, ""), e.dial(t, ending, "")
	staying, going := stays.follow(e, nil), goes.follow(e, nil)
	state := stays.operate(watchOrder, obj{"id": id})
	stream := e.listen(t, ending, "", orderEvents, obj{"c": e.community, "a": e.cursor()})
	e.advance("C01", "DISPATCHED", id)
	staying.next()
	going.next()
	stream.event()
	var s struct{ Order orderView }
	state.value(&s)
	var renewed struct{ RefreshToken tokenPayload }
	stays.operate(refreshToken, obj{"in": obj{"token": lasting}}).value(&renewed)
	if renewed.RefreshToken.Token == "" {
		t.Fatalf("got %+v, want a token", renewed)
	}

	if code := goes.closed(); code != 4403 {
		t.Errorf("the socket of a token that ended: closed with %d, want 4403", code)
	}
	if took := time.Since(issued); took < life-100*time.Millisecond {
		t.Errorf("closed after %v, before the token ended", took)
	}
	if s, ok := stream.next(); !ok || s.answer.code() != "UNAUTHENTICATED" {
		t.Errorf("the event stream: got %+v, want UNAUTHENTICATED", s)
	}
	if code := e.knock(t, ending); code != 4403 {
		t.Errorf("a new socket: closed with %d, want 4403", code)
	}
	// The other socket came with a token that has ended too by now.
	e.advance("C01", "AT_GATE", id)
	if v := staying.next(); v.Order.Stage != "AT_GATE" {
		t.Errorf("got %+v, want the next move", v)
	}
	for s.Order.Stage != "AT_GATE" {
		state.value(&s)
	}
	if a := e.ask(renewed.RefreshToken.Token, `{ me { role } }`, nil); len(a.Errors) > 0 {
		t.Errorf("the new token: %v", a.Errors)
	}
	if a := e.ask(lasting, `{ me { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Errorf("the old token: got %v, want UNAUTHENTICATED", a)
	}
}

// knock greets with a token that should not be let in, and returns the close code.
func (h *testHouse) knock(t testing.TB, actor string) int {
	t.Helper()
	p := h.greet(t, actor, "")
	go p.read()
	return p.closed()
}

// watching is one sign-in with everything it can watch.
type watching struct {
	peer                 *peer
	events, state, board *inbox
}

// watch starts all three subscriptions and waits until each has begun; browse is false for a link, which has but one.
func (e *estate) watch(t *testing.T, token, order string, browse bool) *watching {
	t.Helper()
	w := &watching{peer: e.dial(t, token, "")}
	w.state = w.peer.operate(watchOrder, obj{"id": order})
	var s struct{ Order orderView }
	w.state.value(&s)
	if browse {
		w.events = w.peer.follow(e, obj{"orderIds": []string{order}})
		w.board = w.peer.operate(`subscription ($c: ID!) { board(communityId: $c) { open } }`, obj{"c": e.community})
		var b struct{ Board struct{ Open int } }
		w.board.value(&b)
	}
	return w
}

// ended checks that everything ends with NOT_FOUND, and that nothing shows the order at a stage it came to afterwards.
func (w *watching) ended(t *testing.T, name, never string, since time.Time) {
	t.Helper()
	for what, in := range map[string]*inbox{"order": w.state, "events": w.events, "board": w.board} {
		if in == nil {
			continue
		}
		for {
			m := in.take()
			if m.Type == "next" {
				var got struct {
					Data struct {
						Order       orderView
						OrderEvents event
					}
				}
				if err := json.Unmarshal(m.Payload, &got); err != nil {
					t.Fatal(err)
				}
				if got.Data.Order.Stage == never || got.Data.OrderEvents.Order.Stage == never {
					t.Errorf("%s: %s showed %s", name, what, m.Payload)
				}
				continue
			}
			var faults []fault
			if err := json.Unmarshal(m.Payload, &faults); m.Type != "error" || err != nil || faults[0].Extensions["code"] != "NOT_FOUND" {
				t.Errorf("%s: %s: got %s %s, want NOT_FOUND", name, what, m.Type, m.Payload)
			}
			break
		}
	}
	took := time.Since(since)
	t.Logf("%s: ended after %v", name, took)
	if took > soon {
		t.Errorf("%s: ended only after %v", name, took)
	}
}

// goesOn checks that the streams show the order at the stage.
func (w *watching) goesOn(t *testing.T, stage string) {
	t.Helper()
	var s struct{ Order orderView }
	for s.Order.Stage != stage {
		w.state.value(&s)
	}
	for w.events != nil {
		if v := w.events.next(); v.Order.Stage == stage {
			break
		}
	}
}

// TestSignInEnds ends sign-ins while they watch: exactly theirs end, and they see nothing that comes after it.
func TestSignInEnds(t *testing.T) {
	t.Parallel()
	mutate := func(e *estate, actor, mutation, input string, in obj) {
		e.t.Helper()
		if a := e.ask(actor, `mutation ($in: `+input+`!) { `+mutation+`(input: $in) { userErrors { code } } }`, obj{"in": in}); len(a.Errors) > 0 || refusedWith.Match(a.Data) {
			e.t.Fatalf("%s: %s %v", mutation, a.Data, a.Errors)
		}
	}
	codesOf := func(e *estate, subject string) []string {
		e.t.Helper()
		var got struct {
			Codes struct{ Nodes []struct{ ID string } }
		}
		e.must("C01", `query ($c: ID!, $s: ID!) { codes(communityId: $c, filter: { subjectIds: [$s] }) { nodes { id } } }`, obj{"c": e.community, "s": subject}, &got)
		return each(got.Codes.Nodes, func(n struct{ ID string }) string { return n.ID })
	}
	home := func(e *estate) string { return e.homes["E6-1-1403"] }
	for name, c := range map[string]struct {
		act  func(e *estate, order string, tokens map[string]string)
		ends []string
	}{
		"the card is revoked": {func(e *estate, _ string, _ map[string]string) {
			mutate(e, "C01", "revokeCodes", "RevokeCodesInput", obj{"codeIds": codesOf(e, home(e))})
		}, []string{"first phone", "second phone"}},
		"a new card is issued": {func(e *estate, _ string, _ map[string]string) { e.card(home(e)) }, []string{"first phone", "second phone"}},
		"the household's sign-ins are ended": {func(e *estate, _ string, _ map[string]string) {
			mutate(e, "C01", "endSessions", "EndSessionsInput", obj{"subjectIds": []string{home(e)}})
		}, []string{"first phone", "second phone"}},
		"the volunteer's sign-ins are ended": {func(e *estate, _ string, _ map[string]string) {
			mutate(e, "C01", "endSessions", "EndSessionsInput", obj{"subjectIds": []string{e.team["S01"]}})
		}, []string{"volunteer"}},
		"one phone signs out": {func(e *estate, _ string, tokens map[string]string) {
			mutate(e, tokens["first phone"], "signOut", "SignOutInput", obj{})
		}, []string{"first phone"}},
		"one phone signs all out": {func(e *estate, _ string, tokens map[string]string) {
			mutate(e, tokens["first phone"], "signOut", "SignOutInput", obj{"everywhere": true})
		}, []string{"first phone", "second phone"}},
		"the link is revoked": {func(e *estate, order string, _ map[string]string) {
			mutate(e, "C01", "revokeCodes", "RevokeCodesInput", obj{"codeIds": codesOf(e, order)})
		}, []string{"link"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			order, next := e.place("E6-1-1403"), e.place("E6-1-1303")
			card := e.card(home(e))
			tokens := map[string]string{"first phone": e.signIn(card), "second phone": e.signIn(card), "neighbour": e.signIn(e.card(e.homes["E6-1-1303"])),
				"volunteer": e.signIn(e.invite(e.team["S01"])), "link": e.signIn(e.link(order))}
			watch := map[string]*watching{}
			for who, token := range tokens {
				sees := order
				if who == "neighbour" {
					sees = next
				}
				watch[who] = e.watch(t, token, sees, who != "link")
			}
			e.advance("C01", "DISPATCHED", order, next)
			began := time.Now()
			c.act(e, order, tokens)
			e.advance("C01", "AT_GATE", order, next)
			for _, who := range c.ends {
				watch[who].ended(t, who, "AT_GATE", began)
				delete(watch, who)
				if a := e.ask(tokens[who], `{ me { role } }`, nil); a.code() != "UNAUTHENTICATED" {
					t.Errorf("%s: got %s %v, want UNAUTHENTICATED", who, a.Data, a.Errors)
				}
			}
			for who, w := range watch {
				w.goesOn(t, "AT_GATE")
				if a := e.ask(tokens[who], `{ me { role } }`, nil); len(a.Errors) > 0 {
					t.Errorf("%s: %v", who, a.Errors)
				}
			}
		})
	}
}

// TestLinkEnds follows an order until a day after it is delivered.
func TestLinkEnds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	order := e.place("E6-1-1403")
	code := e.link(order)
	token := e.signIn(code)
	in := e.dial(t, token, "").operate(watchOrder, obj{"id": order})
	e.bring(order, "DELIVERED")
	for s := (struct{ Order orderView }{}); s.Order.Stage != "DELIVERED"; {
		in.value(&s)
	}
	e.clock.pass(delivery.LinkAfter - time.Minute)
	if a := e.ask(token, `query ($id: ID!) { order(id: $id) { stage } }`, obj{"id": order}); string(a.Data) != `{"order":{"stage":"DELIVERED"}}` {
		t.Errorf("within the day: got %s %v", a.Data, a.Errors)
	}
	e.clock.pass(2 * time.Minute)
	if a := e.ask(token, `query ($id: ID!) { order(id: $id) { stage } }`, obj{"id": order}); a.code() != "UNAUTHENTICATED" {
		t.Errorf("after it: got %s %v, want UNAUTHENTICATED", a.Data, a.Errors)
	}
	if code := e.knock(t, token); code != 4403 {
		t.Errorf("a new socket: closed with %d, want 4403", code)
	}
	if _, why := e.redeem(code); why != "BAD_CODE" {
		t.Errorf("the link again: got %q, want BAD_CODE", why)
	}
}

// TestSubjectEnds ends what an issuer's subject watches as whom it is bound to, and nothing else of theirs.
func TestSubjectEnds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	const issuer, subject = "https://id.example", "wang"
	in := access.RedeemCodeInput{Code: e.invite(e.team["S01"])}
	if p, err := e.verbs.Access.RedeemCode(ctx, access.Caller{Issuer: issuer, Subject: subject}, in); err != nil || p.Role == nil {
		t.Fatalf("got %+v, %v", p, err)
	}
	bound, err := e.verbs.Access.SignedInBy(ctx, issuer, subject)
	if err != nil {
		t.Fatal(err)
	}
	bound.Issuer, bound.Subject = issuer, subject
	dev, err := e.identity().Authenticate(ctx, bearer(e.as("S01")))
	if err != nil {
		t.Fatal(err)
	}
	order := e.place("E6-1-1403")
	watch := func(a delivery.Actor) *live.Stream {
		t.Helper()
		s, err := e.hub.Subscribe(ctx, a, a.Community, delivery.EventFilter{}, nil)
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
	e.must("C01", `mutation ($in: EndSessionsInput!) { endSessions(input: $in) { results { ended } } }`, obj{"in": obj{"subjectIds": []string{e.team["S01"]}}}, &ended)
	e.advance("C01", "DISPATCHED", order)
	if got := await(ctx, ends); delivery.CodeOf(got.Err) != delivery.CodeNotFound {
		t.Errorf("the subject: got %+v, want NOT_FOUND", got)
	}
	if got := await(ctx, stays); got.Step != live.Got || got.Value.(*delivery.Event).Kind != delivery.OrderMoved {
		t.Errorf("who came another way: got %+v, want the move", got)
	}
}

// await is what a flow gives next, nothing when ctx ends.
func await(ctx context.Context, f live.Flow) live.Taken {
	rung := make(chan struct{}, 1)
	f.Listen(live.RingerFunc(func() {
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
			return live.Taken{}
		}
	}
}

// TestAdministratorEnds has one administrator find the invitation of another and revoke it while they watch two
// communities.
func TestAdministratorEnds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	other := e.testHouse.estate("XILING", e.clock)
	stays, goes := e.invitedAdmin(t), e.invitedAdmin(t)
	here, there := e.place("E6-1-1403"), other.place("E6-1-1403")
	ends := []*watching{e.watch(t, goes, here, true), other.watch(t, goes, there, true)}
	goesOn := e.watch(t, stays, here, true)

	const list = `query ($ended: Boolean!) { codes(filter: { includeEnded: $ended }) { totalCount nodes { id role subjectId purpose createdBy { role } } } }`
	for _, actor := range []string{"city", e.as("C01"), e.as("S01"), e.as("E6-1-1403")} {
		if a := e.ask(actor, list, obj{"ended": true}); a.code() != "FORBIDDEN" {
			t.Errorf("%s: got %s %v, want FORBIDDEN", actor, a.Data, a.Errors)
		}
	}
	if a := e.ask("", list, obj{"ended": true}); a.code() != "UNAUTHENTICATED" {
		t.Errorf("nobody: got %v, want UNAUTHENTICATED", a)
	}
	var got struct {
		Codes struct {
			TotalCount int
			Nodes      []struct{ ID, Role, Purpose string }
		}
	}
	e.must(stays, list, obj{"ended": true}, &got)
	if n := got.Codes.Nodes; len(n) != 2 || got.Codes.TotalCount != 2 || n[0].Role != "ADMIN" || n[0].Purpose != "INVITATION" {
		t.Fatalf("got %+v, want two invitations", got)
	}
	id := got.Codes.Nodes[0].ID // the newest
	var node struct{ Node *struct{ Role string } }
	if e.must(stays, `query ($id: ID!) { node(id: $id) { ... on AccessCode { role } } }`, obj{"id": id}, &node); node.Node == nil || node.Node.Role != "ADMIN" {
		t.Errorf("got %+v, want the code", node)
	}

	e.advance("C01@DCXY", "DISPATCHED", here)
	other.advance("C01@XILING", "DISPATCHED", there)
	began := time.Now()
	if a := e.ask(stays, `mutation ($in: RevokeCodesInput!) { revokeCodes(input: $in) { results { ended } userErrors { code } } }`, obj{"in": obj{"codeIds": []string{id}}}); string(a.Data) != `{"revokeCodes":{"results":[{"ended":true}],"userErrors":[]}}` {
		t.Fatalf("got %s %v", a.Data, a.Errors)
	}
	e.advance("C01@DCXY", "AT_GATE", here)
	other.advance("C01@XILING", "AT_GATE", there)
	for _, w := range ends {
		w.ended(t, "the administrator", "AT_GATE", began)
	}
	if a := e.ask(goes, `{ me { role } }`, nil); a.code() != "UNAUTHENTICATED" {
		t.Errorf("got %s %v, want UNAUTHENTICATED", a.Data, a.Errors)
	}
	goesOn.goesOn(t, "AT_GATE")
}
