package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is a process that sockets can be opened at.
type server struct {
	*child
	url   string // of its WebSockets
	loads []*child
}

// product starts the program's own server, whose limits let the load in.
func (b *bench) product(ctx context.Context, env ...string) (*server, error) {
	return b.productOn(ctx, b.DSN, env...)
}

func (b *bench) productOn(ctx context.Context, dsn string, env ...string) (*server, error) {
	return b.server(ctx, dsn, []string{"--cost", "0"}, env...)
}

// server starts the program's server with a limit of cost.
func (b *bench) server(ctx context.Context, dsn string, cost []string, env ...string) (*server, error) {
	c, err := b.start("serve", append([]string{"DATABASE_URL=" + dsn}, env...), append([]string{"serve", "--dev-actors", "--addr", "127.0.0.1:0", "--log-level", "warn",
		"--connections", strconv.Itoa(b.connections()), "--sockets", "100000", "--account-sockets", "0", "--account-streams", "0", "--address-sockets", "0", "--address-waiting", "0",
		"--operations", "0", "--address-factor", "0", "--drain", "1s", "--slow-after", "1m"}, cost...)...) // so that a busy machine does not end the run
	if err != nil {
		return nil, err
	}
	at, err := c.line(ctx, "Baogong listens at http://")
	if err != nil {
		return nil, err
	}
	host, _, _ := strings.Cut(at, " ")
	return &server{child: c, url: "ws://" + host + "/graphql"}, nil
}

// yardstick starts a server to compare with: bare or stock.
func (b *bench) yardstick(ctx context.Context, name string, env ...string) (*server, error) {
	c, err := b.start(name, append([]string{"DATABASE_URL=" + b.DSN}, env...), "bench-part", name)
	if err != nil {
		return nil, err
	}
	at, err := c.line(ctx, listening)
	if err != nil {
		return nil, err
	}
	return &server{child: c, url: at}, nil
}

// loadCount is how many processes hold a server's sockets.
const loadCount = 2

// open opens the sockets of the peers, spread over the load processes in turn.
func (s *server) open(ctx context.Context, b *bench, q ask) error {
	for len(s.loads) < loadCount {
		c, err := b.start("sockets", nil, "bench-part", "sockets")
		if err != nil {
			return err
		}
		s.loads = append(s.loads, c)
	}
	parts := make([][]peer, loadCount)
	next := 0
	for _, p := range q.Peers {
		if p.Sockets == 1 {
			parts[next] = append(parts[next], p)
			next = (next + 1) % loadCount
			continue
		}
		for i := range loadCount {
			some := p
			if some.Sockets = p.Sockets / loadCount; i < p.Sockets%loadCount {
				some.Sockets++
			}
			if some.Sockets > 0 {
				parts[i] = append(parts[i], some)
			}
		}
	}
	_, err := s.each(ctx, func(i int, c *child) (answer, error) {
		mine := q
		mine.Do, mine.URL, mine.Peers = "open", s.url, parts[i]
		return c.ask(ctx, mine)
	})
	return err
}

// each asks all load processes at once.
func (s *server) each(_ context.Context, do func(int, *child) (answer, error)) ([]answer, error) {
	out, errs := make([]answer, len(s.loads)), make([]error, len(s.loads))
	done := make(chan struct{})
	for i, c := range s.loads {
		go func() {
			out[i], errs[i] = do(i, c)
			done <- struct{}{}
		}()
	}
	for range s.loads {
		<-done
	}
	return out, errors.Join(errs...)
}

// delivered is how many deliveries the sockets have had so far.
func (s *server) delivered(ctx context.Context) (counts []int64, err error) {
	all, err := s.each(ctx, func(_ int, c *child) (answer, error) { return c.ask(ctx, ask{Do: "count"}) })
	for _, a := range all {
		counts = append(counts, a.Count)
	}
	return counts, err
}

// await waits until each load has had so many deliveries in all.
func (s *server) await(ctx context.Context, counts []int64) error {
	_, err := s.each(ctx, func(i int, c *child) (answer, error) {
		return c.ask(ctx, ask{Do: "await", Count: counts[i], Within: waitTime})
	})
	return err
}

// exactly fails unless each load has had just so many: one too many is as wrong as one too few.
func (s *server) exactly(ctx context.Context, want []int64) error {
	if err := pause(ctx, 50*time.Millisecond); err != nil {
		return err
	}
	got, err := s.delivered(ctx)
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("%s: deliveries are not complete: got %d, want %d", s.name, got, want)
	}
	return err
}

// warm lets events happen until every socket has had one, which shows that it is subscribed.
func (s *server) warm(ctx context.Context, event func() error) error {
	for range 20 {
		if err := event(); err != nil {
			return err
		}
		cold := int64(0)
		all, err := s.each(ctx, func(_ int, c *child) (answer, error) { return c.ask(ctx, ask{Do: "warm", Within: 2 * time.Second}) })
		for _, a := range all {
			cold += a.Cold
		}
		if err != nil || cold == 0 {
			return err
		}
	}
	return s.failed(errors.New("some sockets get no events"))
}

// share is how many of the sockets of one peer each load holds.
func share(sockets int) []int64 {
	out := make([]int64, loadCount)
	for i := range out {
		if out[i] = int64(sockets / loadCount); i < sockets%loadCount {
			out[i]++
		}
	}
	return out
}

// quiet waits until deliveries have stopped, and returns how many there were.
func (s *server) quiet(ctx context.Context) ([]int64, error) {
	last, err := s.delivered(ctx)
	for err == nil {
		if err = pause(ctx, 200*time.Millisecond); err != nil {
			break
		}
		var now []int64
		if now, err = s.delivered(ctx); err == nil && slices.Equal(now, last) {
			return now, nil
		}
		last = now
	}
	return nil, err
}
