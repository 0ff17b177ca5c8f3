package page_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/certificate"
	"baogong/internal/proxy"
	"baogong/web"
)

func TestTrackPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	order, other := e.Place("E6-1-1103"), e.Place("E6-1-1203")
	line := proxy.New(t, strings.TrimPrefix(e.BaseURL(), "http://"))
	browse(t, func(what string) {
		switch verb, which, _ := strings.Cut(what, " "); verb {
		case "move":
			e.Advance("C01", which, order)
		case "cut":
			line.Aim("") // no client reconnects before the line is mended
			line.Cut()
		case "mend":
			line.Aim(strings.TrimPrefix(e.BaseURL(), "http://"))
		case "undo":
			e.Undo(e.As("C01"), order)
		case "fail":
			for _, stage := range []string{"AT_BUILDING", "OUT_FOR_DELIVERY"} {
				e.Advance("C01", stage, order)
			}
			in := house.MoveTo("AT_BUILDING", order)
			in["reason"] = "ABSENT"
			e.AdvanceAs("C01", in)
		case "revoke":
			e.End(map[string]string{"": order, "other": other}[which])
		}
	}, "track.mjs", line.URL+e.Share(order), line.URL+e.Share(other))
}

func TestSignInPageInABrowser(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	browse(t, func(string) {
		e.Must("C01", `mutation ($v: ID!) { endSessions(input: {subjectIds: [$v]}) { results { ended } } }`, obj{"v": e.Team["S01"]}, &struct{}{})
	}, "signin.mjs", e.BaseURL(), e.Card(e.Homes["E6-1-1103"]), e.Invite(e.Team["S01"]), e.Card(e.Homes["E7-1-1103"]))
}

func TestCardsPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	e.Program.Estate("XILING", e.Clock)
	admin, _, err := e.Verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	browse(t, func(string) {}, "cards.mjs", append([]string{e.BaseURL(), e.Invite(e.Team["C01"]), e.Invite(e.Team["S01"]), admin}, cardWidths...)...)
}

func TestPrintPagesInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	first, second, other, away := e.Place("E6-1-1103"), e.Place("E6-2-1203"), e.Place("E6-1-1403", obj{"marks": []string{"COLD"}}), e.Place("E7-1-1103")
	e.Bring(first, "AT_GATE")
	e.Bring(away, "SORTED")
	arrival := e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour),
		"orders": []obj{{"orderId": second, "bags": 2}, {"orderId": other, "marks": []string{"COLD"}}}}).Arrival
	var got struct{ Order struct{ Labels []string } }
	e.Must(e.As("D01"), `query ($o: ID!) { order(id: $o) { labels } }`, obj{"o": second}, &got)
	browse(t, func(string) {}, "print.mjs", append([]string{e.BaseURL(), e.Invite(e.Team["D01"]), e.Invite(e.Suppliers["caiban"]), e.Card(e.Homes["E6-1-1103"]),
		e.Buildings["E6"], arrival.ID, second}, got.Order.Labels...)...)
}

func TestReportPageInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	e.Program.Estate("XILING", e.Clock)
	e.Bring(e.Place("E6-1-1103"), "DELIVERED")
	e.Clock.Pass(time.Minute)
	admin, _, err := e.Verbs.Access.InviteAdmin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	today := e.Clock.Now().In(time.FixedZone("Asia/Shanghai", 8*60*60))
	browse(t, func(string) {}, "report.mjs", e.BaseURL(), e.Invite(e.Team["S00"]), e.Invite(e.Team["S01"]), admin,
		today.AddDate(0, 0, -1).Format(time.DateOnly), today.Format(time.DateOnly))
}

func TestShoppingListInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	for home, quantity := range map[string]string{"E6-1-1103": "2", "E6-1-1203": "1"} {
		e.PlaceAs(e.As("S01"), obj{"householdId": e.Homes[home], "channel": "BUY_FOR",
			"lines": []obj{{"item": "鲜牛奶", "quantity": quantity, "unit": "盒", "unitPriceFen": 1200, "substitute": "ANY"}, {"item": "盐" + quantity, "quantity": "1", "unit": "袋"}}})
	}
	browse(t, func(string) {}, "shopping.mjs", e.BaseURL(), e.Invite(e.Team["S01"]), e.Invite(e.Team["S00"]), e.Invite(e.Team["S07"]), e.Invite(e.Suppliers["caiban"]))
}

// The resident's tokens, issued from "soon" on, end within seconds; the volunteer's hold as long as they should.
func TestTokenRenewalInABrowser(t *testing.T) {
	inFull(t)
	t.Parallel()
	e, slow := house.NewSlowEstate(t)
	browse(t, func(string) {
		slow.Store(int64(delivery.ResidentTokenLife - 12*time.Second))
	}, "renewal.mjs", e.BaseURL(), e.Card(e.Homes["E6-1-1103"]), e.Invite(e.Team["S01"]))
}

// secured serves the program a second time, over TLS and HTTP/2, and returns its address.
func secured(h *house.Program, change func(*app.ServerSettings)) string {
	h.T.Helper()
	settings := h.Settings
	settings.TLSCert, settings.TLSKey = certificate.Write(h.T, h.T.TempDir(), 1)
	change(&settings)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.T.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- h.ServeBeside(ctx, listener, settings) }()
	h.T.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			h.T.Errorf("serve: %v", err)
		}
	})
	return "https://" + listener.Addr().String()
}

// Over HTTPS the page's stream survives five times the write timeout without events.
func TestQuietTrackPageInABrowserOverHTTPS(t *testing.T) {
	inFull(t)
	t.Parallel()
	quietPage(t, 300*time.Millisecond, 1500*time.Millisecond)
}

func quietPage(t *testing.T, slowAfter, quiet time.Duration) {
	e := house.NewEstate(t)
	order := e.Place("E6-1-1103")
	site := secured(e.Program, func(s *app.ServerSettings) { s.SlowAfter = slowAfter })
	browse(t, func(string) { e.Advance("C01", "DISPATCHED", order) }, "quiet.mjs", site+e.Share(order), fmt.Sprint(quiet.Milliseconds()))
}

// TestPagesBehindAPrefix opens pages below /estate/, behind a proxy that strips it. All that they ask is below it too, and so are the addresses that
// the program gives away.
func TestPagesBehindAPrefix(t *testing.T) {
	inFull(t)
	t.Parallel()
	routes := http.NewServeMux()
	site := httptest.NewServer(routes)
	t.Cleanup(site.Close)
	base := site.URL + "/estate"
	e := house.NewEstate(t, func(s *app.ServerSettings) { s.PublicURL = base + "/" })
	order := e.Place("E6-1-1103")
	e.Bring(order, "AT_BUILDING")
	program, err := url.Parse(e.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	routes.Handle("/estate/", http.StripPrefix("/estate", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(program)
		r.Out.Host = r.In.Host
	}}))
	type given struct{ Results []struct{ URL string } }
	var got struct{ Share, Invite, Cards given }
	e.Must(e.As("C01"), `mutation ($order: ID!, $member: ID!, $home: ID!) {
		share: shareOrder(input: {orderId: $order}) { results { url } }
		invite: createInvitations(input: {subjectIds: [$member]}) { results { url } }
		cards: issueCards(input: {householdIds: [$home]}) { results { url } } }`,
		obj{"order": order, "member": e.Team["S01"], "home": e.Homes["E6-1-1203"]}, &got)
	links := []string{got.Share.Results[0].URL, got.Invite.Results[0].URL, got.Cards.Results[0].URL}
	for i, path := range []string{"/track/", "/sign-in#", "/sign-in#"} {
		if !strings.HasPrefix(links[i], base+path) {
			t.Errorf("got the link %s, want one below %s%s", links[i], base, path)
		}
	}
	browse(t, func(string) {}, "prefix.mjs", append([]string{base, "dev:" + e.As("C01"), "dev:" + e.As("S01"), "dev:" + e.As("E6-1-1103")}, links...)...)
}

// TestPagesFitPhones opens every page at the width of a phone. Routes that are not pages are listed.
func TestPagesFitPhones(t *testing.T) {
	inFull(t)
	t.Parallel()
	e := house.NewEstate(t)
	var paths []string
	for path := range app.Pages(web.Desk{}, false) {
		if path = strings.TrimSuffix(path, "{$}"); !strings.Contains(path, ".") && path != "/graphiql" {
			paths = append(paths, path)
		}
	}
	paths = append(paths, e.Share(e.Place("E6-1-1103")), "/sign-in#"+e.Card(e.Homes["E6-1-1103"]))
	slices.Sort(paths)
	addresses := house.Each(paths, func(path string) string { return e.BaseURL() + path })

	demonstration := httptest.NewServer(app.Pages(web.Desk{TimeOfDay: func() (string, string) { return "小区时间 23:14", "It is 23:14" },
		Actors: []web.DeskActor{{Name: "C01", Role: "COMMANDER", About: "指挥长：看到整个小区 commander: the whole community"}, {Name: "E6-1-1203", Role: "RESIDENT", About: "E6 栋 1 单元 1203 住户 a household: its own orders"}}}, true)["/{$}"])
	defer demonstration.Close()
	browse(t, func(string) {}, "narrow.mjs", append(addresses, demonstration.URL+"/")...)
}
