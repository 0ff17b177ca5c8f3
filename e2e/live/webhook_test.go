package live_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
	"baogong/push"
	"baogong/resolvers"
)

// pushed is one request that a receiver got.
type pushed struct {
	ID, Time, Signature string
	Body                string
}

// kind is the kind of the event.
func (p pushed) kind() string {
	var a struct{ Kind string }
	_ = json.Unmarshal([]byte(p.Body), &a)
	return a.Kind
}

// receiver is a real server that webhooks lead to. It takes events unless answer says otherwise.
type receiver struct {
	*httptest.Server
	t      testing.TB
	answer func(n int, w http.ResponseWriter, r *http.Request) // nil: takes it; n counts the requests from 0

	mu       sync.Mutex
	requests []pushed
	under    int // requests under way
	most     int // at once
}

func receive(t testing.TB, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	r := &receiver{t: t, answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	n := len(r.requests)
	r.requests = append(r.requests, pushed{req.Header.Get("Webhook-Id"), req.Header.Get("Webhook-Timestamp"), req.Header.Get("Webhook-Signature"), string(body)})
	r.under++
	r.most = max(r.most, r.under)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.under--
		r.mu.Unlock()
	}()
	if r.answer != nil {
		r.answer(n, w, req)
	}
}

// got returns the requests so far.
func (r *receiver) got() []pushed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// wait waits for so many requests.
func (r *receiver) wait(n int) []pushed {
	r.t.Helper()
	house.WaitFor(r.t, fmt.Sprintf("%d deliveries", n), func() bool { return len(r.got()) >= n })
	return r.got()
}

// once returns the bodies of the events in the order in which their ids came first.
func once(all []pushed) (bodies []string) {
	seen := map[string]bool{}
	for _, p := range all {
		if !seen[p.ID] {
			seen[p.ID] = true
			bodies = append(bodies, p.Body)
		}
	}
	return bodies
}

// hooked is an endpoint as its owner sees it.
type hooked struct {
	ID, Name, URL                                               string
	Version, Acked, Parked, Resending, Waiting, Attempts, Place int
	Off, LastProblem, FailingSince                              *string
	LastStatus                                                  *int
}

const hookedFields = `id name url version acked parked resending waiting attempts off lastProblem failingSince lastStatus`

// hook sets an endpoint and returns its id and its secret.
func hook(e *house.Estate, actor string, supplier string, in obj) (id, secret string) {
	e.T.Helper()
	var a struct {
		SetWebhooks struct {
			UserErrors []house.UserError
			Results    []struct {
				Webhook    *hooked
				Secret     *string
				UserErrors []house.UserError
			}
		}
	}
	input := obj{"communityId": e.Community, "webhooks": []obj{in}}
	if supplier != "" {
		input["supplierId"] = e.Suppliers[supplier]
	}
	e.Must(e.As(actor), `mutation ($in: SetWebhooksInput!) { setWebhooks(input: $in) { userErrors { code } results { webhook { `+hookedFields+` } secret userErrors { code } } } }`, obj{"in": input}, &a)
	if len(a.SetWebhooks.Results) != 1 || a.SetWebhooks.Results[0].Webhook == nil {
		e.T.Fatalf("set a webhook: %+v", a.SetWebhooks)
	}
	r := a.SetWebhooks.Results[0]
	if r.Secret != nil {
		secret = *r.Secret
	}
	return r.Webhook.ID, secret
}

// look returns the state of an endpoint.
func look(e *house.Estate, id string) hooked {
	e.T.Helper()
	var a struct{ Node hooked }
	e.Must(e.As("C01"), `query ($id: ID!) { node(id: $id) { ... on Webhook { `+hookedFields+` } } }`, obj{"id": id}, &a)
	return a.Node
}

// private lets webhooks lead to the test's own receivers, and the test count what waits as often as it likes.
func private(s *app.ServerSettings) { s.WebhookPrivateTargets, s.Cost = true, 0 }

// stream returns the activities of an actor after a cursor, as the subscription events sends them with the document of webhooks.
func stream(t testing.TB, e *house.Estate, actor, after string, n int) (out []string) {
	t.Helper()
	in := e.Dial(t, e.As(actor), "").Operate(resolvers.ActivityDocument, obj{"communityId": e.Community, "after": after})
	for range n {
		var a struct{ Events json.RawMessage }
		in.Value(&a)
		out = append(out, string(a.Events))
	}
	return out
}

// TestWebhooks: endpoints get what their owner's subscription gets, byte for byte, and failing ones get it once they work.
func TestWebhooks(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, private, func(s *app.ServerSettings) { s.WebhookTime = 2 * time.Second })
	start := e.Cursor()
	target := receive(t, nil)
	refuses := func(failures int, how func(w http.ResponseWriter, r *http.Request)) func(int, http.ResponseWriter, *http.Request) {
		return func(n int, w http.ResponseWriter, r *http.Request) {
			if n < failures {
				how(w, r)
			}
		}
	}
	all, own := receive(t, nil), receive(t, nil)
	sick := map[string]*receiver{
		"fails": receive(t, refuses(2, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })),
		"moved": receive(t, refuses(1, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target.URL, http.StatusPermanentRedirect)
		})),
		"hangs": receive(t, refuses(1, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })),
		"cuts":  receive(t, refuses(1, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })),
		"busy": receive(t, refuses(1, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		})),
		"is slow": receive(t, func(int, http.ResponseWriter, *http.Request) { time.Sleep(30 * time.Millisecond) }),
	}
	orders := obj{"kinds": []string{"ORDER_PLACED", "ORDER_MOVED", "MOVE_UNDONE"}}
	ids := map[string]string{}
	for name, r := range sick {
		ids[name], _ = hook(e, "C01", "", obj{"name": name, "url": r.URL, "kinds": orders["kinds"]})
	}
	allID, secret := hook(e, "C01", "", obj{"name": "all", "url": all.URL})
	ownID, _ := hook(e, "caiban", "caiban", obj{"name": "own", "url": own.URL})

	order, foreign := e.Place("E6-1-1103", obj{"supplierId": e.Suppliers["caiban"]}), e.Place("E7-1-1103", obj{"supplierId": e.Suppliers["yiyao"]})
	e.Advance("C01", "DISPATCHED", order, foreign)
	e.Undo(e.As("C01"), foreign)
	e.Gate(e.As("caiban"), "announceArrival", obj{"supplierId": e.Suppliers["caiban"], "expectedAt": e.Clock.Now().Add(time.Hour), "orders": []obj{{"orderId": order}}})
	e.Hold(obj{"subjectIds": []string{e.Buildings["E6"]}, "reason": "TESTING"})
	e.Report(e.As("C01"), obj{"kind": "DAMAGED", "subjectId": order})

	// What the subscriptions send after the endpoints' places is what the receivers got.
	sent := own.wait(6)
	if want := stream(t, e, "caiban", start, len(sent)); !slices.Equal(once(sent), want) {
		t.Errorf("the supplier's receiver got\n%s\nwant\n%s", strings.Join(once(sent), "\n"), strings.Join(want, "\n"))
	}
	// The commander's own subscription shows the same community. The endpoint begins with the event of its creation.
	n := int(e.Events())
	everything := stream(t, e, "C01", start, len(sick)+2+2)
	skip := slices.IndexFunc(everything, func(a string) bool { return strings.Contains(a, `"subjectId":"`+allID+`"`) })
	all.wait(3)
	house.WaitFor(t, "nothing waits", func() bool { return look(e, allID).Waiting == 0 && look(e, ownID).Waiting == 0 })
	got := all.got()
	if want := stream(t, e, "C01", start, skip+len(got))[skip:]; skip < 0 || !slices.Equal(once(got), want) {
		t.Errorf("of %d events the receiver got\n%s\nwant\n%s", n, strings.Join(once(got), "\n"), strings.Join(want, "\n"))
	}
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	for _, p := range got {
		if want := push.Sign(key, p.ID, p.Time, []byte(p.Body)); p.Signature != want {
			t.Errorf("got the signature %s, want %s", p.Signature, want)
		}
	}
	if w := look(e, allID); w.Acked != len(got) || w.Parked != 0 || w.Off != nil || w.LastStatus == nil || *w.LastStatus != 200 {
		t.Errorf("got %+v, want %d taken", w, len(got))
	}

	for name, r := range sick {
		failures := map[string]int{"fails": 2, "is slow": 0}
		failed, known := failures[name]
		if !known {
			failed = 1
		}
		requests := r.wait(5 + failed)
		for _, p := range requests[:failed] {
			if p.ID != requests[failed].ID || p.Body != requests[failed].Body {
				t.Errorf("%s: a failed event is followed by another", name)
			}
		}
		var kinds []string
		for _, body := range once(requests) {
			kinds = append(kinds, pushed{Body: body}.kind())
		}
		if got := strings.Join(kinds, " "); got != "ORDER_PLACED ORDER_PLACED ORDER_MOVED ORDER_MOVED MOVE_UNDONE" || r.most != 1 {
			t.Errorf("%s: got %s, %d at once", name, got, r.most)
		}
		house.WaitFor(t, name+" is saved", func() bool { w := look(e, ids[name]); return w.Acked == 5 && w.Waiting == 0 && w.Attempts == 0 })
	}
	if len(target.got()) > 0 {
		t.Error("a redirect was followed")
	}
}

// TestWebhooksPark: what a receiver does not take for a day is parked, with an incident that ends when it takes events again, and is sent again when
// it is asked for. A receiver that answers 410 gets nothing more.
func TestWebhooksPark(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e, slow := house.NewSlowEstate(t, private)
	var works atomic.Bool
	sick := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if !works.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	gone := receive(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 0 {
			w.WriteHeader(http.StatusGone)
		}
	})
	kinds := []string{"ORDER_PLACED"}
	id, _ := hook(e, "C01", "", obj{"name": "sick", "url": sick.URL, "kinds": kinds})
	off, _ := hook(e, "caiban", "caiban", obj{"name": "gone", "url": gone.URL, "kinds": kinds})
	trouble := func(actor string) (open int) {
		var a struct{ Incidents struct{ TotalCount int } }
		e.Must(e.As(actor), `query ($c: ID!) { incidents(communityId: $c, kinds: [WEBHOOK_FAILING], states: [OPEN]) { totalCount } }`, obj{"c": e.Community}, &a)
		return a.Incidents.TotalCount
	}
	for range 3 {
		e.Place("E6-1-1103", obj{"supplierId": e.Suppliers["caiban"]})
	}
	sick.wait(1)
	house.WaitFor(t, "410 switches off", func() bool { w := look(e, off); return w.Off != nil && *w.Off == "GONE" && w.Waiting == 3 })
	if n := trouble("caiban"); n != 1 {
		t.Errorf("the supplier sees %d incidents of its endpoint, want 1", n)
	}
	e.Clock.Pass(25 * time.Hour)
	slow.Store(int64(-25 * time.Hour))
	house.WaitFor(t, "what is a day old is parked", func() bool { w := look(e, id); return w.Parked == 3 && w.Waiting == 0 })
	if n := trouble("C01"); n != 2 {
		t.Errorf("got %d open incidents, want 2", n)
	}
	works.Store(true)
	failed := once(sick.got())
	e.Place("E6-1-1103", obj{"supplierId": e.Suppliers["caiban"]})
	slow.Store(int64(-27 * time.Hour)) // the next attempt is due
	house.WaitFor(t, "the incident ends", func() bool { return look(e, id).Acked == 1 && trouble("C01") == 1 })
	var a struct {
		ResendParked struct {
			Results []struct {
				Events     int
				UserErrors []house.UserError
			}
		}
	}
	e.Must(e.As("C01"), `mutation ($id: ID!) { resendParked(input: { webhookIds: [$id] }) { results { events userErrors { code } } } }`, obj{"id": id}, &a)
	if a.ResendParked.Results[0].Events != 3 {
		t.Errorf("got %+v, want 3 events", a)
	}
	house.WaitFor(t, "the parked ones are taken", func() bool { w := look(e, id); return w.Acked == 4 && w.Parked == 0 && w.Resending == 0 })
	last := sick.got()
	if again := once(last[len(last)-3:]); len(again) != 3 || !slices.Equal(again[:len(failed)], failed) {
		t.Errorf("got %v, want the parked ones in order", again)
	}
	hook(e, "caiban", "caiban", obj{"id": off, "name": "gone", "url": gone.URL, "kinds": kinds})
	house.WaitFor(t, "it goes on where it was", func() bool { w := look(e, off); return w.Acked == 4 && w.Off == nil && trouble("C01") == 0 })

	// While a secret is replaced, deliveries carry a signature by each.
	var rotated struct{ RotateWebhookSecret struct{ Secret string } }
	e.Must(e.As("caiban"), `mutation ($id: ID!) { rotateWebhookSecret(input: { webhookId: $id }) { secret } }`, obj{"id": off}, &rotated)
	house.WaitFor(t, "two signatures", func() bool { // once the sender has read the new secret
		n := len(gone.got())
		e.Place("E6-1-1103", obj{"supplierId": e.Suppliers["caiban"]})
		return len(strings.Fields(gone.wait(n + 1)[n].Signature)) == 2
	})
}

// TestWebhooksOfReplicas: two programs over one database send to each endpoint one at a time, and one goes on when the other stops, although a receiver hangs.
func TestWebhooksOfReplicas(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	e := house.NewEstate(t, private)
	var receivers []*receiver
	var ids []string
	for i := range 6 {
		r := receive(t, nil)
		receivers = append(receivers, r)
		id, _ := hook(e, "C01", "", obj{"name": fmt.Sprint(i), "url": r.URL, "kinds": []string{"ORDER_PLACED"}})
		ids = append(ids, id)
	}
	hanging := receive(t, func(n int, _ http.ResponseWriter, r *http.Request) {
		if n == 0 {
			<-r.Context().Done()
		}
	})
	hung, _ := hook(e, "C01", "", obj{"name": "hangs", "url": hanging.URL, "kinds": []string{"ORDER_PLACED"}})
	other := *e
	other.Program = house.Build(t, e.DSN, house.Setup{Now: e.Clock.Now, Change: private})
	house.WaitFor(t, "the other program is ready", other.Hub.Ready)
	other.Place("E6-1-1103")
	hanging.wait(1)
	for range 20 {
		e.Place("E6-1-1103")
	}
	for _, r := range receivers {
		r.wait(21)
	}
	began := time.Now()
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the program took %v to stop while a receiver hangs", took)
	}
	for range 5 {
		other.Place("E6-1-1103")
	}
	for i, r := range receivers {
		house.WaitFor(t, "all is saved", func() bool { w := look(&other, ids[i]); return w.Acked == 26 && w.Waiting == 0 })
		if got := r.got(); len(once(got)) != 26 || r.most != 1 {
			t.Errorf("got %d events in %d requests, %d at once", len(once(got)), len(got), r.most)
		}
	}
	house.WaitFor(t, "nothing is lost where the receiver hung", func() bool { return look(&other, hung).Acked == 26 })
}
