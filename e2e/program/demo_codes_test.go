package program_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/demo"
	"baogong/dispatch/access"
	"baogong/e2e/house"
	"baogong/web"
)

func TestDemoSignInLinks(t *testing.T) {
	t.Parallel()
	clock := house.NewClock()
	e := house.Build(t, dbtest.DSN(t), house.Setup{Now: clock.Now}).Estate(demo.Code, clock)
	actors := []web.DeskActor{{Name: "C01", Role: "COMMANDER"}, {Name: "S00", Role: "LEAD"}, {Name: "S01", Role: "VOLUNTEER"}, {Name: "yiyao", Role: "SUPPLIER"},
		{Name: "E6-1-1103", Role: "RESIDENT"}, {Name: "admin", Role: "ADMIN"}, {Name: "city", Role: "CITY"}}
	var first map[string]string
	var tokens []string
	for range 2 { // the demo starts again
		links, err := e.SignInLinks(t.Context(), actors)
		if err != nil || len(links) != len(actors) {
			t.Fatalf("got %v, %v, want one for each actor", links, err)
		}
		if first == nil {
			first = links
		}
		if diff := cmp.Diff(first, links); diff != "" {
			t.Errorf("a restart changes the links (-first +again):\n%s", diff)
		}
		for range 2 { // two visitors
			for _, a := range actors {
				code := strings.TrimPrefix(links[a.Name], "/sign-in#")
				p, err := e.Verbs.Access.RedeemCode(t.Context(), access.Requester{Address: "203.0.113.7"}, access.RedeemCodeInput{Code: code})
				if err != nil || p.Role == nil || *p.Role != delivery.Role(a.Role) {
					t.Errorf("%s: got %+v, %v, want a sign-in as %s", a.Name, p, err, a.Role)
					continue
				}
				tokens = append(tokens, *p.Token)
			}
		}
	}
	for _, token := range tokens {
		if _, _, err := e.Verbs.Access.SignedIn(t.Context(), delivery.Token(token)); err != nil {
			t.Errorf("signed out by a restart: %v", err)
		}
	}
	id, _ := delivery.ParseID(e.Team["S01"])
	if _, err := e.Verbs.Access.CreateInvitations(t.Context(), delivery.Actor{Role: delivery.RoleAdmin}, access.CreateInvitationsInput{SubjectIds: []delivery.ID{id}}); err != nil {
		t.Fatal(err)
	}
	links, err := e.SignInLinks(t.Context(), actors)
	if err != nil || links["S01"] == first["S01"] || links["S00"] != first["S00"] {
		t.Errorf("after a new invitation of S01: got %v, %v, want a new link for S01 alone", links, err)
	}

	community, err := delivery.ParseID(e.Community)
	if err != nil {
		t.Fatal(err)
	}
	if link, err := e.TrackLink(t.Context(), community.Community, "E6-1-1103"); link != "" || err != nil {
		t.Errorf("where nothing is open: got %q, %v, want no link", link, err)
	}
	mine := e.Place("E6-1-1103")
	e.Place("E7-1-1103")
	e.Advance("C01", "DISPATCHED", mine)
	for household, want := range map[string]string{"E6-1-1103": "DISPATCHED", "E2-1-1103": "PLACED"} {
		link, err := e.TrackLink(t.Context(), community.Community, household)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Tracks(link).Stage(); got != want {
			t.Errorf("%s: got an order at %s, want %s", household, got, want)
		}
	}
}
