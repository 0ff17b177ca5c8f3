package program_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"baogong/db/dbtest"
	"baogong/e2e/house"
)

const (
	webhookKills   = 3
	webhookRepeats = 17 // a group of deliveries that are not saved, and one whose answer was lost
)

// pushes kills the program with SIGKILL while it sends events to a receiver. Started again it goes on: no event is lost, each first comes in order, and few are
// repeated.
func (b built) pushes(t *testing.T) {
	t.Parallel()
	dsn, dir := dbtest.DSN(t), t.TempDir()
	direct, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	var mu sync.Mutex
	var ids []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		ids = append(ids, r.Header.Get("Webhook-Id"))
	}))
	defer receiver.Close()
	received := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(ids)
	}
	var e *house.Estate
	var r *process
	start := func() {
		r = b.start(t, "serve", filepath.Join(dir, "unused"), "--dev-actors", "--database-url", dsn, "--webhook-private-targets", "--operations", "0", "--cost", "0", "--quota", "0")
		if e != nil {
			e.Program = &r.Program
		}
	}
	start()
	e = r.Estate("DCXY", nil)
	e.Must("C01", `mutation ($c: ID!, $url: String!) { setWebhooks(input: { communityId: $c, webhooks: [{ name: "x", url: $url, kinds: [ORDER_PLACED] }] }) { results { webhook { id } } } }`,
		obj{"c": e.Community, "url": receiver.URL}, &struct{}{})
	placed := 0
	for range webhookKills {
		before := received()
		var stopped atomic.Bool
		var placing sync.WaitGroup
		placing.Go(func() {
			for !stopped.Load() {
				if _, err := e.Try("C01", `mutation ($in: PlaceOrderInput!) { placeOrder(input: $in) { order { id } } }`,
					obj{"in": obj{"householdId": e.Homes["E6-1-1103"], "channel": "APP", "supplierId": e.Suppliers["caiban"], "lines": []obj{{"item": "米", "quantity": "1", "unit": "袋"}}}}); err != nil {
					return
				}
			}
		})
		some := 20 + rand.IntN(30)
		house.WaitFor(t, "some events are sent", func() bool { return received() >= before+some })
		time.Sleep(rand.N(20 * time.Millisecond))
		r.Kill()
		stopped.Store(true)
		placing.Wait()
		start()
		if err := direct.QueryRowContext(t.Context(), `select count(*) from events where kind = 'ORDER_PLACED'`).Scan(&placed); err != nil {
			t.Fatal(err)
		}
		house.WaitFor(t, "every event is taken", func() bool {
			acked := 0
			return direct.QueryRowContext(t.Context(), `select acked from webhooks`).Scan(&acked) == nil && acked == placed
		})
	}
	mu.Lock()
	defer mu.Unlock()
	var want []string
	rows, err := direct.QueryContext(t.Context(), `
		select 'msg_' || replace(cast(w.id as text), '-', '') || '_' || to_hex(f.epoch) || '_' || e.seq
		  from webhooks w
		  join feeds f on f.community_id = w.community_id
		  join events e on e.community_id = w.community_id and e.kind = 'ORDER_PLACED'
		 order by e.seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	var once []string
	for i, id := range ids {
		if !slices.Contains(ids[:i], id) {
			once = append(once, id)
		}
	}
	if err := rows.Err(); err != nil || !slices.Equal(once, want) {
		t.Errorf("got %d events of %d, or not in order: %v", len(once), len(want), err)
	}
	if repeats := len(ids) - len(once); repeats > webhookKills*webhookRepeats {
		t.Errorf("got %d repeats after %d kills", repeats, webhookKills)
	} else {
		t.Log(fmt.Sprint(len(once), " events, ", repeats, " repeats"))
	}
	house.Equations(t, dsn)
}
