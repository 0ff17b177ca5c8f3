package bench

import (
	"context"
	"strings"

	"baogong/delivery"
	"baogong/dispatch/verbs"
)

// unplanned is the same subscription as the executor answers it: a directive keeps it from the compiled plan.
var unplanned = strings.Replace(eightFields, "cursor kind", "cursor @include(if: true) kind", 1)

// ownOrders measures what it costs to bring each event to the one socket that watches its order.
func ownOrders(ctx context.Context, b *bench) ([]Figure, error) {
	n, live := b.scaled(crowd, 8), b.scaled(liveOrders, leastOrders)
	planned, err := b.watchers(ctx, eightFields, largest, live, n, b.product)
	if err != nil {
		return nil, err
	}
	executed, err := b.watchers(ctx, unplanned, "executed-orders", n, n, b.product)
	if err != nil {
		return nil, err
	}
	theirs, err := b.watchers(ctx, eightFields, "stock-orders", n, n, func(ctx context.Context, env ...string) (*server, error) { return b.yardstick(ctx, "stock", env...) })
	if err != nil {
		return nil, err
	}
	sides := []*watched{executed, planned, theirs}
	got := map[*watched][]float64{}
	b.progress.expect(len(sides) * b.Rounds)
	for range b.Rounds {
		for _, side := range sides {
			cost, err := side.cost(ctx, b.mover())
			if err != nil {
				return nil, err
			}
			got[side] = append(got[side], cost)
			b.progress.step()
		}
	}
	of := func(what string, side *watched, most float64) Figure {
		return figure(what, "µs CPU", Goal{MaxRatio: most}, got[side], "stock gqlgen transport, query cache", got[theirs])
	}
	return []Figure{
		of("per delivery, "+grouped(int64(n))+" sockets each with its own order, in bursts of 50: through the executor", executed, 0.75),
		of("… by the compiled plan", planned, 0.3),
	}, nil
}

// watched is a server whose sockets each watch one order.
type watched struct {
	*server
	query  string
	hands  []hand // the orders, as they are moved
	orders int    // how many that are
}

// watchers starts a server and opens a socket for each of the first n orders of an estate.
func (b *bench) watchers(ctx context.Context, query, code string, orders, n int, start func(context.Context, ...string) (*server, error)) (*watched, error) {
	e, err := b.town(ctx, code, orders)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx)
	if err != nil {
		return nil, err
	}
	return s.watch(ctx, b, query, handsOf(e, e.orders[:n], together))
}

// handsOf are an estate's orders, so many at a time.
func handsOf(e *scene, orders []*parcel, size int) (out []hand) {
	for some := range chunks(orders, size) {
		out = append(out, hand{e, some})
	}
	return out
}

// watch opens a socket for each order and waits until each has had an event.
func (s *server) watch(ctx context.Context, b *bench, query string, hands []hand) (*watched, error) {
	w := &watched{server: s, query: query, hands: hands}
	if err := w.open(ctx, b); err != nil {
		return nil, err
	}
	d := b.mover()
	for _, h := range hands {
		if err := h.gather(ctx, d); err != nil {
			return nil, err
		}
	}
	return w, s.warm(ctx, func() error { return w.lap(ctx, d) })
}

// open opens a socket for each order.
func (w *watched) open(ctx context.Context, b *bench) error {
	var peers []peer
	for _, h := range w.hands {
		for _, o := range h.orders {
			peers = append(peers, peer{Actor: "C01@" + h.e.code, Variables: variables(map[string]any{"community": h.e.id, "orders": []delivery.ID{o.id}}), Sockets: 1})
		}
	}
	w.orders = len(peers)
	return w.server.open(ctx, b, ask{Query: w.query, Peers: peers})
}

// lap moves every order once.
func (w *watched) lap(ctx context.Context, d *verbs.All) error {
	for _, h := range w.hands {
		if err := h.e.move(ctx, d, h.orders...); err != nil {
			return err
		}
	}
	return nil
}

// largest is the community with so many live orders, which several trials use.
const (
	largest     = "orders"
	liveOrders  = 10_000
	leastOrders = 50 // at any scale
)

// town is a community of 26 buildings with so many orders, made once.
func (b *bench) town(ctx context.Context, code string, orders int) (*scene, error) {
	return b.estateOnce(ctx, plan{code: code, buildings: 26, households: 520, orders: orders})
}

const (
	together = 50 // orders of one call
	laps     = 5  // of every order in a round
)

// cost is the server's CPU time per delivery, in µs.
func (w *watched) cost(ctx context.Context, d *verbs.All) (float64, error) {
	want, err := w.quiet(ctx)
	if err != nil {
		return 0, err
	}
	before, err := w.use.cpu(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for range laps {
		if err := w.lap(ctx, d); err != nil {
			return 0, err
		}
		for i, n := range share(w.orders) {
			want[i] += n
		}
		total += w.orders
		if err := w.await(ctx, want); err != nil {
			return 0, err
		}
	}
	after, err := w.use.cpu(ctx)
	if err != nil {
		return 0, err
	}
	if err := w.exactly(ctx, want); err != nil {
		return 0, err
	}
	return micros(after-before) / float64(total), nil
}
