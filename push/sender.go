// Package push sends the events of communities to webhooks. One process at a time holds the lease of an endpoint in the database and sends to it. It
// follows the feed from the endpoint's position as any subscriber does, and sends one event after the other.
package push

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch/webhook"
	"baogong/live"
)

// Options are what a Sender needs. Those with a default may be zero.
type Options struct {
	Verbs *webhook.Verbs
	Hub   *live.Hub
	// Body writes the body of an event as viewers with the scope see it. It reports false while the feed of the community is not known.
	Body func(e *delivery.Event, scope *delivery.Scope) ([]byte, bool)
	Log  *slog.Logger

	Timeout time.Duration // of one attempt; 15 s
	AtOnce  int           // attempts at once; 64
	Held    int           // endpoints that this process sends to; 2,000
	Lease   time.Duration // how long a lease lasts without being renewed; 6 s
	Look    time.Duration // how often it looks for endpoints that no process holds; 1 s
	Grace   time.Duration // how long attempts under way may go on when the sender stops; 1.5 s

	TLS      *tls.Config    // of connections to receivers; nil: the system's roots
	Resolver *net.Resolver  // of the receivers' names; nil: the system's
	Chance   func() float64 // from 0 to 1, for back-offs; nil: random
}

// Sender sends the events of the endpoints that this process holds.
type Sender struct {
	Options
	client  *http.Client
	slots   chan struct{} // of attempts at once
	slow    chan struct{} // of attempts at once to endpoints that are slow: half of them, so that these hold up no other
	running sync.WaitGroup

	mu   sync.Mutex
	held map[delivery.UUID]*worker // by lease

	counters counters
}

// New returns a Sender, which sends once Run runs.
func New(o Options) *Sender {
	def := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&o.Timeout, 15*time.Second)
	def(&o.Lease, 6*time.Second)
	def(&o.Look, time.Second)
	def(&o.Grace, 1500*time.Millisecond)
	if o.AtOnce == 0 {
		o.AtOnce = 64
	}
	if o.Held == 0 {
		o.Held = 2000
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	return &Sender{Options: o, client: newClient(o), slots: make(chan struct{}, o.AtOnce), slow: make(chan struct{}, max(o.AtOnce/2, 1)), held: map[delivery.UUID]*worker{}}
}

// callLimit bounds a statement about leases. It is shorter than a lease.
const callLimit = 2 * time.Second

// Run sends until ctx ends. Then attempts under way may go on for Options.Grace, and every goroutine ends.
func (s *Sender) Run(ctx context.Context) {
	leases, stop := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx by the grace
	defer s.client.CloseIdleConnections()
	defer s.running.Wait()
	defer stop()
	tick := time.NewTicker(s.Look)
	defer tick.Stop()
	failing, renewed := false, time.Now()
	for ctx.Err() == nil {
		err := s.claim(ctx, leases)
		if time.Since(renewed) >= s.Lease/3 {
			renewed = time.Now()
			if failed := s.renew(ctx); err == nil {
				err = failed
			}
		}
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			if failing = failed; failed { // logged once, not at every attempt
				s.Log.Error("leases of webhooks fail", "err", err)
			} else if ctx.Err() == nil {
				s.Log.Info("leases of webhooks work again")
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	for _, w := range s.held {
		w.quit()
	}
	s.mu.Unlock()
	end := time.AfterFunc(s.Grace, stop)
	s.running.Wait()
	end.Stop()
}

// claim takes endpoints that no process holds, and begins to send to them.
func (s *Sender) claim(ctx, leases context.Context) error {
	s.mu.Lock()
	room := s.Held - len(s.held)
	s.mu.Unlock()
	if room <= 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	asked := time.Now()
	rows, err := s.Verbs.DB.UnscopedClaimWebhooks(ctx, s.Lease, room)
	if err != nil {
		return err
	}
	for _, h := range rows {
		w := s.newWorker(leases, h)
		w.expires = time.AfterFunc(s.Lease-time.Since(asked), w.lose)
		s.mu.Lock()
		s.held[h.Lease] = w
		s.mu.Unlock()
		s.running.Go(func() { s.send(w) })
	}
	return nil
}

// newWorker returns a worker for an endpoint. It ends with leases, and when its own lease is lost.
func (s *Sender) newWorker(leases context.Context, h *db.HeldWebhook) *worker {
	w := &worker{sender: s, hook: h, place: h.Position, slow: h.LastProblem != nil && *h.LastProblem == delivery.ProblemTimedOut}
	w.lease, w.lose = context.WithCancel(leases)
	w.going, w.quit = context.WithCancel(w.lease)
	return w
}

// renew renews the leases. A worker whose endpoint was changed quits; one whose lease is not renewed loses it when it expires.
func (s *Sender) renew(ctx context.Context) error {
	s.mu.Lock()
	leases := make([]delivery.UUID, 0, len(s.held))
	for lease := range s.held {
		leases = append(leases, lease)
	}
	s.mu.Unlock()
	if len(leases) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	asked := time.Now()
	rows, err := s.Verbs.DB.UnscopedRenewWebhooks(ctx, leases, s.Lease)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		switch w := s.held[r.Lease]; {
		case w == nil: // released meanwhile
		case !r.Sendable || r.Version != w.version():
			w.quit()
		default:
			w.expires.Reset(s.Lease - time.Since(asked))
		}
	}
	return err
}

// send sends to one endpoint until its worker quits or loses the lease, and releases it.
func (s *Sender) send(w *worker) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("sending to a webhook panicked", "webhook", w.hook.UUID, "panic", p, "stack", string(debug.Stack()))
		}
		w.expires.Stop()
		w.lose()
		s.mu.Lock()
		delete(s.held, w.hook.Lease)
		s.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.lease), time.Second)
		defer cancel()
		_ = s.Verbs.DB.UnscopedReleaseWebhook(ctx, w.hook) // else the lease expires by itself
	}()
	w.run()
}

// counters count deliveries since the process began.
type counters struct {
	taken   atomic.Int64
	failed  [len(problems)]atomic.Int64
	parked  atomic.Int64
	took    live.Delays
	offSent atomic.Int64
}

// problems are the labels of failed attempts.
var problems = [...]delivery.WebhookProblem{delivery.ProblemRefused, delivery.ProblemRedirected, delivery.ProblemTimedOut, delivery.ProblemNotReached,
	delivery.ProblemNotTrusted, delivery.ProblemPrivate}

// SenderStats are the counts since the process began, and how many endpoints it sends to.
type SenderStats struct {
	Endpoints int
	Taken     int64 // attempts that the receiver took
	Failed    map[delivery.WebhookProblem]int64
	Parked    int64 // events
	Off       int64 // endpoints that were switched off
	Took      live.DelayCounts
}

// Stats returns the counts.
func (s *Sender) Stats() SenderStats {
	out := SenderStats{Taken: s.counters.taken.Load(), Parked: s.counters.parked.Load(), Off: s.counters.offSent.Load(), Took: s.counters.took.Read(),
		Failed: map[delivery.WebhookProblem]int64{}}
	for i, p := range problems {
		out.Failed[p] = s.counters.failed[i].Load()
	}
	s.mu.Lock()
	out.Endpoints = len(s.held)
	s.mu.Unlock()
	return out
}
