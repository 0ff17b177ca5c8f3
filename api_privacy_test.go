package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// private is an estate with a phone desk: Q00 leads it, Q01 answers for E6.
func private(t *testing.T) *estate {
	t.Helper()
	e := newEstate(t)
	e.desk()
	return e
}

// desk adds a phone desk to the team.
func (e *estate) desk() {
	e.t.Helper()
	member := func(code, rank string, serves ...string) obj {
		return obj{"code": code, "name": "赵敏敏", "phone": "13700004321", "squad": "PERSUASION", "rank": rank, "services": e.services(serves...)}
	}
	ids := e.create(e.as("C01"), "volunteer", obj{"communityId": e.community}, member("Q00", "LEAD"), member("Q01", "MEMBER", "E6"))
	e.team["Q00"], e.team["Q01"] = ids[0], ids[1]
}

// TestNeeds holds every way to a household's needs to who may see them.
func TestNeeds(t *testing.T) {
	t.Parallel()
	e := private(t)
	mine := e.place("E6-1-1403")
	other := e.testHouse.estate("XILING", e.clock)
	const all, none = `["ELDERLY_ALONE","QUARANTINED"]`, `[]`
	const instructions = `["LEAVE_AT_DOOR_STEP_BACK"]`
	const fields = `{ needs instructions }`
	for actor, needs := range map[string]string{"admin": all, "C01": all, "Q00": all, "Q01": all, "E6-1-1403": all,
		"S00": none, "S01": none, "D00": none, "D01": none, "T01": none,
		"S07": "", "P01": "", "E6-1-1303": "", "E7-1-1103": "", "caiban": "", "yiyao": "",
		"C01@XILING": "", "S01@XILING": "", "caiban@XILING": "", "E6-1-1403@XILING": ""} {
		if !slices.Contains([]string{"admin"}, actor) && actor[len(actor)-1] != 'G' {
			actor = e.as(actor)
		}
		want := "null"
		if needs != "" {
			want = fmt.Sprintf(`{"needs":%s,"instructions":%s}`, needs, instructions)
		}
		a := e.ask(actor, `query ($h: ID!, $o: ID!) { node(id: $h) { ... on Household `+fields+` } order: node(id: $o) { ... on Order { household `+fields+` } } }`,
			obj{"h": e.homes["E6-1-1403"], "o": mine})
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

	t.Run("a filter by needs is for whoever sees them", func(t *testing.T) {
		t.Parallel()
		const query = `query ($c: ID!, $needs: [Need!]) { households(communityId: $c, filter: { needs: $needs }) { totalCount nodes { address } } }`
		for actor, want := range map[string]int{"admin": 5, "C01": 5, "Q00": 5, "Q01": 2, "E6-1-1403": 1, "E6-1-1303": 0,
			"S00": -1, "S01": -1, "D01": -1, "T01": -1, "P01": -1, "caiban": -1} {
			if actor != "admin" {
				actor = e.as(actor)
			}
			for _, needs := range []any{[]string{"QUARANTINED"}, []string{"PET"}, []string{}} {
				a := e.ask(actor, query, obj{"c": e.community, "needs": needs})
				if want < 0 {
					if a.code() != "FORBIDDEN" || a.Errors[0].Extensions["reason"] != "NEEDS_NOT_YOURS" {
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
			if a := e.ask(actor, query, obj{"c": e.community}); len(a.Errors) > 0 {
				t.Errorf("%s without needs: %v", actor, a.Errors)
			}
			if a := e.ask(actor, query, obj{"c": other.community, "needs": []string{"PET"}}); actor != "admin" && a.code() != "NOT_FOUND" {
				t.Errorf("%s elsewhere: got %v, want NOT_FOUND", actor, a)
			}
		}
	})
}

// TestLabel holds what is printed on a bag to the door and four digits, for everybody who sees the order.
func TestLabel(t *testing.T) {
	t.Parallel()
	e := private(t)
	silent := e.create(e.as("C01"), "household", obj{"communityId": e.community}, obj{"unitId": e.units["E6-1"], "room": "1503", "floor": 15})[0]
	e.homes["E6-1-1503"] = silent
	orders := []string{e.place("E6-1-1403"), e.place("E6-1-1503")}
	labels := `{"label":"E6-1-1403 · 1234"},{"label":"E6-1-1503"}`
	for actor, want := range map[string]string{"admin": labels, "C01": labels, "S00": labels, "Q00": labels, "D01": labels, "T01": labels, "S01": labels, "Q01": labels, "caiban": labels,
		"E6-1-1403": `{"label":"E6-1-1403 · 1234"},null`, "E6-1-1503": `null,{"label":"E6-1-1503"}`, "S07": "null,null", "yiyao": "null,null", "E7-1-1103": "null,null"} {
		a := e.ask(actor, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { label } } }`, obj{"ids": orders})
		if got := fmt.Sprintf(`{"nodes":[%s]}`, want); string(a.Data) != got {
			t.Errorf("%s: got %s %v, want %s", actor, a.Data, a.Errors, got)
		}
	}
	// It follows the household, and a watcher sees it too.
	e.update(e.as("C01"), "household", obj{"id": silent, "phone": "0717-601 23 45"})
	var got struct{ Order struct{ Label string } }
	e.dial(t, "caiban", "").operate(`subscription ($id: ID!) { order(id: $id) { label } }`, obj{"id": orders[1]}).value(&got)
	if got.Order.Label != "E6-1-1503 · 2345" {
		t.Errorf("got %q, want the new phone's last digits", got.Order.Label)
	}
}
