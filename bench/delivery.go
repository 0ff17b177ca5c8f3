package bench

import (
	"context"
	"time"
)

// eightFields is the subscription that is measured: eight fields of an event.
const eightFields = `subscription ($community: ID!, $orders: [ID!]) {
  orderEvents(communityId: $community, filter: {orderIds: $orders}) { cursor kind at from order { orderId number stage version } }
}`

const (
	crowd = 2000                  // sockets
	pace  = 50 * time.Millisecond // between two events that come one at a time
)

// bursts are how many events come at once, and how many such bursts a round has.
var bursts = []struct{ size, times int }{{1, 40}, {8, 10}, {50, 4}}

// stage is one server with its crowd, and how to make an event there.
type stage struct {
	*server
	event func(ctx context.Context, burst int) error
	each  []int64 // deliveries of one event, by load
}

// deliveries measures what it costs to bring one event to many sockets with the same subscription.
func deliveries(ctx context.Context, b *bench) ([]Figure, error) {
	n := b.scaled(crowd, 8)
	ours, sample, err := b.audience(ctx, "ours", n, b.product)
	if err != nil {
		return nil, err
	}
	theirs, _, err := b.audience(ctx, "stock", n, func(ctx context.Context, env ...string) (*server, error) { return b.yardstick(ctx, "stock", env...) })
	if err != nil {
		return nil, err
	}
	bare, err := b.bareCrowd(ctx, n, sample)
	if err != nil {
		return nil, err
	}
	b.progress.expect(b.Rounds * (3*len(bursts) - 1))
	got := map[*stage]map[int][]float64{ours: {}, theirs: {}, bare: {}}
	for range b.Rounds {
		for _, burst := range bursts {
			for _, s := range []*stage{ours, bare, theirs} {
				if s == theirs && burst.size == 8 {
					continue
				}
				times := b.scaled(burst.times, 2)
				if s == theirs {
					times = max(times/2, 1)
				}
				cost, err := s.cost(ctx, burst.size, times)
				if err != nil {
					return nil, err
				}
				got[s][burst.size] = append(got[s][burst.size], cost)
				b.progress.step()
			}
		}
	}
	const (
		unit     = "µs CPU"
		prepared = "gorilla PreparedMessage"
		stock    = "stock gqlgen transport"
	)
	of := func(what string, size int, beside *stage, named string, most float64) Figure {
		return figure(what, unit, Goal{MaxRatio: most}, got[ours][size], named, got[beside][size])
	}
	crowded := grouped(int64(n)) + " sockets, the same 8 fields: "
	return []Figure{
		of("per delivery, "+crowded+"one event at a time", 1, bare, prepared, 1.0),
		of("… in bursts of 8", 8, bare, prepared, 0.8),
		of("… in bursts of 50", 50, bare, prepared, 0.35),
		of("… one event at a time", 1, theirs, stock, 0.3),
		of("… in bursts of 50", 50, theirs, stock, 0.05),
	}, nil
}

// audience starts a server and opens a crowd at it, in an estate of its own, all with the same subscription.
func (b *bench) audience(ctx context.Context, code string, n int, start func(context.Context, ...string) (*server, error)) (*stage, []byte, error) {
	e, err := b.estateOnce(ctx, plan{code: code, buildings: 2, households: 50, orders: 100})
	if err != nil {
		return nil, nil, err
	}
	s, err := start(ctx)
	if err != nil {
		return nil, nil, err
	}
	err = s.open(ctx, b, ask{Query: eightFields, Peers: []peer{{Actor: "C01@" + code, Variables: variables(map[string]any{"community": e.id}), Sockets: n}}})
	if err != nil {
		return nil, nil, err
	}
	d := b.mover()
	at := &stage{server: s, each: share(n), event: func(ctx context.Context, burst int) error {
		return e.move(ctx, d, e.orders[burst:2*burst]...) // each size has its own orders
	}}
	if err := s.warm(ctx, func() error { return at.event(ctx, 1) }); err != nil {
		return nil, nil, err
	}
	if err := (hand{e, e.orders}).gather(ctx, d); err != nil {
		return nil, nil, err
	}
	a, err := s.loads[0].ask(ctx, ask{Do: "count"})
	return at, a.Sample, err
}

// bareCrowd starts the bare yardstick with as many sockets, which get the same bytes.
func (b *bench) bareCrowd(ctx context.Context, n int, payload []byte) (*stage, error) {
	s, err := b.yardstick(ctx, "bare")
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, b, ask{Peers: []peer{{Sockets: n}}}); err != nil {
		return nil, err
	}
	at := &stage{server: s, each: share(n), event: func(ctx context.Context, burst int) error {
		_, err := s.ask(ctx, ask{Do: "send", Burst: burst, Payload: payload})
		return err
	}}
	return at, s.warm(ctx, func() error { return at.event(ctx, 1) })
}

// cost is the server's CPU time per delivery, in µs, over so many bursts. The next comes when all of the last have
// arrived, and no sooner than the pace.
func (s *stage) cost(ctx context.Context, burst, times int) (float64, error) {
	want, err := s.quiet(ctx)
	if err != nil {
		return 0, err
	}
	before, err := s.use.cpu(ctx)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for range times {
		next := time.Now().Add(pace)
		if err := s.event(ctx, burst); err != nil {
			return 0, err
		}
		for i, n := range s.each {
			want[i] += n * int64(burst)
			total += n * int64(burst)
		}
		if err := s.await(ctx, want); err != nil {
			return 0, err
		}
		if err := pause(ctx, time.Until(next)); err != nil {
			return 0, err
		}
	}
	after, err := s.use.cpu(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.exactly(ctx, want); err != nil {
		return 0, err
	}
	return micros(after-before) / float64(total), nil
}
