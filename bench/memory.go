package bench

import (
	"context"
	"time"

	"baogong/delivery"
)

// idle is how many sockets are open while memory is measured.
const idle = liveOrders

// tight makes every server whose memory is measured collect often, so that resident memory is memory in use. With Go's own
// GOGC=100 it is up to twice that, for any server.
const tight = "GOGC=10"

// memory measures the resident memory of an idle socket.
func memory(ctx context.Context, b *bench) ([]Figure, error) {
	n := b.scaled(idle, leastOrders)
	e, err := b.town(ctx, largest, b.scaled(liveOrders, leastOrders))
	if err != nil {
		return nil, err
	}
	d := b.mover()
	hands := handsOf(e, e.orders[:n], delivery.MaxBulk)
	ours := func(ctx context.Context) (*server, error) {
		for _, h := range hands {
			if err := h.gather(ctx, b.founder); err != nil {
				return nil, err
			}
		}
		return b.product(ctx, tight)
	}
	const unit, them = "KiB", "bare gorilla, pooled buffers"
	servers := []idleServer{{
		start: ours,
		open: func(s *server) error {
			return s.open(ctx, b, ask{Query: eightFields, Peers: []peer{{Actor: "C01@" + e.code, Variables: variables(map[string]any{"community": e.id}), Sockets: n}}})
		},
		event: func(*server) error { return e.move(ctx, d, e.orders[0]) },
	}, {
		start: func(ctx context.Context) (*server, error) { return b.yardstick(ctx, "bare", tight) },
		open:  func(s *server) error { return s.open(ctx, b, ask{Peers: []peer{{Sockets: n}}}) },
		event: func(s *server) error {
			_, err := s.ask(ctx, ask{Do: "send", Burst: 1, Payload: []byte(`{"id":"","type":"next","payload":{}}`)})
			return err
		},
	}, {
		start: ours,
		open:  func(s *server) error { return (&watched{server: s, query: eightFields, hands: hands}).open(ctx, b) },
		event: func(s *server) error { return (&watched{server: s, query: eightFields, hands: hands}).lap(ctx, d) },
	}}
	b.progress.expect(len(servers) * b.Rounds)
	got := make([][]float64, len(servers))
	for range b.Rounds {
		for i, s := range servers {
			each, err := b.perSocket(ctx, n, s)
			if err != nil {
				return nil, err
			}
			got[i] = append(got[i], each)
			b.progress.step()
		}
	}
	return []Figure{
		figure("resident per idle socket, "+grouped(int64(n))+" sockets with the same subscription", unit, Goal{MaxRatio: 0.5, Max: 12}, got[0], them, got[1]),
		figure("… each watching another order", unit, Goal{MaxRatio: 0.8, Max: 18}, got[2], them, got[1]),
	}, nil
}

// idleServer is a server, how its sockets are opened, and an event for each of them.
type idleServer struct {
	start func(context.Context) (*server, error)
	open  func(*server) error
	event func(*server) error
}

// perSocket returns the growth of a new server's resident memory with its sockets, in KiB per socket. Events afterwards show
// that all sockets were subscribed; they come last because their own memory does not count.
func (b *bench) perSocket(ctx context.Context, n int, by idleServer) (float64, error) {
	defer b.endAll()
	s, err := by.start(ctx)
	if err != nil {
		return 0, err
	}
	before, err := s.use.settled(ctx, b.lasting(300*time.Millisecond))
	if err != nil {
		return 0, s.failed(err)
	}
	if err := by.open(s); err != nil {
		return 0, err
	}
	after, err := s.use.settled(ctx, b.lasting(300*time.Millisecond))
	if err != nil {
		return 0, s.failed(err)
	}
	return (after - before) / 1024 / float64(n), s.warm(ctx, func() error { return by.event(s) })
}
