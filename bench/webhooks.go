package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"baogong/delivery"
	"baogong/dispatch/webhook"
)

// webhookEvents is how many events wait for the receiver.
const webhookEvents = 3000

// webhooks measures sending events to one receiver on this machine, beside a loop that posts the same bodies.
func webhooks(ctx context.Context, b *bench) ([]Figure, error) {
	e, err := b.estateOnce(ctx, plan{code: "webhooks", buildings: 2, households: 20, orders: b.scaled(webhookEvents, 20)})
	if err != nil {
		return nil, err
	}
	r, err := newPostReceiver()
	if err != nil {
		return nil, err
	}
	defer r.close()
	b.founder.Webhook.PrivateTargets = true
	set, err := b.founder.Webhook.SetWebhooks(ctx, e.commander, webhook.SetWebhooksInput{CommunityID: e.id,
		Webhooks: []*webhook.WebhookInput{{Name: "bench", URL: r.url, Kinds: []delivery.EventKind{delivery.OrderPlaced}, Off: true}}})
	if err != nil {
		return nil, err
	}
	if len(set.Items) != 1 || set.Items[0].ID == nil {
		return nil, fmt.Errorf("set a webhook: %v %v", set.UserErrors, set.Items)
	}
	id := set.Items[0].ID
	s, err := b.server(ctx, b.DSN, []string{"--cost", "0", "--webhook-private-targets"})
	if err != nil {
		return nil, err
	}
	defer b.endAll()
	b.progress.expect(2 * b.Rounds)
	n := len(e.orders)
	var got, bare []float64
	for range b.Rounds {
		r.expect(n)
		// The endpoint goes back to the beginning of the feed.
		if _, err := b.db.Pool().ExecContext(ctx, `
			update webhooks set position = 0, counted_from = 0, counted_before = 0, acked = 0, off = null, off_at = null, version = version + 1
			 where community_id = $1 and id = $2`, id.Community, id.UUID); err != nil {
			return nil, err
		}
		took, err := r.took(ctx)
		if err != nil {
			return nil, s.failed(err)
		}
		got = append(got, float64(n-1)/took.Seconds())
		b.progress.step()
		if _, err := b.db.Pool().ExecContext(ctx, `update webhooks set off = 'BY_HAND', off_at = now(), version = version + 1 where community_id = $1 and id = $2`, id.Community, id.UUID); err != nil {
			return nil, err
		}
		r.expect(n)
		began := time.Now()
		for range n {
			if err := r.post(ctx); err != nil {
				return nil, err
			}
		}
		bare = append(bare, float64(n)/time.Since(began).Seconds())
		b.progress.step()
	}
	return []Figure{figure("events sent to one receiver in order: deliveries", "/s", Goal{Min: 500}, got, "a loop of posts of the same body", bare)}, nil
}

// postReceiver is a receiver of webhooks on this machine, which notes when the first and the last of the expected requests came.
type postReceiver struct {
	url    string
	server *http.Server
	client *http.Client

	mu          sync.Mutex
	body        []byte // of the last request
	left        int
	first, last time.Time
	done        chan struct{}
}

func newPostReceiver() (*postReceiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &postReceiver{url: "http://" + listener.Addr().String(), client: &http.Client{Transport: &http.Transport{}}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: waitTime}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *postReceiver) close() {
	r.client.CloseIdleConnections()
	_ = r.server.Close()
}

// expect begins to count requests.
func (r *postReceiver) expect(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left, r.done = n, make(chan struct{})
}

// ServeHTTP takes a request.
func (r *postReceiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return // a repeat
	}
	if r.body, r.last = body, now; r.first.IsZero() {
		r.first = now
	}
	if r.left--; r.left == 0 {
		close(r.done)
	}
}

// took waits for the last of the expected requests, and returns how long after the first it came.
func (r *postReceiver) took(ctx context.Context) (time.Duration, error) {
	select {
	case <-r.done:
	case <-time.After(waitTime):
		return 0, fmt.Errorf("%d events did not come within %v", r.left, waitTime)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	took := r.last.Sub(r.first)
	r.first = time.Time{}
	return took, nil
}

// post sends the last body as a plain client does.
func (r *postReceiver) post(ctx context.Context) error {
	r.mu.Lock()
	body := r.body
	r.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return err
}
