package bench

import (
	"context"
	"time"

	"baogong/delivery"
)

// idle is how many sockets are open while memory is measured.
const idle = 10_000

// tight makes every server whose memory is measured collect often, so that what is resident is what is in use. With
// Go's own GOGC=100 it is up to twice that, whatever the server.
const tight = "GOGC=10"

// memory measures what an idle socket keeps resident.
func memory(ctx context.Context, b *bench) ([]Figure, error) {
	n := b.scaled(idle, 50)
	e, err := b.estateOnce(ctx, plan{code: "orders", buildings: 26, households: 520, orders: b.scaled(liveOrders, n)})
	if err != nil {
		return nil, err
	}
	d := b.mover(nil)
	same := func(ctx context.Context) (*server, func() error, error) {
		s, err := b.product(ctx, tight)
		return s, func() error {
			err := s.open(ctx, b, ask{Query: eightFields, Peers: []peer{{Actor: "C01@" + e.code, Variables: variables(map[string]any{"community": e.id}), Sockets: n}}})
			if err != nil {
				return err
			}
			return s.warm(ctx, func() error { return e.move(ctx, d, e.orders[0]) })
		}, err
	}
	other := func(ctx context.Context) (*server, func() error, error) {
		s, err := b.product(ctx, tight)
		return s, func() error {
			_, err := s.watch(ctx, b, handsOf(e, e.orders[:n], delivery.MaxBulk))
			return err
		}, err
	}
	bare := func(ctx context.Context) (*server, func() error, error) {
		s, err := b.yardstick(ctx, "bare", tight)
		return s, func() error {
			if err := s.open(ctx, b, ask{Peers: []peer{{Sockets: n}}}); err != nil {
				return err
			}
			return s.warm(ctx, func() error {
				_, err := s.ask(ctx, ask{Do: "send", Burst: 1, Payload: []byte(`{"id":"","type":"next","payload":{}}`)})
				return err
			})
		}, err
	}
	b.progress.expect(3 * b.Rounds)
	var got [3][]float64
	for range b.Rounds {
		for i, start := range []func(context.Context) (*server, func() error, error){same, bare, other} {
			each, err := b.perSocket(ctx, n, start)
			if err != nil {
				return nil, err
			}
			got[i] = append(got[i], each)
			b.progress.step()
		}
	}
	const (
		unit = "KiB"
		them = "bare gorilla, pooled buffers"
	)
	return []Figure{
		figure("resident per idle socket, "+grouped(int64(n))+" sockets with the same subscription", unit, Goal{MaxRatio: 0.5, Max: 12}, got[0], them, got[1]),
		figure("… each watching another order", unit, Goal{MaxRatio: 0.8, Max: 18}, got[2], them, got[1]),
	}, nil
}

// perSocket is how much a new server's resident memory grows with its sockets, in KiB for each.
func (b *bench) perSocket(ctx context.Context, n int, start func(context.Context) (*server, func() error, error)) (float64, error) {
	defer b.endAll()
	s, open, err := start(ctx)
	if err != nil {
		return 0, err
	}
	before, err := s.use.settled(ctx, b.lasting(300*time.Millisecond))
	if err != nil {
		return 0, s.failed(err)
	}
	if err := open(); err != nil {
		return 0, err
	}
	after, err := s.use.settled(ctx, b.lasting(300*time.Millisecond))
	if err != nil {
		return 0, s.failed(err)
	}
	return (after - before) / 1024 / float64(n), nil
}
