package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"baogong/delivery"
)

// extent is how much there is.
type extent struct{ sockets, orders, events int }

func (x extent) String() string {
	return fmt.Sprintf("%s sockets, %s open orders, %s events", grouped(int64(x.sockets)), grouped(int64(x.orders)), grouped(int64(x.events)))
}

// Growth goes from the small to the large.
var (
	small = extent{1_000, 10_000, 200_000}
	large = extent{10_000, 300_000, 3_000_000}
)

const (
	growing   = 100 // estates
	resumes   = 500 // in a round, each of another order
	history   = 4   // events that such an order has: it was placed, and brought to its building in three moves
	growMoves = 5 * time.Second
)

// costs are what is measured at one extent, by round.
type costs struct{ delivery, move, resume []float64 }

// growth measures whether a delivery, a move and a resume cost the same when there is much more of everything. The
// orders that are moved and followed are the same few throughout; what grows stands beside them.
func growth(ctx context.Context, b *bench) ([]Figure, error) {
	estates := b.scaled(growing, 2)
	few, still := b.scaled(small.sockets, 2*estates)/estates, b.scaled(resumes, estates)/estates
	g := &grown{b: b}
	var plans []plan
	for i := range estates {
		plans = append(plans, plan{code: fmt.Sprintf("grown-%d", i), buildings: 10, households: 100, orders: few + still})
	}
	var err error
	if g.all, err = b.estates(ctx, plans...); err != nil {
		return nil, err
	}
	for _, e := range g.all {
		g.followed = append(g.followed, hand{e, e.orders[:few:few]})
		g.still = append(g.still, hand{e, e.orders[few:]})
	}
	b.progress.expect(4 + 6*b.Rounds)
	at := func(x extent) (extent, costs, error) {
		x = extent{b.scaled(x.sockets, few*estates), b.scaled(x.orders, 2*(few+still)*estates), b.scaled(x.events, 1)}
		if err := g.grow(ctx, x); err != nil {
			return x, costs{}, err
		}
		c, err := g.measure(ctx, x)
		return x, c, err
	}
	from, before, err := at(small)
	if err != nil {
		return nil, err
	}
	to, after, err := at(large)
	if err != nil {
		return nil, err
	}
	beside, flat := from.String(), Goal{MaxRatio: 1.3}
	return []Figure{
		figure("grown to "+to.String()+": a delivery", "µs CPU", flat, after.delivery, beside, before.delivery),
		figure("… a move, PostgreSQL's part included", "µs CPU", flat, after.move, beside, before.move),
		figure("… a resume from the start by a narrow filter, likewise", "µs CPU", flat, after.resume, beside, before.resume),
	}, nil
}

// grown is what has grown so far.
type grown struct {
	b        *bench
	all      []*scene
	followed []hand // the orders of each estate that are moved while something is measured
	still    []hand // and those that are never moved again
}

// grow adds orders and events until there are as many.
func (g *grown) grow(ctx context.Context, to extent) error {
	orders, events := to.orders/len(g.all), int64(to.events/len(g.all))
	err := g.b.everywhere(ctx, g.all, func(e *scene) error {
		if more := orders - len(e.orders); more > 0 {
			if err := e.place(ctx, g.b.founder, more); err != nil {
				return err
			}
		}
		rest := hand{e, e.orders[len(g.followed[0].orders)+len(g.still[0].orders):]}
		if len(rest.orders) == 0 {
			return nil
		}
		for {
			for some := range chunks(rest.orders, delivery.MaxBulk) {
				end, err := g.b.db.FeedEnd(ctx, e.commander.Scope(), e.id.Community)
				if err != nil || end.Seq >= events {
					return err
				}
				if err := e.move(ctx, g.b.founder, some[:min(len(some), int(events-end.Seq))]...); err != nil {
					return err
				}
			}
			if err := rest.gather(ctx, g.b.founder); err != nil {
				return err
			}
		}
	})
	g.b.progress.step()
	return err
}

// measure measures everything at one extent.
func (g *grown) measure(ctx context.Context, x extent) (c costs, err error) {
	for range g.b.Rounds {
		for _, m := range []struct {
			do func(context.Context, extent) (float64, error)
			to *[]float64
		}{{g.deliver, &c.delivery}, {g.move, &c.move}, {g.resume, &c.resume}} {
			v, err := m.do(ctx, x)
			g.b.endAll()
			if err != nil {
				return c, err
			}
			*m.to = append(*m.to, v)
			g.b.progress.step()
		}
	}
	return c, nil
}

// deliver is the cost of a delivery: each of the followed orders has a socket, beside idle ones that make up the number.
func (g *grown) deliver(ctx context.Context, x extent) (float64, error) {
	s, err := g.b.product(ctx)
	if err != nil {
		return 0, err
	}
	w, err := s.watch(ctx, g.b, eightFields, g.followed)
	if err != nil {
		return 0, err
	}
	var idle []peer
	for i := range x.sockets - w.orders {
		e := g.all[i%len(g.all)]
		o := e.orders[(len(g.followed[0].orders)+i/len(g.all))%len(e.orders)]
		idle = append(idle, peer{Actor: "C01@" + e.code, Variables: variables(map[string]any{"community": e.id, "orders": []delivery.ID{o.id}}), Sockets: 1})
	}
	if err := s.open(ctx, g.b, ask{Query: eightFields, Peers: idle}); err != nil {
		return 0, err
	}
	return w.cost(ctx, g.b.mover())
}

// move is the cost of a single move over HTTP.
func (g *grown) move(ctx context.Context, _ extent) (float64, error) {
	s, err := g.b.product(ctx)
	if err != nil {
		return 0, err
	}
	for _, h := range g.followed {
		if err := h.gather(ctx, g.b.founder); err != nil {
			return 0, err
		}
	}
	clients := min(askers, len(g.followed))
	type turn struct {
		requests [][2][]byte
		at       int // the request that comes next, by order
	}
	turns := make([]turn, clients)
	for i, h := range g.followed {
		t := &turns[i%clients]
		for _, o := range h.orders {
			out, back := hand{h.e, []*parcel{o}}.requests(s)
			t.requests = append(t.requests, [2][]byte{out, back})
		}
	}
	for i := range turns {
		rand.Shuffle(len(turns[i].requests), func(a, b int) {
			r := turns[i].requests
			r[a], r[b] = r[b], r[a]
		})
	}
	before, err := g.b.cpu(ctx, s)
	if err != nil {
		return 0, err
	}
	_, err = s.rate(ctx, clients, g.b.lasting(growMoves), func(nth int, c *client) error {
		t := &turns[nth]
		if err := c.do(t.requests[t.at/2%len(t.requests)][t.at%2], `"moved":1,`); err != nil {
			return err
		}
		t.at++
		return nil
	})
	if err != nil {
		return 0, err
	}
	after, err := g.b.cpu(ctx, s)
	if err != nil {
		return 0, err
	}
	moved := 0
	for i := range turns {
		t := &turns[i]
		if t.at%2 == 1 { // brought back, and not counted
			c, err := s.client(ctx)
			if err != nil {
				return 0, err
			}
			err = c.do(t.requests[t.at/2%len(t.requests)][1], `"moved":1,`)
			c.conn.Close()
			if err != nil {
				return 0, err
			}
		}
		moved += t.at
	}
	return micros(after-before) / float64(moved), nil
}

const resumed = `subscription ($community: ID!, $orders: [ID!], $after: String) {
  orderEvents(communityId: $community, filter: {orderIds: $orders}, after: $after) { cursor kind at from order { orderId number stage version } }
}`

// resume is the cost of a socket that comes back with the cursor of the feed's start and a narrow filter: its server has
// none of that in memory.
func (g *grown) resume(ctx context.Context, _ extent) (float64, error) {
	s, err := g.b.product(ctx)
	if err != nil {
		return 0, err
	}
	var peers []peer
	for _, h := range g.still {
		end, err := g.b.db.FeedEnd(ctx, h.e.commander.Scope(), h.e.id.Community)
		if err != nil {
			return 0, err
		}
		end.Seq = 0
		for _, o := range h.orders {
			peers = append(peers, peer{Actor: "C01@" + h.e.code, Sockets: 1,
				Variables: variables(map[string]any{"community": h.e.id, "orders": []delivery.ID{o.id}, "after": g.b.keys.FeedCursor(end)})})
		}
	}
	before, err := g.b.cpu(ctx, s)
	if err != nil {
		return 0, err
	}
	if err := s.open(ctx, g.b, ask{Query: resumed, Peers: peers}); err != nil {
		return 0, err
	}
	want := share(len(peers))
	for i := range want {
		want[i] *= history
	}
	if err := s.await(ctx, want); err != nil {
		return 0, err
	}
	after, err := g.b.cpu(ctx, s)
	if err != nil {
		return 0, err
	}
	return micros(after-before) / float64(len(peers)), s.exactly(ctx, want)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// cpu is how long the server and all of PostgreSQL have run so far.
func (b *bench) cpu(ctx context.Context, s *server) (time.Duration, error) {
	sum, err := s.use.cpu(ctx)
	if err != nil {
		return 0, err
	}
	postmaster, err := usageOf(b.Postmaster)
	if err != nil {
		return 0, err
	}
	parts, err := postmaster.process.ChildrenWithContext(ctx)
	if err != nil {
		return 0, fmt.Errorf("find PostgreSQL's processes: %w", err)
	}
	for _, p := range append(parts, postmaster.process) {
		took, err := usage{p}.cpu(ctx)
		if err == nil { // else it has ended meanwhile
			sum += took
		}
	}
	return sum, nil
}
