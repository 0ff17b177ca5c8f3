package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/dispatch/purge"
	"baogong/e2e/house"
)

// private is an estate with a phone desk: Q00 leads it, Q01 answers for E6.
func private(t *testing.T) *house.Estate {
	t.Helper()
	e := house.NewEstate(t)
	e.Desk()
	return e
}

// TestNeeds reads a household's needs over every path as every actor: only permitted roles see them.
func TestNeeds(t *testing.T) {
	t.Parallel()
	e := private(t)
	mine := e.Place("E6-1-1403")
	other := e.Program.Estate("XILING", e.Clock)
	const all, none = `["DISABLED","QUARANTINED"]`, `[]`
	const instructions = `["LEAVE_AT_DOOR_STEP_BACK"]`
	const fields = `{ needs instructions }`
	for actor, needs := range map[string]string{"admin": all, "C01": all, "Q00": all, "Q01": all, "E6-1-1403": all,
		"S00": none, "S01": none, "D00": none, "D01": none, "T01": none,
		"S07": "", "P01": "", "E6-1-1303": "", "E7-1-1103": "", "caiban": "", "yiyao": "",
		"C01@XILING": "", "S01@XILING": "", "caiban@XILING": "", "E6-1-1403@XILING": ""} {
		if !slices.Contains([]string{"admin"}, actor) && actor[len(actor)-1] != 'G' {
			actor = e.As(actor)
		}
		want := "null"
		if needs != "" {
			want = fmt.Sprintf(`{"needs":%s,"instructions":%s}`, needs, instructions)
		}
		a := e.Ask(actor, `query ($h: ID!, $o: ID!) { node(id: $h) { ... on Household `+fields+` } order: node(id: $o) { ... on Order { household `+fields+` } } }`,
			obj{"h": e.Homes["E6-1-1403"], "o": mine})
		var got struct {
			Node  json.RawMessage
			Order *struct{ Household json.RawMessage }
		}
		if err := json.Unmarshal(a.Data, &got); err != nil || len(a.Errors) > 0 {
			t.Fatal(actor, err, a.Errors)
		}
		if string(got.Node) != want {
			t.Errorf("%s: got the household %s, want %s", actor, got.Node, want)
		}
		if got.Order != nil && string(got.Order.Household) != want {
			t.Errorf("%s: got the order's household %s, want %s", actor, got.Order.Household, want)
		}
		if got.Order == nil && needs != "" {
			t.Errorf("%s: does not see the order", actor)
		}
	}

	t.Run("a filter by needs is for viewers who see them", func(t *testing.T) {
		t.Parallel()
		const query = `query ($c: ID!, $needs: [Need!]) { households(communityId: $c, filter: { needs: $needs }) { totalCount nodes { address } } }`
		for actor, want := range map[string]int{"admin": 5, "C01": 5, "Q00": 5, "Q01": 2, "E6-1-1403": 1, "E6-1-1303": 0,
			"S00": -1, "S01": -1, "D01": -1, "T01": -1, "P01": -1, "caiban": -1} {
			if actor != "admin" {
				actor = e.As(actor)
			}
			for _, needs := range []any{[]string{"QUARANTINED"}, []string{"PET"}, []string{}} {
				a := e.Ask(actor, query, obj{"c": e.Community, "needs": needs})
				if want < 0 {
					if a.Code() != "FORBIDDEN" || a.Errors[0].Extensions["reason"] != "NEEDS_NOT_YOURS" {
						t.Errorf("%s by %v: got %s %v, want FORBIDDEN", actor, needs, a.Data, a.Errors)
					}
					continue
				}
				n := want
				if fmt.Sprint(needs) != "[QUARANTINED]" {
					n = 0
				}
				var got struct{ Households struct{ TotalCount int } }
				if err := json.Unmarshal(a.Data, &got); err != nil || got.Households.TotalCount != n {
					t.Errorf("%s by %v: got %s %v, want %d", actor, needs, a.Data, a.Errors, n)
				}
			}
			if a := e.Ask(actor, query, obj{"c": e.Community}); len(a.Errors) > 0 {
				t.Errorf("%s without needs: %v", actor, a.Errors)
			}
			if a := e.Ask(actor, query, obj{"c": other.Community, "needs": []string{"PET"}}); actor != "admin" && a.Code() != "NOT_FOUND" {
				t.Errorf("%s elsewhere: got %v, want NOT_FOUND", actor, a)
			}
		}
	})
}

// TestLabel checks that a bag's label shows only the door and four digits, for every viewer of the order.
func TestLabel(t *testing.T) {
	t.Parallel()
	e := private(t)
	silent := e.Create(e.As("C01"), "household", obj{"communityId": e.Community}, obj{"unitId": e.Units["E6-1"], "room": "1503", "floor": 15})[0]
	e.Homes["E6-1-1503"] = silent
	orders := []string{e.Place("E6-1-1403"), e.Place("E6-1-1503")}
	labels := `{"label":"E6-1-1403 · 1234"},{"label":"E6-1-1503"}`
	for actor, want := range map[string]string{"admin": labels, "C01": labels, "S00": labels, "Q00": labels, "D01": labels, "T01": labels, "S01": labels, "Q01": labels, "caiban": labels,
		"E6-1-1403": `{"label":"E6-1-1403 · 1234"},null`, "E6-1-1503": `null,{"label":"E6-1-1503"}`, "S07": "null,null", "yiyao": "null,null", "E7-1-1103": "null,null"} {
		a := e.Ask(actor, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { label } } }`, obj{"ids": orders})
		if got := fmt.Sprintf(`{"nodes":[%s]}`, want); string(a.Data) != got {
			t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, got)
		}
	}
	// It follows the household, and a watcher sees it too.
	e.Update(e.As("C01"), "household", obj{"id": silent, "phone": "0717-601 23 45"})
	var got struct{ Order struct{ Label string } }
	e.Dial(t, "caiban", "").Operate(`subscription ($id: ID!) { order(id: $id) { label } }`, obj{"id": orders[1]}).Value(&got)
	if got.Order.Label != "E6-1-1503 · 2345" {
		t.Errorf("got %q, want the new phone's last digits", got.Order.Label)
	}
}

const revealContact = `mutation ($in: RevealContactInput!) { revealContact(input: $in) { clientMutationId contact { household { address } name phone } userErrors { ` + house.RefusalFields + ` } } }`

// contactView is a contact as a client reads it.
type contactView struct {
	Household   struct{ Address string }
	Name, Phone string
}

// reveal asks for a contact.
func reveal(e *house.Estate, actor string, in obj) (*contactView, []house.UserError) {
	e.T.Helper()
	var got struct {
		RevealContact struct {
			Contact    *contactView
			UserErrors []house.UserError
		}
	}
	if in["reason"] == nil {
		in["reason"] = "敲门无人"
	}
	e.Must(actor, revealContact, obj{"in": in}, &got)
	return got.RevealContact.Contact, got.RevealContact.UserErrors
}

// TestReveal asks for a household's contact as every actor, and reads who looked.
func TestReveal(t *testing.T) {
	t.Parallel()
	e := private(t)
	e.Program.Estate("XILING", e.Clock)
	// A household whose name no other answer may contain.
	const name, phone = "欧阳明月", "13612345678"
	home := e.Create(e.As("C01"), "household", obj{"communityId": e.Community}, obj{"unitId": e.Units["E6-1"], "room": "1503", "floor": 15, "contactName": name, "phone": phone})[0]
	e.Homes["E6-1-1503"] = home
	order := e.Place("E6-1-1503")
	e.Bring(order, "AT_BUILDING")
	before := e.Events()

	looked := 0
	for actor, want := range map[string]string{"admin": "", "C01": "", "S00": "", "Q00": "", "Q01": "", "S01": "",
		"D00": "FORBIDDEN", "D01": "FORBIDDEN", "T01": "FORBIDDEN", "E6-1-1503": "FORBIDDEN",
		"S07": "NOT_FOUND", "P01": "NOT_FOUND", "E6-1-1403": "NOT_FOUND", "E7-1-1103": "NOT_FOUND", "caiban": "NOT_FOUND", "yiyao": "NOT_FOUND",
		"C01@XILING": "NOT_FOUND", "S01@XILING": "NOT_FOUND", "caiban@XILING": "NOT_FOUND", "E6-1-1103@XILING": "NOT_FOUND"} {
		if actor != "admin" && !strings.Contains(actor, "@") {
			actor = e.As(actor)
		}
		contact, refused := reveal(e, actor, obj{"householdId": home, "orderId": order})
		switch {
		case want == "":
			looked++
			if contact == nil || contact.Name != name || contact.Phone != phone || contact.Household.Address != "E6-1-1503" {
				t.Errorf("%s: got %v %v", actor, contact, refused)
			}
		case contact != nil || len(refused) != 1 || refused[0].Code != want:
			t.Errorf("%s: got %v %v, want %s", actor, contact, refused, want)
		}
	}
	if a := e.Ask("", revealContact, obj{"in": obj{"householdId": home, "reason": "x"}}); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("without a sign-in: got %v", a)
	}
	if got := e.Events(); got != before {
		t.Errorf("%d events came of it", got-before)
	}

	const reveals = `reveals(first: 4) { totalCount pageInfo { hasNextPage endCursor } nodes { by { role id } at reason order { id } } }`
	type list struct {
		TotalCount int
		PageInfo   struct {
			HasNextPage bool
			EndCursor   string
		}
		Nodes []struct {
			By     house.HolderView
			Reason string
			Order  *struct{ ID string }
		}
	}
	for actor, may := range map[string]bool{"admin": true, "C01": true, "E6-1-1503": true, "S00": false, "Q00": false, "Q01": false, "S01": false, "D01": false} {
		if actor != "admin" {
			actor = e.As(actor)
		}
		a := e.Ask(actor, `query ($h: ID!) { node(id: $h) { id ... on Household { `+reveals+` } } }`, obj{"h": home})
		var got struct{ Node *struct{ Reveals *list } }
		if err := json.Unmarshal(a.Data, &got); err != nil || got.Node == nil {
			t.Fatal(err, a)
		}
		if !may {
			if got.Node.Reveals != nil || a.Code() != "FORBIDDEN" || a.Errors[0].Where() != "node.reveals" {
				t.Errorf("%s: got %s %v, want FORBIDDEN", actor, a.Data, a.Errors)
			}
			continue
		}
		r := got.Node.Reveals
		if r == nil || r.TotalCount != looked || len(r.Nodes) != 4 || !r.PageInfo.HasNextPage {
			t.Fatalf("%s: got %s %v, want four of %d", actor, a.Data, a.Errors, looked)
		}
		for _, n := range r.Nodes {
			if n.Reason != "敲门无人" || n.Order == nil || n.Order.ID != order || n.By.Role == "" || (n.By.ID == "") != (n.By.Role == "ADMIN") {
				t.Errorf("%s: got %+v", actor, n)
			}
		}
		var rest struct{ Node struct{ Reveals list } }
		e.Must(actor, `query ($h: ID!, $a: String!) { node(id: $h) { ... on Household { reveals(first: 10, after: $a) { totalCount nodes { by { role id } } } } } }`, obj{"h": home, "a": r.PageInfo.EndCursor}, &rest)
		if n := len(rest.Node.Reveals.Nodes); n != looked-4 {
			t.Errorf("%s: got %d on the next page, want %d", actor, n, looked-4)
		}
		// A cursor is for the list of its own household.
		if a := e.Ask("admin", `query ($h: ID!, $a: String!) { node(id: $h) { ... on Household { reveals(after: $a) { totalCount } } } }`, obj{"h": e.Homes["E6-1-1403"], "a": r.PageInfo.EndCursor}); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("got %v, want BAD_USER_INPUT", a)
		}
	}
	for _, actor := range []string{"S07", "P01", "E6-1-1403", "caiban", "C01@XILING"} {
		if !strings.Contains(actor, "@") {
			actor = e.As(actor)
		}
		if a := e.Ask(actor, `query ($h: ID!) { node(id: $h) { ... on Household { `+reveals+` } } }`, obj{"h": home}); string(a.Data) != `{"node":null}` || len(a.Errors) > 0 {
			t.Errorf("%s: got %s %v, want null", actor, a.Data, a.Errors)
		}
	}

	t.Run("those of a page of households in as many statements as of one", func(t *testing.T) {
		still := still(e)
		query := `query ($c: ID!, $n: Int!) { households(communityId: $c, first: $n) { totalCount nodes { address ` + reveals + ` } } }`
		for _, n := range []int{2, 20} {
			if got := statements(still, e.As("C01"), query, n); got > 6 {
				t.Errorf("got %d statements for %d, want at most 6", got, n)
			}
		}
	})

	t.Run("a retry looks again", func(t *testing.T) {
		in := obj{"clientMutationId": "1", "householdId": home, "orderId": order}
		for range 2 {
			if contact, refused := reveal(e, e.As("S01"), in); contact == nil || contact.Phone != phone {
				t.Errorf("got %v %v", contact, refused)
			}
		}
		e.Advance(e.As("S01"), "DELIVERED", order)
		e.Clock.Pass(25 * time.Hour)
		if contact, refused := reveal(e, e.As("S01"), in); contact != nil || refused[0].Reason != "NOT_NEEDED_NOW" || !strings.HasSuffix(refused[0].Message, ".") {
			t.Errorf("a day later: got %v %v", contact, refused)
		}
		var got struct{ Node struct{ Reveals list } }
		e.Must(e.As("E6-1-1503"), `query ($h: ID!) { node(id: $h) { ... on Household { `+reveals+` } } }`, obj{"h": home}, &got)
		if got.Node.Reveals.TotalCount != looked+1 {
			t.Errorf("got %d, want %d", got.Node.Reveals.TotalCount, looked+1)
		}
	})
}

// TestRevealAllowance uses up an allowance that the commander has set, through the API, and reads the counts.
func TestRevealAllowance(t *testing.T) {
	t.Parallel()
	e := private(t)
	volunteer, commander := e.As("S01"), e.As("C01")
	var spent []house.UserError
	e.Update(commander, "volunteer", obj{"id": e.Team["S01"], "revealsPerDay": 2, "revealsUntil": e.Clock.Now().Add(time.Hour).Format(time.RFC3339)})
	doors := []string{"E6-1-1103", "E6-1-1203", "E6-1-1303", "E6-1-1403"}
	for _, door := range doors {
		order := e.PlaceAs(volunteer, obj{"householdId": e.Homes[door], "channel": "ERRAND", "lines": []obj{{"item": "取药", "quantity": 1, "unit": "次"}}})
		// Each household twice in one request: it counts once.
		var got map[string]struct {
			Contact    *contactView
			UserErrors []house.UserError
		}
		e.Must(volunteer, `mutation ($h: ID!, $o: ID!) {
			a: revealContact(input: { householdId: $h, orderId: $o, reason: "取药" }) { contact { household { address } } userErrors { `+house.RefusalFields+` } }
			b: revealContact(input: { householdId: $h, orderId: $o, reason: "取药" }) { contact { household { address } } userErrors { `+house.RefusalFields+` } } }`, obj{"h": e.Homes[door], "o": order}, &got)
		if (got["a"].Contact == nil) != (got["b"].Contact == nil) {
			t.Errorf("%s: one of two looks at one household was refused", door)
		}
		spent = append(spent, got["a"].UserErrors...)
	}
	if len(spent) != 2 || spent[0].Code != "RATE_LIMITED" || spent[0].Reason != "REVEALS_SPENT" {
		t.Errorf("got %+v refused of %d doors, want two", spent, len(doors))
	}
	var counts struct {
		RevealCounts []struct {
			Volunteer                 struct{ Code string }
			Today, Counted, Allowance int
			RaisedUntil               *time.Time
		}
	}
	e.Must(commander, `query ($c: ID!) { revealCounts(communityId: $c) { volunteer { code } today counted allowance raisedUntil } }`, obj{"c": e.Community}, &counts)
	if first := counts.RevealCounts[0]; first.Volunteer.Code != "S01" || first.Today != 2 || first.Counted != 2 || first.Allowance != 2 || first.RaisedUntil == nil || len(counts.RevealCounts) < 10 {
		t.Errorf("got %+v first of %d", first, len(counts.RevealCounts))
	}
	if a := e.Ask(commander, `query ($c: ID!) { revealCounts(communityId: $c) { today } }`, obj{"c": e.Homes["E6-1-1103"]}); a.Code() != "BAD_USER_INPUT" {
		t.Errorf("of a household: got %v", a)
	}
	house.ScrapeUntil(t, e.BaseURL()+"/metrics", house.Scraped{`baogong_reveals_total{kind="counted"}`: 4, `baogong_reveals_total{kind="refused"}`: 4, `baogong_unusual_reveals_total`: 1})
}

// TestRevealRound asks for the contacts of a round through the API.
func TestRevealRound(t *testing.T) {
	t.Parallel()
	e := private(t)
	const phone = "13612345678"
	homes := e.Create("C01", "household", obj{"communityId": e.Community}, obj{"unitId": e.Units["E2-1"], "room": "1503", "floor": 15, "contactName": "欧阳明月", "phone": phone},
		obj{"unitId": e.Units["E2-1"], "room": "1603", "floor": 16, "contactName": "司马晴", "phone": phone})
	e.Homes["E2-1-1503"], e.Homes["E2-1-1603"] = homes[0], homes[1]
	for _, door := range []string{"E2-1-1503", "E2-1-1603"} {
		e.Bring(e.Place(door), "AT_BUILDING")
	}
	type payload struct {
		RevealRound struct {
			Contacts []struct {
				Household struct {
					Address  string
					Building struct{ Code string }
				}
				Name, Phone string
			}
			UserErrors []house.UserError
		}
	}
	const query = `mutation ($in: RevealRoundInput!) { revealRound(input: $in) { contacts { household { address building { code } } name phone } userErrors { ` + house.RefusalFields + ` } } }`
	in := obj{"communityId": e.Community, "buildingId": e.Buildings["E2"], "reason": "上门"}
	for actor, want := range map[string]string{"C01": "", "admin": "", "S00": "", "Q00": "", "Q01": "FORBIDDEN", "S01": "FORBIDDEN", "D01": "FORBIDDEN", "E2-1-1503": "FORBIDDEN", "caiban": "FORBIDDEN"} {
		var got payload
		e.Must(actor, query, obj{"in": in}, &got)
		if want != "" {
			if len(got.RevealRound.Contacts) > 0 || len(got.RevealRound.UserErrors) != 1 || got.RevealRound.UserErrors[0].Code != want {
				t.Errorf("%s: got %+v, want %s", actor, got, want)
			}
			continue
		}
		if c := got.RevealRound.Contacts; len(c) != 2 || c[0].Household.Address != "E2-1-1603" || c[0].Name != "司马晴" || c[1].Phone != phone || c[1].Household.Building.Code != "E2" {
			t.Errorf("%s: got %+v", actor, got)
		}
	}
	if a := e.Ask("", query, obj{"in": in}); a.Code() != "UNAUTHENTICATED" {
		t.Errorf("without a sign-in: got %v", a)
	}
}

// TestClosure ends a closure through the API and reads what is left after the purge.
func TestClosure(t *testing.T) {
	t.Parallel()
	e := private(t)
	order := e.Place("E6-1-1403", obj{"note": "请放门口"})
	ended := e.Clock.Now()
	for _, actor := range []string{"S00", "S01", "Q00", "caiban", "E6-1-1403"} {
		a := e.Ask(actor, `mutation ($in: UpdateCommunitiesInput!) { updateCommunities(input: $in) { saved results { userErrors { code } } } }`,
			obj{"in": obj{"communities": []obj{{"id": e.Community, "closureEndedAt": ended}}}})
		if want := `{"updateCommunities":{"saved":0,"results":[{"userErrors":[{"code":"FORBIDDEN"}]}]}}`; string(a.Data) != want {
			t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, want)
		}
	}
	e.Update("C01", "community", obj{"id": e.Community, "closureEndedAt": ended})
	e.Update("C01", "community", obj{"id": e.Community, "closureEndedAt": nil, "name": "东辰心语小区"})
	e.Clock.Pass(time.Hour)
	if err := e.Verbs.Purge.UnscopedPurge(t.Context(), purge.Options{Batch: 100}, func(purge.Purged) {}); err != nil {
		t.Fatal(err)
	}
	a := e.Ask("C01", `query ($c: ID!, $o: ID!, $h: ID!) { community(id: $c) { name closureEndedAt purgedAt }
		order(id: $o) { number stage label note lines { item unit } household { contactName phone needs instructions } history { kind } }
		node(id: $h) { ... on Household { reveals { totalCount } } } volunteers(communityId: $c, first: 1) { nodes { code name phone homeOrganisation } } }`,
		obj{"c": e.Community, "o": order, "h": e.Homes["E6-1-1403"]})
	want := `{"community":{"name":"东辰心语小区","closureEndedAt":"2020-02-18T01:00:00Z","purgedAt":"2020-02-18T02:00:00Z"},` +
		`"order":{"number":1,"stage":"PLACED","label":"E6-1-1403","note":"","lines":[{"item":"—","unit":"斤"},{"item":"—","unit":"袋"}],"household":{"contactName":"","phone":"","needs":[],"instructions":["LEAVE_AT_DOOR_STEP_BACK"]},"history":[{"kind":"ORDER_PLACED"}]},` +
		`"node":{"reveals":{"totalCount":0}},"volunteers":{"nodes":[{"code":"C01","name":"—","phone":"","homeOrganisation":""}]}}`
	if string(a.Data) != want {
		t.Errorf("got  %s %v\nwant %s", a.Data, a.Errors, want)
	}
	for actor, want := range map[string]string{"C01": "PURGED", "admin": "PURGED", "Q01": "PURGED", "S01": "NAME_ORDER", "D01": "NAME_ORDER", "E6-1-1403": "NOT_NEEDED_NOW", "caiban": "NO_SUCH"} {
		contact, refused := reveal(e, actor, obj{"householdId": e.Homes["E6-1-1403"]})
		if contact != nil || len(refused) != 1 || refused[0].Reason != want {
			t.Errorf("%s: got %v %v, want %s", actor, contact, refused, want)
		}
	}
	e.Update("C01", "community", obj{"id": e.Community, "closureReopened": true})
	e.Update("C01", "household", obj{"id": e.Homes["E6-1-1403"], "phone": "13612345678"})
	if contact, refused := reveal(e, "C01", obj{"householdId": e.Homes["E6-1-1403"]}); contact == nil || contact.Phone != "13612345678" || contact.Name != "" {
		t.Errorf("reopened: got %v %v", contact, refused)
	}
}
