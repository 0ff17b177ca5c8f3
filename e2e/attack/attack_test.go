package attack_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/cpu"
	"baogong/internal/volume"
	"baogong/server"
)

// The attacks here must fail cheaply. These tests do not run in parallel, so that the CPU time of the process is theirs:
// that of client and server together, without PostgreSQL's.

// proxied returns an estate behind a proxy, so that a test can send from any address.
func proxied(t *testing.T) *house.Estate {
	t.Helper()
	return house.NewEstate(t, func(s *app.ServerSettings) { s.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
}

// TestForeignIDs asks for rows of other people and for rows that do not exist. The answers must not differ.
func TestForeignIDs(t *testing.T) {
	volume.OnlyInCI(t)
	e := house.NewEstate(t)
	e.Desk()
	e.Place("E6-1-1403")
	other := e.Program.Estate("XILING", e.Clock)
	foreign := other.Place("E6-1-1103")
	hold := other.Hold(obj{"subjectIds": []string{foreign}, "reason": "TESTING"})[0]
	theirs := []string{other.Community, other.Buildings["E6"], other.Units["E6-1"], other.Homes["E6-1-1103"], other.Suppliers["caiban"], other.Team["S01"], foreign, hold}
	guess := func(like string) string { // another of its kind, in its place
		id, err := delivery.ParseID(like)
		if err != nil {
			t.Fatal(err)
		}
		if id.Kind == delivery.KindCommunity {
			id.Community = 4711
		} else {
			last := byte('0')
			if id.UUID[35] == last {
				last = '1'
			}
			id.UUID = id.UUID[:35] + delivery.UUID(last)
		}
		return id.String()
	}
	tokens := map[string]string{"city": server.CityName, "phone desk": e.As("Q01"), "commander": e.As("C01"), "lead": e.As("S00"), "volunteer": e.As("S01"), "duty": e.As("D01"),
		"supplier": e.As("caiban"), "resident": e.As("E6-1-1403"), "link": e.SignIn(e.Link(e.Place("E6-1-1403")))}
	said := func(a house.Response, ids ...string) string { // without the ids themselves
		text := string(a.Data)
		for _, f := range a.Errors {
			text += fmt.Sprint(" ", f.Message, f.Path, f.Extensions["code"], f.Extensions["reason"])
		}
		for _, id := range ids {
			text = strings.ReplaceAll(text, id, "")
		}
		return text
	}
	cpu.Cheaply(t, func() {
		for role, token := range tokens {
			for _, id := range theirs {
				if role == "city" && id == other.Community {
					continue // whose name and numbers it may see
				}
				wrong := guess(id)
				for _, query := range []string{`{ node(id: $id) { id } }`, `{ nodes(ids: [$id]) { id } }`, `{ order(id: $id) { id } }`, `{ community(id: $id) { id } }`,
					`{ orders(communityId: $id) { totalCount } }`, `{ households(communityId: $id) { totalCount } }`} {
					query = "query ($id: ID!) " + query
					a := e.Ask(token, query, obj{"id": id})
					if b := e.Ask(token, query, obj{"id": wrong}); said(a, id) != said(b, wrong) {
						t.Errorf("%s: %s of a foreign id says %q, of a guessed one %q", role, query, said(a, id), said(b, wrong))
					}
					if strings.Contains(query, "node(") && (string(a.Data) != `{"node":null}` || len(a.Errors) > 0) {
						t.Errorf("%s: got %s %v, want null", role, a.Data, a.Errors)
					}
				}
			}
		}
	})
}

// TestGuessedCode tries a thousand codes. The address is locked out of the card that it guesses at, and learns nothing
// about other cards. The household can sign in from other addresses all the time.
func TestGuessedCode(t *testing.T) {
	e := proxied(t)
	card := e.Card(e.Homes["E6-1-1403"])
	from := func(n int) []string { return []string{"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n)} }
	cpu.Cheaply(t, func() {
		said := map[string]int{}
		for n := range 1000 {
			_, why := e.Redeem(card[:7]+fmt.Sprintf("%014d", n), from(9)...)
			said[why]++
			if n%100 == 99 {
				if token, why := e.Redeem(card, from(10+n/100)...); token == "" {
					t.Errorf("the household, after %d guesses: %s", n, why)
				}
			}
		}
		if said["BAD_CODE"] != 5 || said["TOO_MANY_GUESSES"] != 995 {
			t.Errorf("guesses at one card: got %v, want 5 answered", said)
		}
	})
	if _, why := e.Redeem(card, from(9)...); why != "TOO_MANY_GUESSES" {
		t.Errorf("the right code from the address that guessed: got %q, want TOO_MANY_GUESSES", why)
	}
	cpu.Cheaply(t, func() {
		said := map[string]int{}
		for n := range 1000 {
			_, why := e.Redeem(fmt.Sprintf("%06d%014d", n, n), from(30)...)
			said[why]++
		}
		if said["BAD_CODE"] != 30 || said["TOO_MANY_GUESSES"] != 970 {
			t.Errorf("guesses at any card: got %v, want 30 answered", said)
		}
		if token, why := e.Redeem(card, from(30)...); token == "" {
			t.Errorf("the household behind the same address: %s", why)
		}
	})
}

// TestCodeTiming compares the answer times of two kinds of codes: the first six characters, which are no secret, name a
// card or name none. It shows that both kinds take one query, so that the time of an answer does not reveal whether a card
// exists. It cannot show that the secret part is compared in constant time, since that differs by nanoseconds. Hashing
// it first and subtle.ConstantTimeCompare ensure that.
func TestCodeTiming(t *testing.T) {
	e := proxied(t)
	card := e.Card(e.Homes["E6-1-1403"])
	const calls = 200
	right, wrong := make([]time.Duration, calls), make([]time.Duration, calls)
	cpu.Cheaply(t, func() {
		for n := range calls { // by turns, so that what slows the machine slows both
			for list, code := range map[*[]time.Duration]string{&right: card[:7] + fmt.Sprintf("%014d", n), &wrong: fmt.Sprintf("%06d%014d", n, n)} {
				began := time.Now()
				_, why := e.Redeem(code, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n))
				(*list)[n] = time.Since(began)
				if why != "BAD_CODE" {
					t.Fatalf("got %q, want BAD_CODE", why)
				}
			}
		}
	})
	slices.Sort(right)
	slices.Sort(wrong)
	a, b := right[calls/2], wrong[calls/2]
	t.Logf("median %v where there is a card, %v where there is none", a, b)
	if a > 3*b || b > 3*a {
		t.Errorf("median %v where there is a card, %v where there is none", a, b)
	}
}

// TestCursorAttacks sends cursors that were made up, changed, or made for another list. A cursor is a position and not a
// permission: any client may use it, and sees from there only what it may see anyway.
func TestCursorAttacks(t *testing.T) {
	e := house.NewEstate(t)
	other := e.Program.Estate("XILING", e.Clock)
	mine := e.Place("E6-1-1403")
	for _, door := range []string{"E7-1-1103", "E6-1-1303", "E2-1-1103"} {
		e.Place(door)
		other.Place(door)
	}
	own := e.Place("E6-1-1403")
	const orders = `query ($c: ID!, $a: String) { orders(communityId: $c, first: 1, after: $a, orderBy: { field: NUMBER, direction: ASC }) { feedCursor edges { cursor node { id } } } }`
	type page struct {
		Orders struct {
			FeedCursor string
			Edges      []struct {
				Cursor string
				Node   struct{ ID string }
			}
		}
	}
	var first page
	e.Must(e.As("C01"), orders, obj{"c": e.Community}, &first)
	cursor, feed := first.Orders.Edges[0].Cursor, first.Orders.FeedCursor
	p := e.Dial(t, e.As("C01"), "")
	refused := func(what, cursor string) {
		t.Helper()
		if a := e.Ask(e.As("C01"), orders, obj{"c": e.Community, "a": cursor}); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("a page after %s: got %s %v, want BAD_USER_INPUT", what, a.Data, a.Errors)
		}
	}
	unfollowed := func(what, cursor string) {
		t.Helper()
		if f := p.After(e, cursor, nil).Refused(); f.Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("events after %s: got %v, want BAD_USER_INPUT", what, f)
		}
	}
	cpu.Cheaply(t, func() {
		for _, forged := range []string{"", "x", "MQ", strings.Repeat("A", 70), strings.Repeat("A", 4000), base64.RawURLEncoding.EncodeToString([]byte(`{"number":1}`)), mine} {
			refused("one that was made up", forged)
			unfollowed("one that was made up", forged)
		}
		for _, c := range []struct {
			whole string
			send  func(string, string)
		}{{cursor, refused}, {feed, unfollowed}} {
			raw, err := base64.RawURLEncoding.DecodeString(c.whole)
			if err != nil {
				t.Fatal(err)
			}
			for i := range raw {
				changed := slices.Clone(raw)
				changed[i] ^= 1 << (i % 8)
				c.send(fmt.Sprintf("one with a changed bit in byte %d", i), base64.RawURLEncoding.EncodeToString(changed))
			}
		}
		refused("a feed's", feed)
		unfollowed("a page's", cursor)
		unfollowed("another community's", other.Cursor())
		for what, query := range map[string]string{
			"another community":     `orders(communityId: $other, first: 1, after: $a, orderBy: { field: NUMBER, direction: ASC }) { totalCount }`,
			"another sorting":       `orders(communityId: $c, first: 1, after: $a) { totalCount }`,
			"another filter":        `orders(communityId: $c, filter: { held: true }, first: 1, after: $a, orderBy: { field: NUMBER, direction: ASC }) { totalCount }`,
			"households":            `households(communityId: $c, first: 1, after: $a) { totalCount }`,
			"the support team":      `volunteers(communityId: $c, first: 1, after: $a) { totalCount }`,
			"suppliers":             `suppliers(communityId: $c, first: 1, after: $a) { totalCount }`,
			"buildings":             `buildings(communityId: $c, first: 1, after: $a) { totalCount }`,
			"codes":                 `codes(communityId: $c, first: 1, after: $a) { totalCount }`,
			"communities":           `communities(first: 1, after: $a) { totalCount }`,
			"a household's reveals": `node(id: $h) { ... on Household { reveals(first: 1, after: $a) { totalCount } } }`,
		} {
			head, in := "$a: String", obj{"a": cursor}
			for name, id := range map[string]string{"c": e.Community, "other": other.Community, "h": e.Homes["E6-1-1403"]} {
				if strings.Contains(query, "$"+name) {
					head, in[name] = head+", $"+name+": ID!", id
				}
			}
			if a := e.Ask("admin", "query ("+head+") { "+query+" }", in); a.Code() != "BAD_USER_INPUT" {
				t.Errorf("%s after a cursor of orders: got %s %v, want BAD_USER_INPUT", what, a.Data, a.Errors)
			}
		}
	})
	// Another account's cursor: the same position, and only the reader's own rows from there.
	var rest page
	e.Must(e.As("E6-1-1403"), strings.Replace(orders, "first: 1", "first: 10", 1), obj{"c": e.Community, "a": cursor}, &rest)
	if len(rest.Orders.Edges) != 1 || rest.Orders.Edges[0].Node.ID != own {
		t.Errorf("a resident, after the commander's cursor: got %+v, want the own order that follows", rest)
	}
	in := e.Dial(t, e.As("E6-1-1403"), "").After(e, feed, nil)
	e.Place("E7-1-1103")
	last := e.Place("E6-1-1403")
	if v := in.Next(); v.Order.OrderID != last {
		t.Errorf("a resident, after the commander's feed cursor: got %+v, want the own order", v)
	}
}

// TestReusedRefreshToken has a thief replace a token that its owner has replaced already. Both lose their sessions and
// all their streams.
func TestReusedRefreshToken(t *testing.T) {
	e := house.NewEstate(t)
	order := e.Place("E6-1-1403")
	stolen := e.SignIn(e.Card(e.Homes["E6-1-1403"]))
	thief := e.Watch(t, stolen, order, true)
	token, why := e.Refresh(stolen)
	if token == "" {
		t.Fatal(why)
	}
	victim := e.Watch(t, token, order, true)
	e.SQL(`update tokens set created_at = created_at - interval '61 seconds'`) // so that the old one is not another tab's
	neighbour := e.Watch(t, e.SignIn(e.Card(e.Homes["E6-1-1303"])), e.Place("E6-1-1303"), true)
	cpu.Cheaply(t, func() {
		began := time.Now()
		if _, why := e.Refresh(stolen); why != "TOKEN_REUSED" {
			t.Errorf("got %q, want TOKEN_REUSED", why)
		}
		e.Advance("C01", "DISPATCHED", order)
		thief.Ended(t, "the thief", "DISPATCHED", began)
		victim.Ended(t, "the victim", "DISPATCHED", began)
		for who, token := range map[string]string{"the thief": stolen, "the victim": token} {
			if a := e.Ask(token, `{ me { role } }`, nil); a.Code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %s %v, want UNAUTHENTICATED", who, a.Data, a.Errors)
			}
			if code := e.TryInit(t, token); code != 4403 {
				t.Errorf("%s: a new socket: closed with %d, want 4403", who, code)
			}
			if _, why := e.Refresh(token); why != "BAD_TOKEN" {
				t.Errorf("%s: refreshes again: got %q, want BAD_TOKEN", who, why)
			}
		}
		// Operations on the old sockets have the actor's present permissions; an actor counts as fresh for a moment.
		for who, w := range map[string]*house.Watches{"the thief": thief, "the victim": victim} {
			for {
				if m := w.Peer.Operate(`{ me { role } }`, nil).First(); m.Code() == "UNAUTHENTICATED" {
					break
				} else if time.Since(began) > house.Timeout {
					t.Fatalf("%s: got %s %v over the old socket, want UNAUTHENTICATED", who, m.Data, m.Errors)
				}
			}
		}
	})
	var s struct{ Me struct{ Role string } }
	neighbour.Peer.Operate(`{ me { role } }`, nil).Value(&s)
	if s.Me.Role != "RESIDENT" {
		t.Errorf("the neighbour: got %+v", s)
	}
}

// TestForgedJWTs sends tokens without a valid signature. They are refused without a request to the issuer, which is down
// in this test.
func TestForgedJWTs(t *testing.T) {
	const issuer = "http://127.0.0.1:1"
	h := house.Start(t, dbtest.DSN(t), func(s *app.ServerSettings) { s.OIDCIssuer, s.OIDCAudience = issuer, "baogong" })
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	claims := part(obj{"iss": issuer, "aud": "baogong", "sub": "wang", "exp": time.Now().Add(time.Hour).Unix()})
	cpu.Cheaply(t, func() {
		for _, alg := range []string{"none", "None", "NONE", "nOnE", "", "HS256", "HS512"} {
			for _, signature := range []string{"", "AAAA"} {
				token := part(obj{"alg": alg, "typ": "JWT", "kid": "1"}) + "." + claims + "." + signature
				status, text, err := h.Send(t.Context(), "", []byte(`{"query":"{ me { role } }"}`), "Authorization", "Bearer "+token)
				var a house.Response
				if err != nil || json.Unmarshal(text, &a) != nil || status != http.StatusUnauthorized || a.Code() != "UNAUTHENTICATED" {
					t.Errorf("alg %q, signature %q: got %d %s, %v, want 401 and UNAUTHENTICATED", alg, signature, status, text, err)
				}
				if code := h.TryInit(t, token); code != 4403 {
					t.Errorf("alg %q, signature %q: a socket: closed with %d, want 4403", alg, signature, code)
				}
			}
		}
	})
}
