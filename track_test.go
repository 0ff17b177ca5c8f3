package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

const shareOrder = `mutation ($o: ID!) { shareOrder(input: {orderId: $o}) { results { url } userErrors { message } } }`

// share is the path of a new link to the order.
func (e *estate) share(order string) string {
	e.t.Helper()
	var got struct {
		ShareOrder struct{ Results []struct{ URL string } }
	}
	e.must("C01", shareOrder, obj{"o": order}, &got)
	_, path, _ := strings.Cut(got.ShareOrder.Results[0].URL, "/track/")
	return "/track/" + path
}

// end revokes every link of the order.
func (e *estate) end(order string) {
	e.t.Helper()
	var codes struct {
		Codes struct{ Nodes []struct{ ID string } }
	}
	e.must("C01", `query ($c: ID!, $o: ID!) { codes(communityId: $c, filter: {subjectIds: [$o]}) { nodes { id } } }`, obj{"c": e.community, "o": order}, &codes)
	e.must("C01", `mutation ($i: [ID!]!) { revokeCodes(input: {codeIds: $i}) { results { ended } } }`,
		obj{"i": each(codes.Codes.Nodes, func(n struct{ ID string }) string { return n.ID })}, &struct{}{})
}

func (h *testHouse) site() string { return strings.TrimSuffix(h.url, "/graphql") }

// fetch is what a browser's GET finds.
func (h *testHouse) fetch(method, path string, headers ...string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.site()+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Host = req.Header.Get("Host")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res, string(text)
}

// tracks opens the event stream of a link, as an EventSource does.
func (h *testHouse) tracks(path string) *listener {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.site()+path+"/events", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { cancel(); _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		h.t.Fatalf("got %s", res.Status)
	}
	return &listener{t: h.t, cancel: cancel, lines: bufio.NewScanner(res.Body)}
}

// stage is where the stream's next answer says the order is.
func (l *listener) stage() string {
	l.t.Helper()
	s, ok := l.next()
	var got struct{ Order orderView }
	if !ok || len(s.answer.Errors) > 0 || json.Unmarshal(s.answer.Data, &got) != nil {
		l.t.Fatalf("got %+v, want a stage", s)
	}
	return got.Order.Stage
}

func TestTrackingLink(t *testing.T) {
	t.Parallel()
	t.Run("shows the order while it moves, and ends when the link is revoked", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		order, other := e.place("E6-1-1103"), e.place("E6-1-1203")
		link, spared := e.share(order), e.share(other)
		l, kept := e.tracks(link), e.tracks(spared)
		if got := l.stage(); got != "PLACED" {
			t.Errorf("got %s, want PLACED", got)
		}
		kept.stage()
		e.advance("C01", "DISPATCHED", order)
		if got := l.stage(); got != "DISPATCHED" {
			t.Errorf("got %s, want DISPATCHED", got)
		}
		e.end(order)
		if s, ok := l.next(); !ok || s.answer.code() != "NOT_FOUND" {
			t.Errorf("got %+v, want NOT_FOUND", s)
		}
		if s, ok := l.next(); !ok || s.name != "complete" {
			t.Errorf("got %+v, want complete", s)
		}
		e.advance("C01", "DISPATCHED", other)
		if got := kept.stage(); got != "DISPATCHED" {
			t.Errorf("another order's link: got %s, want DISPATCHED", got)
		}
		for _, path := range []string{link, link + "/events"} {
			if res, _ := e.fetch("GET", path); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s after it was revoked: got %s, want 404", path, res.Status)
			}
		}
	})
	t.Run("one of two links to an order is revoked", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		order := e.place("E6-1-1103")
		gone := e.tracks(e.share(order))
		gone.stage()
		e.end(order)
		kept := e.tracks(e.share(order))
		if s, ok := gone.next(); !ok || s.answer.code() != "NOT_FOUND" {
			t.Errorf("got %+v, want NOT_FOUND", s)
		}
		kept.stage()
		e.advance("C01", "DISPATCHED", order)
		if got := kept.stage(); got != "DISPATCHED" {
			t.Errorf("got %s, want DISPATCHED", got)
		}
	})
	t.Run("is checked, not spent, and shows nothing a day after the order has ended", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		order := e.place("E6-1-1103")
		link := e.share(order)
		for range delivery.LinkUses/100 + 1 {
			if res, _ := e.fetch("GET", link); res.StatusCode != http.StatusOK {
				t.Fatalf("got %s", res.Status)
			}
		}
		var left struct {
			Codes struct{ Nodes []struct{ UsesLeft int } }
		}
		e.must("C01", `query ($c: ID!) { codes(communityId: $c) { nodes { usesLeft } } }`, obj{"c": e.community}, &left)
		if got := left.Codes.Nodes[0].UsesLeft; got != delivery.LinkUses {
			t.Errorf("got %d uses left, want %d", got, delivery.LinkUses)
		}
		e.bring(order, "DELIVERED")
		e.clock.pass(delivery.LinkAfter - time.Second)
		if got := e.tracks(link).stage(); got != "DELIVERED" {
			t.Errorf("got %s, want DELIVERED", got)
		}
		e.clock.pass(time.Second)
		if res, _ := e.fetch("GET", link); res.StatusCode != http.StatusNotFound {
			t.Errorf("a day later: got %s, want 404", res.Status)
		}
	})
	t.Run("a wrong code, and what is no link", func(t *testing.T) {
		t.Parallel()
		e := newEstate(t)
		var card struct {
			IssueCards struct{ Results []struct{ Secret string } }
		}
		e.must("C01", `mutation ($h: ID!) { issueCards(input: {householdIds: [$h]}) { results { secret } } }`, obj{"h": e.homes["E6-1-1103"]}, &card)
		for code, says := range map[string][3]string{
			"7K2QM-0XH4D-R9TAE-5WBNC":         {"请重新索取", "ask for a new one", `"BAD_CODE"`},
			card.IssueCards.Results[0].Secret: {"请重新索取", "ask for a new one", `"BAD_CODE"`},
			"nonsense":                        {"码由 20 个", "20 letters and digits", `"CODE_FORM"`},
			"Q-4":                             {"码由 20 个", "20 letters and digits", `"CODE_FORM"`},
		} {
			res, text := e.fetch("GET", "/track/"+code)
			if res.StatusCode != http.StatusNotFound || !strings.Contains(text, says[0]) || !strings.Contains(text, says[1]) || strings.Contains(text, "<script") {
				t.Errorf("%s: got %s %s, want 404 in both languages", code, res.Status, text)
			}
			if res, text := e.fetch("GET", "/track/"+code+"/events"); res.StatusCode != http.StatusNotFound || !strings.Contains(text, says[2]) {
				t.Errorf("%s: got %s %s, want 404 and %s", code, res.Status, text, says[2])
			}
		}
		for range 20 { // a text that cannot be a code is no guess
			e.fetch("GET", "/track/Q-4")
		}
		if res, text := e.fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC/events"); res.StatusCode != http.StatusNotFound {
			t.Errorf("after a text that is not a code: got %s %s, want 404", res.Status, text)
		}
		for range 40 {
			e.fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC")
		}
		if res, text := e.fetch("GET", "/track/7K2QM-0XH4D-R9TAE-5WBNC/events"); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "900" {
			t.Errorf("after many wrong ones: got %s %v %s, want 429 and the time that its sentence says", res.Status, res.Header, text)
		}
	})
}
