package house

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Status returns the status of a GET of the path.
func (h *Program) Status(path string) int {
	h.T.Helper()
	res, err := http.Get(strings.TrimSuffix(h.URL, "/graphql") + path)
	if err != nil {
		h.T.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

const shareOrder = `mutation ($o: ID!) { shareOrder(input: {orderId: $o}) { results { url } userErrors { message } } }`

// Share returns the path of a new link to the order.
func (e *Estate) Share(order string) string {
	e.T.Helper()
	var got struct {
		ShareOrder struct{ Results []struct{ URL string } }
	}
	e.Must("C01", shareOrder, obj{"o": order}, &got)
	_, path, _ := strings.Cut(got.ShareOrder.Results[0].URL, "/track/")
	return "/track/" + path
}

// End revokes every link of the order.
func (e *Estate) End(order string) {
	e.T.Helper()
	var codes struct {
		Codes struct{ Nodes []struct{ ID string } }
	}
	e.Must("C01", `query ($c: ID!, $o: ID!) { codes(communityId: $c, filter: {subjectIds: [$o]}) { nodes { id } } }`, obj{"c": e.Community, "o": order}, &codes)
	e.Must("C01", `mutation ($i: [ID!]!) { revokeCodes(input: {codeIds: $i}) { results { ended } } }`,
		obj{"i": Each(codes.Codes.Nodes, func(n struct{ ID string }) string { return n.ID })}, &struct{}{})
}

// BaseURL returns the program's URL without a path.
func (h *Program) BaseURL() string { return strings.TrimSuffix(h.URL, "/graphql") }

// Fetch returns the answer to a browser's GET.
func (h *Program) Fetch(method, path string, headers ...string) (*http.Response, string) {
	h.T.Helper()
	req, err := http.NewRequestWithContext(h.T.Context(), method, h.BaseURL()+path, nil)
	if err != nil {
		h.T.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Host = req.Header.Get("Host")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.T.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.T.Fatal(err)
	}
	return res, string(text)
}

// Tracks opens the event stream of a link, as an EventSource does.
func (h *Program) Tracks(path string) *EventStream {
	h.T.Helper()
	ctx, cancel := context.WithCancel(h.T.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.BaseURL()+path+"/events", nil)
	if err != nil {
		h.T.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { cancel(); _ = res.Body.Close() })
	if res.StatusCode != http.StatusOK {
		h.T.Fatalf("got %s", res.Status)
	}
	return &EventStream{t: h.T, Cancel: cancel, lines: bufio.NewScanner(res.Body)}
}

// Stage returns the order's stage in the stream's next answer.
func (l *EventStream) Stage() string {
	l.t.Helper()
	s, ok := l.Next()
	var got struct{ Order OrderView }
	if !ok || len(s.Answer.Errors) > 0 || json.Unmarshal(s.Answer.Data, &got) != nil {
		l.t.Fatalf("got %+v, want a stage", s)
	}
	return got.Order.Stage
}
