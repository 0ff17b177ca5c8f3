package page_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
	"baogong/e2e/house"
)

func TestTrackingLink(t *testing.T) {
	t.Parallel()
	t.Run("shows the order while it moves, and ends when the link is revoked", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		order, other := e.Place("E6-1-1103"), e.Place("E6-1-1203")
		link, spared := e.Share(order), e.Share(other)
		l, kept := e.Tracks(link), e.Tracks(spared)
		if got := l.Stage(); got != "PLACED" {
			t.Errorf("got %s, want PLACED", got)
		}
		kept.Stage()
		e.Advance("C01", "DISPATCHED", order)
		if got := l.Stage(); got != "DISPATCHED" {
			t.Errorf("got %s, want DISPATCHED", got)
		}
		e.End(order)
		if s, ok := l.Next(); !ok || s.Answer.Code() != "NOT_FOUND" {
			t.Errorf("got %+v, want NOT_FOUND", s)
		}
		if s, ok := l.Next(); !ok || s.Name != "complete" {
			t.Errorf("got %+v, want complete", s)
		}
		e.Advance("C01", "DISPATCHED", other)
		if got := kept.Stage(); got != "DISPATCHED" {
			t.Errorf("another order's link: got %s, want DISPATCHED", got)
		}
		for _, path := range []string{link, link + "/events"} {
			if res, _ := e.Fetch("GET", path); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s after it was revoked: got %s, want 404", path, res.Status)
			}
		}
	})
	t.Run("one of two links to an order is revoked", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		order := e.Place("E6-1-1103")
		gone := e.Tracks(e.Share(order))
		gone.Stage()
		e.End(order)
		kept := e.Tracks(e.Share(order))
		if s, ok := gone.Next(); !ok || s.Answer.Code() != "NOT_FOUND" {
			t.Errorf("got %+v, want NOT_FOUND", s)
		}
		kept.Stage()
		e.Advance("C01", "DISPATCHED", order)
		if got := kept.Stage(); got != "DISPATCHED" {
			t.Errorf("got %s, want DISPATCHED", got)
		}
	})
	t.Run("is checked, not spent, and shows nothing a day after the order has ended", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		order := e.Place("E6-1-1103")
		link := e.Share(order)
		for range delivery.LinkUses/100 + 1 {
			if res, _ := e.Fetch("GET", link); res.StatusCode != http.StatusOK {
				t.Fatalf("got %s", res.Status)
			}
		}
		var left struct {
			Codes struct{ Nodes []struct{ UsesLeft int } }
		}
		e.Must("C01", `query ($c: ID!) { codes(communityId: $c) { nodes { usesLeft } } }`, obj{"c": e.Community}, &left)
		if got := left.Codes.Nodes[0].UsesLeft; got != delivery.LinkUses {
			t.Errorf("got %d uses left, want %d", got, delivery.LinkUses)
		}
		e.Bring(order, "DELIVERED")
		e.Clock.Pass(delivery.LinkAfter - time.Second)
		if got := e.Tracks(link).Stage(); got != "DELIVERED" {
			t.Errorf("got %s, want DELIVERED", got)
		}
		e.Clock.Pass(time.Second)
		if res, _ := e.Fetch("GET", link); res.StatusCode != http.StatusNotFound {
			t.Errorf("a day later: got %s, want 404", res.Status)
		}
	})
	t.Run("a wrong code, and what is no link", func(t *testing.T) {
		t.Parallel()
		e := house.NewEstate(t)
		var card struct {
			IssueCards struct{ Results []struct{ Secret string } }
		}
		e.Must("C01", `mutation ($h: ID!) { issueCards(input: {householdIds: [$h]}) { results { secret } } }`, obj{"h": e.Homes["E6-1-1103"]}, &card)
		for code, says := range map[string][3]string{
			"7K2QM-0XH4D-R9TAE-5WBNC":         {"请重新索取", "ask for a new one", `"BAD_CODE"`},
			card.IssueCards.Results[0].Secret: {"请重新索取", "ask for a new one", `"BAD_CODE"`},
			"nonsense":                        {"码由 20 个", "20 letters and digits", `"CODE_FORM"`},
			"Q-4":                             {"码由 20 个", "20 letters and digits", `"CODE_FORM"`},
		} {
			res, text := e.Fetch("GET", "/track/"+code)
			if res.StatusCode != http.StatusNotFound || !strings.Contains(text, says[0]) || !strings.Contains(text, says[1]) || strings.Contains(text, "<script") {
				t.Errorf("%s: got %s %s, want 404 in both languages", code, res.Status, text)
			}
			if res, text := e.Fetch("GET", "/track/"+code+"/events"); res.StatusCode != http.StatusNotFound || !strings.Contains(text, says[2]) {
				t.Errorf("%s: got %s %s, want 404 and %s", code, res.Status, text, says[2])
			}
		}
		for range 20 { // a text that cannot be a code is no guess
			e.Fetch("GET", "/track/Q-4")
		}
		if res, text := e.Fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC/events"); res.StatusCode != http.StatusNotFound {
			t.Errorf("after a text that is not a code: got %s %s, want 404", res.Status, text)
		}
		for range 40 {
			e.Fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC")
		}
		if res, text := e.Fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC/events"); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "900" {
			t.Errorf("after many wrong ones: got %s %v %s, want 429 and the time that its sentence says", res.Status, res.Header, text)
		}
	})
}
