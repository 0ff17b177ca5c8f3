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

// orderVersion is one event of one order.
type orderVersion struct {
	order   string
	version int64
}

// commits are when moves were committed, on this machine's clock.
type commits struct {
	mu sync.Mutex
	at map[orderVersion]time.Time
}

func (c *commits) note(at time.Time, orders ...*parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range orders {
		c.at[orderVersion{o.id.String(), o.version}] = at
	}
}

// latency measures how long after its commit a move is at its sockets.
func latency(ctx context.Context, b *bench) ([]Figure, error) {
	many := b.scaled(hamlets, 2)
	n := b.scaled(crowd, many*perOrder)
	each := n / many / perOrder // orders in each community
	var plans []plan
	for i := range many {
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
	followed := func(e *scene, actor string, orders []delivery.ID) peer {
		return peer{Actor: actor + "@" + e.code, Variables: variables(map[string]any{"community": e.id, "orders": orders}), Sockets: 1}
	}
	var peers []peer
	var routes []*route
	for _, e := range all {
		for _, o := range e.orders {
			one := []delivery.ID{o.id}
			peers = append(peers, followed(e, o.home.Address, nil), followed(e, "C01", one), followed(e, fmt.Sprintf("S%d", o.building+1), one))
			routes = append(routes, &route{hand: hand{e, []*parcel{o}}})
		}
	}
	if err := s.open(ctx, b, ask{Query: eightFields, Instant: true, Peers: peers}); err != nil {
		return nil, err
	}
	d := b.mover()
	if err := s.warm(ctx, func() error {
		return b.everywhere(ctx, all, func(e *scene) error { return e.move(ctx, d, e.orders...) })
	}); err != nil {
		return nil, err
	}
	b.progress.expect(2 * b.Rounds)
	var p50, p99, beside, alone []float64
	for range b.Rounds {
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

// route is orders that are moved repeatedly, one move after the other.
type route struct {
	hand
	mu sync.Mutex
}

// everywhere does something in several estates at once.
func (b *bench) everywhere(ctx context.Context, all []*scene, do func(*scene) error) error {
	group, _ := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, e := range all {
		group.Go(func() error { return do(e) })
	}
	return group.Wait()
}

// timed moves the orders of the routes at the rate. It returns the delay of each event at each of its sockets in ms, sorted.
// With blocked, an unrelated transaction is open all the while.
func (b *bench) timed(ctx context.Context, s *server, routes []*route, blocked bool) ([]float64, error) {
	if _, err := s.quiet(ctx); err != nil {
		return nil, err
	}
	if _, err := s.arrived(ctx); err != nil { // what the warming left
		return nil, err
	}
	lasting := b.lasting(latencyFor)
	group, within := errgroup.WithContext(ctx)
	if blocked {
		lasting = b.lasting(foreign)
		group.Go(func() error { return b.stand(within, lasting) })
	}
	moved := &commits{at: map[orderVersion]time.Time{}}
	group.Go(func() error { return b.march(within, routes, moveRate, lasting, moved) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	h, err := s.hear(ctx, moved, perOrder)
	if err == nil && h.lost+h.twice > 0 {
		err = fmt.Errorf("%s: deliveries are not complete: %d are missing, %d came once too often", s.name, h.lost, h.twice)
	}
	return h.ms, err
}

// errStand ends the unrelated transaction without a trace.
var errStand = errors.New("roll back the unrelated transaction")

// stand opens an unrelated transaction that has written a row, and keeps it open.
func (b *bench) stand(ctx context.Context, lasting time.Duration) error {
	err := b.db.InTx(ctx, func(t *db.Tx) error {
		call := db.CallKey{Community: 1, Actor: "VOLUNTEER:bench", Mutation: "advanceOrders", ID: "unrelated", InputHash: make([]byte, 32)}
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

// march makes moves along the routes in turn, at a rate per second that does not depend on their duration. It fails if the
// rate cannot be kept.
func (b *bench) march(ctx context.Context, routes []*route, rate float64, lasting time.Duration, moved *commits) error {
	d := b.mover()
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(min(marchers, len(routes)))
	began, every := time.Now(), time.Duration(float64(time.Second)/rate)
	for i := range int(lasting / every) {
		if err := pause(within, time.Until(began.Add(time.Duration(i)*every))); err != nil {
			break // the group says why
		}
		r := routes[i%len(routes)]
		group.Go(func() error {
			r.mu.Lock()
			defer r.mu.Unlock()
			var at time.Time
			if err := r.e.move(context.WithValue(within, committed{}, &at), d, r.orders...); err != nil {
				return err
			}
			moved.note(at, r.orders...)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if took := time.Since(began); took > lasting*3/2+time.Second {
		return fmt.Errorf("%.0f calls a second cannot be kept up here: those of %s took %s", rate, lasting, took.Round(time.Millisecond))
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

// heard is what the sockets made of moves.
type heard struct {
	ms          []float64 // after the commit, sorted
	lost, twice int
}

// hear waits until every move has come to as many sockets as see it, or for a while, and then looks for more.
func (s *server) hear(ctx context.Context, moved *commits, sockets int) (heard, error) {
	var h heard
	h.lost = len(moved.at) * sockets
	got := make(map[orderVersion]int, len(moved.at))
	take := func() error {
		some, err := s.arrived(ctx)
		for _, a := range some {
			m := orderVersion{a.Order, a.Version}
			at, known := moved.at[m]
			if got[m]++; !known || got[m] > sockets {
				h.twice++
				continue
			}
			h.lost--
			h.ms = append(h.ms, float64(time.Unix(0, a.At).Sub(at))/float64(time.Millisecond))
		}
		return err
	}
	for until := time.Now().Add(waitTime); h.lost > 0 && time.Now().Before(until); {
		if err := take(); err != nil {
			return h, err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return h, err
		}
	}
	err := take()
	slices.Sort(h.ms)
	return h, err
}
