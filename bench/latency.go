package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"baogong/db"
	"baogong/delivery"
)

// How latency is measured.
const (
	moveRate   = 200 // moves a second
	hamlets    = 20  // communities
	perOrder   = 3   // sockets that see each order: its household's, and two that follow it
	latencyFor = 8 * time.Second
	foreign    = 4 * time.Second // how long the unrelated transaction is open
)

// stamp is one event of one order.
type stamp struct {
	order   string
	version int64
}

// commits are when moves were committed, on this machine's clock.
type commits struct {
	mu sync.Mutex
	at map[stamp]time.Time
}

func (c *commits) note(o *parcel, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at[stamp{o.id.String(), o.version}] = at
}

// latency measures how long after its commit a move is at its sockets.
func latency(ctx context.Context, b *bench) ([]Figure, error) {
	n := b.scaled(crowd, hamlets*perOrder)
	each := n / hamlets / perOrder // orders in each community
	var plans []plan
	for i := range hamlets {
		plans = append(plans, plan{code: fmt.Sprintf("hamlet-%d", i), buildings: 4, households: each, orders: each})
	}
	all, err := b.estates(ctx, plans...)
	if err != nil {
		return nil, err
	}
	s, err := b.product(ctx)
	if err != nil {
		return nil, err
	}
	followed := func(e *estate, actor string, orders []delivery.ID) peer {
		return peer{Actor: actor + "@" + e.code, Variables: variables(map[string]any{"community": e.id, "orders": orders}), Sockets: 1}
	}
	var peers []peer
	var routes []route
	for _, e := range all {
		for _, o := range e.orders {
			one := []delivery.ID{o.id}
			peers = append(peers, followed(e, o.home.Address, nil), followed(e, "C01", one), followed(e, fmt.Sprintf("S%d", o.building+1), one))
			routes = append(routes, route{e, o})
		}
	}
	if err := s.open(ctx, b, ask{Query: eightFields, Instant: true, Peers: peers}); err != nil {
		return nil, err
	}
	d := b.mover(nil)
	if err := s.warm(ctx, func() error { return b.everywhere(ctx, all, func(e *estate) error { return e.move(ctx, d, e.orders...) }) }); err != nil {
		return nil, err
	}
	b.progress.expect(2 * rounds)
	var p50, p99, beside, alone []float64
	for range rounds {
		for _, blocked := range []bool{false, true} {
			ms, err := b.timed(ctx, s, routes, blocked)
			if err != nil {
				return nil, err
			}
			if blocked {
				beside = append(beside, percentile(ms, 99))
			} else {
				p50, p99 = append(p50, percentile(ms, 50)), append(p99, percentile(ms, 99))
				alone = append(alone, percentile(ms, 99))
			}
			b.progress.step()
		}
	}
	what := fmt.Sprintf("commit to client, %s sockets, %d moves/s, each to %d sockets", grouped(int64(len(peers))), moveRate, perOrder)
	return []Figure{
		figure(what+": p50", "ms", Goal{Max: 5}, p50, "", nil),
		figure("… p99", "ms", Goal{Max: 30}, p99, "", nil),
		figure("… p99 with one unrelated 4 s write transaction open", "ms", Goal{MaxRatio: 1.5}, beside, "p99 without it", alone),
	}, nil
}

// route is an order and its estate.
type route struct {
	e *estate
	o *parcel
}

// everywhere does something in several estates at once.
func (b *bench) everywhere(ctx context.Context, all []*estate, do func(*estate) error) error {
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, e := range all {
		group.Go(func() error { return do(e) })
	}
	return group.Wait()
}

// timed moves the orders of the routes at the rate and returns how many ms later each event was at each of its sockets,
// sorted. With blocked, somebody else's transaction is open all the while.
func (b *bench) timed(ctx context.Context, s *server, routes []route, blocked bool) ([]float64, error) {
	if _, err := s.quiet(ctx); err != nil {
		return nil, err
	}
	if _, err := s.arrived(ctx); err != nil { // what the warming left
		return nil, err
	}
	lasting := b.lasting(latencyFor)
	group, within := errgroup.WithContext(ctx)
	if blocked {
		lasting = foreign
		group.Go(func() error { return b.stand(within, foreign) })
	}
	moved := &commits{at: map[stamp]time.Time{}}
	group.Go(func() error { return b.march(within, routes, moveRate, lasting, moved) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return s.latencies(ctx, moved, func(stamp) int { return perOrder })
}

// errStand ends the unrelated transaction without a trace.
var errStand = errors.New("nothing was meant")

// stand keeps a transaction open that has written something which concerns nobody.
func (b *bench) stand(ctx context.Context, lasting time.Duration) error {
	err := b.db.InTx(ctx, func(t *db.Tx) error {
		call := db.Call{Community: 1, Actor: "VOLUNTEER:bench", Mutation: "advanceOrders", ID: "unrelated", InputHash: make([]byte, 32)}
		if _, _, err := t.ClaimCall(ctx, call, time.Now()); err != nil {
			return err
		}
		if err := pause(ctx, lasting); err != nil {
			return err
		}
		return errStand
	})
	if errors.Is(err, errStand) {
		return nil
	}
	return err
}

// marchers are how many moves may be under way at once.
const marchers = 32

// march moves the orders of the routes in turn, so many a second, whatever each takes. It fails if that cannot be kept.
func (b *bench) march(ctx context.Context, routes []route, rate int, lasting time.Duration, moved *commits) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(min(marchers, len(routes)))
	began, every := time.Now(), time.Second/time.Duration(rate)
	for i := range int(lasting / every) {
		if err := pause(within, time.Until(began.Add(time.Duration(i)*every))); err != nil {
			break // the group says why
		}
		r := routes[i%len(routes)]
		group.Go(func() error {
			var at time.Time
			d := b.mover(func(committed time.Time) { at = committed })
			if err := r.e.move(within, d, r.o); err != nil {
				return err
			}
			moved.note(r.o, at)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if took := time.Since(began); took > lasting*3/2+time.Second {
		return fmt.Errorf("%d moves a second cannot be kept up here: those of %s took %s", rate, lasting, took.Round(time.Millisecond))
	}
	return context.Cause(ctx)
}

// arrived is what came to the sockets that keep instants, since the last time.
func (s *server) arrived(ctx context.Context) (out []arrival, err error) {
	all, err := s.each(ctx, func(_ int, c *child) (answer, error) { return c.ask(ctx, ask{Do: "arrived"}) })
	for _, a := range all {
		out = append(out, a.Arrived...)
	}
	return out, err
}

// latencies waits until every move has come to as many sockets as it must, and returns how many ms after its commit,
// sorted. It fails if one does not come, or comes too often.
func (s *server) latencies(ctx context.Context, moved *commits, sockets func(stamp) int) ([]float64, error) {
	missing := 0
	left := make(map[stamp]int, len(moved.at))
	for m := range moved.at {
		left[m] = sockets(m)
		missing += left[m]
	}
	var ms []float64
	for until := time.Now().Add(waitTime); missing > 0; {
		some, err := s.arrived(ctx)
		if err != nil {
			return nil, err
		}
		for _, a := range some {
			m := stamp{a.Order, a.Version}
			at, known := moved.at[m]
			if !known || left[m] == 0 {
				return nil, fmt.Errorf("%s: deliveries are not complete: version %d of an order came once too often", s.name, a.Version)
			}
			left[m]--
			missing--
			ms = append(ms, float64(time.Unix(0, a.At).Sub(at))/float64(time.Millisecond))
		}
		if time.Now().After(until) {
			return nil, fmt.Errorf("%s: deliveries are not complete: %d are missing", s.name, missing)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	slices.Sort(ms)
	return ms, nil
}
